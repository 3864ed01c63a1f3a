"""`{"AWS": "*"}` trusts every AWS principal of every account.

## What
An Allow of a trust policy names `*` as its `AWS` principal, and no condition says which account,
organisation or principal is meant. An `sts:ExternalId` or a session name does not: the caller
chooses them.

## Why
Anyone with any AWS account may take the role.

## Example
    "Principal": {"AWS": "*"},
    "Action": "sts:AssumeRole"

## Instead
    "Principal": {"AWS": "arn:aws:iam::400000000019:role/deployer"}

or, for a whole organisation, `"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}` beside it.

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.places import whole
from valetkey.lint.rules.trust._reading import ASSUME_ROLE, TRUST, demands, names_action, readings
from valetkey.policy import Statement

_CHOSEN_BY_CALLER: Final = (
    "sts:externalid",
    "sts:rolesessionname",
    "sts:sourceidentity",
    "aws:requesttag/",
    "aws:tagkeys",
    "aws:useragent",
    "aws:referer",
    "aws:currenttime",
    "aws:epochtime",
    "aws:securetransport",
    "aws:requestedregion",
)


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find statements that trust everyone."""
    for reading in readings(subject):
        statement = reading.statement
        principal = statement.principal
        if statement.denies or principal is None or principal.negated or _is_limited(statement):
            continue
        if not names_action(statement, ASSUME_ROLE):
            continue
        for entry in principal.entries:
            for value in entry.values if entry.kind == "AWS" else ():
                if value.text == "*":
                    yield RULE.finding(
                        "every principal of every AWS account may take the role",
                        whole(reading.document, value),
                        help="name the account or the role; for an organisation add"
                        ' `"StringEquals": {"aws:PrincipalOrgID": "ORGANISATION-ID"}`',
                    )


def _is_limited(statement: Statement) -> bool:
    return any(
        demands(entry)
        and entry.key
        and not entry.key.lower().startswith(_CHOSEN_BY_CALLER)
        and all(value.text.strip("*?") for value in entry.values)
        for entry in statement.conditions
    )


RULE = PolicyRule(
    code="TRUST025",
    name="everyone_trusted",
    severity=Severity.ERROR,
    page=__doc__,
    types=TRUST,
    check=check,
)
