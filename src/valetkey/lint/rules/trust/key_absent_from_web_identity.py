"""A condition key that a call with a web identity never has.

## What
A statement for web identities demands a key that only callers with AWS credentials bring:
`sts:ExternalId`, `aws:PrincipalArn`, `aws:username`, `aws:MultiFactorAuthPresent`,
`aws:PrincipalTag/…`, `aws:PrincipalOrgID` or `aws:SourceIdentity`.

## Why
`AssumeRoleWithWebIdentity` is not signed: there is no AWS principal, no second factor, and the
call has no parameter for an external id. A condition on a key that is not there does not hold, so
the statement admits nobody; in a Deny it keeps nobody out.

## Example
    "Principal": {"Federated": "arn:aws:iam::400000000019:oidc-provider/gitlab.example"},
    "Action": "sts:AssumeRoleWithWebIdentity",
    "Condition": {"StringEquals": {"sts:ExternalId": "7c1b2f5e"}}

## Instead
    "Condition": {"StringEquals": {"gitlab.example:aud": "https://sts.example"}}

## References
- https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.conditions import fails_when_absent
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.trust._reading import (
    TRUST,
    WEB_IDENTITY,
    Reading,
    names_action,
    readings,
)
from valetkey.lint.rules.trust._text import key_of, quoted

_ABSENT: Final = frozenset(
    {
        "sts:externalid",
        "aws:principalarn",
        "aws:username",
        "aws:multifactorauthpresent",
        "aws:multifactorauthage",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceidentity",
        "aws:federatedprovider",
        "aws:tokenissuetime",
    }
)
_TAGS: Final = "aws:principaltag/"


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find keys that a web identity lacks."""
    for reading in readings(subject):
        if not _is_for_web(reading):
            continue
        for entry in reading.statement.conditions:
            key = entry.key.lower()
            if fails_when_absent(entry) and (key in _ABSENT or key.startswith(_TAGS)):
                outcome = "keeps nobody out" if reading.statement.denies else "admits nobody"
                yield RULE.finding(
                    f"a call with a web identity has no {quoted(entry.key)}: the statement"
                    f" {outcome}",
                    key_of(reading.document, entry),
                    help=_HELP.get(key, _COMPARE),
                )


def _is_for_web(reading: Reading) -> bool:
    principal = reading.statement.principal
    kinds = {entry.kind for entry in principal.entries} if principal is not None else set()
    return (
        bool(reading.providers)
        and kinds == {"Federated"}
        and names_action(reading.statement, WEB_IDENTITY)
    )


_COMPARE: Final = "compare a claim of the token, such as `sub`"
_HELP: Final = {
    "sts:externalid": "compare `aud`: it says for whom the token was made",
    "aws:sourceidentity": "compare `sts:SourceIdentity`, which the call sets",
}

RULE = PolicyRule(
    code="TRUST039",
    name="key_absent_from_web_identity",
    severity=Severity.ERROR,
    page=__doc__,
    types=TRUST,
    check=check,
)
