"""Conditions on one key that no value can satisfy together.

## What
Two conditions of a statement are about the same key, and what the one admits the other one keeps
out: an exact list beside a list of patterns, a list whose values are all excluded, a value beside
`Null` with `true`.

## Why
All conditions of a statement must hold; values are alternatives only within one condition. A
statement with a list of exact subjects under `StringEquals` and another list under `StringLike`
asks for both, so nobody is admitted.

## Example
    "StringEquals": {"gitlab.example:sub": "project_path:acme/api:ref_type:branch:ref:main"},
    "StringLike": {"gitlab.example:sub": "project_path:acme/web:*"}

## Instead
    "StringLike": {
      "gitlab.example:sub": [
        "project_path:acme/api:ref_type:branch:ref:main",
        "project_path:acme/web:*"
      ]
    }

or a statement for each.

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
- https://github.com/terraform-aws-modules/terraform-aws-iam/issues/633
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.trust._joint import contradictions
from valetkey.lint.rules.trust._reading import TRUST, readings
from valetkey.lint.rules.trust._text import first_wildcard, quoted
from valetkey.policy import ConditionEntry, Family, PolicyDocument

_MOST = 4


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find conditions that contradict one another."""
    for reading in readings(subject):
        if reading.statement.denies:
            continue
        for one, other in contradictions(reading.document, reading.statement):
            yield _finding(reading.document, one, other)


def _finding(document: PolicyDocument, one: ConditionEntry, other: ConditionEntry) -> Finding:
    operators = f"`{one.operator.written}` and `{other.operator.written}`"
    return RULE.finding(
        f"no value of {quoted(one.key)} satisfies both {operators}: the statement admits nobody",
        (document.span(one.operator_range), "both must hold"),
        (document.span(other.operator_range), "both must hold"),
        help=_help(one, other),
    )


def _help(one: ConditionEntry, other: ConditionEntry) -> str:
    operators = (one.operator, other.operator)
    if any(each.base.family is Family.PRESENCE for each in operators):
        return "leave out the `Null`, or the other condition"
    if any(each.base.negated for each in operators):
        return "leave out the values that are excluded, or the exclusion"
    values = [*one.values, *other.values]
    exact = [value for entry in (one, other) for value in entry.values if _is_exact(entry)]
    literal = any(first_wildcard(value.text) is not None for value in exact)
    if literal or len(values) > _MOST:
        return "write a statement for each, or one `StringLike` with all values"
    listing = ", ".join(f'"{value.text}"' for value in values)
    joined = f'"StringLike": {{"{one.key}": [{listing}]}}'
    return f"write one condition, {quoted(joined)}"


def _is_exact(entry: ConditionEntry) -> bool:
    return entry.operator.base.family is not Family.LIKE


RULE = PolicyRule(
    code="TRUST016",
    name="condition_unsatisfiable",
    severity=Severity.ERROR,
    page=__doc__,
    types=TRUST,
    check=check,
)
