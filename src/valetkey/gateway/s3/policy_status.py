"""Whether a bucket policy makes its bucket public (User Guide, *The meaning of "public"*)."""

import ipaddress
from typing import Final

from valetkey.gateway.s3.xml import document, element
from valetkey.policy import ConditionEntry, Family, PolicyDocument, Qualifier, Statement

_FIXING_KEYS: Final = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    }
)
"""The keys that leave a policy non-public where they are held to fixed values."""

_BROADEST_V4: Final = 8
_BROADEST_V6: Final = 32


def is_public(policy: PolicyDocument) -> bool:
    """Tell whether a policy lets in anyone at all: an Allow for everybody without fixed values."""
    return any(_is_public(statement) for statement in policy.statements)


def policy_status_document(policy: PolicyDocument) -> bytes:
    """Return the answer to GetBucketPolicyStatus."""
    return document(
        "PolicyStatus", (element("IsPublic", "true" if is_public(policy) else "false"),)
    )


def _is_public(statement: Statement) -> bool:
    if statement.denies or not _for_everyone(statement):
        return False
    return not any(_fixes(entry) for entry in statement.conditions)


def _for_everyone(statement: Statement) -> bool:
    principal = statement.principal
    if principal is None:
        return False
    if principal.negated or principal.everyone is not None:
        return True
    return any(
        entry.kind == "AWS" and value.text == "*"
        for entry in principal.entries
        for value in entry.values
    )


def _fixes(entry: ConditionEntry) -> bool:
    """Tell whether a condition holds a key that tells callers apart to values without wildcards."""
    operator = entry.operator
    if entry.key.lower() not in _FIXING_KEYS or not entry.values:
        return False
    if operator.base.negated or operator.if_exists or operator.qualifier is Qualifier.ALL:
        return False
    if operator.base.family is Family.ADDRESS:
        return all(_is_narrow(value.text) for value in entry.values)
    if operator.base.family not in _COMPARING:
        return False
    return not any(mark in value.text for value in entry.values for mark in ("*", "?", "${"))


_COMPARING: Final = frozenset({Family.STRING, Family.FOLDED_STRING, Family.LIKE, Family.ARN})


def _is_narrow(text: str) -> bool:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    broadest = _BROADEST_V4 if network.version == 4 else _BROADEST_V6  # noqa: PLR2004 - IPv4
    return network.prefixlen >= broadest
