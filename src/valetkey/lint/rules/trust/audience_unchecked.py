"""An Allow for a web identity that does not look at the token's audience.

## What
No condition of the statement demands a value of `aud` of the provider.

## Why
The provider's list of client ids is the only other check. A provider often serves several
systems, each with its own client id: without the condition, a token that a job asked for another
of them opens this role as well. Where the provider is known to have one client id only, the
finding is a note.

## Example
    "Condition": {"StringLike": {"gitlab.example:sub": "project_path:acme/api:*"}}

## Instead
    "Condition": {
      "StringEquals": {"gitlab.example:aud": "https://sts.example"},
      "StringLike": {"gitlab.example:sub": "project_path:acme/api:*"}
    }

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html
- https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.issuers import issuer_of
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.places import within
from valetkey.lint.rules.trust._facts import client_ids
from valetkey.lint.rules.trust._providers import Named
from valetkey.lint.rules.trust._reading import TRUST, Reading, demands, web_allows
from valetkey.lint.rules.trust._text import quoted
from valetkey.policy import required_keys


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find statements without a condition on the audience."""
    for reading in web_allows(subject):
        tests = (test for test in reading.tests if test.claim in test.issuer.audiences)
        if any(demands(test.entry) for test in tests):
            continue
        for named in reading.providers:
            # What AWS itself demands is a finding of the policy room.
            if f"{named.key}:aud" not in required_keys(named.key):
                yield _finding(reading, named, client_ids(subject.facts, named.key))


def _finding(reading: Reading, named: Named, known: tuple[str, ...]) -> Finding:
    claim = issuer_of(named.key).audiences[0]
    which = known[0] if len(known) == 1 else "CLIENT-ID"
    return RULE.finding(
        f"the statement never looks at `{named.key}:{claim}`, so a token for any client id of"
        f" {quoted(named.key)} will do",
        within(reading.document, named.value, named.start, len(named.value.text)),
        help=f'add `"StringEquals": {{"{named.key}:{claim}": "{which}"}}`',
        severity=Severity.NOTE if len(known) == 1 else Severity.WARNING,
    )


RULE = PolicyRule(
    code="TRUST006",
    name="audience_unchecked",
    severity=Severity.WARNING,
    page=__doc__,
    types=TRUST,
    check=check,
)
