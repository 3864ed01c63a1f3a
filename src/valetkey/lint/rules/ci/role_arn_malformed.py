"""The ARN of the role is not that of a role.

## What
A role is named by something that is no role's ARN, whatever its variables hold: the account is
empty or does not have twelve digits, a field is missing, or it is the ARN of something else.

## Why
AWS looks at the form of the ARN before anything else and answers `Request ARN is invalid`; where
the form is right and the thing is no role, the answer is the same as for a role that refuses.

## Example
    variables:
      AWS_ROLE_ARN: arn:aws:iam::role/deploy

## Instead
    variables:
      AWS_ROLE_ARN: arn:aws:iam::123456789012:role/deploy

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
"""

import re
from collections.abc import Iterator

from valetkey.arn import ACCOUNT_ID, parse_arn
from valetkey.diagnostics import Severity
from valetkey.lint.model import CiRule, CiSubject, Finding
from valetkey.lint.rules.ci._roles import roles
from valetkey.lint.rules.ci._scripts import once, shells
from valetkey.lint.rules.ci._values import Names

_HOLE = "\0"
_PARTITION = re.compile(r"aws(?:-[a-z]+)*", re.ASCII)


def check(subject: CiSubject) -> Iterator[Finding]:
    """Find ARNs that are no role's, for whatever their variables hold."""
    return once(_found(subject))


def _found(subject: CiSubject) -> Iterator[Finding]:
    for shell in shells(subject):
        for pieces in roles(Names(subject, shell), shell):
            text = "".join(_HOLE if piece.text is None else piece.text for piece in pieces)
            wrong = _wrong(text)
            if wrong is not None:
                shown = text.replace(_HOLE, "…")
                yield RULE.finding(
                    f"`{shown}` is no ARN of a role: {wrong}",
                    (pieces[0].span, "not a role's ARN"),
                    help="write `arn:aws:iam::ACCOUNT:role/NAME`, the account with twelve digits",
                )


def _wrong(text: str) -> str | None:
    """Return what is wrong, or None where the unknown parts may make it right."""
    arn = parse_arn(text)
    if text.startswith(_HOLE) or not text or (arn is None and _HOLE in text):
        return None
    if text.strip() != text:
        return "there is a blank at an end"
    if arn is None:
        return "its account is missing" if "::role/" in text else "an ARN has six fields"
    if _HOLE not in arn.partition + arn.service and (
        not _PARTITION.fullmatch(arn.partition) or arn.service != "iam"
    ):
        return f"it begins with `arn:{arn.partition}:{arn.service}:`"
    if arn.region and _HOLE not in arn.region:
        return f"an IAM ARN has no region, this one `{arn.region}`"
    return _wrong_end(arn.account, arn.resource)


def _wrong_end(account: str, resource: str) -> str | None:
    if _HOLE not in account and not ACCOUNT_ID.fullmatch(account):
        return f"`{account}` is no account of twelve digits" if account else "its account is empty"
    if resource.startswith(_HOLE) or resource == "role/" + _HOLE:
        return None
    kind, slash, name = resource.partition("/")
    if _HOLE in kind or (kind == "role" and slash and name):
        return None
    return f"`{kind or resource}` is no role" if kind != "role" else "the role has no name"


RULE = CiRule(
    code="CI009",
    name="role_arn_malformed",
    severity=Severity.ERROR,
    page=__doc__,
    check=check,
)
