"""A body in ``aws-chunked`` framing, taken apart as it comes in."""

import hashlib
import re
from collections.abc import Callable

from valetkey.sigv4.answers import (
    MIN_CHUNK,
    incomplete,
    malformed_trailer,
    other_length,
    too_small,
)
from valetkey.sigv4.chain import EMPTY_SHA256, ChunkVerifier, canonical_trailers

MAX_LINE = 256
"""The longest line between chunks, in bytes; the longest that is right has 183 (SigV4A)."""

_MAX_TRAILERS = 8
_TRAILER_SIGNATURE = "x-amz-trailer-signature"
_UNSIGNED = re.compile(rb"([0-9A-Fa-f]{1,16})")
_SIGNED = re.compile(
    rb"([0-9A-Fa-f]{1,16})[ \t]*;[ \t]*chunk-signature[ \t]*=[ \t]*([!-:<-~]{1,144})[ \t]*"
)
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}", re.ASCII)
_VALUE = re.compile(r"[ -~]{0,200}", re.ASCII)

_Step = Callable[[memoryview], memoryview]


class ChunkedBody:
    """Reads chunks, verifies their signatures, and collects the trailers.

    ``length`` is the sum of all chunks, as the request declares it. ``verifier`` is None where
    chunks are not signed. Takes time in proportion to the bytes fed, and keeps no more than a
    line of them.
    """

    def __init__(self, length: int, verifier: ChunkVerifier | None, *, trailers: bool) -> None:
        self._length = length
        self._verifier = verifier
        self._may_trail = trailers
        self._step: _Step = self._header
        self._line = bytearray()
        self._number = 0
        self._size = MIN_CHUNK
        self._left = 0
        self._read = 0
        self._signature = ""
        self._hash = hashlib.sha256()
        self._pieces: list[memoryview] = []
        self._trailers: list[tuple[str, str]] = []

    def feed(self, data: memoryview) -> list[memoryview]:
        """Return the parts of ``data`` that belong to the body proper."""
        while data:
            data = self._step(data)
        pieces, self._pieces = self._pieces, []
        return pieces

    def finish(self) -> tuple[tuple[str, str], ...]:
        """Return the trailers, their signature left out.

        As S3 does, a body that ends behind a whole line is taken for complete once the last
        chunk was there: the empty line that ends the trailers may be missing.
        """
        if self._step != self._end and (self._step != self._trailer or self._line):
            raise incomplete("the body ends before its last chunk or in the midst of its trailers")
        if self._verifier is None:
            return tuple(self._trailers)
        return self._signed_trailers(self._verifier)

    def _header(self, data: memoryview) -> memoryview:
        line, rest = self._taken(data)
        if line is not None:
            self._start(line)
        return rest

    def _start(self, line: bytes) -> None:
        pattern = _UNSIGNED if self._verifier is None else _SIGNED
        found = pattern.fullmatch(line)
        if found is None:
            raise incomplete(f"`{_shown(line)}` is no header of a chunk in this mode")
        size = int(found[1], 16)
        self._number += 1
        if size and self._size < MIN_CHUNK:
            raise too_small(self._number, self._size)
        if self._read + size > self._length or (size == 0 and self._read != self._length):
            raise other_length(self._length, self._read + size)
        self._size = self._left = size
        self._signature = found[2].decode("ascii") if self._verifier is not None else ""
        self._hash = hashlib.sha256()
        if size:
            self._step = self._data
            return
        if self._verifier is not None:
            self._verifier.chunk(EMPTY_SHA256, self._signature)
        self._step = self._trailer

    def _data(self, data: memoryview) -> memoryview:
        piece = data[: self._left]
        self._pieces.append(piece)
        self._left -= len(piece)
        self._read += len(piece)
        if self._verifier is not None:
            self._hash.update(piece)
        if not self._left:
            if self._verifier is not None:
                self._verifier.chunk(self._hash.hexdigest(), self._signature)
            self._step = self._after_data
        return data[len(piece) :]

    def _after_data(self, data: memoryview) -> memoryview:
        line, rest = self._taken(data)
        if line:
            raise incomplete("there is no line end behind the data of a chunk")
        if line is not None:
            self._step = self._header
        return rest

    def _trailer(self, data: memoryview) -> memoryview:
        line, rest = self._taken(data)
        if line == b"":
            self._step = self._end
        elif line is not None:
            self._keep(line)
        return rest

    def _end(self, data: memoryview) -> memoryview:
        raise incomplete(f"the body goes on behind its end: `{_shown(bytes(data[:64]))}`")

    def _taken(self, data: memoryview) -> tuple[bytes | None, memoryview]:
        """Return the line that ends in ``data``, if one does, and what comes after it."""
        had = len(self._line)
        self._line += data[: MAX_LINE + 2 - had]
        end = self._line.find(b"\r\n", max(had - 1, 0))
        if end < 0:
            if len(self._line) >= MAX_LINE + 2:
                raise incomplete(f"a line between chunks is longer than {MAX_LINE} bytes")
            return None, data[len(self._line) - had :]
        line = bytes(self._line[:end])
        self._line.clear()
        return line, data[end + 2 - had :]

    def _keep(self, line: bytes) -> None:
        if not self._may_trail:
            raise incomplete("trailers follow the last chunk, and the mode has none")
        # minio-go ends a trailer with LF CR LF, as an early AWS document printed it.
        name, colon, value = line.removesuffix(b"\n").decode("latin-1").partition(":")
        value = value.strip(" \t")
        if not colon or not _NAME.fullmatch(name):
            raise incomplete(f"`{_shown(line)}` is no trailer")
        if not _VALUE.fullmatch(value) or len(self._trailers) == _MAX_TRAILERS:
            raise malformed_trailer(f"trailer `{name}` is too long, or one too many")
        self._trailers.append((name.lower(), value))

    def _signed_trailers(self, verifier: ChunkVerifier) -> tuple[tuple[str, str], ...]:
        if not self._may_trail:
            return ()
        if len(self._trailers) <= 1 or self._trailers[-1][0] != _TRAILER_SIGNATURE:
            raise incomplete("there are no trailers, or their signature is not the last of them")
        *trailers, (_, signature) = self._trailers
        verifier.trailers(canonical_trailers(trailers), signature)
        return tuple(trailers)


def _shown(line: bytes) -> str:
    return line[:64].decode("ascii", "backslashreplace")
