"""A policy variable stands in a document whose version has no variables.

## What
A resource or a condition value has `${…}`, and the document has no `"Version": "2012-10-17"`.

## Why
Without a version, or with `2008-10-17`, `${aws:username}` is no variable: it is those fifteen
characters. An Allow matches no resource that anybody has, and a Deny protects none.

## Example
    {"Statement": {"Effect": "Allow", "Principal": {"AWS": "400000000019"},
      "Action": "s3:GetObject", "Resource": "arn:aws:s3:::kiln/${aws:username}/*"}}

## Instead
Begin the document with `"Version": "2012-10-17"`. No fix is offered: the statement will then
admit those whom it keeps out today.

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.places import within
from valetkey.lint.rules.document._reading import EVERY_TYPE, values_with_variables


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find variables that are plain text."""
    if subject.document.has_variables:
        return
    for statement in subject.document.statements:
        for value in values_with_variables(statement):
            start = value.text.find("${")
            end = value.text.find("}", start) + 1 or len(value.text)
            yield RULE.finding(
                f"`{value.text[start:end][:80]}` is plain text: the document has no version that "
                "knows variables",
                within(subject.document, value, start, end),
                help='begin the document with `"Version": "2012-10-17"`',
            )


RULE = PolicyRule(
    code="POL001",
    name="variables_without_version",
    severity=Severity.ERROR,
    page=__doc__,
    types=EVERY_TYPE,
    check=check,
)
