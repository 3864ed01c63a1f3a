"""The caller may read every secret of the account.

## What
An identity policy allows, on `*` or everything of a kind, an action that returns secrets: of
Secrets Manager, of Parameter Store, or the login to a database or a registry of code.

## Why
What is in a secret opens other things: whoever reads all of them has the permissions of all who
use them. In a pipeline that prints its environment they end up in a log. A database login is asked
of the database and of its user: it counts where the user is open.

## Example
    {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}

## Instead
    {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue",
     "Resource": "arn:aws:secretsmanager:eu-test-1:400000000019:secret:kiln/*"}

## References
- https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.permission._escalation import unbounded
from valetkey.lint.rules.permission._grants import IDENTITY

TABLE: Final = {
    "secretsmanager:GetSecretValue": "read every secret",
    "ssm:GetParameter": "read every parameter",
    "ssm:GetParameters": "read every parameter",
    "ssm:GetParametersByPath": "read every parameter",
    "ssm:GetParameterHistory": "read every parameter and what it was before",
    "redshift:GetClusterCredentials": "log in to any cluster",
    "rds-db:connect": "log in to any database as any user",
}

DECIDING: Final = {"redshift:GetClusterCredentials": ("dbuser",)}


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find actions that return secrets, on everything."""
    advice = "name the secrets, by a common beginning of their names"
    return unbounded(subject, RULE, TABLE, advice, deciding=DECIDING)


RULE = PolicyRule(
    code="PERM010",
    name="any_secret_readable",
    severity=Severity.WARNING,
    page=__doc__,
    types=IDENTITY,
    check=check,
)
