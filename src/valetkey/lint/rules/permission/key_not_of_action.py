"""A condition demands a key that requests for the action do not have.

## What
A condition tests a key of a service, such as `s3:prefix`, with an operator that fails where the
key is absent, and an action of the statement is one whose requests never have it.

## Why
The action is never granted by this statement (or, in a Deny, never denied). The usual case:
`s3:prefix` was meant to limit both the listing of a bucket and the reading of its objects, but
only the listing has it.

## Example
    {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetObject"], "Resource": "*",
     "Condition": {"StringLike": {"s3:prefix": "public/*"}}}

## Instead
    {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::kiln",
     "Condition": {"StringLike": {"s3:prefix": "public/*"}}},
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::kiln/public/*"}

## References
- https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
- https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
"""

from collections.abc import Iterator
from functools import lru_cache

from valetkey.diagnostics import Severity
from valetkey.lint import iam
from valetkey.lint.conditions import fails_when_absent
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.permission._grants import PERMISSIONS
from valetkey.policy import Statement, Value


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find actions that a condition rules out."""
    for statement in subject.document.statements:
        for entry in statement.conditions:
            if not fails_when_absent(entry) or not _is_told(entry.key.lower()):
                continue
            without = list(_without(statement, entry.key))
            if not without:
                continue
            first = without[0]
            more = f" and {len(without) - 1} more are" if len(without) > 1 else " is"
            never = "never denied" if statement.denies else "never granted"
            yield RULE.finding(
                f"`{first.text[:80]}`{more} {never}: such requests have no `{entry.key}`",
                subject.document.span(first.range),
                (subject.document.span(entry.key_range), "demanded here"),
                help="give it a statement of its own, without this condition",
                notes=(f"the list of condition keys is of {iam.provenance().retrieved}",),
            )


def _without(statement: Statement, key: str) -> Iterator[Value]:
    element = statement.action
    if element is None or element.negated:
        return
    for value in element.values:
        if _never_has(value.text, key.lower()):
            yield value


@lru_cache(maxsize=8192)
def _never_has(pattern: str, key: str) -> bool:
    actions = iam.expand(pattern)
    return bool(actions) and not any(action.has_key(key) for action in actions or ())


@lru_cache(maxsize=1024)
def _is_told(key: str) -> bool:
    """Tell whether the list says which actions have a key; of global keys it does not."""
    owner = iam.service(key.partition(":")[0])
    known = iam.condition_key(key)
    if owner is None or known is None or known.name in iam.global_keys():
        return False
    return any(action.has_key(key) for action in owner.actions.values())


RULE = PolicyRule(
    code="PERM022",
    name="key_not_of_action",
    severity=Severity.WARNING,
    page=__doc__,
    types=PERMISSIONS,
    check=check,
)
