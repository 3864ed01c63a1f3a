"""A pattern of actions stands for no action.

## What
An action with a wildcard matches none of its service's actions.

## Why
It looks as if it granted or protected something and does neither. In most cases the beginning of
a name is misspelt, or the name of another service's actions was used.

## Example
    "Action": "s3:Read*"

## Instead
    "Action": ["s3:Get*", "s3:List*"]

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint import iam
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.patterns import is_wild
from valetkey.lint.places import within
from valetkey.lint.rules.document._reading import EVERY_TYPE


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find patterns that match no action."""
    for statement in subject.document.statements:
        for value in statement.action.values if statement.action else ():
            if not is_wild(value.text) or iam.expand(value.text) != ():
                continue
            prefix, _, name = value.text.partition(":")
            yield RULE.finding(
                f"no action of service `{prefix.lower()}` matches `{name[:80]}`",
                within(subject.document, value, len(prefix) + 1, len(value.text)),
                notes=(f"the list of actions is of {iam.provenance().retrieved}",),
            )


RULE = PolicyRule(
    code="POL010",
    name="action_pattern_matches_nothing",
    severity=Severity.WARNING,
    page=__doc__,
    types=EVERY_TYPE,
    check=check,
)
