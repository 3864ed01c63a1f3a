"""How a line of somebody's text stands on a terminal: nothing invisible, nothing obeyed.

Policies, tokens and file names come from strangers. Whatever a terminal would act on (escape
sequences, direction overrides) or hide (zero-width characters, odd blanks) is shown by its
code point.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

TAB: Final = "    "
ELLIPSIS: Final = "…"
_SHORT: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
# Other, control, format, surrogate, private, unassigned; line and paragraph separators; blanks
# other than the plain one, which look like it and are not equal to it.
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
# Letters and marks that take no ink: fillers, variation selectors, the blank Braille cell.
_INKLESS: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
) | frozenset(chr(code) for code in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
_NO_WIDTH: Final = frozenset({"Mn", "Me"})
_MARGINS: Final = (72, 48, 32, 20, 12)
_LONG_SPAN: Final = 56


def visible(text: str) -> str:
    """Return text in which every character can be seen and none controls a terminal."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_SHORT.get(character) or _shown(character) for character in text)


def width(text: str) -> int:
    """Return how many terminal columns a text that is already visible takes."""
    if text.isascii():
        return len(text)
    return sum(_width(character) for character in text)


def _shown(character: str) -> str:
    if " " <= character <= "~":
        return character
    if character in _INKLESS or unicodedata.category(character) in _HIDDEN:
        return f"<U+{ord(character):04X}>"
    return character


def _width(character: str) -> int:
    if unicodedata.category(character) in _NO_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line as shown, and the terminal column at which each of its characters begins.

    ``columns`` has one entry more than the line has characters: the end. Characters that were
    left out share the column of the ellipsis that stands for them.
    """

    text: str
    columns: tuple[int, ...]

    def column(self, offset: int) -> int:
        """Return the column of the character at an offset; past the line's end, of its end."""
        return self.columns[min(max(offset, 0), len(self.columns) - 1)]


def lay_out(line: str, focus: Sequence[tuple[int, int]], limit: int) -> ShownLine:
    """Return a line as shown, cropped to about ``limit`` columns around the stretches in focus."""
    cells = [TAB if character == "\t" else _shown(character) for character in line]
    widths = [width(cell) for cell in cells]
    kept = _kept(widths, focus, limit)
    parts: list[str] = []
    columns: list[int] = []
    column = 0
    end = 0
    for start, stop in kept:
        if start > end:
            parts.append(ELLIPSIS)
            columns += [column] * (start - end)
            column += 1
        for index in range(start, stop):
            parts.append(cells[index])
            columns.append(column)
            column += widths[index]
        end = stop
    if end < len(cells):
        parts.append(ELLIPSIS)
        columns += [column] * (len(cells) - end)
        column += 1
    columns.append(column)
    return ShownLine("".join(parts), tuple(columns))


def _kept(
    widths: Sequence[int], focus: Sequence[tuple[int, int]], limit: int
) -> list[tuple[int, int]]:
    """Return the stretches of a line to show: all of it, or the surroundings of the focus."""
    size = len(widths)
    if sum(widths) <= limit:
        return [(0, size)]
    kept: list[tuple[int, int]] = []
    for margin in _MARGINS:
        kept = _merged(_around(focus or [(0, 0)], margin, size))
        if sum(sum(widths[start:stop]) + 1 for start, stop in kept) <= limit:
            break
    return kept


def _around(focus: Sequence[tuple[int, int]], margin: int, size: int) -> list[tuple[int, int]]:
    stretches = []
    for start, end in focus:
        # A long stretch is shown by its two ends.
        ends = [(start, end)] if end - start <= _LONG_SPAN else [(start, start), (end, end)]
        stretches += [(max(0, a - margin), min(size, b + margin)) for a, b in ends]
    return stretches


def _merged(stretches: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return stretches in order, joined where leaving out what is between would gain nothing."""
    merged: list[tuple[int, int]] = []
    for start, stop in sorted(stretches):
        if merged and start <= merged[-1][1] + 3:
            merged[-1] = (merged[-1][0], max(merged[-1][1], stop))
        else:
            merged.append((0 if start <= 3 else start, stop))  # noqa: PLR2004 - as above
    return merged
