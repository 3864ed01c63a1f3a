"""A star in a bucket's name also takes in the keys of other buckets.

## What
The resource of an Allow is an S3 ARN with a `*` before the first `/`, and something other than a
star after it.

## Why
A star crosses slashes. `arn:aws:s3:::kiln-*/public/*` was meant as "the public folder of each
kiln bucket" and is also `kiln-prod/private/payroll/public/x`: whoever can choose a key's path, or
has a folder of that name deeper down, has crossed the border.

## Example
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::kiln-*/public/*"}

## Instead
    {"Effect": "Allow", "Action": "s3:GetObject",
     "Resource": ["arn:aws:s3:::kiln-dev/public/*", "arn:aws:s3:::kiln-prod/public/*"]}

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
- https://github.com/awsdocs/iam-user-guide/issues/175
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.patterns import FIELDS
from valetkey.lint.places import within
from valetkey.lint.rules.permission._grants import PERMISSIONS, allows


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find stars that were meant to stay within a bucket's name."""
    for statement in allows(subject.document):
        resource = statement.resource
        for value in resource.values if resource and not resource.negated else ():
            fields = value.text.split(":", FIELDS - 1)
            if len(fields) < FIELDS or fields[2] != "s3" or fields[3]:
                continue
            bucket, slash, key = fields[-1].partition("/")
            if not slash or "*" not in bucket or not key.strip("*"):
                continue
            start = len(value.text) - len(fields[-1]) + bucket.index("*")
            deeper = f"{bucket.replace('*', 'x')}/private/{key.replace('*', 'x')}"
            yield RULE.finding(
                f"the `*` in `{bucket[:80]}` also matches slashes: `{deeper[:120]}` is taken in",
                (within(subject.document, value, start, start + 1), "crosses slashes"),
                help="name the buckets",
            )


RULE = PolicyRule(
    code="PERM015",
    name="star_crosses_bucket",
    severity=Severity.WARNING,
    page=__doc__,
    types=PERMISSIONS,
    check=check,
)
