"""A `*` or `?` under an operator that has no wildcards stands for itself.

## What
A value of `StringEquals`, `StringEqualsIgnoreCase` or one of their `Not` forms holds a `*` or a
`?`.

## Why
Only `StringLike` and the `Arn` operators know wildcards. `StringEquals` compares the star itself,
which no subject of GitLab or GitHub holds: an Allow admits nobody by it, a Deny keeps nobody out,
and under `StringNotEquals` the condition is always true.

## Example
    "StringEquals": {"gitlab.example:sub": "project_path:acme/api:*"}

## Instead
    "StringLike": {"gitlab.example:sub": "project_path:acme/api:*"}

There is no automatic fix: the change admits more than before, so look at the pattern first.

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.places import within
from valetkey.lint.rules.trust._names import Openness, name_in
from valetkey.lint.rules.trust._reading import TRUST, Reading, Test, readings
from valetkey.lint.rules.trust._text import first_wildcard, quoted
from valetkey.policy import Family, Value

_LIKE: Final = {
    "StringEquals": "StringLike",
    "StringEqualsIgnoreCase": "StringLike",
    "StringNotEquals": "StringNotLike",
    "StringNotEqualsIgnoreCase": "StringNotLike",
}


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find wildcards that are none."""
    for reading in readings(subject):
        for test in reading.tests:
            if test.entry.operator.base.family not in (Family.STRING, Family.FOLDED_STRING):
                continue
            for value in reading.values(test):
                if first_wildcard(value.text) is not None:
                    yield _finding(reading, test, value)


def _finding(reading: Reading, test: Test, value: Value) -> Finding:
    operator = test.entry.operator
    at = first_wildcard(value.text) or 0
    star = value.text[at]
    outcome = "so this value counts for nothing"
    if len(test.entry.values) == 1:
        effect = "true of every token" if operator.base.negated else "true of no token"
        outcome = f"so the condition is {effect}"
    if test.issuer.platform is None:
        outcome = "so it stands for itself only"
    return RULE.finding(
        f"`{operator.written}` compares the `{star}` of {quoted(value.text)} literally, {outcome}",
        (within(reading.document, value, at, at + 1), "no wildcard here"),
        reading.document.span(test.entry.operator_range),
        help=_help(test, value.text),
    )


def _help(test: Test, text: str) -> str:
    like = _LIKE[test.entry.operator.name]
    if test.claim == "aud":
        return "write the audience in full, as the provider's client ids have it"
    name = name_in(test.claim, text)
    if name is not None and name.wild is not None and name.openness is not Openness.CLOSED:
        return f"write `{like}` and end the name with its border first: as it is, {_OPEN}"
    instead = f'"{like}": {{"{test.entry.key}": "{text}"}}'
    return f"write {quoted(instead)} if a pattern is meant"


_OPEN: Final = "the pattern would admit names that only begin alike"

RULE = PolicyRule(
    code="TRUST002",
    name="wildcard_taken_literally",
    severity=Severity.ERROR,
    page=__doc__,
    types=TRUST,
    check=check,
)
