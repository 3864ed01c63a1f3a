"""The checksums that S3 takes of an object, computed while its bytes go by."""

import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple, Protocol

PREFIX = "x-amz-checksum-"
"""Of the headers and trailers that carry a checksum."""

NOT_VALUES = frozenset(("x-amz-checksum-algorithm", "x-amz-checksum-type", "x-amz-checksum-mode"))
"""Headers with that prefix that say something about checksums, and carry none."""

Crc = Callable[[memoryview, int], int]


class Running(Protocol):
    """A checksum under way."""

    def update(self, data: memoryview, /) -> None:
        """Take more bytes in."""

    def digest(self) -> bytes:
        """Return the checksum of what was taken in so far."""


class Algorithm(NamedTuple):
    """A checksum algorithm: its name as ``x-amz-sdk-checksum-algorithm`` gives it, its length."""

    name: str
    size: int
    start: Callable[[], Running]

    @property
    def header(self) -> str:
        """Return the header, or trailer, that carries it: ``x-amz-checksum-crc32``."""
        return PREFIX + self.name.lower()

    def read(self, text: str) -> bytes | None:
        """Decode a value from base64; None where it is none of this algorithm's."""
        return decoded(text, self.size)


class _RunningCrc:
    def __init__(self, crc: Crc, size: int) -> None:
        self._crc, self._size, self._value = crc, size, 0

    def update(self, data: memoryview, /) -> None:
        self._value = self._crc(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(self._size, "big")


def _crc32() -> Running:
    return _RunningCrc(zlib.crc32, 4)


@lru_cache(maxsize=1)
def _accelerated() -> tuple[Crc, Crc]:
    # Loading it takes 40 ms, which those who never see these two need not wait for.
    from awscrt import checksums  # noqa: PLC0415 - see above

    return checksums.crc32c, checksums.crc64nvme


def _crc32c() -> Running:
    return _RunningCrc(_accelerated()[0], 4)


def _crc64nvme() -> Running:
    return _RunningCrc(_accelerated()[1], 8)


def _md5() -> Running:
    return hashlib.md5(usedforsecurity=False)


def _sha1() -> Running:
    return hashlib.sha1(usedforsecurity=False)


CRC32 = Algorithm("CRC32", 4, _crc32)
SHA256 = Algorithm("SHA256", 32, hashlib.sha256)
MD5 = Algorithm("MD5", 16, _md5)
ALGORITHMS: Mapping[str, Algorithm] = {
    algorithm.name: algorithm
    for algorithm in (
        CRC32,
        Algorithm("CRC32C", 4, _crc32c),
        Algorithm("CRC64NVME", 8, _crc64nvme),
        Algorithm("SHA1", 20, _sha1),
        SHA256,
        Algorithm("SHA512", 64, hashlib.sha512),
        MD5,
    )
}
"""By name. S3 knows XXHASH64, XXHASH3 and XXHASH128 as well: nothing here computes those."""

BY_HEADER: Mapping[str, Algorithm] = {one.header: one for one in ALGORITHMS.values()}


class Digests:
    """The checksums of one body, each computed once and only where somebody asked for it."""

    def __init__(self, wanted: Iterable[Algorithm]) -> None:
        self._running = {algorithm.name: algorithm.start() for algorithm in wanted}

    def update(self, data: memoryview) -> None:
        """Take more of the body in."""
        for running in self._running.values():
            running.update(data)

    def of(self, algorithm: Algorithm) -> bytes:
        """Return a checksum that was asked for."""
        return self._running[algorithm.name].digest()

    def __contains__(self, algorithm: Algorithm) -> bool:
        return algorithm.name in self._running


def decoded(text: str, size: int) -> bytes | None:
    """Decode base64 strictly; None where it is not the base64 of so many bytes."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return value if len(value) == size and encoded(value) == text else None


def encoded(value: bytes) -> str:
    """Return a checksum as headers and trailers carry it."""
    return base64.b64encode(value).decode("ascii")
