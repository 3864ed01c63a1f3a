"""A pattern for branches that anyone who may push can find a name for.

## What
The name of a branch has a wildcard and is not the wildcard alone: `ref:release*`, `ref:main*`,
`ref:*/deploy`; and nothing in the statement asks that the ref is protected.

## Why
`release*` is not the branch `release` and not only those below `release/`; it is every name that
begins so, such as `release-evil`. It is a warning where the pattern begins with the whole name of
a usual main branch, and a note otherwise.

## Example
    "StringLike": {"gitlab.example:sub": "project_path:acme/api:ref_type:branch:ref:main*"}

## Instead
    "StringEquals": {"gitlab.example:sub": "project_path:acme/api:ref_type:branch:ref:main"}

For a family of branches protect it by a wildcard in the project's settings, and demand
`"StringEquals": {"gitlab.example:ref_protected": "true"}`.

## References
- https://docs.gitlab.com/user/project/repository/branches/protected/
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.places import within
from valetkey.lint.rules.trust._reading import TRUST, Reading, web_allows
from valetkey.lint.rules.trust._refs import Kind, Refs, demand, open_refs
from valetkey.lint.rules.trust._text import quoted

_BORDERS: Final = "/-_."
_MAIN: Final = frozenset({"main", "master", "trunk", "production", "prod", "develop"})


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find branches with a wildcard in their names."""
    for reading in web_allows(subject):
        for refs in open_refs(reading):
            if not refs.is_any and refs.kind is not Kind.TAG:
                yield _finding(reading, refs)


def _finding(reading: Reading, refs: Refs) -> Finding:
    value = refs.trusted.value
    at = refs.wild or 0
    before = refs.name[:at]
    main = before in _MAIN
    advice = f"protect {quoted(refs.name)} among the branches, and {demand(refs, 'branches')}"
    exact = f"end the name: {quoted(value.text[: refs.start + at])}; or "
    return RULE.finding(
        f"{quoted(refs.name)} is every {refs.kind.value} of such a name, also"
        f" {quoted(example(refs.name))}, which whoever may push can make",
        within(reading.document, value, refs.start + at, refs.start + at + 1),
        help=(exact if main else "") + advice,
        severity=Severity.WARNING if main else Severity.NOTE,
    )


def example(pattern: str) -> str:
    """Return a branch that a pattern admits and nobody thought of."""
    before, star, after = pattern.partition("*")
    if not star:
        return pattern.replace("?", "x")
    opening = "" if not before or before[-1] in _BORDERS else "-"
    ending = "" if before or not after or after[0] in _BORDERS else "-"
    return f"{before}{opening}evil{ending}{after}".replace("*", "x").replace("?", "x")


RULE = PolicyRule(
    code="TRUST030",
    name="branch_pattern_open",
    severity=Severity.NOTE,
    page=__doc__,
    types=TRUST,
    check=check,
)
