"""The Principal and NotPrincipal elements (User Guide, *Principal*, *NotPrincipal*).

A requester is known by its kind (``AWS``, ``Federated``, ``Service``, ``Anonymous``), by names,
of which the first is its own ARN and the next that of the role or user behind the session, by
unique ids, and by its account.
"""

from dataclasses import dataclass
from typing import Any, Final

from reference.templates import Context

NOBODY: Final = 0
BY_ACCOUNT: Final = 1
BY_ROLE: Final = 2
DIRECTLY: Final = 3
"""How closely a policy admits a requester; what limits the grant hangs on it."""

NAMING: Final = ("StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike")


@dataclass(frozen=True)
class Asked:
    """A request in plain words."""

    action: str
    resource: str
    context: Context
    kind: str
    names: list[str]
    account: str | None
    ids: list[str]
    owner: str | None


def listed(value: Any) -> list[Any]:
    """One value or several."""
    return value if isinstance(value, list) else [value]


def entries(element: Any) -> list[tuple[str, str]]:
    """The element as pairs of a kind and a value; ``"*"`` alone is everyone of every kind."""
    if element == "*":
        return [("*", "*")]
    return [(kind, value) for kind, values in element.items() for value in listed(values)]


def names_account(value: str, asked: Asked, *, anywhere: bool = False) -> bool:
    """Whether a principal is the requester's account.

    "The account ARN and the shortened account ID behave the same way." An ARN is of one
    partition, and so are accounts; ``anywhere`` is for a Deny, which is meant widely.
    """
    if asked.account is None:
        return False
    partition = value.split(":")[1] if anywhere and ":" in value else asked.names[0].split(":")[1]
    return value in (asked.account, f"arn:{partition}:iam::{asked.account}:root")


def is_root(asked: Asked) -> bool:
    """Whether the account itself asks, or a session that it federated."""
    return asked.kind == "AWS" and asked.names[-1].endswith(":root")


def admits(statement: dict[str, Any], asked: Asked, *, trust: bool) -> int:
    """How closely an Allow statement of a resource's policy admits the requester."""
    return max(
        (
            of_everyone(kind, statement, asked, trust=trust)
            if value == "*"
            else of_one(kind, value, asked)
            for kind, value in entries(statement["Principal"])
        ),
        default=NOBODY,
    )


def of_everyone(kind: str, statement: dict[str, Any], asked: Asked, *, trust: bool) -> int:
    """How closely a wildcard admits.

    "Using a wildcard (*) with an Allow effect grants access to all users, including anonymous
    users (public access). For IAM users and role principals within your account, no other
    permissions are required." It names no session, so that a boundary and a session policy limit
    it as they limit a role's grant; but they "do not limit permissions granted using the
    aws:PrincipalArn condition key with a wildcard(*) in the Principal element". A role's trust in
    everyone is trust in their accounts. A web identity was seen not to be admitted by
    ``{"AWS": "*"}``, and a service is no user.
    """
    if trust:
        return BY_ACCOUNT if asked.kind == "AWS" else NOBODY
    if kind == "*" or asked.kind in ("AWS", "Anonymous"):
        return DIRECTLY if by_principal_arn(statement) else BY_ROLE
    return NOBODY


def by_principal_arn(statement: dict[str, Any]) -> bool:
    """Whether a condition names the requester by ``aws:PrincipalArn``, and not by who it is not."""
    return any(
        operator.removeprefix("ForAnyValue:") in NAMING and key.lower() == "aws:principalarn"
        for operator, keys in statement.get("Condition", {}).items()
        for key in keys
    )


def of_one(kind: str, value: str, asked: Asked) -> int:
    """How closely one principal admits the requester.

    "If a resource-based policy grants permission directly to the IAM user or the session
    principal that is making the request, then an implicit deny in an identity-based policy, a
    permissions boundary, or a session policy does not impact the final decision. … Resource-based
    policies that grant permissions to an IAM role ARN are limited by an implicit deny in a
    permissions boundary or session policy. … [For] the ARN of the IAM user who federated, … by an
    implicit deny in a permission boundary or session policy." An ARN of a role or user
    "transforms to the unique principal ID when you save the policy".
    """
    if kind != asked.kind:
        return NOBODY
    if kind != "AWS":
        return DIRECTLY if value in asked.names else NOBODY
    if names_account(value, asked):
        return BY_ACCOUNT
    if value == asked.names[0]:
        return DIRECTLY
    if value in asked.ids:
        return DIRECTLY if ":user/" in asked.names[0] else BY_ROLE
    return BY_ROLE if value in asked.names[1:] else NOBODY


def denies(statement: dict[str, Any], asked: Asked) -> bool:
    """Whether a Deny statement is meant for the requester; one of no resource's policy always is.

    AWS does not say whether ``{"AWS": "*"}`` is meant for services and web identities as well, and
    a canonical user's id does not say whose account it is: a Deny is taken as widely as it can be
    meant.
    """
    if "NotPrincipal" in statement:
        return not spared(entries(statement["NotPrincipal"]), asked)
    if "Principal" not in statement:
        return True
    return any(
        value == "*"
        or (kind == "CanonicalUser" and asked.kind in ("AWS", "Anonymous"))
        or (kind == asked.kind and (value in asked.names or value in asked.ids))
        or (kind == asked.kind == "AWS" and names_account(value, asked, anywhere=True))
        for kind, value in entries(statement["Principal"])
    )


def spared(listing: list[tuple[str, str]], asked: Asked) -> bool:
    """``NotPrincipal`` with ``Deny``: "explicitly denied to all principals except for the ones".

    "… you must also specify the account ARN of the not-denied principal. Otherwise, the policy
    might deny access to the entire account containing the principal. … If an assumed-role user is
    being evaluated, AWS might validate the account first, then the role, and then the
    assumed-role user." So each of them has to be listed.
    """
    if any(kind == "*" or (value == "*" and kind == asked.kind) for kind, value in listing):
        return True
    if asked.kind == "Anonymous":
        return ("AWS", "*") in listing
    values = [value for kind, value in listing if kind == asked.kind]
    if asked.kind != "AWS":
        return any(name in values for name in asked.names)
    return all(name in values for name in asked.names) and any(
        names_account(value, asked) for value in values
    )
