"""A Deny with `NotPrincipal` also denies those whom it names.

## What
A Deny lists a user, a role or a session as `NotPrincipal`, and not the account that it is of; or
it lists a session and not its role.

## Why
A request is made by a session, its role and its account at once, and `NotPrincipal` spares it
only where all of them are listed. AWS advises against the element altogether.

## Example
    {"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::400000000019:role/kiln"},
     "Action": "s3:*", "Resource": "arn:aws:s3:::kiln/*"}

## Instead
    {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::kiln/*",
     "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::400000000019:role/kiln"}}}

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
"""

from collections.abc import Iterator

from valetkey.arn import ACCOUNT_ID, parse_arn
from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.policy import PolicyType, PrincipalElement


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find exceptions that are none."""
    for statement in subject.document.statements:
        principal = statement.principal
        if principal is None or not principal.negated or not statement.denies:
            continue
        listed = _listed(principal)
        for entry in principal.entries:
            for value in entry.values if entry.kind == "AWS" and "*" not in listed else ():
                missing = _missing(value.text, listed)
                if missing is not None:
                    yield RULE.finding(
                        f"`{value.text[:120]}` is denied as well: `{missing}` is not listed",
                        subject.document.span(value.range),
                        (subject.document.span(principal.name_range), "spares whom it lists"),
                        help="use a Deny for `*` with a condition on `aws:PrincipalArn`",
                    )


def _listed(principal: PrincipalElement) -> frozenset[str]:
    named = [v.text for entry in principal.entries if entry.kind == "AWS" for v in entry.values]
    accounts = [text for text in named if ACCOUNT_ID.fullmatch(text)]
    return frozenset([*named, *(f"arn:aws:iam::{account}:root" for account in accounts)])


def _missing(text: str, listed: frozenset[str]) -> str | None:
    """Return what must be listed beside a principal for it to be spared."""
    arn = parse_arn(text)
    if arn is None or arn.resource == "root":
        return None
    root = f"arn:{arn.partition}:iam::{arn.account}:root"
    if root not in listed and arn.account not in listed:
        return root
    kind, _, rest = arn.resource.partition("/")
    role = f"arn:{arn.partition}:iam::{arn.account}:role/{rest.partition('/')[0]}"
    named = any(each.startswith(role.partition("role/")[0] + "role/") for each in listed)
    return role if arn.service == "sts" and kind == "assumed-role" and not named else None


RULE = PolicyRule(
    code="PERM018",
    name="not_principal_spares_nobody",
    severity=Severity.WARNING,
    page=__doc__,
    types=frozenset({PolicyType.RESOURCE}),
    check=check,
)
