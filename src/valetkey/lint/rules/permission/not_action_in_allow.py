"""An Allow with `NotAction` grants every action but a few, of every service there will be.

## What
An Allow statement names what it does not grant.

## Why
`NotAction` is "everything except": every other action of every service, those included that AWS
introduces tomorrow. With a misspelt name in it, which excepts nothing, it is administrator
access. A Deny with `NotAction` is another matter, and the rule is silent about it.

## Example
    {"Effect": "Allow", "NotAction": "iam:DeleteRole", "Resource": "*"}

## Instead
Allow what is needed, and deny the exception:

    {"Effect": "Allow", "Action": ["s3:*", "dynamodb:*"], "Resource": "*"},
    {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.permission._grants import (
    PERMISSIONS,
    allows,
    has_every_resource,
    is_every_action,
    is_narrowed,
)
from valetkey.policy import Element, PolicyType, glob

# What an administrator can do and hardly anybody else should.
_CROWN: Final = "iam:createrole"


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find Allow statements that say what they do not grant."""
    for statement in allows(subject.document):
        element = statement.action
        if element is None or not element.negated or not element.values:
            continue
        if any(is_every_action(value.text) for value in element.values):
            continue
        limit = subject.type in (PolicyType.BOUNDARY, PolicyType.SESSION)
        open_ = has_every_resource(statement) and not is_narrowed(statement)
        near_admin = open_ and not limit and not _excepts(element, _CROWN)
        yield RULE.finding(
            "`NotAction` in an Allow grants all other actions"
            + (": nearly those of an administrator" if near_admin else " of all services"),
            (subject.document.span(element.name_range), "everything except"),
            help="list what is granted in `Action`, and deny the exceptions",
            severity=Severity.NOTE if limit else Severity.WARNING,
        )


def _excepts(element: Element, action: str) -> bool:
    return any(glob(value.text.lower()).matches(action) for value in element.values)


RULE = PolicyRule(
    code="PERM001",
    name="not_action_in_allow",
    severity=Severity.WARNING,
    page=__doc__,
    types=PERMISSIONS,
    check=check,
)
