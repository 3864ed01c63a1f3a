"""A document is longer than AWS takes, or nearly so.

## What
The characters of the document, counted as AWS counts them (blanks between tokens do not count,
except in a trust policy), are more than a quota allows, or more than nine tenths of it.

## Why
A managed policy has at most 6,144 characters, all inline policies of a role together 10,240, a
trust policy 2,048 (4,096 where AWS raised the quota), a session policy 2,048, a policy of a bucket
or a secret 20,480. Whoever adds the next statement is refused with `LimitExceeded`.

## Example
An identity policy of 7,000 characters: it can't be a managed policy, only an inline one.

## Instead
Use wildcards for actions and resources that belong together, split the policy, or drop what is
said twice.

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.document._reading import EVERY_TYPE
from valetkey.policy import PolicyType, counted_characters


class _Limit(NamedTuple):
    characters: int
    what: str
    severity: Severity


_LIMITS: Final[dict[PolicyType, tuple[_Limit, ...]]] = {
    PolicyType.IDENTITY: (
        _Limit(10_240, "the inline policies of a role", Severity.ERROR),
        _Limit(6_144, "a managed policy", Severity.WARNING),
    ),
    PolicyType.BOUNDARY: (_Limit(6_144, "a managed policy", Severity.ERROR),),
    PolicyType.SESSION: (_Limit(2_048, "a session policy", Severity.WARNING),),
    PolicyType.TRUST: (
        _Limit(4_096, "a trust policy with the quota raised", Severity.ERROR),
        _Limit(2_048, "a trust policy", Severity.WARNING),
    ),
    PolicyType.RESOURCE: (_Limit(20_480, "a policy of a bucket or a secret", Severity.WARNING),),
}


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Hold the size of a document against the quotas of its type."""
    source = subject.document.source
    size = counted_characters(source.text, subject.type)
    start = len(source.text) - len(source.text.lstrip())
    place = source.span(start, start + 1)
    for limit in _LIMITS[subject.type]:
        if size > limit.characters:
            yield RULE.finding(
                f"{size:,} characters are more than the {limit.characters:,} of {limit.what}",
                place,
                severity=limit.severity,
                help="split it, or say the same with fewer words",
            )
            return
    smallest = min(limit.characters for limit in _LIMITS[subject.type])
    if size * 10 > smallest * 9:
        yield RULE.finding(
            f"{size:,} characters are close to the {smallest:,} that AWS takes",
            place,
            severity=Severity.NOTE,
        )


RULE = PolicyRule(
    code="POL017",
    name="size_near_limit",
    severity=Severity.WARNING,
    page=__doc__,
    types=EVERY_TYPE,
    check=check,
)
