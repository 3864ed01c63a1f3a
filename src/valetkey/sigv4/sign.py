"""Sign a request, in its header or in its query: for the gateway's upstreams and for tests."""

import time
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote

from msgspec.structs import replace

from valetkey.sigv4.canonical import canonical_request, string_to_sign
from valetkey.sigv4.keys import ecdsa_signer, signing_key
from valetkey.sigv4.request import (
    ALGORITHM,
    ECDSA,
    S3,
    TERMINATOR,
    UNSIGNED_PAYLOAD,
    HttpRequest,
)
from valetkey.sigv4.verifying import ChunkKey, HmacKey

_OURS = frozenset((b"authorization", b"x-amz-date", b"x-amz-region-set", b"x-amz-security-token"))
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


class Signed(NamedTuple):
    """A signed request, and what the signatures of its chunks go on from."""

    request: HttpRequest
    algorithm: str
    amz_date: str
    scope: str
    signature: str
    key: ChunkKey


def sign(
    request: HttpRequest,
    *,
    access_key_id: str,
    secret_key: str,
    region: str,
    service: str,
    now: float,
    session_token: str | None = None,
    region_set: str | None = None,
) -> HttpRequest:
    """Return the request with ``Authorization`` and what belongs to it; ``host`` must be there.

    For S3 the payload is declared: ``x-amz-content-sha256`` if the caller has set it, else the
    body's hash. ``region_set`` (``us-east-1,eu-*``) signs with SigV4A, in place of ``region``.
    """
    return signed(
        request,
        access_key_id=access_key_id,
        secret_key=secret_key,
        region=region,
        service=service,
        now=now,
        session_token=session_token,
        region_set=region_set,
    ).request


def signed(
    request: HttpRequest,
    *,
    access_key_id: str,
    secret_key: str,
    region: str,
    service: str,
    now: float,
    session_token: str | None,
    region_set: str | None,
) -> Signed:
    """Sign as :func:`sign` does, and return what chunks need as well."""
    amz_date = _basic(now)
    headers = [(name, value) for name, value in request.headers if name not in _OURS]
    headers.append((b"x-amz-date", amz_date.encode("ascii")))
    if session_token is not None:
        headers.append((b"x-amz-security-token", session_token.encode("ascii")))
    if region_set is not None:
        headers.append((b"x-amz-region-set", region_set.encode("ascii")))
    payload = _declared(headers)
    if payload is None:
        payload = request.payload_sha256()
        if service == S3:
            headers.append((b"x-amz-content-sha256", payload.encode("ascii")))
    unsigned = replace(request, headers=tuple(headers))
    use = _Use(access_key_id, secret_key, region, service, region_set is not None)
    made = _made(unsigned, use, payload, amz_date)
    authorization = (
        f"{made.algorithm} Credential={access_key_id}/{made.scope}, "
        f"SignedHeaders={';'.join(_signed_names(headers))}, Signature={made.signature}"
    )
    headers.append((b"authorization", authorization.encode("ascii")))
    return made._replace(request=replace(unsigned, headers=tuple(headers)))


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
    region_set: str | None = None,
) -> HttpRequest:
    """Return the request with a signature in its query, good for ``expires`` seconds.

    The payload of a presigned S3 request is not signed unless ``x-amz-content-sha256`` is set;
    for other services it is the body's hash. ``region_set`` is as for :func:`sign`.
    """
    amz_date = _basic(now)
    use = _Use(access_key_id, secret_key, region, service, region_set is not None)
    parameters = {
        "X-Amz-Algorithm": use.algorithm,
        "X-Amz-Credential": f"{access_key_id}/{use.scope(amz_date)}",
        "X-Amz-Date": amz_date,
        "X-Amz-Expires": str(expires),
        "X-Amz-SignedHeaders": ";".join(_signed_names(request.headers)),
    }
    if session_token is not None:
        parameters["X-Amz-Security-Token"] = session_token
    if region_set is not None:
        parameters["X-Amz-Region-Set"] = region_set
    query = _with(request.raw_query, parameters)
    payload = UNSIGNED_PAYLOAD if service == S3 else request.payload_sha256()
    payload = _declared(request.headers) or payload
    made = _made(replace(request, raw_query=query), use, payload, amz_date)
    return replace(made.request, raw_query=_with(query, {"X-Amz-Signature": made.signature}))


class _Use(NamedTuple):
    """Which key, and for what."""

    access_key_id: str
    secret_key: str
    region: str
    service: str
    ecdsa: bool

    def __repr__(self) -> str:
        return f"_Use({self.access_key_id!r}, {self.region!r}, {self.service!r})"

    @property
    def algorithm(self) -> str:
        return ECDSA if self.ecdsa else ALGORITHM

    def scope(self, amz_date: str) -> str:
        region = () if self.ecdsa else (self.region,)
        return "/".join((amz_date[:8], *region, self.service, TERMINATOR))

    def key(self, amz_date: str) -> ChunkKey:
        if self.ecdsa:
            return ecdsa_signer(self.secret_key, self.access_key_id)
        return HmacKey(signing_key(self.secret_key, amz_date[:8], self.region, self.service))


def _made(request: HttpRequest, use: _Use, payload: str, amz_date: str) -> Signed:
    canonical = canonical_request(
        request,
        signed_headers=_signed_names(request.headers),
        payload=payload,
        normalize=use.service != S3,
    )
    scope, key = use.scope(amz_date), use.key(amz_date)
    signature = key.sign(string_to_sign(amz_date, scope, canonical, use.algorithm))
    return Signed(request, use.algorithm, amz_date, scope, signature, key)


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
