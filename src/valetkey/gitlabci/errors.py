"""What can be wrong with a CI file.

::

    ValetkeyError
    ├── MalformedCiFile      GitLab would not accept the file either
    ├── UnsupportedCiFile    GitLab would, a job outside GitLab can't have it; refused by name
    └── UnknownJob           the file has no such job
"""

from valetkey.diagnostics import Diagnostic, Label, Severity, Span
from valetkey.errors import ValetkeyError


class MalformedCiFile(ValetkeyError):
    """The file is not a CI configuration that GitLab would accept."""

    code = "ci-malformed"


class UnsupportedCiFile(ValetkeyError):
    """The file asks for something that only GitLab itself can do."""

    code = "ci-unsupported"


class UnknownJob(ValetkeyError):
    """The file has no job of that name."""

    code = "ci-unknown-job"


def finding(
    code: str,
    message: str,
    *spans: Span | Label | None,
    help: str | None = None,
    notes: tuple[str, ...] = (),
    severity: Severity = Severity.ERROR,
) -> Diagnostic:
    """Build a diagnostic from places that may be plain spans or absent."""
    labels = tuple(
        place if isinstance(place, Label) else Label(place) for place in spans if place is not None
    )
    return Diagnostic(code, message, severity, labels, notes, (help,) if help else ())


def malformed(
    code: str, message: str, *spans: Span | Label | None, help: str | None = None
) -> MalformedCiFile:
    """Build the error of one finding."""
    diagnostic = finding(code, message, *spans, help=help)
    return MalformedCiFile(message, help=help, diagnostics=(diagnostic,))


def unsupported(
    message: str, *spans: Span | Label | None, help: str | None = None
) -> UnsupportedCiFile:
    """Build the refusal of something that only GitLab can do."""
    diagnostic = finding("ci-unsupported", message, *spans, help=help)
    return UnsupportedCiFile(message, help=help, diagnostics=(diagnostic,))
