"""Put a body into ``aws-chunked`` framing: for the gateway's upstreams and for tests."""

import hashlib
from typing import NamedTuple

from msgspec.structs import replace

from valetkey.sigv4.answers import MIN_CHUNK
from valetkey.sigv4.chain import EMPTY_SHA256, ChunkSigner, ChunkStrings, canonical_trailers
from valetkey.sigv4.checksums import ALGORITHMS, Algorithm, Running, encoded
from valetkey.sigv4.modes import Streaming
from valetkey.sigv4.request import ECDSA, S3, HttpRequest
from valetkey.sigv4.sign import signed
from valetkey.sigv4.verifying import PADDING

CHUNK = 65536
"""The size of a chunk, in bytes, as most SDKs have it."""

_SIGNATURE_LENGTH = {Streaming.UNSIGNED_TRAILER: 0, Streaming.HMAC: 64, Streaming.HMAC_TRAILER: 64}
_ECDSA_LENGTH = 144
_SET = frozenset(
    (
        b"content-encoding",
        b"content-length",
        b"x-amz-content-sha256",
        b"x-amz-decoded-content-length",
        b"x-amz-sdk-checksum-algorithm",
        b"x-amz-trailer",
    )
)


class ChunkWriter:
    """Frames a body of a known length, signs each chunk where the mode wants it.

    ``content_length`` is the length of all that :meth:`feed` and :meth:`finish` will return. At
    most one chunk is held back, as its signature comes before it.
    """

    def __init__(
        self,
        mode: Streaming,
        signer: ChunkSigner | None,
        *,
        length: int,
        checksum: Algorithm | None,
        chunk_size: int,
    ) -> None:
        self.content_length = framed_length(
            mode, length, checksum=checksum and checksum.name, chunk_size=chunk_size
        )
        self._padded = _signature_length(mode)
        self._signer = signer
        self._checksum = checksum
        self._running: Running | None = checksum.start() if checksum else None
        self._chunk_size = chunk_size
        self._left = length
        self._held: list[bytes] = []
        self._holds = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Return the chunks that ``data`` completes; raises ``ValueError`` on a byte too many."""
        if len(data) > self._left:
            raise ValueError("the body is longer than it was said to be")
        self._left -= len(data)
        if self._running is not None:
            self._running.update(memoryview(data))
        framed: list[bytes] = []
        start = 0
        while start < len(data):
            piece = data[start : start + self._chunk_size - self._holds]
            start += len(piece)
            self._held.append(piece)
            self._holds += len(piece)
            if self._holds == self._chunk_size:
                framed += self._chunk()
        return framed

    def finish(self) -> list[bytes]:
        """Return the rest: the last chunk, the empty one, trailers; raises ``ValueError``.

        The error means that the body is shorter than it was said to be: nothing of it may stand.
        """
        if self._left:
            raise ValueError("the body is shorter than it was said to be")
        framed = self._chunk() if self._holds else []
        framed.append(self._header(0, EMPTY_SHA256))
        framed.append(self._trailers())
        return framed

    def _chunk(self) -> list[bytes]:
        digest = hashlib.sha256()
        for piece in self._held if self._signer is not None else ():
            digest.update(piece)
        framed = [self._header(self._holds, digest.hexdigest()), *self._held, b"\r\n"]
        self._held, self._holds = [], 0
        return framed

    def _header(self, size: int, sha256: str) -> bytes:
        if self._signer is None:
            return b"%x\r\n" % size
        signature = self._signer.chunk(sha256).ljust(self._padded, PADDING)
        return f"{size:x};chunk-signature={signature}\r\n".encode("ascii")

    def _trailers(self) -> bytes:
        if self._checksum is None or self._running is None:
            return b"\r\n"
        trailers = [(self._checksum.header, encoded(self._running.digest()))]
        lines = [f"{name}:{value}\r\n" for name, value in trailers]
        if self._signer is not None:
            signature = self._signer.trailers(canonical_trailers(trailers))
            lines.append(f"x-amz-trailer-signature:{signature.ljust(self._padded, PADDING)}\r\n")
        return "".join((*lines, "\r\n")).encode("ascii")


class SignedStream(NamedTuple):
    """A signed head, and what frames its body."""

    request: HttpRequest
    writer: ChunkWriter


def sign_streaming(
    request: HttpRequest,
    *,
    mode: Streaming,
    decoded_length: int,
    access_key_id: str,
    secret_key: str,
    region: str,
    now: float,
    session_token: str | None = None,
    region_set: str | None = None,
    checksum: str | None = None,
    chunk_size: int = CHUNK,
) -> SignedStream:
    """Sign a request to S3 whose body is sent in chunks.

    The headers about the body are set here, ``content-length`` among them: it is that of the
    framed body. ``checksum`` (``CRC32``) goes into a trailer, which a mode without trailers can't
    have and a mode with signed ones must. Raises ``ValueError`` on what does not go together.
    """
    algorithm = None if checksum is None else ALGORITHMS[checksum]
    _refuse_misfit(mode, algorithm, chunk_size, region_set)
    length = framed_length(mode, decoded_length, checksum=checksum, chunk_size=chunk_size)
    made = signed(
        replace(request, headers=_headers(request, mode, decoded_length, length, algorithm)),
        access_key_id=access_key_id,
        secret_key=secret_key,
        region=region,
        service=S3,
        now=now,
        session_token=session_token,
        region_set=region_set,
    )
    signer = None
    if mode.algorithm is not None:
        strings = ChunkStrings(
            algorithm=made.algorithm,
            amz_date=made.amz_date,
            scope=made.scope,
            seed=made.signature,
        )
        signer = ChunkSigner(strings, made.key)
    writer = ChunkWriter(
        mode, signer, length=decoded_length, checksum=algorithm, chunk_size=chunk_size
    )
    return SignedStream(made.request, writer)


def framed_length(
    mode: Streaming, length: int, *, checksum: str | None = None, chunk_size: int = CHUNK
) -> int:
    """Return how long a body of ``length`` bytes gets by its framing, trailers and all."""
    signature = _signature_length(mode)
    extension = len(";chunk-signature=") + signature if signature else 0
    whole, rest = divmod(length, chunk_size)
    sizes = [(whole, chunk_size)] if whole else []
    if rest:
        sizes.append((1, rest))
    total = sum(count * (len(f"{size:x}") + extension + 4 + size) for count, size in sizes)
    total += len("0\r\n") + extension + len("\r\n")
    if checksum is not None:
        algorithm = ALGORITHMS[checksum]
        total += len(algorithm.header) + len(":\r\n") + -(-algorithm.size // 3) * 4
        total += len("x-amz-trailer-signature:\r\n") + signature if signature else 0
    return total


def _signature_length(mode: Streaming) -> int:
    return _SIGNATURE_LENGTH.get(mode, _ECDSA_LENGTH)


def _refuse_misfit(
    mode: Streaming, checksum: Algorithm | None, chunk_size: int, region_set: str | None
) -> None:
    if chunk_size < MIN_CHUNK:
        raise ValueError("S3 refuses chunks this small")
    if checksum is not None and not mode.trailers:
        raise ValueError("a mode without trailers has no room for a checksum")
    if checksum is None and mode.trailers and mode.algorithm is not None:
        raise ValueError("a mode with signed trailers needs a checksum")
    if mode.algorithm is not None and (mode.algorithm == ECDSA) != (region_set is not None):
        raise ValueError("request and chunks must be signed with the same algorithm")


def _headers(
    request: HttpRequest,
    mode: Streaming,
    decoded_length: int,
    length: int,
    checksum: Algorithm | None,
) -> tuple[tuple[bytes, bytes], ...]:
    kept = [(name, value) for name, value in request.headers if name not in _SET]
    codings = [value for name, value in request.headers if name == b"content-encoding"]
    kept += [
        (b"content-encoding", b",".join((b"aws-chunked", *codings))),
        (b"content-length", str(length).encode("ascii")),
        (b"x-amz-content-sha256", mode.encode("ascii")),
        (b"x-amz-decoded-content-length", str(decoded_length).encode("ascii")),
    ]
    if checksum is not None:
        kept.append((b"x-amz-trailer", checksum.header.encode("ascii")))
    return tuple(kept)
