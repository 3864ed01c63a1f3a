"""The few kinds of failure that everyone speaks of.

::

    ValetkeyError            anything a person may be shown: code, message, help, diagnostics
    ├── AwsError             has an answer on the AWS wire: code, message, HTTP status
    └── (each room declares its own few below one of these two)

Bad input and honest refusal are different types, because the wire code, the log level and the
metric differ: rooms name them ``Malformed…`` and ``…Refused``.
"""

from collections.abc import Sequence
from typing import Literal

from valetkey.diagnostics import Diagnostic


class ValetkeyError(Exception):
    """A failure with a code for programs, a message for people and, apart from it, what to do."""

    code: str = "error"

    def __init__(
        self,
        message: str,
        *,
        help: str | None = None,
        diagnostics: Sequence[Diagnostic] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.help = help
        self._diagnostics = tuple(diagnostics)

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return the findings behind this failure, or the failure itself as one finding."""
        if self._diagnostics:
            return self._diagnostics
        return (Diagnostic(self.code, self.message, help=(self.help,) if self.help else ()),)


class AwsError(ValetkeyError):
    """A refusal with its answer on the AWS wire.

    ``code``, ``message`` and ``status`` are what the client gets, as AWS words them. ``reason``
    and ``help`` are for the operator: they go to the record, never to the client. ``refusal``
    tells an honest no (understood, and denied) from input that is not understood. ``check``
    names which check refused, where there is a name for it.
    """

    refusal: bool = False
    check: str | None = None

    def __init__(
        self,
        code: str,
        message: str,
        status: int = 400,
        *,
        reason: str | None = None,
        help: str | None = None,
        diagnostics: Sequence[Diagnostic] = (),
    ) -> None:
        super().__init__(message, help=help, diagnostics=diagnostics)
        self.code = code
        self.status = status
        self.reason = reason

    @property
    def fault(self) -> Literal["Sender", "Receiver"]:
        """Return whose fault AWS says it is: the status decides."""
        return "Receiver" if self.status >= 500 else "Sender"  # noqa: PLR2004 - HTTP's own border
