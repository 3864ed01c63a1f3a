"""Any role may be handed to any service.

## What
An identity policy allows `iam:PassRole` on `*` or `role/*`, and no condition says to which
service.

## Why
Whoever may also create something that runs code under a role (a function, an instance, a stack)
gets the permissions of the strongest role of the account. Where this document allows that too,
PERM007 says how; this rule is about the half that waits for the other one.

## Example
    {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}

## Instead
    {"Effect": "Allow", "Action": "iam:PassRole",
     "Resource": "arn:aws:iam::400000000019:role/kiln-tasks",
     "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}}

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.permission._grants import IDENTITY
from valetkey.lint.rules.permission._passing import names_service, passings


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find PassRole on everything, to whomever."""
    for passing in passings(subject.document):
        if passing.way is not None or names_service(passing.statement):
            continue
        yield RULE.finding(
            "any role may be passed to any service",
            (subject.document.span(passing.value.range), "allows `iam:PassRole`"),
            (subject.document.span(passing.resource.range), "every role"),
            help="name the roles, and the service with `iam:PassedToService`",
        )


RULE = PolicyRule(
    code="PERM004",
    name="pass_role_unbounded",
    severity=Severity.WARNING,
    page=__doc__,
    types=IDENTITY,
    check=check,
)
