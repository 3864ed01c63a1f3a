"""A Deny by address also denies what AWS's services do for the caller.

## What
A Deny has `NotIpAddress` on `aws:SourceIp`, and no condition spares the requests that a service
makes on the caller's behalf.

## Why
When a service calls another one with the caller's permissions, such as CloudFormation creating a
bucket, the address is the service's. The Deny applies, and what works by hand fails through the
service.

## Example
    {"Effect": "Deny", "Action": "*", "Resource": "*",
     "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}

## Instead
    {"Effect": "Deny", "Action": "*", "Resource": "*",
     "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"},
                   "Bool": {"aws:ViaAWSService": "false"}}}

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_deny-ip.html
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.permission._grants import CALLERS
from valetkey.policy import Family

_SPARING: Final = frozenset(
    {
        "aws:calledvia",
        "aws:calledviafirst",
        "aws:calledvialast",
        "aws:principalisawsservice",
        "aws:viaawsservice",
    }
)


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find Deny statements by address that know nothing of services."""
    for statement in subject.document.statements:
        keys = {entry.key.lower() for entry in statement.conditions}
        if not statement.denies or keys & _SPARING:
            continue
        for entry in statement.conditions:
            base = entry.operator.base
            if (
                base.family is Family.ADDRESS
                and base.negated
                and entry.key.lower() == "aws:sourceip"
            ):
                yield RULE.finding(
                    "requests that a service of AWS makes for the caller are denied as well",
                    (subject.document.span(entry.operator_range), "true of the service's address"),
                    help='add `"Bool": {"aws:ViaAWSService": "false"}`',
                )


RULE = PolicyRule(
    code="PERM023",
    name="deny_by_address_hits_services",
    severity=Severity.NOTE,
    page=__doc__,
    types=CALLERS,
    check=check,
)
