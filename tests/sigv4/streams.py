"""Bodies in chunks for the tests of this room."""

from collections.abc import Iterable

from sigv4.building import KEY_ID, NOW, REGION, SECRET
from valetkey.sigv4 import (
    HttpRequest,
    PayloadReader,
    SignedStream,
    SigningKeyCache,
    Streaming,
    VerifiedBody,
    VerifiedSignature,
    parse_signature,
    payload_reader,
    sign_streaming,
    verify_signature,
)

PUT = HttpRequest("PUT", b"/bucket/key", b"", ((b"host", b"s3.vk.example.test"),), "0" * 64)
"""Its hash is nobody's: where a body is a stream, nothing may look at it."""

SIGNED = [Streaming.HMAC, Streaming.HMAC_TRAILER, Streaming.ECDSA, Streaming.ECDSA_TRAILER]
EVERY = [*SIGNED, Streaming.UNSIGNED_TRAILER]


def region_set(mode: Streaming) -> str | None:
    return "eu-*,us-east-1" if mode.value.startswith("STREAMING-AWS4-ECDSA") else None


def stream(
    mode: Streaming,
    length: int,
    *,
    checksum: str | None = None,
    chunk_size: int = 65536,
    request: HttpRequest = PUT,
) -> SignedStream:
    """Sign a request that is sent in chunks; a mode that needs a trailer gets one."""
    if checksum is None and mode.trailers:
        checksum = "CRC32"
    return sign_streaming(
        request,
        mode=mode,
        decoded_length=length,
        access_key_id=KEY_ID,
        secret_key=SECRET,
        region=REGION,
        now=NOW,
        region_set=region_set(mode),
        checksum=checksum,
        chunk_size=chunk_size,
    )


def framed(made: SignedStream, body: bytes) -> bytes:
    return b"".join(made.writer.feed(body) + made.writer.finish())


def proof_of(request: HttpRequest, *, secret_key: str = SECRET) -> VerifiedSignature:
    signature = parse_signature(request)
    assert signature is not None
    return verify_signature(
        request,
        signature,
        secret_key=secret_key,
        now=NOW,
        keys=SigningKeyCache(),
        service="s3",
        region=REGION,
        body="stream",
    )


def reader_of(request: HttpRequest) -> PayloadReader:
    return payload_reader(proof_of(request), request.headers)


def fed(reader: PayloadReader, parts: Iterable[bytes]) -> bytes:
    return b"".join(piece for part in parts for piece in reader.feed(part))


def whole(reader: PayloadReader, parts: Iterable[bytes]) -> tuple[bytes, VerifiedBody]:
    decoded = fed(reader, parts)
    return decoded, reader.finish()
