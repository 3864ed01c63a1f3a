"""A condition lists no value, or an operator no key.

## What
The list of a condition's values is empty, or an operator holds an empty object. Templates
produce both when a variable is empty.

## Why
AWS takes it and does not say what it means. It can't be evaluated, so an Allow does not apply
and a Deny does, whoever asks.

## Example
    "Condition": {"StringEquals": {"aws:PrincipalOrgID": []}}

## Instead
    "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.document._reading import EVERY_TYPE


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find conditions that ask for nothing."""
    for statement in subject.document.statements:
        outcome = "always applies" if statement.denies else "never applies"
        for entry in statement.conditions:
            if entry.values or subject.document.source.text[entry.range.start] not in "[{":
                continue
            what = f"`{entry.key[:80]}` lists no values" if entry.key else "it names no key"
            yield RULE.finding(
                f"condition `{entry.operator.written}` can't be evaluated: {what}",
                (subject.document.span(entry.range), f"so the statement {outcome}"),
                help="write what is meant, or drop the condition if nothing is",
            )


RULE = PolicyRule(
    code="POL016",
    name="condition_without_values",
    severity=Severity.WARNING,
    page=__doc__,
    types=EVERY_TYPE,
    check=check,
)
