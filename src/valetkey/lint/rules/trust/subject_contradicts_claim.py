"""A subject and a claim that no token has together.

## What
A condition on `sub` and one on a claim that is also a component of the subject want different
things: `…:ref_type:branch:…` beside `ref_type` `tag`, one project in the subject and another one
in `project_path`.

## Why
A subject of GitLab's is made of the token's own claims, so both have the same value. All
conditions of a statement must hold: the statement admits nobody.

## Example
    "StringLike": {"gitlab.example:sub": "project_path:acme/api:ref_type:branch:ref:*"},
    "StringEquals": {"gitlab.example:ref_type": "tag"}

## Instead
    "StringLike": {"gitlab.example:sub": "project_path:acme/api:ref_type:tag:ref:*"}

## References
- https://docs.gitlab.com/ci/secrets/id_token_authentication/
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.issuers import Platform
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.patterns import may_be_one
from valetkey.lint.rules.trust._parts import is_ours, parts_of
from valetkey.lint.rules.trust._reading import TRUST, Reading, Test, demands, readings
from valetkey.lint.rules.trust._text import key_of, listed
from valetkey.oidc.issuers.gitlab import SUBJECT_LABELS
from valetkey.policy import Family

_MOST: Final = 30


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find claims that the subject rules out."""
    for reading in readings(subject):
        if reading.statement.denies:
            continue
        subjects = [test for test in reading.of("sub") if _is_exact_enough(reading, test)]
        for test in reading.of(*SUBJECT_LABELS) if subjects else ():
            if _is_exact_enough(reading, test):
                yield from _in_claim(reading, subjects[:_MOST], test)


def _is_exact_enough(reading: Reading, test: Test) -> bool:
    values = len(list(reading.values(test)))
    folded = test.entry.operator.base.family is Family.FOLDED_STRING
    known = test.issuer.platform is Platform.GITLAB and test.compares_texts and not folded
    return known and demands(test.entry) and 0 < values == len(test.entry.values) <= _MOST


def _in_claim(reading: Reading, subjects: list[Test], test: Test) -> Iterator[Finding]:
    claimed = [(value.text, test.is_pattern) for value in reading.values(test)]
    for one in subjects:
        wanted = _wanted(reading, one, test.claim)
        if wanted is None or one.host.lower() != test.host.lower():
            continue
        if not any(_meet(first, second) for first in wanted for second in claimed):
            named = listed([text for text, _ in wanted][:3])
            yield RULE.finding(
                f"the subject wants `{test.claim}` to be {named}, and the claim"
                f" {listed([text for text, _ in claimed][:3])}: the statement admits nobody",
                (key_of(reading.document, test.entry), "both must hold"),
                (key_of(reading.document, one.entry), "made of the same claim"),
                help="leave out one of the two, or write a statement for each",
            )


def _wanted(reading: Reading, test: Test, label: str) -> list[tuple[str, bool]] | None:
    """Return the values of a component in every wanted subject; None if one leaves it open."""
    found = []
    for value in reading.values(test):
        parts = parts_of(value.text)
        part = parts.get(label)
        if part is None or not part.value or not is_ours(parts):
            return None
        found.append((part.value, test.is_pattern))
    return found


def _meet(one: tuple[str, bool], other: tuple[str, bool]) -> bool:
    """Tell whether two wanted values may be one and the same."""
    (first, wild), (second, more_wild) = one, other
    return may_be_one(first, second, wild=wild, more_wild=more_wild)


RULE = PolicyRule(
    code="TRUST042",
    name="subject_contradicts_claim",
    severity=Severity.ERROR,
    page=__doc__,
    types=TRUST,
    check=check,
)
