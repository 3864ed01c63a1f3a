"""A document does not say which version of the language it is written in.

## What
A resource or trust policy has no `Version`, or `2008-10-17`. (For policies of identities AWS
refuses that itself.)

## Why
The older version has no policy variables. The day somebody writes one, it is taken as text and
the statement matches nothing. The fix is offered only where no value has `${`: then both
versions mean the same.

## Example
    {"Statement": {"Effect": "Allow", "Principal": {"AWS": "400000000019"},
      "Action": "s3:GetObject", "Resource": "arn:aws:s3:::kiln/*"}}

## Instead
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "400000000019"},
      "Action": "s3:GetObject", "Resource": "arn:aws:s3:::kiln/*"}}

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.model import Edit, Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.document._reading import values_with_variables
from valetkey.policy import PolicyType


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find documents of the old version that has the same meaning in the new one."""
    document = subject.document
    statements = document.statements
    if document.has_variables or not statements:
        return
    if any(value for each in statements for value in values_with_variables(each)):
        return
    brace = document.source.text.find("{")
    if document.version is None:
        yield RULE.finding(
            "the document does not say its version",
            document.source.span(brace, brace + 1),
            help='begin it with `"Version": "2012-10-17"`',
            edits=(Edit(brace + 1, brace + 1, '"Version": "2012-10-17", '),),
        )
        return
    version = document.version
    yield RULE.finding(
        f"version `{version.text[:40]}` has no policy variables",
        document.span(version.range),
        help="write `2012-10-17`",
        edits=(Edit(version.start, version.end, '"2012-10-17"'),),
    )


RULE = PolicyRule(
    code="POL002",
    name="version_missing",
    severity=Severity.NOTE,
    page=__doc__,
    types=frozenset({PolicyType.RESOURCE, PolicyType.TRUST}),
    check=check,
)
