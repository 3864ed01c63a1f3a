"""A statement trusts a provider that is not registered.

## What
The provider in `Principal` is none of those that the configuration or the files beside the
policy tell of.

## Why
IAM accepts the ARN of a provider that does not exist; the role then can't be taken. A slash at the
end and the case of the path count: `https://id.example/` and `https://id.example` are two
providers.

## Example
    "Principal": {"Federated": "arn:aws:iam::400000000019:oidc-provider/gitlab.exmaple"}

## Instead
    "Principal": {"Federated": "arn:aws:iam::400000000019:oidc-provider/gitlab.example"}

## References
- https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
"""

from collections.abc import Iterator

from valetkey.arn import parse_arn
from valetkey.diagnostics import Severity, did_you_mean
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.places import within
from valetkey.lint.rules.trust._reading import TRUST, readings
from valetkey.lint.rules.trust._text import listed, quoted

_MOST = 5


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find providers that are not there."""
    known = [one.key for one in subject.facts.providers]
    for reading in readings(subject) if known else ():
        for named in reading.providers:
            registered = named.key in known or parse_arn(named.value.text) is None
            # A scheme in the ARN is a finding of its own.
            if registered or "://" in named.key:
                continue
            near = did_you_mean(named.key, known, cutoff=0.8)
            yield RULE.finding(
                f"no provider {quoted(named.key)} is known",
                within(reading.document, named.value, named.start, len(named.value.text)),
                help=f"did you mean {quoted(near)}?"
                if near
                else f"known providers are {listed(known[:_MOST])}".replace(" or ", " and "),
            )


RULE = PolicyRule(
    code="TRUST040",
    name="provider_not_registered",
    severity=Severity.WARNING,
    page=__doc__,
    types=TRUST,
    check=check,
)
