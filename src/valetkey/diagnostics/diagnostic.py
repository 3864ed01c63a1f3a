"""A finding about a text, as data."""

from dataclasses import dataclass
from enum import StrEnum

from valetkey.diagnostics.source import Span


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Label:
    """A stretch of text to underline, with what to say beside it."""

    span: Span
    text: str = ""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """What happened, where, and apart from it what to do.

    ``message`` is lower case, has no final period, and quotes values in backticks. ``labels``
    come in order of importance: the first one is the place of the finding. ``notes`` are facts
    that help to understand; ``help`` says what to do.
    """

    code: str
    message: str
    severity: Severity = Severity.ERROR
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: tuple[str, ...] = ()
