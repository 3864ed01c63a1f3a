"""Session tags or a source identity are demanded, and passing them is allowed nowhere.

## What
An Allow demands `aws:RequestTag/…`, `aws:TagKeys` or `sts:TransitiveTagKeys`, and no statement
of the policy allows `sts:TagSession`; or it demands `sts:SourceIdentity`, and none allows
`sts:SetSourceIdentity`.

## Why
A call that passes tags needs `sts:TagSession` of the trust policy besides the assume action, one
that sets a source identity `sts:SetSourceIdentity`. So a call without tags fails the condition,
and a call with tags is refused for the missing action: nobody is admitted.

## Example
    "Action": "sts:AssumeRoleWithWebIdentity",
    "Condition": {"StringEquals": {"aws:RequestTag/team": "payments"}}

## Instead
    "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.trust._reading import (
    ASSUME_ROLE,
    TRUST,
    WEB_IDENTITY,
    demands,
    names_action,
    readings,
)
from valetkey.lint.rules.trust._text import key_of, quoted
from valetkey.policy import Statement

_TAGS: Final = ("aws:requesttag/", "aws:tagkeys", "sts:transitivetagkeys")
_SOURCE: Final = ("sts:sourceidentity",)


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find conditions that only a call can meet which the policy refuses."""
    allowed = _allowed(subject.document.statements)
    for reading in readings(subject):
        statement = reading.statement
        assumes = any(names_action(statement, action) for action in (ASSUME_ROLE, WEB_IDENTITY))
        if statement.denies or not assumes:
            continue
        for entry in statement.conditions:
            action = _needed(entry.key.lower())
            if action and demands(entry) and action not in allowed:
                yield RULE.finding(
                    f"{quoted(entry.key)} is demanded, and `{action}` is allowed nowhere: the"
                    " statement admits nobody",
                    key_of(reading.document, entry),
                    help=f"add `{action}` to `Action`",
                )


def _needed(key: str) -> str | None:
    if key.startswith(_TAGS):
        return "sts:TagSession"
    return "sts:SetSourceIdentity" if key in _SOURCE else None


def _allowed(statements: tuple[Statement, ...]) -> frozenset[str]:
    return frozenset(
        action
        for action in ("sts:TagSession", "sts:SetSourceIdentity")
        if any(not one.denies and names_action(one, action) for one in statements)
    )


RULE = PolicyRule(
    code="TRUST024",
    name="tags_not_allowed",
    severity=Severity.ERROR,
    page=__doc__,
    types=TRUST,
    check=check,
)
