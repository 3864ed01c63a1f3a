"""An ID token as it arrived: read, not believed."""

from collections.abc import Mapping
from hashlib import sha256

import msgspec

from valetkey.oidc.errors import Check, MalformedToken, TokenRefused
from valetkey.oidc.jws import MAX_TOKEN_CHARS, Jws, parse_jws
from valetkey.oidc.strictjson import Json, NotStrictJson, json_type, load_json


class UnverifiedToken(msgspec.Struct, frozen=True):
    """A token whose signature nobody has checked. Its text never shows in a repr.

    ``sha256`` (hex, of the token's text) is what records know a token by.
    """

    jws: Jws
    unverified_claims: Mapping[str, Json]
    sha256: str

    @property
    def header(self) -> Mapping[str, Json]:
        """Return the JOSE header: the sender's word, like all of the token."""
        return self.jws.header

    @property
    def alg(self) -> str:
        """Return the algorithm named in the header; it is one of ours."""
        return self.jws.alg

    @property
    def kid(self) -> str | None:
        """Return the id of the key named in the header, if one is."""
        return self.jws.kid

    @property
    def unverified_issuer(self) -> str | None:
        """Return `iss` where it is a string; good for finding the provider and nothing else."""
        issuer = self.unverified_claims.get("iss")
        return issuer if isinstance(issuer, str) else None

    def require_issuer(self) -> str:
        """Return `iss`; raise TokenRefused without one, as AWS does before all other claims."""
        issuer = self.unverified_issuer
        if issuer is None:
            iss = self.unverified_claims.get("iss")
            there = "iss" in self.unverified_claims
            raise TokenRefused(
                Check.ISSUER_PRESENT,
                "Missing a required claim: iss",
                reason=f"`iss` is {json_type(iss)}" if there else "the token has no `iss`",
            )
        return issuer

    def __repr__(self) -> str:
        return f"UnverifiedToken(sha256={self.sha256!r})"


def parse_token(unverified_jwt: str, *, max_chars: int = MAX_TOKEN_CHARS) -> UnverifiedToken:
    """Read an ID token (RFC 7519 in a compact JWS), believing nothing of it.

    Raises MalformedToken; every text gives a token or that.
    """
    jws = parse_jws(unverified_jwt, max_chars=max_chars)
    try:
        claims = load_json(jws.payload)
    except NotStrictJson as error:
        raise MalformedToken(Check.JSON, f"the token's payload can't be read: {error}") from None
    if not isinstance(claims, dict):
        raise MalformedToken(Check.JSON, f"the token's payload is {json_type(claims)}")
    return UnverifiedToken(jws, claims, sha256(unverified_jwt.encode()).hexdigest())
