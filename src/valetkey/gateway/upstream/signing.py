"""Sign a request again, as the upstream's own caller: which credentials, and what of the body."""

import hashlib
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from msgspec.structs import replace

from valetkey.errors import AwsError
from valetkey.gateway.model import Headers
from valetkey.gateway.upstream.forwarding import Target, forwarded_headers
from valetkey.gateway.upstream.message import UpstreamRequest
from valetkey.outbound.client import USER_AGENT
from valetkey.sigv4 import HttpRequest, sign
from valetkey.sigv4.modes import Streaming
from valetkey.sigv4.request import S3, UNSIGNED_PAYLOAD
from valetkey.sigv4.writer import ChunkWriter, sign_streaming
from valetkey.store import UpstreamRecord

ANY_REGION: Final = "*"
"""The region of an upstream that takes whichever is signed for."""

_USUAL_REGION: Final = "us-east-1"
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
    """A request as it goes onto the wire.

    ``payload`` is how its body was declared to S3, ``length`` that of the body on the wire.
    ``writer`` frames the body where its chunks are signed or have a trailer.
    """

    target: Target
    headers: Headers
    payload: str
    length: int
    writer: ChunkWriter | None = None


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
    length = body_length(request)
    headers = forwarded_headers(request.headers)
    headers.append((b"host", target.host))
    headers.append((b"user-agent", USER_AGENT.encode("ascii")))
    plain = HttpRequest(
        request.method, target.raw_path, target.raw_query, tuple(headers), body_sha256=""
    )
    mode = None if credentials is None else chunk_mode(record, request)
    if mode is not None and credentials is not None:
        return _in_chunks(
            record, request, plain, target=target, credentials=credentials, now=now, mode=mode
        )
    payload = declared_payload(record, request)
    if record.service == S3:
        headers.append((b"x-amz-content-sha256", payload.encode("ascii")))
    made = replace(plain, headers=tuple(headers), body_sha256=payload)
    if credentials is not None:
        made = sign(
            made,
            access_key_id=credentials.access_key_id,
            secret_key=credentials.secret_key,
            session_token=credentials.session_token,
            region=signing_region(record, request),
            service=record.service,
            now=now,
        )
    announced = made.headers
    if length or request.method in _WITH_BODY:
        # Not signed: a proxy before the upstream may frame the body anew.
        announced = (*announced, (b"content-length", str(length).encode("ascii")))
    return Signed(target, announced, payload, length)


def signing_region(record: UpstreamRecord, request: UpstreamRequest | None = None) -> str:
    """Return the region that is signed for; an upstream that takes any gets S3's usual one."""
    if request is not None and request.region is not None:
        return request.region
    return _USUAL_REGION if record.region == ANY_REGION else record.region


def chunk_mode(record: UpstreamRecord, request: UpstreamRequest) -> Streaming | None:
    """Return how the chunks of a body are signed, None where the body goes in one piece.

    Only a stream goes in chunks: the hash of a body that is whole says more.
    """
    if isinstance(request.body, bytes | None) or record.service != S3:
        return None
    trailed = record.trailers and request.checksum is not None
    if record.payload == "chunked":
        return Streaming.HMAC_TRAILER if trailed else Streaming.HMAC
    return Streaming.UNSIGNED_TRAILER if trailed and record.payload == "unsigned" else None


def declared_payload(record: UpstreamRecord, request: UpstreamRequest) -> str:
    """Return what the signature says of a body in one piece, as ``record.payload`` wants it."""
    body = request.body
    if isinstance(body, bytes):
        if body and record.service == S3 and record.payload == "unsigned":
            return UNSIGNED_PAYLOAD
        return request.payload_sha256 or hashlib.sha256(body).hexdigest()
    if body is None and not request.length:
        return EMPTY_SHA256
    if record.payload == "hashed" and request.payload_sha256 is not None:
        return request.payload_sha256
    if record.service != S3:
        raise AwsError(
            "RequestEntityTooLarge",
            "The request body is too large.",
            413,
            reason=f"a body for `{record.service}` can't be streamed: its hash is signed",
        )
    return UNSIGNED_PAYLOAD


def body_length(request: UpstreamRequest) -> int:
    """Return the length of a request's body in bytes. Raises :class:`AwsError` if it is unknown."""
    if isinstance(request.body, bytes):
        return len(request.body)
    if request.length is not None:
        return request.length
    if request.body is None:
        return 0
    raise AwsError(
        "MissingContentLength",
        "You must provide the Content-Length HTTP header.",
        411,
        reason="the body is streamed, and its length is not known",
    )


def _in_chunks(
    record: UpstreamRecord,
    request: UpstreamRequest,
    plain: HttpRequest,
    *,
    target: Target,
    credentials: Credentials,
    now: float,
    mode: Streaming,
) -> Signed:
    made = sign_streaming(
        plain,
        mode=mode,
        decoded_length=body_length(request),
        access_key_id=credentials.access_key_id,
        secret_key=credentials.secret_key,
        region=signing_region(record, request),
        now=now,
        session_token=credentials.session_token,
        checksum=request.checksum if mode.trailers else None,
    )
    length = made.writer.content_length
    return Signed(target, made.request.headers, mode.value, length, made.writer)
