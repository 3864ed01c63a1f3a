"""A condition holds for every request, or asks only whether its key is there.

## What
The values of a condition take in everything: `*` under `StringLike` or an ARN operator, both
`true` and `false`, every IPv4 address.

## Why
Whoever reads the policy sees a restriction where there is none. Where the operator has
`IfExists` or `ForAllValues:`, or asks `Null` both ways, no request fails (a warning). Without
them the condition fails for requests that lack the key and for no other (a note): say so with
`Null`. (For patterns in a trust policy see TRUST009.)

## Example
    "Condition": {"StringLikeIfExists": {"aws:PrincipalArn": "*"}}

## Instead
Name what may pass, or drop the condition:

    "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::400000000019:role/kiln-*"}}

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.conditions import passes_when_absent
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.document._reading import EVERY_TYPE, conditions
from valetkey.policy import ConditionEntry, Family, PolicyType


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find conditions that no request fails, or only those without the key."""
    trust = subject.type is PolicyType.TRUST
    for _statement, entry in conditions(subject):
        taken = taken_in(entry)
        if taken is None or (trust and entry.operator.takes_wildcards):
            continue
        operator = entry.operator
        places = (
            (subject.document.span(entry.range), taken),
            (subject.document.span(entry.operator_range), "under this operator"),
        )
        if passes_without(entry):
            yield RULE.finding(
                f"the condition on `{entry.key}` restricts nothing",
                *places,
                help="drop it, or name what may pass",
            )
        elif operator.base.family is Family.ADDRESS:
            yield RULE.finding(
                f"the condition on `{entry.key}` holds for every IPv4 address",
                *places,
                help="name the ranges that may pass",
            )
        else:
            yield RULE.finding(
                f"the condition asks only whether `{entry.key}` is there",
                *places,
                severity=Severity.NOTE,
                help=f'write `"Null": {{"{entry.key}": "false"}}` if that is meant',
            )


def taken_in(entry: ConditionEntry) -> str | None:
    """Say what a condition's values take in, if that is everything."""
    base, texts = entry.operator.base, {value.text for value in entry.values}
    if base.negated or not texts:
        return None
    folded = {text.lower() for text in texts}
    if base.family in (Family.LIKE, Family.ARN):
        return "any value" if any(text and not text.strip("*") for text in texts) else None
    if base.family in (Family.BOOLEAN, Family.PRESENCE):
        return "both" if folded >= {"true", "false"} else None
    if base.family is Family.ADDRESS:
        return "any IPv4 address" if any(text.endswith(".0/0") for text in texts) else None
    return None


def passes_without(entry: ConditionEntry) -> bool:
    """Tell whether a request that the values do not take in passes, as one without the key."""
    if entry.operator.base.family is Family.ADDRESS and all(v.text != "::/0" for v in entry.values):
        return False
    return passes_when_absent(entry)


RULE = PolicyRule(
    code="POL013",
    name="condition_restricts_nothing",
    severity=Severity.WARNING,
    page=__doc__,
    types=EVERY_TYPE,
    check=check,
)
