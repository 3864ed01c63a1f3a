"""A request's body, held to what was signed and declared while its bytes go by."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from valetkey.sigv4.answers import (
    invalid_request,
    malformed_trailer,
    no_length,
    other_checksum,
    other_length,
    other_md5,
    other_sha256,
)
from valetkey.sigv4.chain import ChunkStrings, ChunkVerifier
from valetkey.sigv4.checksums import MD5, SHA256, Algorithm, Digests, encoded
from valetkey.sigv4.chunks import ChunkedBody
from valetkey.sigv4.declared import (
    ChecksumsOf,
    Declared,
    payload_headers,
    read_declared,
    read_length,
)
from valetkey.sigv4.modes import Streaming, streaming_mode
from valetkey.sigv4.payload import declared_to_s3
from valetkey.sigv4.refusals import MalformedPayload, PayloadRefused
from valetkey.sigv4.request import UNSIGNED_PAYLOAD, VerifiedSignature

Trailers = tuple[tuple[str, str], ...]


class VerifiedBody(Struct, frozen=True):
    """Proof that a body is the one that was signed and declared; only verification builds one.

    ``sha256`` is its hash in lower-case hex where it was computed. ``checksums`` are the S3
    checksums that were verified, in base64, by algorithm (``CRC32``): at most one. ``trailers``
    are the headers that came behind the body, names in lower case, without their signature.
    """

    decoded_length: int
    sha256: str | None
    checksums: dict[str, str]
    trailers: Trailers


class _Framing(Protocol):
    def feed(self, data: memoryview) -> list[memoryview]: ...

    def finish(self) -> Trailers: ...


class _Plain:
    """A body without framing: what comes in is what goes on."""

    def __init__(self, length: int | None) -> None:
        self._length = length
        self._read = 0

    def feed(self, data: memoryview) -> list[memoryview]:
        self._read += len(data)
        if self._length is not None and self._read > self._length:
            raise other_length(self._length, self._read)
        return [data] if data else []

    def finish(self) -> Trailers:
        if self._length is not None and self._read != self._length:
            raise other_length(self._length, self._read)
        return ()


class PayloadReader:
    """Takes a body as it comes over the wire, and gives what belongs to the object.

    Nothing is promised before :meth:`finish`: the bytes that :meth:`feed` returns may still turn
    out to be wrong, so that whoever sends them on must hold back the end of them until then.
    (Bytes of a chunk are returned before its signature has been seen to hold: chunks may be
    gigabytes long.) Once either has raised, both raise the same again.

    Raises :class:`MalformedPayload` and :class:`PayloadRefused` with S3's codes and texts. Takes
    time in proportion to the bytes fed, and keeps no more of them than a line of framing.
    """

    def __init__(
        self,
        framing: _Framing,
        declared: Declared,
        *,
        sha256: str | None,
        decoded_length: int | None,
    ) -> None:
        self.decoded_length = decoded_length
        """The length of what :meth:`feed` will return in all, in bytes; None where nobody said."""
        self._framing = framing
        self._declared = declared
        self._sha256 = sha256
        self._digests = Digests(_wanted(declared, sha256))
        self._length = 0
        self._refused: MalformedPayload | PayloadRefused | None = None

    def feed(self, data: bytes | memoryview) -> list[bytes]:
        """Return what ``data`` holds of the object: nothing, or a few parts of it.

        ``bytes`` are handed back as they are where the body has no framing.
        """
        self._raise_again()
        try:
            pieces = self._framing.feed(memoryview(data))
        except (MalformedPayload, PayloadRefused) as refused:
            self._refused = refused
            raise
        for piece in pieces:
            self._length += len(piece)
            self._digests.update(piece)
        if isinstance(data, bytes) and len(pieces) == 1 and len(pieces[0]) == len(data):
            return [data]
        return [bytes(piece) for piece in pieces]

    def finish(self) -> VerifiedBody:
        """Return proof that the body was right, once the last of it has been fed."""
        self._raise_again()
        try:
            return self._verified(self._framing.finish())
        except (MalformedPayload, PayloadRefused) as refused:
            self._refused = refused
            raise

    def _raise_again(self) -> None:
        if self._refused is not None:
            raise self._refused

    def _verified(self, trailers: Trailers) -> VerifiedBody:
        trailed = _trailed(self._declared.trailer, trailers)
        sha256 = self._digests.of(SHA256).hex() if SHA256 in self._digests else None
        if self._sha256 is not None and sha256 != self._sha256:
            raise other_sha256(self._sha256, str(sha256))
        checksums: dict[str, str] = {}
        md5 = self._declared.md5
        if md5 is not None and self._digests.of(MD5) != md5:
            raise other_md5(md5, self._digests.of(MD5))
        for algorithm, value in (*_sent(self._declared), *trailed):
            if self._digests.of(algorithm) != value:
                raise other_checksum(algorithm, value)
            checksums[algorithm.name] = encoded(value)
        return VerifiedBody(self._length, sha256, checksums, trailers)


def payload_reader(
    proof: VerifiedSignature | None,
    headers: Sequence[tuple[bytes, bytes]],
    *,
    checksums_of: ChecksumsOf = "body",
) -> PayloadReader:
    """Return what reads the body of a request, by the mode that was signed.

    ``proof`` is from ``verify_signature(…, body="stream")``; None is a request that nobody
    signed, whose mode is read from its headers. ``headers`` are the request's own; ``checksums_of``
    is ``object`` for CompleteMultipartUpload alone.

    Raises :class:`MalformedPayload` and :class:`MalformedSignature` on headers that can't be read,
    that contradict each other, or that can't be held to.
    """
    found = payload_headers(headers)
    mode = _anonymous_mode(found) if proof is None else proof.payload_sha256
    declared = read_declared(found, checksums_of)
    streaming = streaming_mode(mode)
    if declared.trailer is not None and not (streaming and streaming.trailers):
        raise malformed_trailer(
            f"`x-amz-trailer` is declared, and a body in mode `{mode}` has none"
        )
    if streaming is None:
        length = read_length(found.get("content-length"))
        if length is None and "content-length" in found:
            raise no_length("content-length")
        sha256 = None if mode == UNSIGNED_PAYLOAD else mode
        return PayloadReader(_Plain(length), declared, sha256=sha256, decoded_length=length)
    length = read_length(found.get("x-amz-decoded-content-length"))
    if length is None:
        raise no_length("x-amz-decoded-content-length")
    body = ChunkedBody(length, _verifier(proof, streaming), trailers=streaming.trailers)
    return PayloadReader(body, declared, sha256=None, decoded_length=length)


def _anonymous_mode(headers: dict[str, str]) -> str:
    mode = declared_to_s3(headers.get("x-amz-content-sha256"), required=False)
    streaming = streaming_mode(mode)
    if streaming is not None and streaming.algorithm is not None:
        raise invalid_request(
            "Anonymous requests don't support this x-amz-content-sha256 value. "
            "Please use UNSIGNED-PAYLOAD or STREAMING-UNSIGNED-PAYLOAD-TRAILER.",
            f"`x-amz-content-sha256` is `{mode}`, and the request is not signed",
        )
    return mode


def _verifier(proof: VerifiedSignature | None, mode: Streaming) -> ChunkVerifier | None:
    if proof is None or mode.algorithm is None:
        return None
    signature = proof.signature
    strings = ChunkStrings(
        algorithm=mode.algorithm,
        amz_date=signature.amz_date,
        scope=signature.scope,
        seed=signature.signature,
    )
    return ChunkVerifier(strings, proof.key)


def _wanted(declared: Declared, sha256: str | None) -> list[Algorithm]:
    wanted = [algorithm for algorithm, _ in _sent(declared)]
    if declared.trailer is not None:
        wanted.append(declared.trailer)
    if declared.md5 is not None:
        wanted.append(MD5)
    if sha256 is not None:
        wanted.append(SHA256)
    return wanted


def _sent(declared: Declared) -> list[tuple[Algorithm, bytes]]:
    return [] if declared.checksum is None else [declared.checksum]


def _trailed(wanted: Algorithm | None, trailers: Trailers) -> list[tuple[Algorithm, bytes]]:
    names = [name for name, _ in trailers]
    if names != ([] if wanted is None else [wanted.header]):
        declared = "none" if wanted is None else f"`{wanted.header}`"
        raise malformed_trailer(
            f"the trailers are `{', '.join(names)}`, and the request declares {declared}"
        )
    if wanted is None:
        return []
    text = trailers[0][1]
    value = wanted.read(text)
    if value is None:
        raise invalid_request(
            f"Value for {wanted.header} trailing header is invalid.",
            f"trailer `{wanted.header}` is `{text}`, wanted {wanted.size} bytes in base64",
        )
    return [(wanted, value)]
