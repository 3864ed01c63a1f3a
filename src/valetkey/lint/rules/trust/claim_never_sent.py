"""A condition on a claim that the issuer does not send.

## What
The condition key of an Allow ends with a name that is no claim of the platform's tokens:
`HOST:subject`, `HOST:branch`, `HOST:project`.

## Why
The key is never there. A condition that demands it admits nobody; with `ForAllValues:`,
`IfExists` or a negated operator it restricts nobody. It is an error where another claim is
evidently meant, a warning where the claim may be newer than what lint knows.

## Example
    "StringLike": {"gitlab.example:subject": "project_path:acme/api:*"}

## Instead
    "StringLike": {"gitlab.example:sub": "project_path:acme/api:*"}

## References
- https://docs.gitlab.com/ci/secrets/id_token_authentication/
- https://docs.github.com/en/actions/reference/security/oidc
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.conditions import passes_when_absent
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.trust._hosts import is_own
from valetkey.lint.rules.trust._reading import TRUST, Reading, Test, readings
from valetkey.lint.rules.trust._text import key_of, quoted


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find keys that no token brings."""
    for reading in readings(subject):
        if reading.statement.denies:
            continue
        for test in reading.tests:
            if is_own(reading, test.host) and not test.issuer.sends(test.claim):
                yield _finding(reading, test)


def _finding(reading: Reading, test: Test) -> Finding:
    place = key_of(reading.document, test.entry)
    meant = test.issuer.meant(test.claim)
    outcome = "restricts nobody" if passes_when_absent(test.entry) else "admits nobody"
    if place.text == test.entry.key:
        place = reading.document.source.span(place.start + len(test.host) + 1, place.end)
    return RULE.finding(
        f"{test.issuer.name} sends no claim {quoted(test.claim)}: the condition {outcome}",
        (place, "no such claim"),
        help=f"did you mean {quoted(f'{test.host}:{meant}')}?"
        if meant
        else "use a claim that the issuer sends",
        severity=Severity.ERROR if meant else Severity.WARNING,
    )


RULE = PolicyRule(
    code="TRUST020",
    name="claim_never_sent",
    severity=Severity.ERROR,
    page=__doc__,
    types=TRUST,
    check=check,
)
