"""A path that no project can have.

## What
The project in a wanted subject, or in a condition on a claim with a path, is none that GitLab or
GitHub could have: no group before the name, a slash at the beginning or end, an empty segment, a
character that paths do not have, or `.git` at the end.

## Why
Paths are compared to the character, so a path that can't exist matches no token. A group alone,
`project_path:acme`, names no project: a project's path is the group's and its own name.

## Example
    "StringLike": {"gitlab.example:sub": "project_path:/acme/api.git:ref_type:branch:ref:main"}

## Instead
    "StringLike": {"gitlab.example:sub": "project_path:acme/api:ref_type:branch:ref:main"}

## References
- https://docs.gitlab.com/user/reserved_names/
"""

import re
from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.places import within
from valetkey.lint.rules.trust._names import Name, name_in
from valetkey.lint.rules.trust._reading import TRUST, Reading, Test, readings
from valetkey.lint.rules.trust._text import first_wildcard, quoted
from valetkey.policy import Value

_PROJECTS: Final = frozenset(
    {"project_path", "job_project_path", "source_project_path", "repo", "repository"}
)
_GROUPS: Final = frozenset({"namespace_path", "job_namespace_path", "source_namespace_path"})
Fault = tuple[str, int, int, str]
"""What is wrong, from where to where in the name, and the name as it should be."""

_SLASHES: Final = re.compile(r"/{2,}")
_FOREIGN: Final = re.compile(r"[^A-Za-z0-9_.\-/@*?]")


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find paths that can't be."""
    for reading in readings(subject):
        for test in reading.tests:
            for value in reading.values(test) if _is_known(test) else ():
                name = name_in(test.claim, value.text)
                if name is not None and is_path(name):
                    yield from _in_name(reading, value, name)


def _is_known(test: Test) -> bool:
    return test.compares_texts and test.issuer.platform is not None


def _in_name(reading: Reading, value: Value, name: Name) -> Iterator[Finding]:
    fault = fault_of(name)
    if fault is None:
        return
    what, start, end, right = fault
    tail = value.text[name.start + len(name.text) :]
    shown = f"write {quoted(value.text[: name.start] + right + tail)}" if right else ""
    place = within(reading.document, value, name.start + start, name.start + end)
    yield RULE.finding(f"no project's path is {quoted(name.text)}: {what}", place, help=shown or ())


def is_path(name: Name) -> bool:
    """Tell whether a name is the path of a project or a group, not an id."""
    return name.label in _PROJECTS | _GROUPS


def fault_of(name: Name) -> Fault | None:
    """Return what is wrong with a name; None where a project or group may have it."""
    foreign = _FOREIGN.search(name.text)
    if foreign is not None:
        return f"{quoted(foreign[0])} can't be in it", foreign.start(), foreign.end(), ""
    return _bad_slash(name) or _bad_end(name)


def _bad_slash(name: Name) -> Fault | None:
    text, size = name.text, len(name.text)
    right = _SLASHES.sub("/", text).strip("/")
    if name.label in _PROJECTS and right and "/" not in right and first_wildcard(right) is None:
        right = f"{right}/PROJECT"
    if text.startswith("/"):
        return "it begins with no slash", 0, 1, right
    if "//" in text:
        at = text.index("//")
        return "it has an empty segment", at, at + 2, right
    if text.endswith("/"):
        return "it ends with no slash", size - 1, size, right
    return None


def _bad_end(name: Name) -> Fault | None:
    text, size = name.text, len(name.text)
    if text.endswith(".git"):
        return "`.git` is of the address, not of the path", size - 4, size, text[:-4]
    if name.label in _PROJECTS and text and "/" not in text and name.wild is None:
        return "a group alone is no project", 0, size, f"{text}/PROJECT"
    return None


RULE = PolicyRule(
    code="TRUST015",
    name="project_path_impossible",
    severity=Severity.ERROR,
    page=__doc__,
    types=TRUST,
    check=check,
)
