"""The signing key, derived from the secret key: for one day, region and service, or for SigV4A."""

import hashlib
import hmac
from collections import OrderedDict

from cryptography.hazmat.primitives.asymmetric import ec

from valetkey.sigv4.request import ECDSA, TERMINATOR
from valetkey.sigv4.verifying import EcdsaKey, EcdsaSigner, VerifyingKey

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The order of P-256 (FIPS 186-4, appendix D.1.2.3)."""

_MAX_COUNTER = 254


def signing_key(secret_key: str, date: str, region: str, service: str) -> bytes:
    """Derive the signing key: four HMACs in a row, over day, region, service and terminator."""
    key = b"AWS4" + secret_key.encode("utf-8")
    for part in (date, region, service, TERMINATOR):
        key = hmac.digest(key, part.encode("utf-8"), "sha256")
    return key


def signature_of(key: bytes, string_to_sign: bytes) -> str:
    """Return the signature in lower-case hex."""
    return hmac.digest(key, string_to_sign, "sha256").hex()


def ecdsa_signer(secret_key: str, access_key_id: str) -> EcdsaSigner:
    """Derive the key pair of SigV4A: NIST SP 800-108, the KDF in counter mode, over HMAC-SHA256.

    The counter of one byte behind the key's id counts the candidates: one that is no scalar of
    P-256 is passed over (a chance of one in 2^32).
    """
    key = b"AWS4A" + secret_key.encode("utf-8")
    label = ECDSA.encode("ascii") + b"\x00" + access_key_id.encode("utf-8")
    for counter in range(1, _MAX_COUNTER + 1):
        fixed = b"\x00\x00\x00\x01" + label + bytes((counter,)) + b"\x00\x00\x01\x00"
        candidate = int.from_bytes(hmac.digest(key, fixed, "sha256"), "big")
        if candidate <= _ORDER - 2:
            return EcdsaSigner(ec.derive_private_key(candidate + 1, ec.SECP256R1()))
    raise ValueError("no candidate is a scalar of P-256")


def ecdsa_verifier(secret_key: str, access_key_id: str) -> EcdsaKey:
    """Return the public half alone, as a cache may keep it."""
    return ecdsa_signer(secret_key, access_key_id).public()


class SigningKeyCache:
    """The keys used last, bounded in number: those of SigV4, and the public ones of SigV4A.

    Secret keys themselves are not in it: entries are found by the secret's digest. A key is
    kept only once a signature made with it was right, so that strangers can't push others out.
    """

    def __init__(self, capacity: int = 4096) -> None:
        if capacity < 1:
            raise ValueError("capacity must be at least 1")
        self._capacity = capacity
        self._keys: OrderedDict[tuple[bytes, tuple[str, ...]], VerifyingKey] = OrderedDict()

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, secret_key: str, *use: str) -> VerifyingKey | None:
        """Return the key for a use if it is here, and count it as used.

        The use is day, region and service for SigV4; algorithm and access key for SigV4A.
        """
        name = (_digest(secret_key), use)
        key = self._keys.get(name)
        if key is not None:
            self._keys.move_to_end(name)
        return key

    def keep(self, secret_key: str, *use: str, key: VerifyingKey) -> None:
        """Keep a key that has proved right; the one unused for longest makes room."""
        self._keys[_digest(secret_key), use] = key
        while len(self._keys) > self._capacity:
            self._keys.popitem(last=False)


def _digest(secret_key: str) -> bytes:
    return hashlib.sha256(secret_key.encode("utf-8")).digest()
