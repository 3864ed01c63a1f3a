"""A wildcard behind a group also stands for its subgroups, whoever may found them.

## What
`*` follows a group in a subject's pattern, `project_path:acme/*:ref_type:branch:ref:main`.

## Why
`*` crosses slashes: it is every project of the group, and every project of every subgroup below
it. Whoever may make a project or a subgroup anywhere in the group gets in, forks within the group
included. A note: often just that is meant.

## Example
    "StringLike": {"gitlab.example:sub": "project_path:acme/*:ref_type:branch:ref:main"}

## Instead
If only the projects directly in the group are meant, say so beside it:

    "StringLike": {"gitlab.example:sub": "project_path:acme/*:ref_type:branch:ref:main"},
    "StringEquals": {"gitlab.example:namespace_path": "acme"}

## References
- https://docs.gitlab.com/ci/cloud_services/aws/
"""

import re
from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.issuers import Platform
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.places import within
from valetkey.lint.rules.trust._names import Name, Trusted, trusted
from valetkey.lint.rules.trust._reading import TRUST, Reading, web_allows
from valetkey.lint.rules.trust._text import quoted

_DIRECT: Final = ("namespace_path", "namespace_id", "project_id", "project_path")
# Only here does the advice fit: what else has a wildcard is no group and all that is in it.
_DIRECTLY: Final = re.compile(r"[^*?]+/\*")


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find groups with everything below them."""
    for reading in web_allows(subject):
        if any(reading.demands(claim) for claim in _DIRECT):
            continue
        for each in trusted(reading, patterns=True):
            name = each.name
            gitlab = each.test.issuer.platform is Platform.GITLAB and each.test.claim == "sub"
            if not gitlab or name is None or not name.label.endswith("project_path"):
                continue
            if _DIRECTLY.fullmatch(name.text):
                yield _finding(reading, each, name)


def _finding(reading: Reading, each: Trusted, name: Name) -> Finding:
    group = name.text.removesuffix("/*")
    start = name.start + len(name.text) - 1
    return RULE.finding(
        f"{quoted(name.text)} is every project below {quoted(group)} however deep, such as"
        f" {quoted(f'{group}/x/y')}",
        within(reading.document, each.value, start, start + 1),
        help="if only direct projects are meant, add"
        f' `"StringEquals": {{"{each.test.host}:namespace_path": "{group}"}}`',
    )


RULE = PolicyRule(
    code="TRUST041",
    name="group_wildcard_deep",
    severity=Severity.NOTE,
    page=__doc__,
    types=TRUST,
    check=check,
)
