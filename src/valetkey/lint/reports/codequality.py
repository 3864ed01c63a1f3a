"""Findings as GitLab's Code Quality report, which merge requests show beside the lines."""

from collections import Counter
from hashlib import sha256
from pathlib import PurePath
from typing import Any, Final

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding
from valetkey.lint.reports.model import Report, place_of

_SEVERITIES: Final = {
    Severity.ERROR: "critical",
    Severity.WARNING: "major",
    Severity.NOTE: "info",
}
NOWHERE: Final = "."
"""The path of what has no place: GitLab wants one of every finding."""


def as_codequality(report: Report) -> list[dict[str, Any]]:
    """Return the report as the list that GitLab reads."""
    return [
        _entry(finding, mark)
        for finding, mark in zip(report.findings, fingerprints(report), strict=True)
    ]


def fingerprints(report: Report) -> list[str]:
    """Return a mark for each finding that stays when lines above it come or go.

    It is made of the code, the file, the message and the underlined text; equal ones are told
    apart by their order.
    """
    seen: Counter[str] = Counter()
    marks = []
    for finding in report.findings:
        place = place_of(finding)
        file = PurePath(place.span.source.name).as_posix() if place else NOWHERE
        text = " ".join(place.span.text.split()) if place else ""
        base = f"{finding.code}\0{file}\0{finding.diagnostic.message}\0{text}"
        marks.append(sha256(f"{base}\0{seen[base]}".encode(errors="replace")).hexdigest())
        seen[base] += 1
    return marks


def _entry(finding: Finding, mark: str) -> dict[str, Any]:
    place = place_of(finding)
    path = PurePath(place.span.source.name).as_posix() if place else NOWHERE
    begin = place.span.position.line if place else 1
    advice = "".join(f"; {each}" for each in finding.diagnostic.help[:1])
    return {
        "description": f"{finding.diagnostic.message}{advice}",
        "check_name": finding.code,
        "fingerprint": mark,
        "severity": _SEVERITIES[finding.diagnostic.severity],
        "location": {"path": path, "lines": {"begin": begin}},
    }
