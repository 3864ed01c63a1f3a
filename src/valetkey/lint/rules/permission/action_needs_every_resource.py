"""An action that can be asked of `*` only stands beside resources that are named.

## What
The action has no type of resource in AWS's list, and no resource of the statement is `*` or ends
in nothing but `*`.

## Why
The request's resource is `*`, and `arn:aws:s3:::kiln` does not match that. An Allow of this kind
grants nothing, a Deny protects nothing. Actions that list or describe are often so.

## Example
    {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "arn:aws:s3:::kiln"}

## Instead
    {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}

## References
- https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html#actions_table
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint import iam
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.permission._fit import unreachable
from valetkey.lint.rules.permission._grants import PERMISSIONS


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find actions that only `*` would be right for."""
    for statement in subject.document.statements:
        for each in unreachable(statement):
            if not each.asks_for_everything or statement.resource is None:
                continue
            never = "is never denied" if statement.denies else "is never granted"
            yield RULE.finding(
                f"`{each.value.text[:80]}` {never}: it is asked of `*`, not of a resource",
                subject.document.span(each.value.range),
                (subject.document.span(statement.resource.range), "does not match `*`"),
                help='give it a statement of its own with `"Resource": "*"`',
                notes=(f"the list of actions is of {iam.provenance().retrieved}",),
            )


RULE = PolicyRule(
    code="PERM012",
    name="action_needs_every_resource",
    severity=Severity.ERROR,
    page=__doc__,
    types=PERMISSIONS,
    check=check,
)
