"""A `ForAllValues` test in an Allow lets in whoever lacks the key.

## What
A condition of an Allow statement of a trust policy uses `ForAllValues:`, and nothing else in the
statement demands that the key is there.

## Why
"All values match" is true of no values at all. A token without the claim, or a key that is
spelt in a way that no token ever carries, passes: the condition restricts nobody. `sub` and
`aud` have one value each; the prefix is never needed for them.

## Example
    "Condition": {"ForAllValues:StringLike": {"gitlab.example:sub": "project_path:acme/*"}}

## Instead
    "Condition": {"StringLike": {"gitlab.example:sub": "project_path:acme/*"}}

For a claim that is a list, keep the prefix and demand the key as well:
`"Null": {"gitlab.example:groups_direct": "false"}`.

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.trust._text import quoted
from valetkey.policy import ConditionEntry, Family, PolicyType, Qualifier, Statement


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find ForAllValues in an Allow where the key may be absent."""
    for statement in subject.document.statements:
        if statement.denies:
            continue
        for entry in statement.conditions:
            if entry.operator.qualifier is not Qualifier.ALL or _demanded(statement, entry.key):
                continue
            null = f'"Null": {{"{entry.key}": "false"}}'
            span = subject.document.span(entry.operator_range)
            yield RULE.finding(
                f"`{entry.operator.written}` also passes where {quoted(entry.key)} is absent",
                (span, "true of no values"),
                (subject.document.span(entry.key_range), "may be absent"),
                help=f"write `{entry.operator.written.split(':', 1)[-1]}`, or add {quoted(null)}",
            )


def _demanded(statement: Statement, key: str) -> bool:
    return any(
        entry.key.lower() == key.lower() and _demands(entry) for entry in statement.conditions
    )


def _demands(entry: ConditionEntry) -> bool:
    operator = entry.operator
    if operator.base.family is Family.PRESENCE:
        return [value.text.lower() for value in entry.values] == ["false"]
    return (
        operator.qualifier is not Qualifier.ALL
        and not operator.if_exists
        and not operator.base.negated
    )


RULE = PolicyRule(
    code="TRUST001",
    name="set_test_passes_when_absent",
    severity=Severity.ERROR,
    page=__doc__,
    types=frozenset({PolicyType.TRUST}),
    check=check,
)
