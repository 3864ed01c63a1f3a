"""A statement allows every action on every resource.

## What
An Allow of an identity policy or a boundary has the action `*` and the resource `*`, and no
condition that narrows what is done or to what.

## Why
It is administrator access. A boundary of which it is all limits nothing; one that also denies
something is limited by that, and the finding is a note. A pipeline that holds such a
credential hands the whole account to whoever can change its configuration. (In a session policy
it is the way to say "no further limit", so the rule is silent there.)

## Example
    {"Effect": "Allow", "Action": "*", "Resource": "*"}

## Instead
    {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"],
     "Resource": "arn:aws:s3:::kiln/*"}

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.permission._grants import is_every_action, on_everything
from valetkey.policy import PolicyType


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find statements that allow everything."""
    document = subject.document
    denies = any(each.denies for each in document.statements)
    limits = subject.type is PolicyType.BOUNDARY and denies
    for value, resource in on_everything(document):
        if is_every_action(value.text):
            yield RULE.finding(
                "every action is allowed on every resource",
                (document.span(value.range), "every action"),
                (document.span(resource.range), "every resource"),
                help="name the services and resources that are needed",
                severity=Severity.NOTE if limits else None,
            )


RULE = PolicyRule(
    code="PERM002",
    name="every_action_on_everything",
    severity=Severity.WARNING,
    page=__doc__,
    types=frozenset({PolicyType.IDENTITY, PolicyType.BOUNDARY}),
    check=check,
)
