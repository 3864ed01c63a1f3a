"""The caller may assume any role that trusts its account.

## What
An identity policy allows `sts:AssumeRole` on `*` or `role/*`, and no condition narrows it.

## Why
Roles often trust their whole account and leave the choice to the identity policies. Such a policy
chooses all of them, in other accounts too.

## Example
    {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}

## Instead
    {"Effect": "Allow", "Action": "sts:AssumeRole",
     "Resource": "arn:aws:iam::400000000019:role/kiln-deploy"}

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_permissions-to-switch.html
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.permission._escalation import unbounded
from valetkey.lint.rules.permission._grants import IDENTITY

TABLE: Final = {"sts:AssumeRole": "assume every role that trusts its account"}


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find AssumeRole on everything."""
    return unbounded(subject, RULE, TABLE, "name the roles")


RULE = PolicyRule(
    code="PERM009",
    name="any_role_assumable",
    severity=Severity.WARNING,
    page=__doc__,
    types=IDENTITY,
    check=check,
)
