"""An action is one that its service does not have.

## What
An action without wildcards is not in AWS's list of the service's actions. Case does not count.

## Why
No request is for it: an Allow grants nothing, and a Deny, which is worse, protects nothing. Often
it is the name of an API operation that is authorised under another name, such as `HeadObject`
(`s3:GetObject`) or `ListObjectsV2` (`s3:ListBucket`).

## Example
    "Action": "s3:ListObjectsV2"

## Instead
    "Action": "s3:ListBucket"

The list of actions is a copy with a date. An action that is newer than it is reported as unknown;
silence it with a reason.

## References
- https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
- https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint import iam
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.patterns import is_wild
from valetkey.lint.places import within
from valetkey.lint.rules.document._reading import EVERY_TYPE, Advice

# Operations that are authorised under the name of another action.
_OPERATIONS: Final = {
    "s3:headobject": "s3:GetObject",
    "s3:headbucket": "s3:ListBucket",
    "s3:listobjects": "s3:ListBucket",
    "s3:listobjectsv2": "s3:ListBucket",
    "s3:listobjectversions": "s3:ListBucketVersions",
    "s3:listbuckets": "s3:ListAllMyBuckets",
    "s3:copyobject": "s3:PutObject",
    "s3:uploadpart": "s3:PutObject",
    "s3:createmultipartupload": "s3:PutObject",
    "s3:completemultipartupload": "s3:PutObject",
    "s3:deleteobjects": "s3:DeleteObject",
    "s3:listmultipartuploads": "s3:ListBucketMultipartUploads",
    "s3:listparts": "s3:ListMultipartUploadParts",
    "lambda:invoke": "lambda:InvokeFunction",
}


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find actions that do not exist."""
    advice = Advice()
    for statement in subject.document.statements:
        for value in statement.action.values if statement.action else ():
            text = value.text
            if is_wild(text) or iam.expand(text) != ():
                continue
            prefix, _, name = text.partition(":")
            near = _OPERATIONS.get(text.lower()) or _meant(prefix, name, advice)
            yield RULE.finding(
                f"service `{prefix.lower()}` has no action `{name[:80]}`",
                within(subject.document, value, len(prefix) + 1, len(text)),
                help=f"did you mean `{near}`?" if near else (),
                notes=(f"the list of actions is of {iam.provenance().retrieved}",),
            )


def _meant(prefix: str, name: str, advice: Advice) -> str | None:
    found = iam.service(prefix.lower())
    if found is None:
        return None
    near = advice.nearest(name, (each.name for each in found.actions.values()))
    return f"{found.prefix}:{near}" if near else None


RULE = PolicyRule(
    code="POL009",
    name="action_unknown",
    severity=Severity.WARNING,
    page=__doc__,
    types=EVERY_TYPE,
    check=check,
)
