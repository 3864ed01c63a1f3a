"""A text with a name, and stretches of it."""

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple


class Position(NamedTuple):
    """A place as editors show it: both numbers start at 1; a column counts characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Source:
    """A text that findings point into: a file, a policy, a token.

    ``name`` is what people know the text by (a path, ``trust policy of role deploy``).
    Offsets into ``text`` count characters, not bytes.
    """

    name: str
    text: str = field(repr=False)
    _line_starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = [0]
        find = self.text.find
        at = find("\n")
        while at != -1:
            starts.append(at + 1)
            at = find("\n", at + 1)
        object.__setattr__(self, "_line_starts", tuple(starts))

    def position(self, offset: int) -> Position:
        """Return the line and column of a character offset (the end of the text included)."""
        line = bisect_right(self._line_starts, offset)
        return Position(line, offset - self._line_starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """Return the text of a line, numbered from 1, without its line break."""
        start = self._line_starts[number - 1]
        following = number < len(self._line_starts)
        end = self._line_starts[number] - 1 if following else len(self.text)
        return self.text[start:end].removesuffix("\r")

    @property
    def line_count(self) -> int:
        """Return how many lines the text has; an empty text has one."""
        return len(self._line_starts)

    def span(self, start: int, end: int) -> "Span":
        """Return the stretch from ``start`` up to, not including, ``end``."""
        return Span(self, start, end)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a source: characters ``start`` up to, not including, ``end``."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        """Return the characters of the stretch."""
        return self.source.text[self.start : self.end]

    @property
    def position(self) -> Position:
        """Return where the stretch begins."""
        return self.source.position(self.start)

    def __str__(self) -> str:
        line, column = self.position
        return f"{self.source.name}:{line}:{column}"
