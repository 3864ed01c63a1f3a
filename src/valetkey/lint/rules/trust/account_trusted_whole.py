"""A whole account is trusted without a condition.

## What
An Allow names an account (`400000000019` or `arn:aws:iam::400000000019:root`) and has no
condition at all.

## Why
Any role or user of that account whose own policies allow `sts:AssumeRole` may take the role. If
it is another company's account, such as a vendor's, whoever can make the vendor use a role of
their choice can make it use yours ("confused deputy"); an external id, which the vendor gives to
you alone, prevents that. It is a warning where the account is known to be a foreign one: another
than that of the providers in the same policy.

## Example
    "Principal": {"AWS": "arn:aws:iam::400000000042:root"},
    "Action": "sts:AssumeRole"

## Instead
    "Principal": {"AWS": "arn:aws:iam::400000000042:role/backup"},
    "Action": "sts:AssumeRole",
    "Condition": {"StringEquals": {"sts:ExternalId": "7c1b2f5e"}}

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from collections.abc import Iterator

from valetkey.arn import ACCOUNT_ID, parse_arn
from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.places import whole
from valetkey.lint.rules.trust._providers import providers_of
from valetkey.lint.rules.trust._reading import ASSUME_ROLE, TRUST, names_action, readings
from valetkey.policy import PolicyDocument


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find accounts that are trusted as a whole."""
    own = _own_accounts(subject.document)
    for reading in readings(subject):
        statement = reading.statement
        principal = statement.principal
        if statement.denies or statement.conditions or principal is None or principal.negated:
            continue
        if not names_action(statement, ASSUME_ROLE):
            continue
        for entry in principal.entries:
            for value in entry.values if entry.kind == "AWS" else ():
                account = _account(value.text)
                if account is not None and account not in own:
                    yield RULE.finding(
                        f"whoever account `{account}` lets call `sts:AssumeRole` may take the role",
                        whole(reading.document, value),
                        help="name the role that needs it; for another company's account add"
                        ' `"StringEquals": {"sts:ExternalId": "EXTERNAL-ID"}`',
                        severity=Severity.WARNING if own else Severity.NOTE,
                    )


def _account(text: str) -> str | None:
    if ACCOUNT_ID.fullmatch(text):
        return text
    arn = parse_arn(text)
    return arn.account if arn is not None and arn.resource == "root" else None


def _own_accounts(document: PolicyDocument) -> frozenset[str]:
    arns = (
        parse_arn(named.value.text)
        for statement in document.statements
        for named in providers_of(statement)
    )
    return frozenset(arn.account for arn in arns if arn is not None)


RULE = PolicyRule(
    code="TRUST026",
    name="account_trusted_whole",
    severity=Severity.NOTE,
    page=__doc__,
    types=TRUST,
    check=check,
)
