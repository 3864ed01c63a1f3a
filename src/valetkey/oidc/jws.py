"""A compact JWS (RFC 7515, section 3.1), read strictly, and its signature.

The header is the sender's word. It says which of the issuer's keys and which of our six
algorithms to try, and nothing else: `jwk`, `jku`, `x5u` and `x5c` in it are never looked at, so
no token can bring its own key along.
"""

import re
from collections.abc import Mapping

import msgspec
from cryptography.exceptions import InvalidSignature

from valetkey.oidc.algorithms import ALGORITHMS, check_bytes
from valetkey.oidc.base64url import decode_base64url
from valetkey.oidc.errors import NOT_VALIDATED, Check, MalformedToken, TokenRefused
from valetkey.oidc.jwk import Key
from valetkey.oidc.keyset import KeySet
from valetkey.oidc.strictjson import Json, NotStrictJson, json_type, load_json, quoted

MAX_TOKEN_CHARS = 20_000
"""AWS STS's own limit for WebIdentityToken."""

_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)", re.ASCII)
_GITLAB_TOKEN = re.compile(r"gl[a-z]{2,8}-", re.ASCII)
# RFC 7515, sections 4.1.2 to 4.1.10.
_NOT_LOOKED_AT: Mapping[str, type] = {
    "jku": str,
    "jwk": dict,
    "x5u": str,
    "x5c": list,
    "x5t": str,
    "x5t#S256": str,
    "cty": str,
}
_JWS_SEGMENTS = 3  # header, payload, signature
_JWE_SEGMENTS = 5


class Jws(msgspec.Struct, frozen=True):
    """A JWS in its parts; nothing of it is verified. Its text never shows in a repr."""

    header: Mapping[str, Json]
    alg: str
    kid: str | None
    payload: bytes
    signing_input: bytes
    signature: bytes

    def __repr__(self) -> str:
        return f"Jws(alg={self.alg!r}, kid={self.kid!r})"


def parse_jws(unverified_jws: str, *, max_chars: int = MAX_TOKEN_CHARS) -> Jws:
    """Take a compact JWS apart; raise MalformedToken unless it is one that we could verify."""
    if len(unverified_jws) > max_chars:
        raise MalformedToken(
            Check.SIZE, f"the token has {len(unverified_jws)} characters, more than {max_chars}"
        )
    compact = _COMPACT.fullmatch(unverified_jws)
    if compact is None:
        raise _not_compact(unverified_jws)
    text = unverified_jws.encode()
    first, second = compact.end(1), compact.end(2)
    header = _header(_decode(text[:first], "header"))
    alg, kid = _check_header(header)
    return Jws(
        header,
        alg,
        kid,
        _decode(text[first + 1 : second], "payload"),
        text[:second],
        _decode(text[second + 1 :], "signature"),
    )


def check_signature(jws: Jws, keys: KeySet) -> Key:
    """Return the issuer's key that signed this.

    Raises UnknownKey, or TokenRefused with one answer for every forged token. Looks at nothing
    of the payload.
    """
    algorithm = ALGORITHMS[jws.alg]
    candidates = keys.candidates(jws.kid)
    fitting = [key for key in candidates if key.fits(algorithm)]
    if not fitting:
        have = ", ".join(key.description for key in candidates)
        raise TokenRefused(
            Check.KEY,
            NOT_VALIDATED,
            reason=f"algorithm `{jws.alg}` does not fit the key that the token names: {have}",
        )
    for key in fitting:
        try:
            check_bytes(algorithm, key.public, jws.signature, jws.signing_input)
        except InvalidSignature:
            continue
        return key
    raise TokenRefused(
        Check.SIGNATURE,
        NOT_VALIDATED,
        reason=f"the signature is not that of key {quoted(fitting[0].kid)}",
        help="the token was altered on its way, or another issuer uses the same kid",
    )


def _decode(segment: bytes, name: str) -> bytes:
    try:
        return decode_base64url(segment)
    except ValueError:
        raise MalformedToken(
            Check.ENCODING,
            f"the token's {name} is not canonical base64url",
            help="the token was cut, or altered on its way",
        ) from None


def _header(data: bytes) -> dict[str, Json]:
    try:
        header = load_json(data)
    except NotStrictJson as error:
        raise MalformedToken(Check.JSON, f"the token's header can't be read: {error}") from None
    if not isinstance(header, dict):
        raise MalformedToken(Check.JSON, f"the token's header is {json_type(header)}")
    return header


def _check_header(header: Mapping[str, Json]) -> tuple[str, str | None]:
    """Return the algorithm and the kid."""
    for name in ("crit", "b64"):
        # `crit` demands that we know an extension; we know none. `b64` changes what is signed.
        if name in header:
            raise MalformedToken(Check.HEADER, f"the token's header has `{name}`")
    for name, type_ in _NOT_LOOKED_AT.items():
        # Ignored, but not nonsense: who writes these wrongly has made no token of any kind.
        if name in header and not isinstance(header[name], type_):
            raise MalformedToken(Check.HEADER, f"the token's `{name}` is {json_type(header[name])}")
    typ = header.get("typ", "JWT")
    if not isinstance(typ, str) or "+" in typ:
        # RFC 8725, section 3.11: `at+jwt`, `logout+jwt` and kin say what they are; an ID token
        # is `JWT` or says nothing.
        raise MalformedToken(
            Check.HEADER,
            f"the token's `typ` is {quoted(typ)}: it is no ID token",
            help="send the ID token, not an access token",
        )
    kid = header.get("kid")
    if "kid" in header and not isinstance(kid, str):
        raise MalformedToken(Check.HEADER, f"the token's `kid` is {json_type(kid)}, not a string")
    alg = header.get("alg")
    if not isinstance(alg, str) or alg not in ALGORITHMS:
        raise MalformedToken(
            Check.ALGORITHM,
            f"algorithm {quoted(alg)} is not allowed" if "alg" in header else "no `alg` is given",
            help=f"the issuer must sign with one of {', '.join(ALGORITHMS)}",
        )
    return alg, kid if isinstance(kid, str) else None


def _not_compact(text: str) -> MalformedToken:
    """Say what was sent instead of a compact JWS."""
    segments = text.count(".") + 1
    advice = None
    if text.strip() != text and _COMPACT.fullmatch(text.strip()):
        reason, advice = "the token has white space around it", "strip the line break at its end"
    elif text.startswith("$"):
        reason = "the token is the name of a variable that did not expand"
    elif _GITLAB_TOKEN.match(text):
        reason = "this is an access or job token of GitLab's, not an ID token"
        advice = "declare `id_tokens:` in the job and send the variable that it names"
    elif segments == _JWE_SEGMENTS:
        reason = "the token has five segments: it is encrypted"
    elif segments != _JWS_SEGMENTS:
        reason = f"the token has {segments} segments, not {_JWS_SEGMENTS}"
    elif "" in text.split("."):
        reason = "a segment of the token is empty"
    else:
        reason = "the token holds a character that is not base64url"
        return MalformedToken(Check.ENCODING, reason)
    return MalformedToken(Check.SEGMENTS, reason, help=advice)
