"""A statement allows all actions of a sensitive service on every resource.

## What
An identity policy has `iam:*`, `kms:*`, `secretsmanager:*`, `s3:*` or the like with the resource
`*`, and no condition that narrows what is done or to what.

## Why
`iam:*` on everything is administrator access; the others read all data, all keys or all secrets
of the account, and delete them. New actions of the service are granted the day they appear.

## Example
    {"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"}

## Instead
    {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue",
     "Resource": "arn:aws:secretsmanager:eu-test-1:400000000019:secret:kiln/*"}

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.permission._grants import (
    IDENTITY,
    is_every_action,
    is_reported_whole,
    on_everything,
)


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find whole services that are granted on everything."""
    for value, resource in on_everything(subject.document):
        service = value.text.partition(":")[0].lower()
        if is_every_action(value.text) or not is_reported_whole(value.text):
            continue
        power = ", which is administrator access" if service == "iam" else ""
        yield RULE.finding(
            f"all actions of `{service}` are allowed on every resource{power}",
            (subject.document.span(value.range), "every action of the service"),
            (subject.document.span(resource.range), "every resource"),
            help="name the actions and resources that are needed",
        )


RULE = PolicyRule(
    code="PERM003",
    name="whole_service_on_everything",
    severity=Severity.WARNING,
    page=__doc__,
    types=IDENTITY,
    check=check,
)
