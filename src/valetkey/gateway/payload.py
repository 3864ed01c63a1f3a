"""A client's body, verified on its way.

A short one is verified before anything is dialled, a long one behind a hold-back.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from valetkey.gateway.s3.errors import S3Error
from valetkey.gateway.upstream.holdback import HOLD_BACK, held_back
from valetkey.gateway.upstream.signing import EMPTY_SHA256
from valetkey.gateway.visit import Visit
from valetkey.sigv4 import PayloadReader, VerifiedBody, payload_reader
from valetkey.sigv4.declared import ChecksumsOf
from valetkey.sigv4.request import UNSIGNED_PAYLOAD

_SHA256_HEX = 64
_OF_NOTHING = frozenset((UNSIGNED_PAYLOAD, EMPTY_SHA256))
_CHECKSUM_MODE = b"x-amz-checksum-mode"
_OF_BODIES = frozenset(
    (
        b"content-length",
        b"content-md5",
        b"transfer-encoding",
        b"x-amz-decoded-content-length",
        b"x-amz-sdk-checksum-algorithm",
        b"x-amz-trailer",
    )
)
_CHECKSUM = "x-amz-checksum-"


@dataclass(slots=True)
class Payload:
    """A body that may go on: whole, or a stream that breaks off where it turns out to be wrong.

    ``length`` is that of what goes on, in bytes. ``proof`` is there once all of it has passed.
    """

    body: bytes | AsyncIterator[bytes]
    length: int
    sha256: str | None
    proof: VerifiedBody | None = field(default=None)

    @property
    def checksums(self) -> dict[str, str]:
        """Return the checksums that were verified so far, in base64 by algorithm."""
        return {} if self.proof is None else self.proof.checksums


class _Keeping:
    """Hands a stream to its reader, and keeps the proof that comes at the end."""

    def __init__(self, reader: PayloadReader, payload: Payload) -> None:
        self._reader = reader
        self._payload = payload

    def feed(self, data: bytes) -> list[bytes]:
        return self._reader.feed(data)

    def finish(self) -> None:
        self._payload.proof = self._reader.finish()


async def open_payload(
    visit: Visit, source: AsyncIterator[bytes], hoisted: Mapping[str, str]
) -> Payload:
    """Return a request's body as it may go on to the upstream.

    ``hoisted`` are headers that a presigned request may have in its query: its checksum.
    One that is no longer than the hold-back is read and verified here. Raises what sigv4's
    reader raises, and ``MissingContentLength`` where its length is not said.
    """
    headers = visit.head.headers
    sent = {name for name, _ in headers}
    checksums = (
        (name.encode(), value.encode("utf-8", "surrogateescape"))
        for name, value in hoisted.items()
        if name.startswith(_CHECKSUM) and name.encode() not in sent
    )
    reader = payload_reader(visit.proof, (*headers, *checksums))
    length = reader.decoded_length
    if length is None:
        raise S3Error("MissingContentLength", reason="the length of the object is not declared")
    sha256 = _signed_hash(visit)
    if length > HOLD_BACK:
        payload = Payload(b"", length, sha256)
        payload.body = held_back(source, _Keeping(reader, payload))
        return payload
    pieces: list[bytes] = []
    async for data in source:
        pieces += reader.feed(data)
    proof = reader.finish()
    return Payload(b"".join(pieces), length, proof.sha256, proof)


async def read_document(
    visit: Visit, source: AsyncIterator[bytes], limit: int, *, checksums_of: ChecksumsOf = "body"
) -> bytes:
    """Return a body that is a document of at most ``limit`` bytes, whole and verified."""
    reader = payload_reader(visit.proof, visit.head.headers, checksums_of=checksums_of)
    if (reader.decoded_length or 0) > limit:
        raise _too_large(limit)
    pieces: list[bytes] = []
    size = 0
    async for data in source:
        for piece in reader.feed(data):
            size += len(piece)
            pieces.append(piece)
        if size > limit:
            raise _too_large(limit)
    reader.finish()
    return b"".join(pieces)


def says_no_body(visit: Visit) -> bool:
    """Tell whether a request has no body, and says nothing of one that would be held against it."""
    if visit.proof is None:
        mode = visit.head.header(b"x-amz-content-sha256") or UNSIGNED_PAYLOAD
    else:
        mode = visit.proof.payload_sha256
    return mode in _OF_NOTHING and not any(
        name in _OF_BODIES or (name.startswith(b"x-amz-checksum-") and name != _CHECKSUM_MODE)
        for name, _ in visit.head.headers
    )


def _signed_hash(visit: Visit) -> str | None:
    declared = None if visit.proof is None else visit.proof.payload_sha256
    return declared if declared is not None and len(declared) == _SHA256_HEX else None


def _too_large(limit: int) -> S3Error:
    return S3Error("EntityTooLarge", reason=f"the document has more than {limit} bytes")
