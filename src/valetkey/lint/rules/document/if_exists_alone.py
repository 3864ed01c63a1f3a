"""An Allow passes requests that lack the very key that was to protect it.

## What
An Allow statement tests multi-factor authentication, the organisation, the source or the network
with `…IfExists`, and nothing else in the statement demands the key.

## Why
`IfExists` passes where the key is absent, and these keys are absent where it matters: requests
signed with long-term access keys have no `aws:MultiFactorAuthPresent`, an anonymous request has
no `aws:PrincipalOrgID`. For keys that only some of the listed actions have, such as
`ec2:InstanceType`, `IfExists` is right, and the rule is silent.

## Example
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}

## Instead
    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IfExists
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.document._reading import EVERY_TYPE, undemanded
from valetkey.lint.rules.document.condition_restricts_nothing import taken_in

_GUARDS: Final = frozenset(
    {
        "aws:multifactorauthage",
        "aws:multifactorauthpresent",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
    }
)


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find guards that are passed without being met."""
    for entry in undemanded(subject):
        operator = entry.operator
        if not operator.if_exists or entry.key.lower() not in _GUARDS:
            continue
        if taken_in(entry) is not None:
            continue
        yield RULE.finding(
            f"`{operator.written}` also passes where `{entry.key}` is absent",
            (subject.document.span(entry.operator_range), "asks only where the key is there"),
            (subject.document.span(entry.key_range), "may be absent"),
            help=f"write `{operator.written.removesuffix('IfExists')}`",
        )


RULE = PolicyRule(
    code="POL015",
    name="if_exists_alone",
    severity=Severity.WARNING,
    page=__doc__,
    types=EVERY_TYPE,
    check=check,
)
