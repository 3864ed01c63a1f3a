"""A `*` stands under an operator that compares it as a character.

## What
A value of `StringEquals`, `StringNotEquals` or one of their `IgnoreCase` forms has a `*`. (The
`sub` of a token in a trust policy has a rule of its own, TRUST.)

## Why
Only `StringLike`, `StringNotLike` and the ARN operators have wildcards. Under the others the
star is a star: an Allow admits nobody, and a Deny with the negated form hits everybody.

## Example
    "Condition": {"StringEquals": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/*"}}

## Instead
    "Condition": {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/*"}}

No fix is offered: with `StringLike` the statement matches what it does not match today.

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_String
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.places import within
from valetkey.lint.rules.document._reading import EVERY_TYPE, conditions
from valetkey.policy import Family

_LITERAL: Final = frozenset({Family.STRING, Family.FOLDED_STRING})
_STARS_OF_THEIR_OWN: Final = frozenset({"acm:domainnames"})  # *.example.com is a name there


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find stars that were meant as wildcards."""
    for _statement, entry in conditions(subject):
        operator = entry.operator
        if operator.base.family not in _LITERAL or entry.key.lower() in _STARS_OF_THEIR_OWN:
            continue
        like = "StringNotLike" if operator.base.negated else "StringLike"
        for value in entry.values:
            at = value.text.replace("${*}", "   ").find("*")
            if at >= 0 and len(value.text) > 1:
                yield RULE.finding(
                    f"`{operator.name}` compares the `*` in `{value.text[:80]}` as a character",
                    (within(subject.document, value, at, at + 1), "no wildcard here"),
                    (subject.document.span(entry.operator_range), "has no wildcards"),
                    help=f"write `{like}` where any characters are meant",
                )
            elif at >= 0:
                yield RULE.finding(
                    f"`{operator.name}` compares `*` as a character",
                    subject.document.span(value.range),
                    (subject.document.span(entry.operator_range), "has no wildcards"),
                    help=f'ask with `"Null": {{"{entry.key}": "false"}}` whether the key is there',
                )


RULE = PolicyRule(
    code="POL006",
    name="star_is_literal",
    severity=Severity.WARNING,
    page=__doc__,
    types=EVERY_TYPE,
    check=check,
)
