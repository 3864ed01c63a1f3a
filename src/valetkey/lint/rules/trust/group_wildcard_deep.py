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

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.issuers import Platform
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.trust._names import Name, Openness, Trusted, trusted
from valetkey.lint.rules.trust._reading import TRUST, Reading, web_allows
from valetkey.lint.rules.trust._text import quoted, within

_DIRECT = ("namespace_path", "namespace_id", "project_id", "project_path")


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
            if each.openness is Openness.CLOSED and "*" in name.text:
                yield _finding(reading, each, name)


def _finding(reading: Reading, each: Trusted, name: Name) -> Finding:
    at = name.text.index("*")
    group = name.text[:at].rpartition("/")[0]
    deep = name.text.replace("*", "x/y", 1).replace("*", "x").replace("?", "x")
    start = name.start + at
    return RULE.finding(
        f"{quoted(name.text)} is every project below {quoted(group)} however deep, such as"
        f" {quoted(deep)}",
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
