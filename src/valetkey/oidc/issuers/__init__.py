"""What is known of each issuer's tokens, a module an issuer: every claim accounted for by name.

Owns the tables (which claims, of which type, who decides what they say) and the shape of
subjects. Serves messages: `explain`, `lint`, `doctor`. Grants nothing: a token is trusted for
its signature and its conditions, never for looking like an issuer's.
"""

from collections.abc import Mapping

from valetkey.oidc.issuers import gitlab
from valetkey.oidc.issuers.table import (
    Claim,
    Control,
    IssuerKnowledge,
    JsonType,
    Standing,
    SubjectPart,
    TypeMismatch,
    type_mismatches,
    unknown_claims,
)
from valetkey.oidc.strictjson import Json

__all__ = [
    "ISSUERS",
    "Claim",
    "Control",
    "IssuerKnowledge",
    "JsonType",
    "Standing",
    "SubjectPart",
    "TypeMismatch",
    "recognise",
    "type_mismatches",
    "unknown_claims",
    "why_claim_is_missing",
]

ISSUERS: tuple[IssuerKnowledge, ...] = (gitlab,)


def recognise(issuer: str, claims: Mapping[str, Json]) -> IssuerKnowledge | None:
    """Return what is known of the issuer that these claims look like, for messages only."""
    return next((known for known in ISSUERS if known.recognise(issuer, claims)), None)


def why_claim_is_missing(name: str, claims: Mapping[str, Json]) -> tuple[str, str | None]:
    """Return the reason and the help for a required claim that is not there."""
    if gitlab.is_legacy_job_token(claims):
        return gitlab.LEGACY_JOB_TOKEN
    return f"the token has no `{name}`", None
