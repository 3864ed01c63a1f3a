"""Policy documents at the door of IAM: sized as AWS sizes them, compiled before they are kept."""

from urllib.parse import quote

from valetkey.api.iam.failures import quota
from valetkey.diagnostics import Source
from valetkey.policy import PolicyType, RequiredClaims, compile_policy, counted_characters

MANAGED_LIMIT = 6144
TRUST_LIMIT = 2048


def size(document: str) -> int:
    """Count the characters of an identity policy as IAM's quotas do."""
    return counted_characters(document, PolicyType.IDENTITY)


def checked_trust(document: str, role: str, required: RequiredClaims) -> str:
    """Return a trust policy that may be kept; ``required`` is what it must look at, by issuer.

    Raises ``MalformedPolicyDocument``, or ``LimitExceeded`` beyond 2,048 characters.
    """
    # Counting costs little, compiling a huge document does not: so the size comes first.
    if counted_characters(document, PolicyType.TRUST) > TRUST_LIMIT:
        raise quota("ACLSizePerRole", TRUST_LIMIT)
    compile_policy(
        Source(f"trust policy of role {role}", document),
        PolicyType.TRUST,
        name=f"role {role}",
        required=required,
    )
    return document


def checked_identity(document: str, name: str) -> str:
    """Return an identity policy that may be kept. Raises ``MalformedPolicyDocument``."""
    compile_policy(Source(f"policy {name}", document), PolicyType.IDENTITY, name=name)
    return document


def checked_managed(document: str, name: str) -> str:
    """Return a managed policy that may be kept.

    Raises ``MalformedPolicyDocument``, or ``LimitExceeded`` beyond 6,144 characters.
    """
    if size(document) > MANAGED_LIMIT:
        raise quota("PolicySize", MANAGED_LIMIT)
    return checked_identity(document, name)


def shown(document: str) -> str:
    """Return a document as responses carry it: percent-encoded (RFC 3986), as AWS's do."""
    return quote(document, safe="-_.~")
