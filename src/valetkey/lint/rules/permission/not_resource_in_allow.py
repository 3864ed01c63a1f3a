"""An Allow with `NotResource` grants its actions on everything but a few.

## What
An Allow statement names the resources that it does not cover.

## Why
Every other resource is covered: of all accounts that let you in, and those that are made
tomorrow. A misspelt exception excepts nothing.

## Example
    {"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::payroll/*"}

## Instead
    {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::kiln/*"}

or deny the exception in a statement of its own.

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notresource.html
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.permission._grants import PERMISSIONS, allows, is_everything


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find Allow statements that say on what they do not work."""
    for statement in allows(subject.document):
        resource = statement.resource
        if resource is None or not resource.negated or not resource.values:
            continue
        if any(is_everything(value.text) for value in resource.values):
            continue
        yield RULE.finding(
            "`NotResource` in an Allow covers all other resources",
            (subject.document.span(resource.name_range), "everything except"),
            help="list what is covered in `Resource`, and deny the exceptions",
        )


RULE = PolicyRule(
    code="PERM011",
    name="not_resource_in_allow",
    severity=Severity.WARNING,
    page=__doc__,
    types=PERMISSIONS,
    check=check,
)
