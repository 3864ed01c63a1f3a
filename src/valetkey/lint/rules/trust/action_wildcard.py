"""A wildcard among the actions of an Allow lets a caller do more than take the role.

## What
An Allow of a trust policy names `sts:*` or another pattern that stands for more than one action.

## Why
`sts:*` is also `sts:TagSession` and `sts:SetSourceIdentity`: whoever may take the role may then
set session tags, on which other policies decide, and the source identity that the audit trail
shows. A pattern also covers actions that do not exist yet.

## Example
    "Action": "sts:*"

## Instead
    "Action": "sts:AssumeRoleWithWebIdentity"

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.places import whole
from valetkey.lint.rules.trust._reading import ASSUME_ROLE, TRUST, WEB_IDENTITY, readings
from valetkey.lint.rules.trust._text import first_wildcard, listed, quoted
from valetkey.policy import glob

_ACTIONS = (
    ASSUME_ROLE,
    WEB_IDENTITY,
    "sts:AssumeRoleWithSAML",
    "sts:TagSession",
    "sts:SetSourceIdentity",
)


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find patterns for actions."""
    for reading in readings(subject):
        action = reading.statement.action
        if reading.statement.denies or action is None or action.negated:
            continue
        for value in action.values:
            pattern = glob(value.text.lower())
            found = [one for one in _ACTIONS if pattern.matches(one.lower())]
            if first_wildcard(value.text) is not None and len(found) > 1:
                yield RULE.finding(
                    f"{quoted(value.text)} stands for {listed(found)}".replace(" or ", " and "),
                    whole(reading.document, value),
                    help=f"write `{WEB_IDENTITY if reading.providers else ASSUME_ROLE}`",
                )


RULE = PolicyRule(
    code="TRUST023",
    name="action_wildcard",
    severity=Severity.WARNING,
    page=__doc__,
    types=TRUST,
    check=check,
)
