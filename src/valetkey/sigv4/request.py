"""The request as it was sent, and the signature that was found in it."""

from collections.abc import Callable

from msgspec import Struct

from valetkey.sigv4.verifying import VerifyingKey

ALGORITHM = "AWS4-HMAC-SHA256"
ECDSA = "AWS4-ECDSA-P256-SHA256"
"""Signature Version 4A: one signature for a set of regions, made with a key derived for ECDSA."""

TERMINATOR = "aws4_request"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
S3 = "s3"
"""The service whose paths are signed as they are and whose payloads may stay unsigned."""


class HttpRequest(Struct, frozen=True):
    """A request as it came over the wire; nothing in it is decoded yet.

    ``headers`` stand in the order received, names in lower case. ``body_sha256`` is the hash of
    the body in lower-case hex, or a function that computes it when it is first needed.
    """

    method: str
    raw_path: bytes
    raw_query: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body_sha256: str | Callable[[], str]

    def payload_sha256(self) -> str:
        """Return the hash of the body that came with the request, in lower-case hex."""
        return self.body_sha256 if isinstance(self.body_sha256, str) else self.body_sha256()


class Signature(Struct, frozen=True, kw_only=True):
    """What a request says about its signer; nothing of it is verified.

    ``date`` is the day in the credential scope, ``amz_date`` the time of signing as it goes
    into the string to sign and ``timestamp`` the same in seconds since 1970. ``expires`` is the
    lifetime of a presigned request in seconds. ``content_sha256`` is what the client declared
    about the payload, if it did. ``algorithm`` is :data:`ALGORITHM` or :data:`ECDSA`: a signature
    of the latter has no ``region`` (it is empty) but a ``region_set``; its members may hold ``*``.
    """

    access_key_id: str
    date: str
    amz_date: str
    timestamp: float
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    session_token: str | None = None
    presigned: bool = False
    expires: int | None = None
    content_sha256: str | None = None
    algorithm: str = ALGORITHM
    region_set: tuple[str, ...] = ()

    @property
    def scope(self) -> str:
        """Return the credential scope: ``20250102/eu-test-1/sts/aws4_request``.

        That of SigV4A has no region: ``20250102/sts/aws4_request``.
        """
        region = () if self.algorithm == ECDSA else (self.region,)
        return "/".join((self.date, *region, self.service, TERMINATOR))

    def __repr__(self) -> str:
        # The token and a presigned signature open doors: neither may reach a log by accident.
        return f"Signature({self.access_key_id!r}, {self.scope!r}, presigned={self.presigned})"


class VerifiedSignature(Struct, frozen=True):
    """Proof that the holder of the secret key signed this request; only verification builds one.

    ``payload_sha256`` is what was signed for the payload: a hash, ``UNSIGNED-PAYLOAD``, or one of
    the ``STREAMING-…`` modes. Unless the signature was verified with ``body="stream"``, a hash
    fits the body; otherwise :func:`payload_reader` finds out. ``key`` is what the signatures of
    the body's chunks are verified with: it goes no further than that.
    """

    signature: Signature
    payload_sha256: str
    key: VerifyingKey

    def __repr__(self) -> str:
        return f"VerifiedSignature({self.signature!r}, {self.payload_sha256!r})"
