"""Sign a request again, as the upstream's own caller: which credentials, and what of the body."""

import hashlib
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from valetkey.errors import AwsError
from valetkey.gateway.model import Headers
from valetkey.gateway.upstream.forwarding import Target, forwarded_headers
from valetkey.gateway.upstream.message import UpstreamRequest
from valetkey.outbound.client import USER_AGENT
from valetkey.sigv4 import HttpRequest, sign
from valetkey.sigv4.request import S3, UNSIGNED_PAYLOAD
from valetkey.store import UpstreamRecord

EMPTY_SHA256: Final = hashlib.sha256(b"").hexdigest()
_WITH_BODY: Final = frozenset(("PUT", "POST", "PATCH"))


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an upstream knows us by. ``expires`` is in seconds since 1970; None means never."""

    access_key_id: str
    secret_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)
    expires: float | None = None


class Signed(NamedTuple):
    """A request as it goes onto the wire; ``payload`` is how its body was declared to S3."""

    target: Target
    headers: Headers
    payload: str


def signed(
    record: UpstreamRecord,
    request: UpstreamRequest,
    target: Target,
    credentials: Credentials | None,
    now: float,
) -> Signed:
    """Return the request with our signature, or without any where there are no credentials.

    Raises :class:`~valetkey.errors.AwsError` for what can't be sent: a stream without a length,
    or one to a service other than S3.
    """
    payload = declared_payload(record, request)
    headers = forwarded_headers(request.headers)
    headers.append((b"host", target.host))
    headers.append((b"user-agent", USER_AGENT.encode("ascii")))
    if record.service == S3:
        headers.append((b"x-amz-content-sha256", payload.encode("ascii")))
    made = HttpRequest(
        request.method, target.raw_path, target.raw_query, tuple(headers), body_sha256=payload
    )
    if credentials is not None:
        made = sign(
            made,
            access_key_id=credentials.access_key_id,
            secret_key=credentials.secret_key,
            session_token=credentials.session_token,
            region=request.region or record.region,
            service=record.service,
            now=now,
        )
    return Signed(target, (*made.headers, *_length(request)), payload)


def declared_payload(record: UpstreamRecord, request: UpstreamRequest) -> str:
    """Return what the signature says of the body, as ``record.payload`` wants it."""
    body = request.body
    if body is None or body == b"":
        return EMPTY_SHA256
    if isinstance(body, bytes):
        if record.service == S3 and record.payload == "unsigned":
            return UNSIGNED_PAYLOAD
        return request.payload_sha256 or hashlib.sha256(body).hexdigest()
    if record.service != S3:
        raise AwsError(
            "RequestEntityTooLarge",
            "The request body is too large.",
            413,
            reason=f"a body for `{record.service}` can't be streamed: its hash is signed",
        )
    if record.payload == "hashed" and request.payload_sha256 is not None:
        return request.payload_sha256
    return UNSIGNED_PAYLOAD


def body_length(request: UpstreamRequest) -> int:
    """Return the length of a request's body in bytes. Raises :class:`AwsError` if it is unknown."""
    if request.body is None:
        return 0
    if isinstance(request.body, bytes):
        return len(request.body)
    if request.length is None:
        raise AwsError(
            "MissingContentLength",
            "You must provide the Content-Length HTTP header.",
            411,
            reason="the body is streamed, and its length is not known",
        )
    return request.length


def _length(request: UpstreamRequest) -> Headers:
    # Not signed: a proxy before the upstream may frame the body anew.
    length = body_length(request)
    if not length and request.method not in _WITH_BODY:
        return ()
    return ((b"content-length", str(length).encode("ascii")),)
