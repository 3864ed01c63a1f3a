"""The two kinds of key that a signature is verified with, and made with."""

import hmac
import re
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PADDING = "*"
"""Fills up the signature of a chunk of SigV4A, so that a body's length is known beforehand."""

_DER = re.compile(r"[0-9a-f]{16,144}", re.ASCII)
_ECDSA = ec.ECDSA(hashes.SHA256())
_DETERMINISTIC = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)


class VerifyingKey(Protocol):
    """What a signature is held against."""

    def verify(self, to_sign: bytes, signature: str) -> None:
        """Raise ``cryptography.exceptions.InvalidSignature`` unless the signature is right."""


class ChunkKey(VerifyingKey, Protocol):
    """What signatures are made with."""

    def sign(self, to_sign: bytes) -> str:
        """Return the signature in lower-case hex."""


class HmacKey:
    """The signing key of Signature Version 4: it verifies what it signs."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, to_sign: bytes) -> str:
        """Return the signature in lower-case hex."""
        return hmac.digest(self._key, to_sign, "sha256").hex()

    def verify(self, to_sign: bytes, signature: str) -> None:
        """Raise ``InvalidSignature`` unless the signature is right."""
        expected = self.sign(to_sign).encode("ascii")
        if not hmac.compare_digest(expected, signature.encode("ascii", "replace")):
            raise InvalidSignature


class EcdsaKey:
    """The public key of SigV4A."""

    __slots__ = ("_key",)

    def __init__(self, key: ec.EllipticCurvePublicKey) -> None:
        self._key = key

    def verify(self, to_sign: bytes, signature: str) -> None:
        """Raise ``InvalidSignature`` unless the signature is right."""
        if not _DER.fullmatch(signature) or len(signature) % 2:
            raise InvalidSignature
        self._key.verify(bytes.fromhex(signature), to_sign, _ECDSA)


class EcdsaSigner(EcdsaKey):
    """The private key of SigV4A; its signatures need no randomness (RFC 6979)."""

    __slots__ = ("_private",)

    def __init__(self, private: ec.EllipticCurvePrivateKey) -> None:
        super().__init__(private.public_key())
        self._private = private

    def public(self) -> EcdsaKey:
        """Return what verifies only."""
        return EcdsaKey(self._private.public_key())

    def sign(self, to_sign: bytes) -> str:
        """Return the signature, DER in lower-case hex."""
        return self._private.sign(to_sign, _DETERMINISTIC).hex()
