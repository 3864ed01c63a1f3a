"""A JSON body to typed input: readers compiled from the tables, strict about types.

The messages are those that AWS's JSON services give where one was seen; the other mismatches
have none there.
"""

import base64
import math
from collections.abc import Callable, Mapping
from typing import Any

from valetkey.wire.compiling import Compiling
from valetkey.wire.errors import serialization_failure
from valetkey.wire.tables import Member
from valetkey.wire.timestamps import read_timestamp

Reader = Callable[[Any], Any]

_BITS = {"integer": 31, "long": 63}
_SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_MAX_SECONDS = 253402300799
"""The last second of the year 9999."""


class JsonReaders(Compiling[Reader]):
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
                return _list(member.wire, self._value(shape.members[0]))
            case "map":
                return _map(member.wire, *map(self._value, shape.members))
            case "timestamp":
                numeric = member.timestamp in (None, "unixTimestamp")
                return _scalar(member.wire, "a Timestamp", _seconds if numeric else _date)
            case "document":
                return lambda value: value
            case kind:
                return _scalar(member.wire, *_CONVERTERS[kind])


def _structure(name: str, members: Mapping[str, tuple[str, Reader]]) -> Reader:
    def read(value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            raise _mismatch(name, value, "Expected null")
        found = {}
        for key, child in value.items():
            member = members.get(key)
            # Null is AWS's way to say that a member is absent.
            if member is not None and child is not None:
                found[member[0]] = member[1](child)
        return found

    return read


def _list(name: str, element: Reader) -> Reader:
    def read(value: Any) -> list[Any]:
        if type(value) is not list:
            raise _mismatch(name, value, "Expected list or null")
        return [element(child) for child in value]

    return read


def _map(name: str, key: Reader, element: Reader) -> Reader:
    def read(value: Any) -> dict[Any, Any]:
        if type(value) is not dict:
            raise _mismatch(name, value, "Expected null")
        return {key(step): element(child) for step, child in value.items()}

    return read


def _scalar(name: str, article: str, convert: Callable[[Any], Any]) -> Reader:
    def read(value: Any) -> Any:
        try:
            return convert(value)
        except (ValueError, TypeError, OverflowError) as error:
            token = _token(value)
            message = f"{token} can not be converted to {article}" if token else ""
            raise _mismatch(name, value, message) from error

    return read


def _mismatch(name: str, value: Any, message: str) -> Exception:
    match value:
        case list():
            message = "Start of list found where not expected"
        case dict():
            message = "Start of structure or map found where not expected."
        case _:
            pass
    # The value itself stays out of the reason: it may be a secret.
    return serialization_failure(f"`{name}` has a value of another type or form", message)


def _token(value: Any) -> str | None:
    match value:
        case bool():
            return "TRUE_VALUE" if value else "FALSE_VALUE"
        case int() | float():
            return "NUMBER_VALUE"
        case str():
            return "STRING_VALUE"
        case _:
            return None


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError("no string")
    if "\0" in value:
        raise ValueError("a NUL character")
    if not value.isascii():
        value.encode()  # raises on half of a surrogate pair, which no other text can hold
    return value


def _integer(bits: int) -> Callable[[Any], int]:
    def convert(value: Any) -> int:
        if type(value) is not int:
            raise TypeError("no integer")
        if not -(1 << bits) <= value < 1 << bits:
            raise ValueError("out of range")
        return value

    return convert


def _float(value: Any) -> float:
    if type(value) is str:
        return _SPECIAL[value] if value in _SPECIAL else _refuse()
    return float(value) if type(value) in (int, float) else _refuse()


def _boolean(value: Any) -> bool:
    return value if type(value) is bool else _refuse()


def _blob(value: Any) -> bytes:
    return base64.b64decode(_text(value), validate=True)


def _seconds(value: Any) -> float:
    if type(value) not in (int, float) or not abs(value) <= _MAX_SECONDS:
        _refuse()
    return float(value)


def _date(value: Any) -> float:
    return read_timestamp(_text(value))


def _refuse() -> Any:
    raise TypeError("another type")


_CONVERTERS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "string": ("a String", _text),
    "integer": ("an Integer", _integer(_BITS["integer"])),
    "long": ("a Long", _integer(_BITS["long"])),
    "float": ("a Float", _float),
    "double": ("a Double", _float),
    "boolean": ("a Boolean", _boolean),
    "blob": ("a Blob", _blob),
}
