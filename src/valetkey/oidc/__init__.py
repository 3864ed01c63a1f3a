"""Trust in an OpenID Connect ID token.

Owns the strict reading of a compact JWS, the judgement of its signature and registered claims,
the claims that AWS gives a meaning to, what is known of each issuer's tokens, and the way from
claims to the values that policies compare. Serves `access`, `explain`, `lint` and `doctor`.
Knows nothing of fetching keys (it names the :class:`KeySource` that others are), of storing, of
policies, or of what time it is.

The way of a token: :func:`parse_token` (bad input ends here) → a :class:`KeySet` →
:func:`verify` → :class:`VerifiedClaims`, the proof that everything above takes.
"""

from valetkey.oidc.aws_claims import (
    SessionTags,
    check_role,
    roles_claim,
    session_tags,
    source_identity,
)
from valetkey.oidc.conditions import claim_values, condition_values, persistent_values
from valetkey.oidc.differences import DIFFERENCES, Difference
from valetkey.oidc.errors import (
    Check,
    KeysUnavailable,
    MalformedKeySet,
    MalformedToken,
    ThumbprintMismatch,
    TokenError,
    TokenRefused,
    UnknownKey,
)
from valetkey.oidc.jwk import Key, Skip, SkippedKey
from valetkey.oidc.jws import MAX_TOKEN_CHARS
from valetkey.oidc.keyset import KeySet
from valetkey.oidc.keysource import KeySource, ProviderKeys
from valetkey.oidc.registered import LEEWAY_SECONDS
from valetkey.oidc.strictjson import Json, NotStrictJson, load_json
from valetkey.oidc.token import UnverifiedToken, parse_token
from valetkey.oidc.verify import Claims, SupposedClaims, VerifiedClaims, suppose, verify

__all__ = [
    "DIFFERENCES",
    "LEEWAY_SECONDS",
    "MAX_TOKEN_CHARS",
    "Check",
    "Claims",
    "Difference",
    "Json",
    "Key",
    "KeySet",
    "KeySource",
    "KeysUnavailable",
    "MalformedKeySet",
    "MalformedToken",
    "NotStrictJson",
    "ProviderKeys",
    "SessionTags",
    "Skip",
    "SkippedKey",
    "SupposedClaims",
    "ThumbprintMismatch",
    "TokenError",
    "TokenRefused",
    "UnknownKey",
    "UnverifiedToken",
    "VerifiedClaims",
    "check_role",
    "claim_values",
    "condition_values",
    "load_json",
    "parse_token",
    "persistent_values",
    "roles_claim",
    "session_tags",
    "source_identity",
    "suppose",
    "verify",
]
