"""Findings as text for people, and as JSON of our own."""

from typing import Any, Final

from valetkey.diagnostics import Severity, Source, render, to_json
from valetkey.lint.model import Finding
from valetkey.lint.reports.model import Report, edits_by_place, place_of

JSON_VERSION: Final = 1
"""Raised when a member goes or changes its meaning; members may come without it."""


def as_text(report: Report, *, color: bool) -> str:
    """Return every finding with its place, and a line that counts them."""
    shown = [render(each.diagnostic, color=color) for each in report.findings]
    return "\n".join([*shown, f"{summary(report)}\n"])


def summary(report: Report) -> str:
    """Return the line that counts: ``2 errors, 1 note in 3 files (1 silenced)``."""
    counts = [
        _counted(number, str(severity))
        for severity in Severity
        if (number := report.count(severity))
    ]
    silenced = f" ({report.silenced} silenced)" if report.silenced else ""
    found = ", ".join(counts) or "no findings"
    return f"{found} in {_counted(report.files, 'file')}{silenced}"


def as_json(report: Report) -> dict[str, Any]:
    """Return the report as JSON values; docs/lint.md documents the members."""
    return {
        "version": JSON_VERSION,
        "files": report.files,
        "silenced": report.silenced,
        "counts": {str(severity): report.count(severity) for severity in Severity},
        "findings": [_finding(each) for each in report.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    place = place_of(finding)
    source = place.span.source if place else None
    edits = edits_by_place(finding)
    fixes = [_edit(source, e.start, e.end, e.text) for e in edits] if source else []
    return {**to_json(finding.diagnostic), "edits": fixes}


def _edit(source: Source, start: int, end: int, text: str) -> dict[str, Any]:
    first, last = source.position(start), source.position(end)
    return {
        "file": source.name,
        "start": {"line": first.line, "column": first.column, "offset": start},
        "end": {"line": last.line, "column": last.column, "offset": end},
        "text": text,
    }


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
