"""A `ForAllValues` test in an Allow is passed by requests that lack the key.

## What
A condition of an Allow statement uses `ForAllValues:`, and nothing else in the statement demands
that the key is there. For trust policies see TRUST001.

## Why
"All values match" is true of no values at all. On a key that has one value the prefix has no use
and only opens this hole. On one that may have several (a note) it is right, as long as a request
without any value may pass; for `aws:TagKeys` it may, so the rule is silent about that key.

## Example
    "Condition": {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}

## Instead
    "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint import iam
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.document._reading import EVERY_TYPE, undemanded
from valetkey.policy import PolicyType, Qualifier

# A request without tags has nothing that would have to be tested.
_FINE_WITHOUT: Final = frozenset({"aws:tagkeys"})


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find ForAllValues in an Allow where the key may be absent."""
    for entry in undemanded(subject):
        folded = entry.key.lower()
        if entry.operator.qualifier is not Qualifier.ALL or folded in _FINE_WITHOUT:
            continue
        known = iam.condition_key(entry.key)
        several = known is None or known.several
        plain = entry.operator.written.split(":", 1)[-1]
        demand = f'add `"Null": {{"{entry.key}": "false"}}`'
        yield RULE.finding(
            f"`{entry.operator.written}` also passes where `{entry.key}` is absent",
            (subject.document.span(entry.operator_range), "true of no values"),
            (subject.document.span(entry.key_range), "may be absent"),
            help=demand if several else f"write `{plain}`: the key has one value",
            severity=Severity.NOTE if several else Severity.WARNING,
        )


RULE = PolicyRule(
    code="POL011",
    name="for_all_values_in_allow",
    severity=Severity.WARNING,
    page=__doc__,
    types=EVERY_TYPE - {PolicyType.TRUST},
    check=check,
)
