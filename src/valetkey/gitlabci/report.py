"""What was found wrong, refused or without effect while a job was read."""

from dataclasses import dataclass, field

from valetkey.diagnostics import Diagnostic, Severity, Span
from valetkey.gitlabci.errors import MalformedCiFile, finding


@dataclass(slots=True)
class Report:
    """Findings, in the order of reading."""

    errors: list[Diagnostic] = field(default_factory=list)
    refusals: list[Diagnostic] = field(default_factory=list)
    notes: list[Diagnostic] = field(default_factory=list)

    def error(self, message: str, span: Span, *, help: str | None = None) -> None:
        """Add what GitLab would not accept, in GitLab's words."""
        self.errors.append(finding("ci-malformed", message, span, help=help))

    def refuse(self, message: str, span: Span, *, help: str | None = None) -> None:
        """Add what can't be had outside GitLab."""
        self.refusals.append(finding("ci-unsupported", message, span, help=help))

    def note(self, message: str, span: Span) -> None:
        """Add what has no effect outside GitLab."""
        self.notes.append(finding("ci-no-effect", message, span, severity=Severity.NOTE))

    def check(self) -> None:
        """Raise :class:`MalformedCiFile` with every error, if there is one."""
        if self.errors:
            raise MalformedCiFile(self.errors[0].message, diagnostics=self.errors)
