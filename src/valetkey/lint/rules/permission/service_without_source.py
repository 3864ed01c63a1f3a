"""A service is admitted on behalf of anybody.

## What
An Allow of a resource policy names a service as its principal, and no condition says for which
resource, account or organisation the service may act.

## Why
The service acts for all its customers. Somebody else can make it act on your resource for them:
the confused deputy.

## Example
    {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
     "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-test-1:400000000019:kiln"}

## Instead
    {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
     "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-test-1:400000000019:kiln",
     "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:eu-test-1:400000000019:kiln"}}}

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.policy import PolicyType

_ON_BEHALF: Final = frozenset(
    {
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "kms:calleraccount",
        "kms:viaservice",
        "lambda:eventsourcetoken",
    }
)


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find services that may act for anybody."""
    for statement in subject.document.statements:
        principal = statement.principal
        if statement.denies or principal is None or principal.negated:
            continue
        if any(entry.key.lower() in _ON_BEHALF for entry in statement.conditions):
            continue
        for entry in principal.entries:
            if entry.kind == "Service" and entry.values:
                first = entry.values[0]
                yield RULE.finding(
                    f"`{first.text[:80]}` is admitted on behalf of any of its customers",
                    (subject.document.span(first.range), "acts for others"),
                    help="add a condition on `aws:SourceArn` or `aws:SourceAccount`",
                )


RULE = PolicyRule(
    code="PERM019",
    name="service_without_source",
    severity=Severity.NOTE,
    page=__doc__,
    types=frozenset({PolicyType.RESOURCE}),
    check=check,
)
