"""Findings as SARIF 2.1.0 (OASIS), which code scanning services and editors read."""

import os
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import quote

from valetkey.diagnostics import Span
from valetkey.lint.model import Finding, Rule
from valetkey.lint.page import page_of
from valetkey.lint.refusals import REFUSALS
from valetkey.lint.registry import all_rules
from valetkey.lint.reports.codequality import fingerprints
from valetkey.lint.reports.model import Report, edits_by_place, place_of

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def as_sarif(report: Report) -> dict[str, Any]:
    """Return the report as a SARIF log of one run; rules that found something come with help."""
    codes = sorted({finding.code for finding in report.findings})
    known = {rule.code: rule for rule in all_rules()}
    order = {code: index for index, code in enumerate(codes)}
    prints = fingerprints(report)
    driver: dict[str, Any] = {
        "name": "valetkey lint",
        "rules": [_rule(code, known.get(code)) for code in codes],
    }
    if report.version:
        driver["version"] = report.version
    results = [
        {**_result(each, order[each.code]), "partialFingerprints": {"valetkey/v1": mark}}
        for each, mark in zip(report.findings, prints, strict=True)
    ]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str, rule: Rule | None) -> dict[str, Any]:
    if rule is not None:
        page = page_of(rule)
        parts = "\n\n".join(f"## {heading}\n{body}" for heading, body in page.parts)
        return {
            "id": code,
            "name": rule.name,
            "shortDescription": {"text": page.summary},
            "help": {"text": parts, "markdown": parts},
            "defaultConfiguration": {"level": str(rule.severity)},
        }
    page_ = REFUSALS.get(code)
    if page_ is None:
        return {"id": code}
    return {
        "id": code,
        "shortDescription": {"text": page_.summary},
        "help": {"text": f"{page_.what} {page_.instead}"},
        "defaultConfiguration": {"level": str(page_.severity)},
    }


def _result(finding: Finding, index: int) -> dict[str, Any]:
    diagnostic = finding.diagnostic
    advice = "".join(f"\nhelp: {each}" for each in diagnostic.help)
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": str(diagnostic.severity),
        "message": {"text": f"{diagnostic.message}{advice}"},
    }
    place = place_of(finding)
    if place is None:
        return result
    result["locations"] = [_location(place.span)]
    others = diagnostic.labels[1:]
    if others:
        result["relatedLocations"] = [
            {**_location(label.span), **({"message": {"text": label.text}} if label.text else {})}
            for label in others
        ]
    if finding.edits:
        result["fixes"] = [_fix(finding, place.span)]
    return result


def _location(span: Span) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": _artifact(span), "region": _region(span)}}


def _artifact(span: Span) -> dict[str, str]:
    path = PurePath(span.source.name)
    uri = quote(os.fsencode(path.as_posix()), safe="/!$&'()*+,;=@~")
    return {"uri": f"file://{uri}" if path.is_absolute() else uri}


def _region(span: Span) -> dict[str, int]:
    first, last = span.position, span.source.position(max(span.end, span.start))
    return {
        "startLine": first.line,
        "startColumn": first.column,
        "endLine": last.line,
        "endColumn": last.column,
    }


def _fix(finding: Finding, place: Span) -> dict[str, Any]:
    replacements = [
        {
            "deletedRegion": _region(place.source.span(edit.start, edit.end)),
            "insertedContent": {"text": edit.text},
        }
        for edit in edits_by_place(finding)
    ]
    change = {"artifactLocation": _artifact(place), "replacements": replacements}
    return {"description": {"text": "remove the cause"}, "artifactChanges": [change]}
