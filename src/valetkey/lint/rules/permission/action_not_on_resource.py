"""An action stands beside resources of which none is a kind that it can be asked of.

## What
The action's types of resource are known, and no resource of the statement can be one of them:
`s3:GetObject` beside a bucket, `s3:ListBucket` beside the bucket's objects.

## Why
No request for the action has such a resource: an Allow grants nothing, a Deny protects nothing.
`arn:aws:s3:::kiln` is the bucket, `arn:aws:s3:::kiln/*` all objects in it; neither takes in the
other.

## Example
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::kiln"}

## Instead
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::kiln/*"}

## References
- https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html#resources_table
- https://docs.aws.amazon.com/AmazonS3/latest/userguide/security_iam_service-with-iam.html
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint import iam
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.permission._fit import Unreachable, unreachable
from valetkey.lint.rules.permission._grants import PERMISSIONS

_SHOWN = 3


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find actions that have no resource of theirs."""
    for statement in subject.document.statements:
        for each in unreachable(statement):
            if each.asks_for_everything or statement.resource is None:
                continue
            never = "is never denied" if statement.denies else "is never granted"
            kinds = _kinds(each)
            yield RULE.finding(
                f"`{each.value.text[:80]}` {never} on these resources",
                subject.document.span(each.value.range),
                (subject.document.span(statement.resource.range), "of other kinds"),
                help=f"it is asked of {kinds}",
                notes=(f"the list of resources is of {iam.provenance().retrieved}",),
            )


def _kinds(each: Unreachable) -> str:
    """Name the kinds of resource that an action is asked of."""
    arns = {kind.arn for action in each.actions for kind in action.resources}
    shown = [f"`{arn}`" for arn in sorted(arns, key=lambda arn: (len(arn), arn))[:_SHOWN]]
    return " or ".join(shown) + (" or others" if len(arns) > _SHOWN else "")


RULE = PolicyRule(
    code="PERM013",
    name="action_not_on_resource",
    severity=Severity.ERROR,
    page=__doc__,
    types=PERMISSIONS,
    check=check,
)
