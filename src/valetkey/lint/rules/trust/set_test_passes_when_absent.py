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
from valetkey.lint.conditions import demanded_keys
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.trust._text import quoted
from valetkey.policy import PolicyType, Qualifier


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find ForAllValues in an Allow where the key may be absent."""
    for statement in subject.document.statements:
        if statement.denies:
            continue
        demanded = demanded_keys(statement)
        for entry in statement.conditions:
            if entry.operator.qualifier is not Qualifier.ALL or entry.key.lower() in demanded:
                continue
            null = f'"Null": {{"{entry.key}": "false"}}'
            span = subject.document.span(entry.operator_range)
            yield RULE.finding(
                f"`{entry.operator.written}` also passes where {quoted(entry.key)} is absent",
                (span, "true of no values"),
                (subject.document.span(entry.key_range), "may be absent"),
                help=f"write `{entry.operator.written.split(':', 1)[-1]}`, or add {quoted(null)}",
            )


RULE = PolicyRule(
    code="TRUST001",
    name="set_test_passes_when_absent",
    severity=Severity.ERROR,
    page=__doc__,
    types=frozenset({PolicyType.TRUST}),
    check=check,
)
