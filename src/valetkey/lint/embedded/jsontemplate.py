"""JSON written as a text of another language, with interpolations in it."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final

from valetkey.diagnostics import Diagnostic, Label, Source, Span
from valetkey.lint.embedded.jsontree import tree_of
from valetkey.lint.embedded.tree import (
    Known,
    List,
    Literal,
    Map,
    Member,
    Node,
    Opaque,
    Piece,
    Text,
    Unknown,
    Unreadable,
)
from valetkey.policy.jsontext import JsonFlaw, parse_json

_MARK: Final = re.compile("\ue000([0-9]+)\ue001")
"""Private characters: no policy has them, and where one has, the worst is a value unknown."""


def read_template(text: Text, source: Source) -> Node:
    """Read the JSON that a text holds; places are those of the file it stands in.

    Raises :class:`Unreadable`, with its finding in the file, for what is no JSON.
    """
    joined = _joined(text)
    inner = Source(source.name, "".join(joined.parts))
    try:
        node = parse_json(inner)
    except JsonFlaw as flaw:
        labels = tuple(
            Label(joined.span(source, each.span.start, each.span.end), each.text)
            for each in flaw.labels
        )
        advice = (flaw.help,) if flaw.help else ()
        raise Unreadable(
            Diagnostic("policy-json", flaw.message, labels=labels, help=advice)
        ) from None
    return joined.moved(tree_of(node, inner, lambda one: one), inner)


@dataclass(slots=True)
class _Joined:
    """The pieces as one text, and where each begins in it."""

    parts: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)
    size: int = 0

    def add(self, text: str, piece: Piece) -> None:
        self.parts.append(text)
        self.starts.append(self.size)
        self.pieces.append(piece)
        self.size += len(text)

    def start(self, at: int) -> int:
        index = max(bisect_right(self.starts, at) - 1, 0)
        piece = self.pieces[index]
        exact = isinstance(piece, Known) and piece.exact
        return piece.start + (at - self.starts[index]) if exact else piece.start

    def end(self, at: int) -> int:
        index = max(bisect_right(self.starts, max(at - 1, 0)) - 1, 0)
        piece = self.pieces[index]
        exact = isinstance(piece, Known) and piece.exact
        return piece.start + (at - self.starts[index]) if exact else piece.end

    def span(self, source: Source, start: int, end: int) -> Span:
        first = self.start(start)
        return source.span(first, max(self.end(end), first))

    def moved(self, node: Node, inner: Source) -> Node:
        """Return a tree of the joined text at its places in the file."""
        start, end = self.start(node.start), self.end(node.end)
        match node:
            case Text():
                return self._text(node, inner)
            case List():
                return List(start, end, tuple(self.moved(item, inner) for item in node.items))
            case Map():
                return Map(start, end, tuple(self._members(node, inner)))
            case Literal():
                return Literal(start, end, node.text)
        return node

    def _members(self, node: Map, inner: Source) -> list[Member]:
        members = []
        for each in node.members:
            key = self._text(each.key, inner)
            if isinstance(key, Opaque):
                key = Text(key.start, key.end, (Unknown(key.expression, key.start, key.end),))
            members.append(Member(key, self.moved(each.value, inner)))
        return members

    def _text(self, node: Text, inner: Source) -> Text | Opaque:
        start, end = self.start(node.start), self.end(node.end)
        value = node.plain or ""
        plain = inner.text[node.start + 1 : node.end - 1] == value
        pieces: list[Piece] = []
        at = 0
        for found in _MARK.finditer(value):
            pieces += self._known(value, at, found.start(), node, plain=plain)
            number = int(found[1]) if len(found[1]) <= len(str(len(self.unknown))) else -1
            if 0 <= number < len(self.unknown):
                pieces.append(self.unknown[number])
            at = found.end()
        if len(pieces) == 1 and at == len(value) and isinstance(pieces[0], Unknown):
            return Opaque(start, end, pieces[0].expression)
        pieces += self._known(value, at, len(value), node, plain=plain)
        return Text(start, end, tuple(pieces) or (Known("", start + 1, end, exact=False),))

    def _known(self, value: str, start: int, end: int, node: Text, *, plain: bool) -> list[Piece]:
        if start == end:
            return []
        if not plain:
            place = (self.start(node.start), self.end(node.end))
            return [Known(value[start:end], *place, exact=False)]
        offset = node.start + 1
        first, last = self.start(offset + start), self.end(offset + end)
        return [Known(value[start:end], first, last, exact=last - first == end - start)]


def _joined(text: Text) -> _Joined:
    joined = _Joined()
    inside = escaped = False
    for piece in text.pieces:
        if isinstance(piece, Unknown):
            mark = f"\ue000{len(joined.unknown)}\ue001"
            joined.unknown.append(piece)
            joined.add(mark if inside else f'"{mark}"', piece)
            continue
        joined.add(piece.text, piece)
        for character in piece.text:
            if inside:
                inside = escaped or character != '"'
                escaped = character == "\\" and not escaped
            else:
                inside = character == '"'
    return joined
