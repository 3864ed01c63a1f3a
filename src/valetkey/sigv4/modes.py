"""The ways in which a body may be sent in chunks, as ``x-amz-content-sha256`` names them."""

from enum import StrEnum

from valetkey.sigv4.request import ALGORITHM, ECDSA


class Streaming(StrEnum):
    """How the chunks of an ``aws-chunked`` body are signed, and whether trailers follow them.

    S3, *Authenticating Requests: Using the Authorization Header*.
    """

    HMAC = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
    HMAC_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
    ECDSA = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"
    ECDSA_TRAILER = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER"
    UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

    @property
    def algorithm(self) -> str | None:
        """Return the algorithm that chunks are signed with; None where they are not signed."""
        if self is Streaming.UNSIGNED_TRAILER:
            return None
        return ECDSA if self in _ECDSA else ALGORITHM

    @property
    def trailers(self) -> bool:
        """Tell whether trailers may follow the last chunk."""
        return self.value.endswith("-TRAILER")


_ECDSA = frozenset((Streaming.ECDSA, Streaming.ECDSA_TRAILER))
_NAMES = frozenset(mode.value for mode in Streaming)


def streaming_mode(declared: str) -> Streaming | None:
    """Return the mode that a value of ``x-amz-content-sha256`` names, or None."""
    return Streaming(declared) if declared in _NAMES else None
