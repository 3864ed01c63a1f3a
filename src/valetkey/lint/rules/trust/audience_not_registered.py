"""An audience that the provider does not take, so the value admits nobody.

## What
A condition demands an `aud` that is none of the client ids with which the provider is registered,
as far as the configuration or the files beside the policy tell.

## Why
A token for that audience is refused before the trust policy is looked at. Most often it is a
slash at the end or a missing `https://`: an audience is compared to the character.

## Example
    "StringEquals": {"gitlab.example:aud": "https://sts.example/"}

## Instead
    "StringEquals": {"gitlab.example:aud": "https://sts.example"}

## References
- https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity, did_you_mean
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.places import whole
from valetkey.lint.rules.trust._facts import client_ids
from valetkey.lint.rules.trust._reading import TRUST, demands, readings
from valetkey.lint.rules.trust._text import listed, quoted
from valetkey.policy import Family, glob


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find audiences that no token accepted by the provider has."""
    for reading in readings(subject):
        for test in reading.of("aud"):
            known = client_ids(subject.facts, test.host)
            if not known or not demands(test.entry) or not test.compares_texts:
                continue
            for value in reading.values(test):
                if not _fits(test.entry.operator.base.family, value.text, known):
                    near = did_you_mean(value.text, known, cutoff=0.8)
                    yield RULE.finding(
                        f"{quoted(value.text)} is no client id of `{test.host}`",
                        (whole(reading.document, value), "a token for it is refused"),
                        help=f"did you mean {quoted(near)}?"
                        if near
                        else f"the provider takes {listed(list(known))}",
                    )


def _fits(family: Family, wanted: str, known: tuple[str, ...]) -> bool:
    if family is Family.LIKE:
        pattern = glob(wanted)
        return any(pattern.matches(one) for one in known)
    if family is Family.FOLDED_STRING:
        return wanted.lower() in {one.lower() for one in known}
    return wanted in known


RULE = PolicyRule(
    code="TRUST007",
    name="audience_not_registered",
    severity=Severity.ERROR,
    page=__doc__,
    types=TRUST,
    check=check,
)
