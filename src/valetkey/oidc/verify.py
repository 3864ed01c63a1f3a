"""From a token as it arrived to claims that its issuer has signed."""

from collections.abc import Collection, Mapping
from types import MappingProxyType

import msgspec

from valetkey.oidc import registered
from valetkey.oidc.jws import check_signature
from valetkey.oidc.keyset import KeySet
from valetkey.oidc.registered import LEEWAY_SECONDS
from valetkey.oidc.strictjson import Json
from valetkey.oidc.token import UnverifiedToken


class _Proof:
    """What only :func:`verify` has."""

    __slots__ = ()


_PROOF = _Proof()


class SupposedClaims(msgspec.Struct, frozen=True):
    """What a token would say if its signature were good. It proves nothing and opens nothing.

    For explaining a token without its issuer's keys; built by :func:`suppose`.
    """

    issuer: str
    subject: str
    audience: str
    claims: Mapping[str, Json]

    def __repr__(self) -> str:
        return f"SupposedClaims(issuer={self.issuer!r}, subject={self.subject!r})"


class VerifiedClaims(msgspec.Struct, frozen=True):
    """The claims of a token whose issuer, signature, times and audience were verified.

    Only :func:`verify` builds one. ``audience`` is the effective one (`azp`, else `aud`);
    ``issued_at`` and ``expires_at`` are whole seconds since 1970; ``token_sha256`` is hex.
    """

    proof: _Proof
    issuer: str
    subject: str
    audience: str
    claims: Mapping[str, Json]
    issued_at: int
    expires_at: int
    kid: str
    alg: str
    token_sha256: str

    def __post_init__(self) -> None:
        if self.proof is not _PROOF:
            raise TypeError("verified claims come from `verify` only")

    def __repr__(self) -> str:
        return f"VerifiedClaims(issuer={self.issuer!r}, subject={self.subject!r})"


Claims = VerifiedClaims | SupposedClaims
"""Claims that were judged; what grants takes the first kind only."""


def verify(
    token: UnverifiedToken,
    keys: KeySet,
    *,
    client_ids: Collection[str],
    issuer: str,
    now: float,
    leeway: int = LEEWAY_SECONDS,
) -> VerifiedClaims:
    """Return the token's claims as proof that ``issuer`` said so, or raise.

    ``issuer`` is the URL as registered, ``client_ids`` the provider's, ``now`` and ``leeway``
    are seconds. Raises UnknownKey where a newer key set might help, else TokenRefused.

    Nothing but the presence of `iss` and the named key decides an answer before the signature
    is verified: all forgeries get one and the same answer, whatever they claim.
    """
    token.require_issuer()
    key = check_signature(token.jws, keys)

    supposed, times = _judged(token, client_ids, issuer, now, leeway)
    return VerifiedClaims(
        _PROOF,
        issuer,
        supposed.subject,
        supposed.audience,
        supposed.claims,
        times.issued_at,
        times.expires_at,
        key.kid,
        token.alg,
        token.sha256,
    )


def suppose(
    token: UnverifiedToken,
    *,
    client_ids: Collection[str],
    issuer: str,
    now: float,
    leeway: int = LEEWAY_SECONDS,
) -> SupposedClaims:
    """Judge a token as :func:`verify` does, all but its key and signature.

    Raises TokenRefused as :func:`verify` does. Nothing that grants may take the result.
    """
    token.require_issuer()
    return _judged(token, client_ids, issuer, now, leeway)[0]


def _judged(
    token: UnverifiedToken, client_ids: Collection[str], issuer: str, now: float, leeway: int
) -> tuple[SupposedClaims, registered.Times]:
    claims = token.unverified_claims
    registered.require_claims(claims)
    subject = registered.check_subject(claims)
    registered.check_issuer(claims, issuer)
    times = registered.check_times(claims, now, leeway)
    audience = registered.check_audience(claims, client_ids)
    supposed = SupposedClaims(issuer, subject, audience, MappingProxyType(dict(claims)))
    return supposed, times
