"""The signatures of a body's chunks: each holds the one before it, the first holds the request's.

S3, *Signature Calculations for the Authorization Header: Transferring Payload in Multiple
Chunks*, and *… Including Trailing Headers*.
"""

import hashlib
from collections.abc import Iterable

from cryptography.exceptions import InvalidSignature

from valetkey.sigv4.refusals import S3_MISMATCH, PayloadCheck, PayloadRefused
from valetkey.sigv4.request import ECDSA
from valetkey.sigv4.verifying import PADDING, ChunkKey, VerifyingKey

EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()


class ChunkStrings:
    """What is signed for each chunk, and for the trailers."""

    def __init__(self, *, algorithm: str, amz_date: str, scope: str, seed: str) -> None:
        self._algorithm = algorithm
        self._middle = f"{amz_date}\n{scope}"
        self.previous = seed

    def bare(self, signature: str) -> str:
        """Return a signature without what fills it up, which those of SigV4A alone may have."""
        return signature.strip(PADDING) if self._algorithm == ECDSA else signature

    def of_chunk(self, sha256: str) -> bytes:
        """Return the string to sign for a chunk with this hash."""
        return (
            f"{self._algorithm}-PAYLOAD\n{self._middle}\n{self.previous}\n{EMPTY_SHA256}\n{sha256}"
        ).encode("ascii")

    def of_trailers(self, canonical: bytes) -> bytes:
        """Return the string to sign for trailers in their canonical form."""
        digest = hashlib.sha256(canonical).hexdigest()
        return f"{self._algorithm}-TRAILER\n{self._middle}\n{self.previous}\n{digest}".encode(
            "ascii"
        )


class ChunkVerifier:
    """Holds each chunk's signature to the one before it."""

    def __init__(self, strings: ChunkStrings, key: VerifyingKey) -> None:
        self._strings = strings
        self._key = key

    def chunk(self, sha256: str, signature: str) -> None:
        """Raise :class:`PayloadRefused` unless this is the signature of the next chunk."""
        to_sign = self._strings.of_chunk(sha256)
        self._verify(PayloadCheck.CHUNK_SIGNATURE, "chunk", to_sign, signature)

    def trailers(self, canonical: bytes, signature: str) -> None:
        """Raise :class:`PayloadRefused` unless this is the signature of the trailers."""
        to_sign = self._strings.of_trailers(canonical)
        self._verify(PayloadCheck.TRAILER_SIGNATURE, "trailer", to_sign, signature)

    def _verify(self, check: PayloadCheck, what: str, to_sign: bytes, signature: str) -> None:
        bare = self._strings.bare(signature)
        try:
            self._key.verify(to_sign, bare)
        except InvalidSignature:
            raise PayloadRefused(
                check,
                "SignatureDoesNotMatch",
                S3_MISMATCH,
                403,
                reason=f"the {what} signature `{signature}` does not hold",
                help="the body was changed on its way, or the client does not sign its chunks "
                "as AWS documents it",
                details=(
                    ("StringToSign", to_sign.decode("ascii")),
                    ("SignatureProvided", signature),
                ),
            ) from None
        self._strings.previous = bare


class ChunkSigner:
    """Signs one chunk after the other, and the trailers at the end."""

    def __init__(self, strings: ChunkStrings, key: ChunkKey) -> None:
        self._strings = strings
        self._key = key

    def chunk(self, sha256: str) -> str:
        """Return the signature of the next chunk."""
        return self._signed(self._strings.of_chunk(sha256))

    def trailers(self, canonical: bytes) -> str:
        """Return the signature of the trailers."""
        return self._signed(self._strings.of_trailers(canonical))

    def _signed(self, to_sign: bytes) -> str:
        signature = self._key.sign(to_sign)
        self._strings.previous = signature
        return signature


def canonical_trailers(trailers: Iterable[tuple[str, str]]) -> bytes:
    """Return trailers as they are signed: by name, each with a line feed."""
    return "".join(f"{name}:{value}\n" for name, value in sorted(trailers)).encode("ascii")
