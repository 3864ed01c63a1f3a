"""The tree that JSON, YAML and HCL are read into: values with their places, and what is unknown.

``start`` and ``end`` are characters of the file; of a quoted text they hold the quotes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from valetkey.diagnostics import Diagnostic

MAX_DEPTH: Final = 60
"""A policy has seven levels, a template around it some more; beyond this the text is hostile."""

MAX_NODES: Final = 200_000


@dataclass(frozen=True, slots=True)
class Known:
    """Characters of a value. ``exact``: the file has the same ones, one for one."""

    text: str
    start: int
    end: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Unknown:
    """A part of a value that is filled in elsewhere; ``expression`` is what the file says."""

    expression: str
    start: int
    end: int


Piece = Known | Unknown


@dataclass(frozen=True, slots=True)
class Text:
    """A string."""

    start: int
    end: int
    pieces: tuple[Piece, ...]

    @property
    def plain(self) -> str | None:
        """Return the string where all of it is known."""
        texts = [piece.text for piece in self.pieces if isinstance(piece, Known)]
        return "".join(texts) if len(texts) == len(self.pieces) else None


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, ``true``, ``false`` or ``null``, as JSON writes it."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value of which nothing is known, not even its shape."""

    start: int
    end: int
    expression: str


@dataclass(frozen=True, slots=True)
class List:
    """A list."""

    start: int
    end: int
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Member:
    """A key of a map and its value."""

    key: Text
    value: "Node"


@dataclass(frozen=True, slots=True)
class Map:
    """A map. ``more`` stands for members that may come from elsewhere."""

    start: int
    end: int
    members: tuple[Member, ...]
    more: Opaque | None = None

    def get(self, name: str) -> "Node | None":
        """Return the value of the first member of a name."""
        return next((each.value for each in self.members if each.key.plain == name), None)


Node = Text | Literal | Opaque | List | Map


class Unreadable(Exception):
    """The text around the policies is not what its name promises."""

    def __init__(self, finding: Diagnostic) -> None:
        super().__init__(finding.message)
        self.finding = finding


def whole(text: str, start: int, end: int, *, exact: bool = False) -> Text:
    """Return a string of one known piece at a place without quotes."""
    return Text(start, end, (Known(text, start, end, exact),))


def children(node: Node) -> Iterator[Node]:
    """Yield the values directly in a value."""
    if isinstance(node, List):
        yield from node.items
    elif isinstance(node, Map):
        for member in node.members:
            yield member.value


def unknowns(root: Node) -> Iterator[Unknown | Opaque]:
    """Yield everything unknown below a node, in the order of the text."""
    waiting: list[Node] = [root]
    seen: set[int] = set()  # aliases make one node stand at several places
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Opaque):
            yield node
        elif isinstance(node, Text):
            yield from (piece for piece in node.pieces if isinstance(piece, Unknown))
        elif isinstance(node, Map):
            if node.more is not None:
                yield node.more
            waiting.extend(
                part for each in reversed(node.members) for part in (each.value, each.key)
            )
        elif isinstance(node, List):
            waiting.extend(reversed(node.items))
