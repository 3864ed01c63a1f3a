"""The caller can make credentials of any user.

## What
An identity policy allows, on `*` or all users, an action that makes or changes the credentials of
a user: access keys, a console password, credentials of a service.

## Why
Credentials of a stronger user are that user. With `${aws:username}` in the resource people manage
their own, which is fine; with `*` they manage everybody's.

## Example
    {"Effect": "Allow", "Action": "iam:CreateAccessKey", "Resource": "*"}

## Instead
    {"Effect": "Allow", "Action": "iam:CreateAccessKey",
     "Resource": "arn:aws:iam::*:user/${aws:username}"}

## References
- https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/
- https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.permission._escalation import unbounded
from valetkey.lint.rules.permission._grants import IDENTITY

TABLE: Final = {
    "iam:CreateAccessKey": "make access keys of any user",
    "iam:CreateLoginProfile": "give any user a console password",
    "iam:UpdateLoginProfile": "change the console password of any user",
    "iam:CreateServiceSpecificCredential": "make credentials of any user",
    "iam:ResetServiceSpecificCredential": "take over credentials of any user",
}


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find ways to become another user."""
    advice = "limit it to `user/${aws:username}`, or name the users"
    return unbounded(subject, RULE, TABLE, advice)


RULE = PolicyRule(
    code="PERM006",
    name="credentials_of_anyone",
    severity=Severity.WARNING,
    page=__doc__,
    types=IDENTITY,
    check=check,
)
