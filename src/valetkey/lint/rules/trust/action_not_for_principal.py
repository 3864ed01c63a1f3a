"""An action that the principal of the statement never calls.

## What
An OpenID Connect provider is allowed `sts:AssumeRole` (or the SAML action) and not
`sts:AssumeRoleWithWebIdentity`, or an `AWS` or `Service` principal is allowed only the action
for web identities.

## Why
Who brings a token calls `AssumeRoleWithWebIdentity`; who has AWS credentials calls `AssumeRole`.
With the other one's action the statement admits nobody. `{"AWS": "*"}` does not stand for web
identities either.

## Example
    "Principal": {"Federated": "arn:aws:iam::400000000019:oidc-provider/gitlab.example"},
    "Action": "sts:AssumeRole"

## Instead
    "Action": "sts:AssumeRoleWithWebIdentity"

## References
- https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.places import whole
from valetkey.lint.rules.trust._reading import (
    ASSUME_ROLE,
    TRUST,
    WEB_IDENTITY,
    Reading,
    names_action,
    readings,
)
from valetkey.lint.rules.trust._text import quoted
from valetkey.policy import Statement

_SAML: Final = "sts:AssumeRoleWithSAML"
_CALLS: Final = {"web identity": WEB_IDENTITY, "SAML": _SAML, "AWS": ASSUME_ROLE}
_WHO: Final = {
    "web identity": "who brings a token",
    "SAML": "who brings a SAML assertion",
    "AWS": "who has AWS credentials",
}


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find statements whose action is another kind of caller's."""
    for reading in readings(subject):
        if reading.statement.denies or reading.statement.action is None:
            continue
        callers = _callers(reading)
        if not callers or reading.statement.action.negated:
            continue
        named = {action for action in _CALLS.values() if names_action(reading.statement, action)}
        if named and not named & {_CALLS[caller] for caller in callers}:
            yield from _findings(reading, callers)


def _findings(reading: Reading, callers: list[str]) -> Iterator[Finding]:
    action = reading.statement.action
    wrong = {call.lower() for call in _CALLS.values()}
    for value in action.values if action else ():
        if value.text.lower() in wrong:
            yield RULE.finding(
                f"{_WHO[callers[0]]} never calls {quoted(value.text)}: it admits nobody here",
                whole(reading.document, value),
                help=f"write `{_CALLS[callers[0]]}`",
            )


def _callers(reading: Reading) -> list[str]:
    """Return the kinds of callers that a statement names."""
    principal = reading.statement.principal
    if principal is None or principal.negated:
        return []
    kinds = {entry.kind for entry in principal.entries if entry.values}
    found = ["web identity"] if reading.providers else []
    if _has_saml(reading.statement):
        found.append("SAML")
    return [*found, "AWS"] if kinds & {"AWS", "Service"} else found


def _has_saml(statement: Statement) -> bool:
    entries = statement.principal.entries if statement.principal else ()
    return any(":saml-provider/" in value.text for entry in entries for value in entry.values)


RULE = PolicyRule(
    code="TRUST022",
    name="action_not_for_principal",
    severity=Severity.ERROR,
    page=__doc__,
    types=TRUST,
    check=check,
)
