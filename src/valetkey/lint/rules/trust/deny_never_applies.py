"""A Deny whose conditions can't hold keeps nobody out.

## What
A Deny demands a key that no token of its providers has (another issuer's, or a claim that is
never sent), or has conditions on one key that contradict one another.

## Why
A condition on a key that is not there does not hold, so the Deny never applies, and what it was to
forbid is allowed. Nothing shows it: no request is ever refused by mistake.

## Example
    "Effect": "Deny",
    "Condition": {"StringEquals": {"gitlab.example:branch": "experimental"}}

## Instead
    "Condition": {"StringEquals": {"gitlab.example:ref": "experimental"}}

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.conditions import fails_when_absent
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.trust._hosts import is_own, respelt
from valetkey.lint.rules.trust._joint import contradictions
from valetkey.lint.rules.trust._reading import TRUST, Reading, Test, readings
from valetkey.lint.rules.trust._text import key_of, quoted


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find Deny statements without effect."""
    for reading in readings(subject):
        if not reading.statement.denies:
            continue
        for test in reading.tests:
            # Another spelling of the provider is a finding of its own.
            if fails_when_absent(test.entry) and respelt(reading, test.host) is None:
                yield from _never_there(reading, test)
        for one, other in contradictions(reading.document, reading.statement):
            yield RULE.finding(
                f"no value of {quoted(one.key)} satisfies both `{one.operator.written}` and"
                f" `{other.operator.written}`: the Deny never applies",
                reading.document.span(one.operator_range),
                reading.document.span(other.operator_range),
                help="write a Deny for each",
            )


def _never_there(reading: Reading, test: Test) -> Iterator[Finding]:
    place = key_of(reading.document, test.entry)
    if _only_federated(reading) and not is_own(reading, test.host):
        keys = [named.key for named in reading.providers]
        yield RULE.finding(
            f"no token of {quoted(keys[0])} has the key {quoted(test.entry.key)}: the Deny never"
            " applies",
            (place, "never there"),
            help=f"write {quoted(f'{keys[0]}:{test.claim}')}"
            if len(keys) == 1
            else "begin the key with the provider's URL without `https://`",
        )
    elif not test.issuer.sends(test.claim):
        meant = test.issuer.meant(test.claim)
        yield RULE.finding(
            f"{test.issuer.name} sends no claim {quoted(test.claim)}: the Deny never applies",
            (place, "never there"),
            help=f"did you mean {quoted(f'{test.host}:{meant}')}?"
            if meant
            else "use a claim that the issuer sends",
        )


def _only_federated(reading: Reading) -> bool:
    """Tell whether only web identities are meant: sessions bring the keys of their own issuer."""
    principal = reading.statement.principal
    kinds = {entry.kind for entry in principal.entries} if principal is not None else set()
    return bool(reading.providers) and kinds == {"Federated"}


RULE = PolicyRule(
    code="TRUST035",
    name="deny_never_applies",
    severity=Severity.ERROR,
    page=__doc__,
    types=TRUST,
    check=check,
)
