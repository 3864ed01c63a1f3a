"""The registered claims of a signed token (RFC 7519, section 4.1; OpenID Connect Core, 3.1.3.7).

Each check takes claims whose signature has been verified and returns what it found, or raises
TokenRefused with AWS's sentence and our reason. Times are whole seconds since 1970.
"""

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

from valetkey.clock import iso8601
from valetkey.oidc.errors import EXPIRED_TOKEN, NOT_VALIDATED, Check, TokenRefused
from valetkey.oidc.issuers import why_claim_is_missing
from valetkey.oidc.strictjson import Json, json_type, quoted

REQUIRED = ("sub", "aud", "iat", "exp")
LEEWAY_SECONDS = 300
"""AWS's tolerance on `exp`, `nbf` and `iat`."""

_INTEGER = re.compile(r"-?[0-9]{1,15}", re.ASCII)
_MAX_TIME = 10**15


class Times(NamedTuple):
    """When a token was issued and when it ends."""

    issued_at: int
    expires_at: int


def require_claims(claims: Mapping[str, Json]) -> None:
    """Refuse a token that lacks one of the claims that AWS requires."""
    for name in REQUIRED:
        if name not in claims:
            reason, advice = why_claim_is_missing(name, claims)
            raise TokenRefused(
                Check.REQUIRED_CLAIMS,
                f"Missing a required claim: {name}",
                reason=reason,
                help=advice,
            )


def check_subject(claims: Mapping[str, Json]) -> str:
    """Return `sub`; a number becomes its decimal text, as on AWS."""
    sub = claims["sub"]
    if isinstance(sub, str) and sub:
        return sub
    if isinstance(sub, int) and not isinstance(sub, bool):
        return str(sub)
    # AWS takes an empty subject, and answers a null with a 500. An empty one would be anybody.
    what = "an empty string" if sub == "" else json_type(sub)
    raise TokenRefused(Check.SUBJECT, NOT_VALIDATED, reason=f"`sub` is {what}: it names nobody")


def check_issuer(claims: Mapping[str, Json], registered: str) -> str:
    """Return `iss`, equal to the registered issuer to the character (Core, 3.1.3.7, rule 2)."""
    iss = claims["iss"]
    if iss == registered:
        return registered
    raise TokenRefused(
        Check.ISSUER,
        f"No OpenIDConnect provider found in your account for {iss}",
        reason=f"the token's issuer is {quoted(iss)}, the provider's {quoted(registered)}",
        help=_how_issuers_differ(str(iss), registered),
    )


def check_times(claims: Mapping[str, Json], now: float, leeway: int) -> Times:
    """Return when the token was issued and ends; refuse it before, after and without a time."""
    moment = int(now)
    iat, exp = _timestamp(claims, "iat"), _timestamp(claims, "exp")
    nbf = _timestamp(claims, "nbf") if "nbf" in claims else None
    if iat > moment + leeway:
        raise TokenRefused(
            Check.ISSUED_AT,
            f"Token issued in the future: {iat}",
            reason=f"`iat` is {iat - moment} s ahead of our clock, more than {leeway} s",
            help=_CLOCKS,
        )
    # The two sentences give the clock with the leeway inside it, as AWS's do.
    if nbf is not None and nbf > moment + leeway:
        raise TokenRefused(
            Check.NOT_BEFORE,
            f"Token not yet valid: current date/time {moment + leeway} must be after or equal to "
            f"the not-before date/time {nbf}",
            reason=f"`nbf` is {nbf - moment} s ahead of our clock, more than {leeway} s",
            help=_CLOCKS,
        )
    if exp <= moment - leeway:
        raise TokenRefused(
            Check.EXPIRY,
            f"Token expired: current date/time {moment - leeway} must be before the expiration "
            f"date/time {exp}",
            reason=f"it expired {moment - exp} s ago{_at(exp)}; {leeway} s are tolerated",
            help="take a fresh token, or exchange it earlier in the job",
            code=EXPIRED_TOKEN,
        )
    return Times(iat, exp)


def check_audience(claims: Mapping[str, Json], client_ids: Collection[str]) -> str:
    """Return the effective audience: `azp` where there is one, else the only `aud`.

    It must be one of the provider's client ids; without client ids nobody passes.
    """
    audiences = _audiences(claims["aud"])
    if "azp" in claims:
        azp = claims["azp"]
        if not isinstance(azp, str):
            raise _bad_audience(f"`azp` is {json_type(azp)}, not a string")
        return _registered("azp", azp, client_ids)
    if len(audiences) > 1:
        raise TokenRefused(
            Check.AUDIENCE,
            "Token audience contains more than one audience while authorized party is not present",
            reason=f"`aud` holds {len(audiences)} values and there is no `azp` to choose one",
            help="give the token a single audience",
        )
    return _registered("aud", audiences[0], client_ids)


_CLOCKS = "one of the two clocks is wrong: compare the issuer's with this server's"


def _timestamp(claims: Mapping[str, Json], name: str) -> int:
    value = claims[name]
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _MAX_TIME:
        return value
    what = quoted(value) if isinstance(value, str | int | float) else json_type(value)
    raise TokenRefused(
        Check.TIMESTAMPS,
        "Invalid timestamp in token claims.",
        reason=f"`{name}` is {what}, not whole seconds since 1970",
    )


def _at(seconds: int) -> str:
    return f" (at {iso8601(seconds)})" if 0 <= seconds <= _LAST_WRITABLE else ""


_LAST_WRITABLE = 253_402_300_799  # 9999-12-31T23:59:59Z


def _audiences(aud: Json) -> list[str]:
    """Return `aud` as a list: a string and an array of that one string mean the same."""
    if isinstance(aud, str):
        return [aud]
    if aud == []:
        raise TokenRefused(
            Check.AUDIENCE, "Claim is not allowed to be empty: aud", reason="`aud` is empty"
        )
    if not isinstance(aud, list):
        raise _bad_audience(f"`aud` is {json_type(aud)}, not a string or an array of strings")
    strings = [item for item in aud if isinstance(item, str)]
    if len(strings) != len(aud):
        raise _bad_audience("`aud` is an array that does not hold strings only")
    return strings


def _registered(claim: str, audience: str, client_ids: Collection[str]) -> str:
    if audience and audience in client_ids:
        return audience
    known = ", ".join(quoted(client_id) for client_id in client_ids) or "none"
    raise _bad_audience(
        f"`{claim}` is {quoted(audience)}, which is no client id of the provider (it has: {known})",
        help=_near_miss(audience, client_ids),
    )


def _bad_audience(reason: str, help: str | None = None) -> TokenRefused:
    return TokenRefused(Check.AUDIENCE, NOT_VALIDATED, reason=reason, help=help)


def _near_miss(audience: str, client_ids: Collection[str]) -> str:
    for client_id in client_ids:
        if _bare(client_id) == _bare(audience):
            return f"write {quoted(client_id)} in the job: {_difference(audience, client_id)}"
    return "add it to the provider's client ids, or ask for another audience in the job"


def _how_issuers_differ(iss: str, registered: str) -> str:
    if _bare(iss) == _bare(registered):
        return f"register the provider as {quoted(iss)}: {_difference(iss, registered)}"
    return "this token is another issuer's"


def _bare(url: str) -> str:
    return url.partition("://")[2].rstrip("/").casefold() or url.rstrip("/").casefold()


def _difference(got: str, wanted: str) -> str:
    if got.rstrip("/") == wanted.rstrip("/"):
        return "the two differ by a trailing slash"
    if got.casefold() == wanted.casefold():
        return "the two differ by upper and lower case"
    return "the two differ by their scheme, case or trailing slash"
