"""A claim that AWS makes no condition key of, though valetkey does.

## What
A condition key is a claim that the issuer sends and that AWS does not offer as a key: of a
self-managed GitLab anything but `sub`, `aud`, `amr` and `email`, of gitlab.com and GitHub all
that is not on AWS's list.

## Why
valetkey offers every claim. On AWS the key is not there: the same policy admits nobody, or, with
an operator that passes without the key, restricts nobody. A note, for those who use one policy in
both places.

## Example
    "StringEquals": {"gitlab.example:ref_protected": "true"}

## Instead
Nothing, if the policy is valetkey's alone. For AWS put what matters into the subject: a GitLab
project's `ci_id_token_sub_claim_components` can add `ref_protected` to `sub` (GitLab 18.7).

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
- https://docs.gitlab.com/ci/cloud_services/aws/
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.conditions import passes_when_absent
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.trust._hosts import is_own
from valetkey.lint.rules.trust._reading import TRUST, readings
from valetkey.lint.rules.trust._text import key_of, quoted


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find keys that AWS lacks."""
    for reading in readings(subject):
        for test in reading.tests:
            issuer = test.issuer
            known = is_own(reading, test.host) and issuer.sends(test.claim)
            if not known or issuer.aws_offers(test.claim):
                continue
            outcome = _OUTCOMES[reading.statement.denies, passes_when_absent(test.entry)]
            yield RULE.finding(
                f"AWS has no condition key {quoted(test.entry.key)}: there the condition {outcome}",
                key_of(reading.document, test.entry),
                help="nothing on valetkey, where every claim is a key; for AWS put it into `sub`",
            )


_OUTCOMES: Final = {
    (False, True): "would restrict nobody",
    (False, False): "would never hold",
    (True, True): "would always hold",
    (True, False): "would never hold",
}

RULE = PolicyRule(
    code="TRUST021",
    name="claim_unknown_to_aws",
    severity=Severity.NOTE,
    page=__doc__,
    types=TRUST,
    check=check,
)
