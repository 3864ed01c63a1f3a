"""A resource policy admits everyone.

## What
An Allow of a resource policy has the principal `*`, and no condition that says who, from which
network or on whose behalf.

## Why
It admits every account of AWS and, where the service lets anonymous requests through, the whole
internet. Conditions on TLS, on the time, on a header that the client chooses do not change that.

## Example
    {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
     "Resource": "arn:aws:s3:::kiln/*"}

## Instead
    {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
     "Resource": "arn:aws:s3:::kiln/*",
     "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}

If it is meant to be public, silence the finding and say why.

## References
- https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-anonymous
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.conditions import passes_when_absent
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.document.condition_restricts_nothing import taken_in
from valetkey.lint.rules.permission._grants import CIRCUMSTANCES
from valetkey.policy import ConditionEntry, PolicyType, Statement, Value

# `aws:PrincipalType` is a kind of caller, of any account; an address is somebody's.
_FOR_ANYONE: Final = CIRCUMSTANCES - {"aws:sourceip"} | {"aws:referer", "aws:principaltype"}
_BY_AWS: Final = "aws:principalisawsservice"
_OF_SOMEBODY: Final = ("s3:dataaccesspoint", "s3:accessgrants", "s3:resourceaccount")


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find Allow statements for everyone."""
    for statement in subject.document.statements:
        everyone = None if statement.denies else _everyone(statement)
        if everyone is None or any(_narrows(entry) for entry in statement.conditions):
            continue
        yield RULE.finding(
            "the statement admits everyone",
            (subject.document.span(everyone.range), "every account, and the public"),
            help="name the principals, or test `aws:PrincipalOrgID` or another key that says who",
        )


def _everyone(statement: Statement) -> Value | None:
    principal = statement.principal
    if principal is None or principal.negated:
        return None
    if principal.everyone is not None:
        return principal.everyone
    named = (v for entry in principal.entries if entry.kind == "AWS" for v in entry.values)
    return next((value for value in named if value.text == "*"), None)


def _narrows(entry: ConditionEntry) -> bool:
    """Tell whether a condition keeps strangers out: it must fail where they lack the key."""
    key = entry.key.lower()
    negated = entry.operator.base.negated
    if passes_when_absent(entry) or negated or taken_in(entry) is not None:
        return False
    if key == _BY_AWS:
        return any(value.text.lower() == "true" for value in entry.values)
    header = key.startswith("s3:") and not key.startswith(_OF_SOMEBODY)
    return key not in _FOR_ANYONE and not header


RULE = PolicyRule(
    code="PERM017",
    name="everyone_admitted",
    severity=Severity.WARNING,
    page=__doc__,
    types=frozenset({PolicyType.RESOURCE}),
    check=check,
)
