"""A condition of an Allow that also holds where the token lacks the claim.

## What
`IfExists`, or a negated operator such as `StringNotEquals`, on a claim that not every token has,
and no other condition of the statement demands the claim.

## Why
`IfExists` asks only where the key is there, and "not equal" is true of what is not there. A token
without the claim passes both. AWS makes condition keys of a few claims only: of a self-managed
GitLab `sub`, `aud`, `amr` and `email`, so there every other claim is always absent and the
condition restricts nobody.

## Example
    "StringEqualsIfExists": {"gitlab.example:environment": "production"}

## Instead
    "StringEquals": {"gitlab.example:environment": "production"}

Under a negated operator demand the claim as well:
`"Null": {"gitlab.example:environment": "false"}`.

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.conditions import demanded_keys, passes_when_absent
from valetkey.lint.model import Edit, Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.trust._reading import (
    TRUST,
    Reading,
    Test,
    may_rename,
    web_allows,
)
from valetkey.lint.rules.trust._text import key_of
from valetkey.policy import Family, Qualifier


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find conditions that a missing claim satisfies."""
    for reading in web_allows(subject):
        demanded = demanded_keys(reading.statement)
        fixed: set[int] = set()
        for test in reading.tests:
            operator = test.entry.operator
            # ForAllValues is another rule's, and `Null` asks for absence on purpose.
            if operator.qualifier is Qualifier.ALL or operator.base.family is Family.PRESENCE:
                continue
            absent = not test.issuer.always_sends(test.claim)
            if passes_when_absent(test.entry) and absent and test.entry.key.lower() not in demanded:
                # An operator is written once, however many keys it has.
                place = test.entry.operator_range.start
                yield _finding(reading, test, fixes=place not in fixed)
                fixed.add(place)


def _finding(reading: Reading, test: Test, *, fixes: bool) -> Finding:
    entry = test.entry
    place = reading.document.span(entry.operator_range)
    null = f'`"Null": {{"{entry.key}": "false"}}`'
    if not entry.operator.if_exists or entry.operator.base.negated:
        return RULE.finding(
            f"`{entry.operator.written}` also holds where the token has no `{test.claim}`",
            (place, "true of what is not there"),
            (key_of(reading.document, entry), "may be absent"),
            help=f"add {null}",
        )
    plain = entry.operator.written.removesuffix("IfExists")
    at = place.start + 1 + len(plain)
    fits = place.text == f'"{entry.operator.written}"' and fixes
    fits = fits and may_rename(reading.statement, entry.operator.written)
    return RULE.finding(
        f"`{entry.operator.written}` does not ask where the token has no `{test.claim}`",
        (place, "asks only where the key is there"),
        (key_of(reading.document, entry), "may be absent"),
        help=f"write `{plain}`, or add {null}",
        edits=(Edit(at, at + len("IfExists"), ""),) if fits else (),
    )


RULE = PolicyRule(
    code="TRUST010",
    name="condition_passes_when_absent",
    severity=Severity.WARNING,
    page=__doc__,
    types=TRUST,
    check=check,
)
