"""An Allow that a Deny of the same policy always overrules.

## What
A Deny names all principals and actions of an Allow, and whatever satisfies the Allow's conditions
satisfies the Deny's: it has none, or only such as the Allow has too.

## Why
An explicit Deny is final, whatever else allows. The Allow never takes effect.

## Example
    {"Effect": "Allow", "Principal": {"AWS": "400000000042"}, "Action": "sts:AssumeRole"},
    {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:*"}

## Instead
Give the Deny the condition that it was meant to have, or leave one of the two out.

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.trust._reading import TRUST
from valetkey.lint.rules.trust._same import Said, said
from valetkey.policy import glob

_MOST = 20


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find Allow statements without effect."""
    statements = [(one, said(one)) for one in subject.document.statements]
    denies = [(one, what) for one, what in statements if one.denies and what is not None]
    for statement, what in statements:
        if statement.denies or what is None or not what.actions or not what.principals:
            continue
        for deny, denied in denies[:_MOST]:
            if _covers(denied, what):
                source = subject.document.source
                brace = source.span(statement.range.start, statement.range.start + 1)
                yield RULE.finding(
                    f"statement {deny.index + 1} denies all that statement"
                    f" {statement.index + 1} allows",
                    (brace, "never takes effect"),
                    (source.span(deny.range.start, deny.range.start + 1), "is final"),
                    help="leave one of them out, or give the Deny the condition it should have",
                )
                break


def _covers(deny: Said, allow: Said) -> bool:
    # `*` of a Deny is taken as widely as it can be meant, web identities included.
    everyone = {("*", "*"), ("AWS", "*")} & deny.principals
    if not everyone and not allow.principals <= deny.principals:
        return False
    if not deny.conditions <= allow.conditions:
        return False
    patterns = [glob(action) for action in list(deny.actions)[:_MOST]]
    return all(
        action in deny.actions
        or ("*" not in action and any(pattern.matches(action) for pattern in patterns))
        for action in list(allow.actions)
    )


RULE = PolicyRule(
    code="TRUST034",
    name="statement_always_denied",
    severity=Severity.ERROR,
    page=__doc__,
    types=TRUST,
    check=check,
)
