"""Output to JSON: writers compiled from the tables turn it into what a JSON encoder takes."""

import base64
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from valetkey.wire.compiling import Compiling
from valetkey.wire.errors import UnencodableOutput
from valetkey.wire.tables import Member
from valetkey.wire.timestamps import number, write_timestamp

Writer = Callable[[Any], Any]

_SURROGATE = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """Return text without halves of surrogate pairs, which UTF-8 can't hold."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


class JsonWriters(Compiling[Writer]):
    """Writers of one service's output shapes, compiled at first use."""

    def _structure(self, name: str, members: Mapping[str, tuple[str, Writer]]) -> Writer:
        return _structure(name, members)

    def _names(self, member: Member) -> tuple[str, str]:
        return member.name, member.wire

    def _value(self, member: Member) -> Writer:
        shape = self._shapes[member.shape]
        match shape.kind:
            case "structure":
                return self.structure(member.shape)
            case "list":
                element = self._value(shape.members[0])
                return lambda value: [element(child) for child in value]
            case "map":
                key, element = map(self._value, shape.members)
                return lambda value: {key(step): element(child) for step, child in value.items()}
            case "timestamp":
                return _scalar(member.wire, shape.kind, _timestamp(member))
            case "document":
                return lambda value: value
            case kind:
                return _scalar(member.wire, kind, _CONVERTERS[kind])


def _structure(name: str, members: Mapping[str, tuple[str, Writer]]) -> Writer:
    def write(value: Mapping[str, Any]) -> dict[str, Any]:
        if not value.keys() <= members.keys():
            raise UnencodableOutput(f"an output has members that `{name}` does not have")
        return {
            members[key][0]: members[key][1](child)
            for key, child in value.items()
            if child is not None
        }

    return write


def _scalar(name: str, kind: str, convert: Callable[[Any], Any]) -> Writer:
    def write(value: Any) -> Any:
        try:
            return convert(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise UnencodableOutput(f"output member `{name}` is no {kind}") from error

    return write


def _timestamp(member: Member) -> Callable[[Any], Any]:
    form = member.timestamp or "unixTimestamp"
    if form == "unixTimestamp":
        return number
    return lambda value: write_timestamp(value, form)


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no string")
    return clean(value)


def _integer(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("no integer")
    return value


def _float(value: Any) -> float | str:
    found = float(value)
    if math.isfinite(found):
        return found
    return {"nan": "NaN", "inf": "Infinity"}.get(repr(found), "-Infinity")


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("no boolean")
    return value


def _blob(value: Any) -> str:
    return base64.b64encode(value).decode()


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "string": _string,
    "integer": _integer,
    "long": _integer,
    "float": _float,
    "double": _float,
    "boolean": _boolean,
    "blob": _blob,
}
