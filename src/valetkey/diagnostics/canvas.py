"""Rows of styled characters, painted with ANSI colours or without."""

from enum import StrEnum
from itertools import groupby


class Style(StrEnum):
    """What a stretch of output is, by the ANSI codes it gets."""

    PLAIN = ""
    ERROR = "1;31"
    WARNING = "1;33"
    NOTE = "1;36"
    STRONG = "1"
    GUTTER = "1;34"


def paint(text: str, style: Style, *, color: bool) -> str:
    """Return text in a style; without colour, as it is."""
    return f"\x1b[{style}m{text}\x1b[0m" if color and style and text else text


class Row:
    """One row under a line of text: marks at columns, and words after the last of them."""

    def __init__(self) -> None:
        self._cells: list[tuple[str, Style]] = []
        self._tail: tuple[str, Style] = ("", Style.PLAIN)

    def put(self, column: int, marks: str, style: Style) -> None:
        """Write marks, each one column wide, over whatever is there."""
        missing = column + len(marks) - len(self._cells)
        self._cells += [(" ", Style.PLAIN)] * missing
        for index, mark in enumerate(marks, column):
            self._cells[index] = (mark, style)

    def fill(self, start: int, stop: int, mark: str, style: Style) -> None:
        """Write a mark into the columns that are still blank."""
        for column in range(start, stop):
            if column >= len(self._cells) or self._cells[column][0] == " ":
                self.put(column, mark, style)

    def say(self, words: str, style: Style) -> None:
        """Write words after everything else in the row."""
        self._tail = (words, style)

    def text(self, *, color: bool) -> str:
        """Return the row as it is printed, without trailing blanks."""
        cells = [*self._cells]
        while cells and cells[-1][0] == " " and not self._tail[0]:
            cells.pop()
        painted = [
            paint("".join(mark for mark, _ in run), style, color=color)
            for style, run in groupby(cells, key=lambda cell: cell[1])
        ]
        return "".join(painted) + paint(*self._tail, color=color)
