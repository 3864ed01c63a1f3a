"""A condition on `iam:PassedToService` names no service principal.

## What
A value of `iam:PassedToService` is not of the form `ecs-tasks.amazonaws.com`.

## Why
The key holds the service's principal. `lambda` or `arn:aws:lambda:…` is never equal to it, so an
Allow passes no role, and a Deny keeps none back.

## Example
    "Condition": {"StringEquals": {"iam:PassedToService": "lambda"}}

## Instead
    "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_PassedToService
"""

import re
from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.patterns import is_wild
from valetkey.lint.rules.permission._grants import CALLERS
from valetkey.policy import Family

_PRINCIPAL = re.compile(r"[a-z0-9.-]+\.(?:amazonaws\.com(?:\.cn)?|amazon\.com|aws\.internal)")
_SERVICE = re.compile(r"[a-z0-9-]{2,40}")


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find services that no role is passed to."""
    for statement in subject.document.statements:
        for entry in statement.conditions:
            if entry.key.lower() != "iam:passedtoservice":
                continue
            if entry.operator.base.family is Family.PRESENCE:
                continue
            for value in entry.values:
                text = value.text.lower()
                if is_wild(text) or "${" in text or _PRINCIPAL.fullmatch(text):
                    continue
                short = _SERVICE.fullmatch(text)
                yield RULE.finding(
                    f"`{value.text[:80]}` is no service principal",
                    subject.document.span(value.range),
                    (subject.document.span(entry.key_range), "holds a service principal"),
                    help=f"did you mean `{text}.amazonaws.com`?"
                    if short
                    else "write it as `ecs-tasks.amazonaws.com`",
                )


RULE = PolicyRule(
    code="PERM021",
    name="passed_to_no_service",
    severity=Severity.WARNING,
    page=__doc__,
    types=CALLERS,
    check=check,
)
