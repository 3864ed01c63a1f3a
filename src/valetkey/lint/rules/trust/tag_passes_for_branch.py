"""A subject that means a branch and also admits a tag of the same name.

## What
A pattern for a subject of GitLab's ends with the exact name of a ref and has a wildcard where
`ref_type:branch` should stand.

## Why
`*` stands for `ref_type:tag` as well. Who may not push to the protected branch `main` can push a
tag `main`, on any commit, unless tags are protected too.

## Example
    "StringLike": {"gitlab.example:sub": "project_path:acme/api:*:ref:main"}

## Instead
    "StringLike": {"gitlab.example:sub": "project_path:acme/api:ref_type:branch:ref:main"}

## References
- https://docs.gitlab.com/ci/secrets/id_token_authentication/
- https://docs.gitlab.com/user/project/protected_tags/
"""

from collections.abc import Iterator
from typing import NamedTuple

from valetkey.diagnostics import Severity, Span
from valetkey.lint.issuers import Platform
from valetkey.lint.model import Edit, Finding, PolicyRule, PolicySubject
from valetkey.lint.places import whole, within
from valetkey.lint.rules.trust._names import Openness, Trusted, trusted
from valetkey.lint.rules.trust._reading import TRUST, Reading, web_allows
from valetkey.lint.rules.trust._text import first_wildcard, quoted
from valetkey.policy import glob


class _Fault(NamedTuple):
    """A tag that gets in, where the wildcard stands that admits it, and what to write."""

    tag: str
    start: int
    end: int
    right: str


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find patterns that don't tell branch and tag apart."""
    for reading in web_allows(subject):
        if reading.demands("ref_type") or reading.demands("ref_protected", "true"):
            continue
        for each in trusted(reading, patterns=True):
            gitlab = each.test.issuer.platform is Platform.GITLAB and each.test.claim == "sub"
            if gitlab and each.openness is not Openness.ANYBODY:
                fault = _fault(each)
                if fault is not None:
                    yield _finding(reading, each, fault)


def _fault(each: Trusted) -> _Fault | None:
    text, name = each.value.text, each.name
    head, label, ref = text.rpartition(":ref:")
    if name is None or not label or not ref or first_wildcard(ref) is not None:
        return None
    if head.endswith((":ref_type:branch", ":ref_type:tag")):
        return None
    end = name.start + len(name.text)
    project = name.text.replace("*", "x").replace("?", "x")
    if project.endswith("/"):
        project += "x"
    tag = f"{text[: name.start]}{project}:ref_type:tag:ref:{ref}"
    star = head.rfind("*")
    if not glob(text).matches(tag) or star == -1:
        return None
    # What stands between the project and the ref gives way to the type of the ref.
    start = end if star >= end else star + 1
    return _Fault(tag, start, len(head), f"{text[:start]}:ref_type:branch")


def _finding(reading: Reading, each: Trusted, fault: _Fault) -> Finding:
    text = each.value.text
    place = whole(reading.document, each.value)
    return RULE.finding(
        f"{quoted(text)} also admits a tag of that name: {quoted(fault.tag)}",
        within(reading.document, each.value, max(text.rfind("*", 0, fault.end), 0), fault.end),
        help=f"write {quoted(fault.right + text[fault.end :])}",
        edits=_edits(place, text, fault),
    )


def _edits(place: Span, text: str, fault: _Fault) -> tuple[Edit, ...]:
    right = fault.right + text[fault.end :]
    # Only if what is written instead is a case of what was written.
    if place.text != text or not glob(text).matches(right):
        return ()
    start, end = place.start + fault.start, place.start + fault.end
    return (Edit(start, end, ":ref_type:branch"),)


RULE = PolicyRule(
    code="TRUST031",
    name="tag_passes_for_branch",
    severity=Severity.WARNING,
    page=__doc__,
    types=TRUST,
    check=check,
)
