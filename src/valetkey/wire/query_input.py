"""The query protocol's parameters to typed input: readers compiled from the tables.

``Tags.member.1.Key=a`` is a path in a tree. The tree is built once, then the readers walk it:
each knows its names, so that parameters unknown to the model are passed over, as on AWS.
"""

import base64
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from valetkey.wire.compiling import Compiling
from valetkey.wire.errors import malformed_input
from valetkey.wire.tables import Member, Shape
from valetkey.wire.timestamps import read_timestamp

Node = str | dict[str, Any]
Reader = Callable[[Node], Any]

MAX_DEPTH = 32
"""Steps in a parameter's name; IAM's deepest have six."""

_INTEGER = re.compile(r"[+-]?[0-9]{1,40}")
_FLOAT = re.compile(r"[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})([eE][+-]?[0-9]{1,3})?")
_BITS = {"integer": 31, "long": 63}
_SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def tree(parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters as nested mappings, by the dots in their names."""
    root: dict[str, Any] = {}
    for name, value in parameters.items():
        node = root
        *steps, last = name.split(".", MAX_DEPTH)
        if "." in last:
            raise malformed_input(f"a parameter's name has more than {MAX_DEPTH} steps")
        for step in steps:
            node = node.setdefault(step, {})
            if type(node) is str:
                raise malformed_input("a parameter is both a value and a structure")
        if last in node:
            raise malformed_input("a parameter is both a value and a structure")
        node[last] = value
    return root


class QueryReaders(Compiling[Reader]):
    """Readers of one service's input shapes, compiled at first use."""

    def _structure(self, name: str, members: Mapping[str, tuple[str, Reader]]) -> Reader:
        return _structure(name, members)

    def _names(self, member: Member) -> tuple[str, str]:
        return member.wire, member.name

    def _value(self, member: Member) -> Reader:
        shape = self._shapes[member.shape]
        match shape.kind:
            case "structure":
                return self.structure(member.shape)
            case "list":
                element = shape.members[0]
                step = None if member.flattened else element.wire
                return _list(member.wire, step, self._value(element))
            case "map":
                step = None if member.flattened else "entry"
                return _map(member.wire, step, shape, *map(self._value, shape.members))
            case kind:
                return _scalar(kind, member.wire)


def _structure(name: str, members: Mapping[str, tuple[str, Reader]]) -> Reader:
    def read(node: Node) -> dict[str, Any]:
        if type(node) is not dict:
            raise malformed_input(f"a value stands where `{name}` is a structure")
        found = {}
        for step, child in node.items():
            member = members.get(step)
            if member is not None:
                found[member[0]] = member[1](child)
        return found

    return read


def _elements(name: str, step: str | None, node: Node) -> list[Node]:
    """Return a list's elements in order. An empty value is how clients write an empty list."""
    if isinstance(node, str):
        if node == "":
            return []
        raise malformed_input(f"a value stands where `{name}` is a list")
    inside: Node = node if step is None else node.get(step, "")
    if isinstance(inside, str) or (step is not None and len(node) != 1):
        raise malformed_input(f"`{name}` is a list: its parameters go on with `{step}.1`")
    numbers = [str(number) for number in range(1, len(inside) + 1)]
    if inside.keys() != set(numbers):
        raise malformed_input(f"`{name}` is a list: its elements are numbered from 1 on")
    return [inside[number] for number in numbers]


def _list(name: str, step: str | None, element: Reader) -> Reader:
    return lambda node: [element(child) for child in _elements(name, step, node)]


def _map(name: str, step: str | None, shape: Shape, key: Reader, value: Reader) -> Reader:
    key_step, value_step = (part.wire for part in shape.members)

    def read(node: Node) -> dict[Any, Any]:
        found = {}
        for entry in _elements(name, step, node):
            if type(entry) is not dict or entry.keys() != {key_step, value_step}:
                raise malformed_input(
                    f"an entry of `{name}` is `{key_step}` and `{value_step}`, each once"
                )
            entry_key = key(entry[key_step])
            if entry_key in found:
                raise malformed_input(f"`{name}` has a key twice")
            found[entry_key] = value(entry[value_step])
        return found

    return read


def _scalar(kind: str, name: str) -> Reader:
    convert = _CONVERTERS.get(kind)
    if convert is None:
        return _unreadable(name)
    missing = "missing value for decimal type" if kind in _BITS else ""

    def read(node: Node) -> Any:
        if type(node) is not str:
            raise malformed_input(
                f"a structure stands where `{name}` is a {kind}",
                "Start of structure or map found where not expected.",
            )
        try:
            return convert(node)
        except ValueError as error:
            # The value itself stays out of the reason: it may be a secret.
            raise malformed_input(f"`{name}` is no {kind}", "" if node else missing) from error

    return read


def _unreadable(name: str) -> Reader:
    def read(_node: Node) -> Any:
        raise malformed_input(f"`{name}` can't be sent by the query protocol")

    return read


def _integer(bits: int) -> Callable[[str], int]:
    def convert(text: str) -> int:
        if not _INTEGER.fullmatch(text):
            raise ValueError("not an integer")
        value = int(text)
        if not -(1 << bits) <= value < 1 << bits:
            raise ValueError("out of range")
        return value

    return convert


def _float(text: str) -> float:
    if text in _SPECIAL:
        return _SPECIAL[text]
    if not _FLOAT.fullmatch(text):
        raise ValueError("not a number")
    return float(text)


def _boolean(text: str) -> bool:
    match text.lower():
        case "true":
            return True
        case "false":
            return False
        case _:
            raise ValueError("not a boolean")


def _blob(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


_CONVERTERS: dict[str, Callable[[str], Any]] = {
    "string": str,
    "integer": _integer(_BITS["integer"]),
    "long": _integer(_BITS["long"]),
    "float": _float,
    "double": _float,
    "boolean": _boolean,
    "blob": _blob,
    "timestamp": read_timestamp,
}
