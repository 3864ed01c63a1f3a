"""Labels that lie within one line: the underlines, and the words hanging from them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from valetkey.diagnostics.canvas import Row, Style
from valetkey.diagnostics.display import ShownLine


@dataclass(frozen=True, slots=True)
class Mark:
    """A label with its place in lines (from 1) and characters of the line (from 0)."""

    first_line: int
    start: int
    last_line: int
    end: int
    text: str
    sign: str
    style: Style

    @property
    def is_long(self) -> bool:
        """Return whether the label covers more than one line."""
        return self.last_line > self.first_line


@dataclass(frozen=True, slots=True)
class _Placed:
    start: int
    stop: int
    mark: Mark


def underline(marks: Sequence[Mark], shown: ShownLine, shift: int) -> Iterator[Row]:
    """Yield the row of underlines, then a row for each label's words, rightmost first.

    ``shift`` is how many columns stand left of the line itself.
    """
    if not marks:
        return
    placed = [_place(one, shown, shift) for one in marks]
    row = Row()
    for one in reversed(placed):  # the foremost label is drawn last, over the others
        row.put(one.start, one.mark.sign * (one.stop - one.start), one.mark.style)
    waiting = sorted((p for p in placed if p.mark.text), key=lambda p: p.start, reverse=True)
    if waiting and waiting[0].stop == max(p.stop for p in placed):
        last = waiting.pop(0).mark
        row.say(f" {last.text}", last.style)
    yield row
    if waiting:
        yield _hangers(waiting)
    while waiting:
        one = waiting.pop(0)
        row = _hangers([other for other in waiting if other.start < one.start])
        row.fill(0, one.start, " ", Style.PLAIN)
        row.say(one.mark.text, one.mark.style)
        yield row


def _place(one: Mark, shown: ShownLine, shift: int) -> _Placed:
    start = shift + shown.column(one.start)
    return _Placed(start, max(start + 1, shift + shown.column(one.end)), one)


def _hangers(waiting: Sequence[_Placed]) -> Row:
    row = Row()
    for one in waiting:
        row.put(one.start, "|", one.mark.style)
    return row
