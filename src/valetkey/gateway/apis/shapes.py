"""JSON and CBOR values by their shapes: strict about types and about what the model has not."""

import base64
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from valetkey.gateway.apis.errors import Misfit
from valetkey.gateway.apis.request import Value
from valetkey.wire.api_tables import ApiMember, ApiShape

Shapes = Mapping[str, ApiShape]

_TEXTS = frozenset({"string", "blob", "timestamp", "float", "double"})
"""Kinds that may be written as text: numbers as ``NaN``, times by their formats."""

_WRITTEN: tuple[tuple[tuple[type, ...], frozenset[str]], ...] = (
    ((bool,), frozenset({"boolean"})),
    ((int, float), frozenset({"integer", "long", "float", "double", "timestamp"})),
    ((bytes,), frozenset({"blob"})),
    ((datetime,), frozenset({"timestamp"})),
)
_TEXT_OF: Mapping[type, Callable[[Any], str]] = {
    bool: lambda value: "true" if value else "false",
    bytes: lambda value: base64.b64encode(value).decode(),
    datetime: datetime.isoformat,
}


def read_shape(shapes: Shapes, name: str, value: Any, where: str = "") -> Value:
    """Return a value as its shape has it; raises :class:`Misfit`.

    A null member is an absent one, as AWS's services take it.
    """
    shape = shapes[name]
    match shape.kind:
        case "structure":
            return read_members(shapes, shape.members, value, where)
        case "list":
            return _list(shapes, shape, value, where)
        case "map":
            return _map(shapes, shape, value, where)
        case "document":
            return {}
        case kind:
            return _scalar(kind, value, where)


def read_members(
    shapes: Shapes, members: tuple[ApiMember, ...], value: Any, where: str
) -> dict[str, Value]:
    """Return a structure of these members; anything beside them is refused."""
    if type(value) is not dict:
        raise Misfit(f"`{where or 'the body'}` is no object")
    known = _by_wire(members)
    found: dict[str, Value] = {}
    for key, child in value.items():
        if type(key) is not str:
            raise Misfit(f"`{where or 'the input'}` has a key that is no text")
        if child is None or key == "__type":
            continue
        member = known.get(key)
        if member is None:
            raise Misfit(f"`{where or 'the input'}` has a member that is not known", unknown=key)
        found[member.name] = read_shape(shapes, member.shape, child, f"{where}.{key}".strip("."))
    return found


@cache
def _by_wire(members: tuple[ApiMember, ...]) -> dict[str, ApiMember]:
    return {member.wire or member.name: member for member in members}


def _list(shapes: Shapes, shape: ApiShape, value: Any, where: str) -> Value:
    if type(value) is not list:
        raise Misfit(f"`{where}` is no list")
    element = shape.members[0].shape
    return [read_shape(shapes, element, child, where) for child in value if child is not None]


def _map(shapes: Shapes, shape: ApiShape, value: Any, where: str) -> Value:
    if type(value) is not dict:
        raise Misfit(f"`{where}` is no map")
    element = shape.members[1].shape
    found: dict[str, Value] = {}
    for key, child in value.items():
        if type(key) is not str:
            raise Misfit(f"`{where}` has a key that is no text")
        if child is not None:
            found[key] = read_shape(shapes, element, child, where)
    return found


def _scalar(kind: str, value: Any, where: str) -> str:
    """Return a scalar as text; what a kind is written as is told by its JSON and CBOR types."""
    for written, kinds in _WRITTEN:
        if type(value) in written and kind in kinds:
            return _TEXT_OF.get(type(value), repr)(value)
    if type(value) is str and kind in _TEXTS:
        return _text(value, where)
    raise Misfit(f"`{where}` is no {kind}")


def _text(value: str, where: str) -> str:
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise Misfit(f"`{where}` has half of a surrogate pair") from error
    return value
