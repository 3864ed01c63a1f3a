"""Findings for readers: people, programs, code scanning (SARIF) and GitLab (Code Quality)."""

from valetkey.lint.reports.codequality import as_codequality
from valetkey.lint.reports.model import Report
from valetkey.lint.reports.plain import as_json, as_text, summary
from valetkey.lint.reports.sarif import as_sarif

__all__ = ["Report", "as_codequality", "as_json", "as_sarif", "as_text", "summary"]
