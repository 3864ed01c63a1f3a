"""A source's lines with the labels drawn under them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from valetkey.diagnostics.canvas import Row, Style, paint
from valetkey.diagnostics.diagnostic import Label
from valetkey.diagnostics.display import ShownLine, lay_out, visible
from valetkey.diagnostics.source import Source
from valetkey.diagnostics.underline import Mark, underline


def mark(label: Label, style: Style, sign: str) -> Mark:
    """Place a label; a stretch that ends with a line break ends on that line."""
    source = label.span.source
    size = len(source.text)
    start = min(max(label.span.start, 0), size)
    end = min(max(label.span.end, start), size)
    first, column = source.position(start)
    last, last_column = source.position(end)
    if last > first and last_column == 1:
        last -= 1
        last_column = len(source.line(last)) + 1
    return Mark(first, column - 1, last, last_column - 1, visible(label.text), sign, style)


@dataclass(frozen=True)
class Snippet:
    """What is shown of one source: marks in order of importance, the first one foremost.

    A label of several lines runs down a lane of its own, left of the text.
    """

    source: Source
    marks: Sequence[Mark]
    context_lines: int
    limit: int

    def rows(self, gutter: int, *, color: bool) -> Iterator[str]:
        """Yield the printed rows: numbered lines with what is drawn under each."""
        bar = paint("|", Style.GUTTER, color=color)
        yield f"{' ' * gutter} {bar}"
        previous = 0
        for number in self.numbers:
            if previous and number > previous + 1:
                dots = paint("...", Style.GUTTER, color=color)
                yield f"{dots} {self._running(number).text(color=color)}".rstrip()
            previous = number
            shown = self._shown(number)
            row = self._running(number)
            row.fill(0, 2 * len(self._lanes), " ", Style.PLAIN)
            row.say(shown.text, Style.PLAIN)
            label = paint(f"{number:>{gutter}}", Style.GUTTER, color=color)
            yield f"{label} {bar} {row.text(color=color)}".rstrip()
            for drawn in self._under(number, shown):
                yield f"{' ' * gutter} {bar} {drawn.text(color=color)}".rstrip()

    @cached_property
    def numbers(self) -> Sequence[int]:
        """The numbers of the lines that are shown: ends of labels, and lines around them."""
        reach = self.context_lines
        around = {
            number
            for one in self.marks
            for line in (one.first_line, one.last_line)
            for number in range(line - reach, line + reach + 1)
        }
        count = self.source.line_count
        if count not in {one.last_line for one in self.marks} and not self.source.line(count):
            count -= 1  # what follows the last line break is no line that anybody wrote
        shown = sorted(number for number in around if 1 <= number <= count)
        # A single line left out between two others is shown: the dots would take its place.
        gaps = [a + 1 for a, b in pairwise(shown) if b == a + 2]
        return sorted([*shown, *gaps])

    @cached_property
    def _lanes(self) -> Sequence[tuple[int, Mark]]:
        return [
            (2 * lane, one) for lane, one in enumerate(one for one in self.marks if one.is_long)
        ]

    def _opens_quietly(self, one: Mark) -> bool:
        """Return whether only blanks stand before a label of several lines."""
        return not self.source.line(one.first_line)[: one.start].strip()

    def _running(self, number: int) -> Row:
        """Return a row with the lanes that run beside a line."""
        row = Row()
        for column, one in self._lanes:
            if one.first_line == number and self._opens_quietly(one):
                row.put(column, "/", one.style)
            elif one.first_line < number <= one.last_line:
                row.put(column, "|", one.style)
        return row

    def _shown(self, number: int) -> ShownLine:
        line = self.source.line(number)
        focus = []
        for one in self.marks:
            if not one.is_long and one.first_line == number:
                focus.append((one.start, one.end))
            elif one.first_line == number:
                focus.append((one.start, one.start))
            elif one.last_line == number:
                focus.append((one.end, one.end))
        size = len(line)
        return lay_out(line, [(min(a, size), min(b, size)) for a, b in focus], self.limit)

    def _under(self, number: int, shown: ShownLine) -> Iterator[Row]:
        """Yield the rows under a line: labels within it, then lanes that open or close here."""
        running = [
            (column, one)
            for column, one in self._lanes
            if one.first_line < number <= one.last_line
            or (one.first_line == number and self._opens_quietly(one))
        ]
        here = [one for one in self.marks if not one.is_long and one.first_line == number]
        for row in underline(here, shown, 2 * len(self._lanes)):
            _draw(running, row)
            yield row
        for column, one in self._lanes:
            closes = one.last_line == number
            opens = one.first_line == number and not self._opens_quietly(one)
            if opens or closes:
                row = Row()
                _draw(running, row)
                self._turn(row, column, one, shown.column(one.start if opens else one.end - 1))
                if closes:
                    row.say(f" {one.text}" if one.text else "", one.style)
                    running.remove((column, one))
                else:
                    running.append((column, one))
                yield row

    def _turn(self, row: Row, lane: int, one: Mark, column: int) -> None:
        """Draw the way from a lane to the character at which a label begins or ends."""
        at = 2 * len(self._lanes) + column
        row.put(at, one.sign, one.style)
        row.fill(lane + 1, at, "_", one.style)


def _draw(running: Sequence[tuple[int, Mark]], row: Row) -> None:
    for column, one in running:
        row.put(column, "|", one.style)
