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
from valetkey.lint.statements import Listed, Principals, Said, said
from valetkey.policy import glob

_MOST = 20


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find Allow statements without effect."""
    statements = [(one, said(one)) for one in subject.document.statements]
    denies = [(one, what) for one, what in statements if one.denies]
    for statement, what in statements:
        if statement.denies:
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
    denied, allowed = deny.principals, allow.principals
    if denied is None or allowed is None or not deny.conditions <= allow.conditions:
        return False
    return _takes_in(denied, allowed) and _takes_in_actions(deny.actions, allow.actions)


def _takes_in(deny: Principals, allow: Principals) -> bool:
    """Tell whether a Deny has all principals of an Allow; not told of what is left out."""
    # `*` of a Deny is taken as widely as it can be meant, web identities included.
    everyone = {("*", "*"), ("AWS", "*")} & deny.names
    plain = not deny.negated and not allow.negated and bool(allow.names)
    return plain and (bool(everyone) or allow.names <= deny.names)


def _takes_in_actions(deny: Listed | None, allow: Listed | None) -> bool:
    if deny is None or allow is None or deny.negated or allow.negated or not allow.texts:
        return False
    patterns = [glob(action) for action in sorted(deny.texts)[:_MOST]]
    return all(
        action in deny.texts
        or ("*" not in action and any(pattern.matches(action) for pattern in patterns))
        for action in allow.texts
    )


RULE = PolicyRule(
    code="TRUST034",
    name="statement_always_denied",
    severity=Severity.ERROR,
    page=__doc__,
    types=TRUST,
    check=check,
)
