"""Any role may be passed to something that runs the caller's own code.

## What
An identity policy allows `iam:PassRole` on `*` or `role/*`, and beside it what it takes to run
code under the role that is passed: create and invoke a function, start an instance, create a
stack, and so on (the table has the published ways).

## Why
It is privilege escalation: the caller runs code with the permissions of the strongest role that
trusts the service, and with them does what the policy does not grant.

## Example
    {"Effect": "Allow", "Resource": "*",
     "Action": ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]}

## Instead
Name the role, one that can do no more than the caller:

    {"Effect": "Allow", "Action": "iam:PassRole",
     "Resource": "arn:aws:iam::400000000019:role/kiln-functions"}

## References
- https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/
- https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.permission._grants import IDENTITY
from valetkey.lint.rules.permission._passing import passings


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find ways to run code under any role."""
    for passing in passings(subject.document):
        if passing.way is None or passing.by is None:
            continue
        actions = ", ".join(f"`{name}`" for name in passing.way.actions)
        yield RULE.finding(
            f"any role may be passed to `{passing.way.service}`, and the caller runs code there "
            f"with {actions}",
            (subject.document.span(passing.value.range), "allows `iam:PassRole`"),
            (subject.document.span(passing.resource.range), "every role"),
            (subject.document.span(passing.by.range), f"allows `{passing.way.actions[0]}`"),
            help="name the roles that may be passed",
        )


RULE = PolicyRule(
    code="PERM007",
    name="role_lent_to_own_code",
    severity=Severity.WARNING,
    page=__doc__,
    types=IDENTITY,
    check=check,
)
