"""What a run of lint has to tell."""

from dataclasses import dataclass

from valetkey.diagnostics import Label, Severity
from valetkey.lint.model import Edit, Finding


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of a run in order, how many files were looked at, how many were silenced."""

    findings: tuple[Finding, ...]
    files: int
    silenced: int = 0
    version: str = ""

    def count(self, severity: Severity) -> int:
        """Count the findings of a severity."""
        return sum(each.diagnostic.severity is severity for each in self.findings)

    def reaches(self, threshold: Severity) -> bool:
        """Tell whether there is a finding at or above a severity."""
        order = list(Severity)
        above = order[: order.index(threshold) + 1]
        return any(each.diagnostic.severity in above for each in self.findings)


def place_of(finding: Finding) -> Label | None:
    """Return where a finding is shown: its first label."""
    labels = finding.diagnostic.labels
    return labels[0] if labels else None


def edits_by_place(finding: Finding) -> tuple[Edit, ...]:
    """Return the edits of a finding in the order of the text; they are about its first label."""
    return tuple(sorted(finding.edits, key=lambda edit: (edit.start, edit.end)))
