"""The signature in the ``Authorization`` header."""

import base64
import hashlib
from collections.abc import Mapping

from valetkey.sigv4.refusals import MalformedSignature
from valetkey.sigv4.request import ALGORITHM, ECDSA, Signature
from valetkey.sigv4.scope import (
    SigningTime,
    read_amz_date,
    read_date,
    read_region_set,
    read_scope,
    read_signed_headers,
)

_PARTS = ("Credential", "Signature", "SignedHeaders")


def signature_in_header(headers: Mapping[bytes, bytes]) -> Signature:
    """Read ``AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…``.

    Blanks after the commas are optional; ``AWS4-ECDSA-P256-SHA256`` is SigV4A. Raises
    :class:`MalformedSignature`.
    """
    authorization = _text(headers[b"authorization"])
    algorithm, parts = _parts(authorization)
    _refuse_missing(parts, headers, authorization)
    scope = read_scope(parts["Credential"], algorithm)
    time = _signing_time(headers)
    token = headers.get(b"x-amz-security-token")
    content = headers.get(b"x-amz-content-sha256")
    return Signature(
        access_key_id=scope.access_key_id,
        date=scope.date,
        amz_date=time.text,
        timestamp=time.seconds,
        region=scope.region,
        service=scope.service,
        signed_headers=read_signed_headers(parts["SignedHeaders"]),
        signature=parts["Signature"],
        session_token=None if token is None else _text(token),
        content_sha256=None if content is None else _text(content),
        algorithm=algorithm,
        region_set=_region_set(headers) if algorithm == ECDSA else (),
    )


def _region_set(headers: Mapping[bytes, bytes]) -> tuple[str, ...]:
    if b"x-amz-region-set" not in headers:
        raise MalformedSignature(
            "Authorization header requires existence of a 'X-Amz-Region-Set' header.",
            reason="a signature of version 4A needs the header `x-amz-region-set`",
        )
    return read_region_set(_text(headers[b"x-amz-region-set"]))


def _parts(authorization: str) -> tuple[str, dict[str, str]]:
    scheme, _, rest = authorization.partition(" ")
    if scheme not in (ALGORITHM, ECDSA):
        raise _foreign(scheme, rest)
    parts: dict[str, str] = {}
    for part in rest.split(","):
        name, equals, value = part.strip().partition("=")
        if not equals:
            raise _no_equal_sign(part.strip())
        if name in parts:
            raise MalformedSignature(
                f"Authorization header must have only one '{name}' parameter.",
                reason=f"`{name}` stands in the `Authorization` header more than once",
            )
        parts[name] = value
    return scheme, parts


def _refuse_missing(
    parts: Mapping[str, str], headers: Mapping[bytes, bytes], authorization: str
) -> None:
    missing = [
        f"Authorization header requires '{name}' parameter."
        for name in _PARTS
        if not parts.get(name)
    ]
    if b"x-amz-date" not in headers and b"date" not in headers:
        missing.append(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
        )
    if missing:
        raise MalformedSignature(
            f"{' '.join(missing)} (Hashed with SHA-256 and encoded with Base64) "
            f"Authorization={_hashed(authorization)}",
            reason="the `Authorization` header or the date is not complete",
            help=_unknown_part(parts),
        )
    if (unknown := _unknown_part(parts)) is not None:
        raise MalformedSignature(
            "Authorization header must have no parameters but 'Credential', 'Signature' and "
            "'SignedHeaders'.",
            reason=unknown,
        )


def _unknown_part(parts: Mapping[str, str]) -> str | None:
    unknown = next((name for name in parts if name not in _PARTS), None)
    return None if unknown is None else f"the header has an unknown part `{unknown}`"


def _signing_time(headers: Mapping[bytes, bytes]) -> SigningTime:
    amz_date = headers.get(b"x-amz-date")
    if amz_date is not None:
        return read_amz_date(_text(amz_date))
    return read_date(_text(headers[b"date"]))


def _foreign(scheme: str, rest: str) -> MalformedSignature:
    if not scheme.startswith("AWS"):
        # A bearer token or a password: AWS answers so, and does not repeat it.
        return _no_equal_sign(rest.strip())
    return MalformedSignature(
        f"Unsupported AWS 'algorithm': '{scheme}'.",
        reason=f"the request is signed with `{scheme}`, wanted `{ALGORITHM}`",
        help="have the client sign with Signature Version 4 or 4A (not 2)",
    )


def _no_equal_sign(text: str) -> MalformedSignature:
    return MalformedSignature(
        "Invalid key=value pair (missing equal-sign) in Authorization header "
        f"(hashed with SHA-256 and encoded with Base64): '{_hashed(text)}'.",
        reason="the `Authorization` header is not one of Signature Version 4",
    )


def _hashed(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _text(value: bytes) -> str:
    try:
        return value.decode("ascii")
    except UnicodeDecodeError:
        raise MalformedSignature(
            "Authentication headers must be ASCII.",
            reason="an authentication header holds bytes outside of ASCII",
        ) from None
