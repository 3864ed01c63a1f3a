"""What is sent to an upstream and what comes back, as the gateway's parts hand it on."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from valetkey.gateway.model import Headers


@dataclass(frozen=True, slots=True)
class UpstreamRequest:
    """A request as it is to reach the upstream, but for its signature.

    ``raw_path`` and ``raw_query`` go out byte for byte; the path is in path style
    (``/bucket/key``) whatever the upstream's style. ``headers`` are the client's: those of its
    connection and of its signature are left out on the way. A streamed ``body`` needs its
    ``length``, in bytes, decoded; a length without a body is that of one which someone else
    sends, where the request is only signed. ``payload_sha256`` is the body's hash where it is
    known and verified as the body streams. ``checksum`` names the algorithm (``CRC32``) of a
    trailer for it, which an upstream that understands trailers is sent. ``region`` is signed for
    in place of the record's.
    """

    method: str
    raw_path: bytes
    raw_query: bytes = b""
    headers: Headers = ()
    body: bytes | AsyncIterator[bytes] | None = field(default=None, repr=False)
    length: int | None = None
    payload_sha256: str | None = None
    checksum: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class UpstreamLimits:
    """The bounds of one upstream's use: seconds, connections, and bytes of an answer's head.

    ``idle_seconds`` is how long either side may keep the other waiting for the next bytes.
    """

    connect_seconds: float = 5.0
    queue_seconds: float = 10.0
    idle_seconds: float = 60.0
    connections: int = 256
    keep_seconds: float = 15.0
    header_line_bytes: int = 16 * 1024
    headers: int = 256
    read_bytes: int = 128 * 1024
