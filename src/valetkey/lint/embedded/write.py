"""From a tree to the JSON text of a policy, and from places in it back to the file."""

import json
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final

from valetkey.diagnostics import Source, Span
from valetkey.lint.embedded.slots import DOCUMENT, Place, Slot, item_slot, member_slot
from valetkey.lint.embedded.tree import Known, List, Literal, Map, Node, Opaque, Text, Unknown
from valetkey.lint.embedded.worlds import World

MAX_CHARACTERS: Final = 140_000
"""More than the policy room reads: a document that is longer is refused there, with its reason."""


class TooLarge(Exception):
    """Aliases make the document longer than any policy."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """A policy as JSON, stretch by stretch beside the file it was taken from."""

    source: Source
    file: Source
    _starts: list[int] = field(repr=False)
    _places: list[tuple[int, int, bool]] = field(repr=False)

    def span(self, start: int, end: int) -> Span:
        """Return the characters of the file behind a range of the JSON text."""
        first, last = self._start(start), self._end(max(end, start))
        return self.file.span(first, max(first, last))

    def exact(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the same characters in the file, where the file has them one for one."""
        index = self._index(start)
        if index and start == self._starts[index] and not self._places[index][2]:
            index -= 1  # an insertion at the end of a stretch
        begin, (first, last, exact) = self._starts[index], self._places[index]
        inside = exact and start >= begin and first + end - begin <= last
        return (first + start - begin, first + end - begin) if inside else None

    def _index(self, at: int) -> int:
        return max(bisect_right(self._starts, max(at, 0)) - 1, 0)

    def _start(self, at: int) -> int:
        index = self._index(at)
        first, last, exact = self._places[index]
        return min(first + at - self._starts[index], last) if exact else first

    def _end(self, at: int) -> int:
        index = self._index(at - 1)
        first, last, exact = self._places[index]
        return min(first + at - self._starts[index], last) if exact else last


def transcribe(root: Map, file: Source, world: World) -> Transcript:
    """Write a document as JSON, unknown values as a world has them. Raises :class:`TooLarge`."""
    writer = _Writer(world)
    writer.node(root, DOCUMENT)
    source = Source(file.name, "".join(writer.parts))
    return Transcript(source, file, writer.starts, writer.places)


class _Writer:
    def __init__(self, world: World) -> None:
        self._world = world
        self._size = 0
        self.parts: list[str] = []
        self.starts: list[int] = []
        self.places: list[tuple[int, int, bool]] = []

    def node(self, node: Node, slot: Slot) -> None:
        match node:
            case Text():
                self._string(node, slot)
            case Literal():
                self._put(node.text, node.start, node.end)
            case Opaque():
                value = json.dumps(self._world.value(slot, node))
                self._put(value, node.start, node.end)
            case List():
                self._list(node, slot)
            case Map():
                self._map(node, slot)

    def _put(self, text: str, start: int, end: int, *, exact: bool = False) -> None:
        self._size += len(text)
        if self._size > MAX_CHARACTERS:
            raise TooLarge
        self.starts.append(self._size - len(text))
        self.places.append((start, end, exact))
        self.parts.append(text)

    def _list(self, node: List, slot: Slot) -> None:
        self._put("[", node.start, min(node.start + 1, node.end))
        for index, item in enumerate(node.items):
            if index:
                self._put(",", item.start, item.start)
            self.node(item, item_slot(slot))
        self._put("]", max(node.end - 1, node.start), node.end)

    def _map(self, node: Map, slot: Slot) -> None:
        self._put("{", node.start, min(node.start + 1, node.end))
        names: list[str] = []
        for member in node.members:
            name = self._text(member.key, slot)
            if name in names and member.key.plain is None:
                continue  # a guess that makes two members of one name
            if names:
                self._put(",", member.key.start, member.key.start)
            names.append(name)
            self._string(member.key, slot)
            self._put(":", member.key.end, member.key.end)
            self.node(member.value, member_slot(slot, name))
        if node.more is not None and slot.place not in {Place.DOCUMENT, Place.STATEMENT}:
            self._more(node.more, slot, names)
        self._put("}", max(node.end - 1, node.start), node.end)

    def _more(self, more: Opaque, slot: Slot, names: list[str]) -> None:
        for name, value in self._world.more(slot, more, names).items():
            comma = "," if names else ""
            self._put(f"{comma}{json.dumps(name)}:{json.dumps(value)}", more.start, more.end)
            names.append(name)

    def _text(self, node: Text, slot: Slot) -> str:
        return "".join(text for text, _ in self._pieces(node, slot))

    def _pieces(self, node: Text, slot: Slot) -> list[tuple[str, Known | Unknown]]:
        found: list[tuple[str, Known | Unknown]] = []
        before = ""
        for index, piece in enumerate(node.pieces):
            if isinstance(piece, Known):
                text = piece.text
            else:
                following = node.pieces[index + 1] if index + 1 < len(node.pieces) else None
                after = following.text if isinstance(following, Known) else ""
                text = self._world.piece(slot, piece, before, after)
            found.append((text, piece))
            before += text
        return found

    def _string(self, node: Text, slot: Slot) -> None:
        pieces = self._pieces(node, slot)
        first = pieces[0][1].start if pieces else node.start
        last = pieces[-1][1].end if pieces else node.end
        self._put('"', node.start, max(first, node.start))
        for text, piece in pieces:
            escaped = json.dumps(text, ensure_ascii=False)[1:-1]
            exact = isinstance(piece, Known) and piece.exact
            if exact and escaped != text:
                for index, character in enumerate(text, piece.start):
                    one = json.dumps(character, ensure_ascii=False)[1:-1]
                    self._put(one, index, index + 1, exact=len(one) == 1)
            elif text:
                self._put(escaped, piece.start, piece.end, exact=exact)
        self._put('"', min(last, node.end), node.end)
