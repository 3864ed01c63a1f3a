"""A condition key of another issuer than the provider that the statement trusts.

## What
The host in a condition key is not the URL of any provider in `Principal`.

## Why
A condition key begins with the provider's URL without `https://`. A key with another host is
never there: a condition that demands it admits nobody, and one that passes where the key is
missing restricts nobody.

## Example
    "Principal": {"Federated": "arn:aws:iam::400000000019:oidc-provider/gitlab.example"},
    "Condition": {"StringEquals": {"gitlab.exmaple:aud": "https://sts.example"}}

## Instead
    "Condition": {"StringEquals": {"gitlab.example:aud": "https://sts.example"}}

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.conditions import passes_when_absent
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.places import within
from valetkey.lint.rules.trust._hosts import foreign, misspelt, two_issuers
from valetkey.lint.rules.trust._providers import Named
from valetkey.lint.rules.trust._reading import TRUST, Reading, Test, web_allows
from valetkey.lint.rules.trust._text import listed, quoted


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find keys that belong to nobody in the statement."""
    for reading in web_allows(subject):
        strangers = {id(test.entry) for test in foreign(reading)}
        asked = two_issuers(reading) is not None
        for test in reading.tests:
            near = misspelt(reading, test.host)
            if near is not None or (id(test.entry) in strangers and not asked):
                yield _finding(reading, test, near)


def _finding(reading: Reading, test: Test, near: Named | None) -> Finding:
    key = test.entry.key
    keys = [named.key for named in reading.providers]
    right = near.key if near is not None else keys[0] if len(keys) == 1 else None
    trusted = near or reading.providers[0]
    outcome = "restricts nobody" if passes_when_absent(test.entry) else "admits nobody"
    start = test.entry.key_range.start + 1
    return RULE.finding(
        f"no token of {listed(keys)} has a key {quoted(key)}: the condition {outcome}",
        (reading.document.source.span(start, start + len(test.host)), "is not the provider"),
        within(reading.document, trusted.value, trusted.start, len(trusted.value.text)),
        help=f"write {quoted(f'{right}:{test.claim}')}"
        if right
        else "begin the key with the provider's URL without `https://`",
    )


RULE = PolicyRule(
    code="TRUST018",
    name="key_of_other_issuer",
    severity=Severity.ERROR,
    page=__doc__,
    types=TRUST,
    check=check,
)
