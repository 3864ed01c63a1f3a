"""A provider spelt in two ways: with a scheme, a slash at the end or a port in one place only.

## What
The host in a condition key differs from the provider in `Principal` by `https://`, by a slash at
its end or by `:443`; or the provider's ARN itself holds a scheme.

## Why
The key is the provider's URL without `https://`, to the character: a provider registered as
`https://id.example/` has the keys `id.example/:sub`, one registered as `https://id.example` has
`id.example:sub`. With any other spelling the key is never there.

## Example
    "Principal": {"Federated": "arn:aws:iam::400000000019:oidc-provider/gitlab.example"},
    "Condition": {"StringEquals": {"https://gitlab.example:aud": "https://sts.example"}}

## Instead
    "Condition": {"StringEquals": {"gitlab.example:aud": "https://sts.example"}}

The fix is automatic only where the right key keeps more people out, as in a Deny.

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
- https://github.com/coreos/go-oidc/issues/203
"""

from collections import Counter
from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.conditions import passes_when_absent
from valetkey.lint.model import Edit, Finding, PolicyRule, PolicySubject
from valetkey.lint.places import within
from valetkey.lint.rules.trust._hosts import respelt
from valetkey.lint.rules.trust._providers import Named, bare
from valetkey.lint.rules.trust._reading import TRUST, Reading, Test, readings
from valetkey.lint.rules.trust._text import key_of, quoted


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find hosts that are the provider's but for their spelling."""
    for reading in readings(subject):
        for named in reading.providers:
            if "://" in named.key:
                yield _scheme(reading, named)
        written = Counter(map(_member, reading.tests))
        for test in reading.tests:
            named_alike = respelt(reading, test.host)
            if named_alike is not None and "://" not in named_alike.key:
                yield _finding(reading, test, named_alike, alone=written[_member(test)] == 1)


def _scheme(reading: Reading, named: Named) -> Finding:
    scheme, _, right = named.key.partition("://")
    end = named.start + len(scheme) + len("://")
    return RULE.finding(
        f"a provider's ARN holds no `{scheme}://`",
        within(reading.document, named.value, named.start, end),
        help=f"write {quoted(named.value.text[: named.start] + right)}",
    )


def _member(test: Test) -> tuple[str, str, str]:
    """Return what two keys have in common that would be the same member of the object."""
    return test.entry.operator.written, bare(test.host), test.claim


def _finding(reading: Reading, test: Test, named: Named, *, alone: bool) -> Finding:
    entry = test.entry
    place = key_of(reading.document, entry)
    plain = place.text == entry.key
    # The right key must be able to keep people out only: see "Instead".
    narrows = reading.statement.denies is not passes_when_absent(entry)
    end = place.start + len(test.host)
    # Two spellings of one key under one operator would become one member twice.
    fixes = plain and narrows and alone
    return RULE.finding(
        f"{quoted(entry.key)} is no key of the provider `{named.key}`: {_difference(test, named)}",
        (reading.document.source.span(place.start, end) if plain else place, "the key's issuer"),
        (
            within(reading.document, named.value, named.start, len(named.value.text)),
            "the provider",
        ),
        help=f"write {quoted(f'{named.key}:{test.claim}')}",
        edits=(Edit(place.start, end, named.key),) if fixes else (),
    )


def _difference(test: Test, named: Named) -> str:
    if "://" in test.host:
        return f"keys have no `{test.host.split('://', 1)[0]}://`"
    if test.host.endswith("/") != named.key.endswith("/"):
        where = "the key" if test.host.endswith("/") else "the provider"
        return f"only {where} has a slash at its end"
    return "the port differs"


RULE = PolicyRule(
    code="TRUST019",
    name="key_host_respelt",
    severity=Severity.ERROR,
    page=__doc__,
    types=TRUST,
    check=check,
)
