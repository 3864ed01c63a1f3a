"""Gathering what validation finds in a document that could be read."""

from collections.abc import Iterable

from valetkey.diagnostics import Diagnostic, Label
from valetkey.policy.decision import TextRange
from valetkey.policy.document import PolicyDocument, Statement, Value
from valetkey.policy.flaws import Flaw, Kind


class Findings:
    """Flaws of a document, with the statement they are in."""

    def __init__(self, document: PolicyDocument) -> None:
        self.document = document
        self.flaws: list[Flaw] = []

    def add(
        self,
        kind: Kind,
        message: str,
        place: TextRange,
        *,
        statement: Statement | None = None,
        help: str | None = None,
        notes: Iterable[str] = (),
        wire: str | None = None,
        other: tuple[TextRange, str] | None = None,
    ) -> None:
        """Add a flaw at a place of the text; ``other`` is a second place to point at."""
        labels = [Label(self.document.span(place))]
        if other is not None:
            labels.append(Label(self.document.span(other[0]), other[1]))
        finding = Diagnostic(
            kind,
            message,
            labels=tuple(labels),
            notes=tuple(notes),
            help=(help,) if help else (),
        )
        index = -1 if statement is None else statement.index
        self.flaws.append(Flaw(kind, finding, index, wire))

    def within(self, value: Value, start: int, end: int | None) -> TextRange:
        """Return the place of characters within a value's text.

        Where the value has escapes its text and its place do not run side by side; then the
        whole value is the place.
        """
        quotes = 1 if value.quoted else 0
        plain = value.end - value.start - 2 * quotes == len(value.text)
        if end is None or not plain:
            return value.range
        return TextRange(value.start + quotes + start, value.start + quotes + end)


def opening(statement: Statement) -> TextRange:
    """Return the place of a statement's brace: where something absent would stand."""
    return TextRange(statement.range.start, statement.range.start + 1)
