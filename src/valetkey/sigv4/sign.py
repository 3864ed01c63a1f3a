"""Sign a request, in its header or in its query: for the gateway's upstreams and for tests."""

import time
from collections.abc import Iterable
from urllib.parse import quote

from msgspec.structs import replace

from valetkey.sigv4.canonical import canonical_request, string_to_sign
from valetkey.sigv4.keys import signature_of, signing_key
from valetkey.sigv4.request import ALGORITHM, S3, TERMINATOR, UNSIGNED_PAYLOAD, HttpRequest

_OURS = frozenset((b"authorization", b"x-amz-date", b"x-amz-security-token"))
"""Headers that signing sets."""

_NOT_SIGNED = frozenset(
    (
        b"accept-encoding",
        b"authorization",
        b"connection",
        b"expect",
        b"keep-alive",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"user-agent",
        b"x-amzn-trace-id",
    )
)
"""Headers that belong to the connection or that proxies change."""


def sign(
    request: HttpRequest,
    *,
    access_key_id: str,
    secret_key: str,
    region: str,
    service: str,
    now: float,
    session_token: str | None = None,
) -> HttpRequest:
    """Return the request with ``Authorization`` and what belongs to it; ``host`` must be there.

    For S3 the payload is declared: ``x-amz-content-sha256`` if the caller has set it, else the
    body's hash.
    """
    amz_date = _basic(now)
    headers = [(name, value) for name, value in request.headers if name not in _OURS]
    headers.append((b"x-amz-date", amz_date.encode("ascii")))
    if session_token is not None:
        headers.append((b"x-amz-security-token", session_token.encode("ascii")))
    payload = _declared(headers)
    if payload is None:
        payload = request.payload_sha256()
        if service == S3:
            headers.append((b"x-amz-content-sha256", payload.encode("ascii")))
    unsigned = replace(request, headers=tuple(headers))
    names = _signed_names(headers)
    scope = f"{amz_date[:8]}/{region}/{service}/{TERMINATOR}"
    signature = _signature(
        unsigned,
        names=names,
        payload=payload,
        amz_date=amz_date,
        scope=scope,
        secret_key=secret_key,
    )
    authorization = (
        f"{ALGORITHM} Credential={access_key_id}/{scope}, "
        f"SignedHeaders={';'.join(names)}, Signature={signature}"
    )
    return replace(unsigned, headers=(*headers, (b"authorization", authorization.encode("ascii"))))


def presign(
    request: HttpRequest,
    *,
    access_key_id: str,
    secret_key: str,
    region: str,
    service: str,
    now: float,
    expires: int,
    session_token: str | None = None,
) -> HttpRequest:
    """Return the request with a signature in its query, good for ``expires`` seconds.

    The payload of a presigned S3 request is not signed unless ``x-amz-content-sha256`` is set;
    for other services it is the body's hash.
    """
    amz_date = _basic(now)
    names = _signed_names(request.headers)
    scope = f"{amz_date[:8]}/{region}/{service}/{TERMINATOR}"
    parameters = {
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": f"{access_key_id}/{scope}",
        "X-Amz-Date": amz_date,
        "X-Amz-Expires": str(expires),
        "X-Amz-SignedHeaders": ";".join(names),
    }
    if session_token is not None:
        parameters["X-Amz-Security-Token"] = session_token
    query = _with(request.raw_query, parameters)
    payload = UNSIGNED_PAYLOAD if service == S3 else request.payload_sha256()
    payload = _declared(request.headers) or payload
    unsigned = replace(request, raw_query=query)
    signature = _signature(
        unsigned,
        names=names,
        payload=payload,
        amz_date=amz_date,
        scope=scope,
        secret_key=secret_key,
    )
    return replace(unsigned, raw_query=_with(query, {"X-Amz-Signature": signature}))


def _signature(
    request: HttpRequest,
    *,
    names: tuple[str, ...],
    payload: str,
    amz_date: str,
    scope: str,
    secret_key: str,
) -> str:
    date, region, service, _ = scope.split("/")
    canonical = canonical_request(
        request, signed_headers=names, payload=payload, normalize=service != S3
    )
    key = signing_key(secret_key, date, region, service)
    return signature_of(key, string_to_sign(amz_date, scope, canonical))


def _declared(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    for name, value in headers:
        if name == b"x-amz-content-sha256":
            return value.decode("ascii")
    return None


def _signed_names(headers: Iterable[tuple[bytes, bytes]]) -> tuple[str, ...]:
    return tuple(sorted({name.decode("ascii") for name, _ in headers if name not in _NOT_SIGNED}))


def _with(raw_query: bytes, parameters: dict[str, str]) -> bytes:
    added = "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items())
    return b"&".join(part for part in (raw_query, added.encode("ascii")) if part)


def _basic(now: float) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
