"""An audience with wildcards is no check of the audience.

## What
A pattern for `aud` has a wildcard.

## Why
A job asks for whatever audience it likes, and the provider takes those it is registered with. A
condition on `aud` is there to tell its client ids apart; a pattern admits those of other systems,
also ones that are registered later.

## Example
    "StringLike": {"gitlab.example:aud": "https://*.example"}

## Instead
    "StringEquals": {"gitlab.example:aud": "https://sts.example"}

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.places import within
from valetkey.lint.rules.trust._reading import TRUST, demands, web_allows
from valetkey.lint.rules.trust._text import first_wildcard, quoted


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find patterns for audiences."""
    for reading in web_allows(subject):
        for test in reading.of("aud"):
            if not test.is_pattern or not demands(test.entry):
                continue
            for value in reading.values(test):
                at = first_wildcard(value.text)
                # A star alone is the finding of `pattern_matches_all`.
                if at is not None and value.text.strip("*"):
                    yield RULE.finding(
                        f"{quoted(value.text)} admits tokens for other audiences as well",
                        within(reading.document, value, at, at + 1),
                        help=f'write the audience in full: `"StringEquals":'
                        f' {{"{test.entry.key}": "CLIENT-ID"}}`',
                    )


RULE = PolicyRule(
    code="TRUST008",
    name="audience_wildcard",
    severity=Severity.WARNING,
    page=__doc__,
    types=TRUST,
    check=check,
)
