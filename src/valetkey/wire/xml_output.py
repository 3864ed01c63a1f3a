"""Output to XML, laid out as STS and IAM lay it out: writers compiled from the tables.

A writer knows its tags and its indentation, so that writing is joining of text.
"""

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from valetkey.wire.errors import UnencodableOutput
from valetkey.wire.tables import Member, ServiceTable, Shape
from valetkey.wire.timestamps import write_timestamp

Writer = Callable[[Any], str]

INDENT = "  "

# What XML 1.0 can't hold at all, and a carriage return, which parsers turn into a line feed.
_ILLEGAL = "\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"
_SPECIAL = re.compile(f"[&<>\r{_ILLEGAL}]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"}


def escape(text: str) -> str:
    """Return text for an element; a character that XML can't hold becomes U+FFFD."""
    if not _SPECIAL.search(text):
        return text
    return _SPECIAL.sub(lambda found: _ESCAPES.get(found[0], "\ufffd"), text)


class XmlWriters:
    """Writers of one service's output shapes, compiled at first use."""

    def __init__(self, table: ServiceTable) -> None:
        self._shapes = table.shapes
        self._contents: dict[tuple[str, str], Writer] = {}

    def content(self, name: str, pad: str) -> Writer:
        """Return the writer of a structure's members, each on lines indented by ``pad``."""
        if (name, pad) not in self._contents:
            self._contents[name, pad] = self._content(name, pad)
        return self._contents[name, pad]

    def _content(self, name: str, pad: str) -> Writer:
        members: list[tuple[str, Writer]] = []

        def write(value: Mapping[str, Any]) -> str:
            if not members:
                # Not before the first use: a shape that holds itself has no last level.
                members.extend(
                    (member.name, self._element(member, pad))
                    for member in self._shapes[name].members
                )
            parts = []
            taken = 0
            for key, writer in members:
                if key in value:
                    taken += 1
                    if (child := value[key]) is not None:
                        parts.append(writer(child))
            if taken != len(value):
                raise UnencodableOutput(f"an output has members that `{name}` does not have")
            return "".join(parts)

        return write

    def _element(self, member: Member, pad: str) -> Writer:
        shape = self._shapes[member.shape]
        match shape.kind:
            case "structure":
                return _nested(member.wire, pad, self.content(member.shape, pad + INDENT))
            case "list":
                return self._list(member, shape.members[0], pad)
            case "map":
                return self._map(member, shape, pad)
            case "document":
                raise UnencodableOutput(f"output member `{member.wire}` can't be sent as XML")
            case kind:
                return _scalar(member, kind, pad)

    def _list(self, member: Member, element: Member, pad: str) -> Writer:
        if member.flattened:
            # Its elements stand where the list would, under its name.
            return _each(self._element(replace(element, wire=member.wire), pad))
        return _nested(member.wire, pad, _each(self._element(element, pad + INDENT)))

    def _map(self, member: Member, shape: Shape, pad: str) -> Writer:
        deeper = pad if member.flattened else pad + INDENT
        wire = member.wire if member.flattened else "entry"
        write_key, write_value = (self._element(part, deeper + INDENT) for part in shape.members)
        entry = _nested(wire, deeper, lambda pair: write_key(pair[0]) + write_value(pair[1]))

        def write(value: Mapping[Any, Any]) -> str:
            return "".join(entry(pair) for pair in value.items())

        return write if member.flattened else _nested(member.wire, pad, write)


def _nested(wire: str, pad: str, content: Writer) -> Writer:
    start, end, empty = f"{pad}<{wire}>\n", f"{pad}</{wire}>\n", f"{pad}<{wire}/>\n"

    def write(value: Any) -> str:
        inside = content(value)
        return f"{start}{inside}{end}" if inside else empty

    return write


def _each(element: Writer) -> Writer:
    return lambda value: "".join(map(element, value))


def _scalar(member: Member, kind: str, pad: str) -> Writer:
    start, end = f"{pad}<{member.wire}>", f"</{member.wire}>\n"
    convert = _timestamp(member) if kind == "timestamp" else _CONVERTERS[kind]

    def write(value: Any) -> str:
        try:
            return f"{start}{convert(value)}{end}"
        except (TypeError, ValueError, OverflowError) as error:
            raise UnencodableOutput(f"output member `{member.wire}` is no {kind}") from error

    return write


def _timestamp(member: Member) -> Callable[[Any], str]:
    form = member.timestamp or "iso8601"
    return lambda value: write_timestamp(value, form)


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no string")
    return escape(value)


def _integer(value: Any) -> str:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("no integer")
    return str(value)


def _float(value: Any) -> str:
    text = repr(float(value))
    return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(text, text)


def _boolean(value: Any) -> str:
    if not isinstance(value, bool):
        raise TypeError("no boolean")
    return "true" if value else "false"


def _blob(value: Any) -> str:
    return base64.b64encode(value).decode()


_CONVERTERS: dict[str, Callable[[Any], str]] = {
    "string": _string,
    "integer": _integer,
    "long": _integer,
    "float": _float,
    "double": _float,
    "boolean": _boolean,
    "blob": _blob,
}
