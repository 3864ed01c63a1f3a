"""The signing key, derived from the secret key for one day, region and service."""

import hashlib
import hmac
from collections import OrderedDict

from valetkey.sigv4.request import TERMINATOR


def signing_key(secret_key: str, date: str, region: str, service: str) -> bytes:
    """Derive the signing key: four HMACs in a row, over day, region, service and terminator."""
    key = b"AWS4" + secret_key.encode("utf-8")
    for part in (date, region, service, TERMINATOR):
        key = hmac.digest(key, part.encode("utf-8"), "sha256")
    return key


def signature_of(key: bytes, string_to_sign: bytes) -> str:
    """Return the signature in lower-case hex."""
    return hmac.digest(key, string_to_sign, "sha256").hex()


class SigningKeyCache:
    """The signing keys used last, bounded in number.

    Secret keys themselves are not in it: entries are found by the secret's digest. A key is
    kept only once a signature made with it was right, so that strangers can't push others out.
    """

    def __init__(self, capacity: int = 4096) -> None:
        if capacity < 1:
            raise ValueError("capacity must be at least 1")
        self._capacity = capacity
        self._keys: OrderedDict[tuple[bytes, str, str, str], bytes] = OrderedDict()

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, secret_key: str, date: str, region: str, service: str) -> bytes | None:
        """Return the key if it is here, and count it as used."""
        name = (_digest(secret_key), date, region, service)
        key = self._keys.get(name)
        if key is not None:
            self._keys.move_to_end(name)
        return key

    def keep(self, secret_key: str, date: str, region: str, service: str, key: bytes) -> None:
        """Keep a key that has proved right; the one unused for longest makes room."""
        self._keys[_digest(secret_key), date, region, service] = key
        while len(self._keys) > self._capacity:
            self._keys.popitem(last=False)


def _digest(secret_key: str) -> bytes:
    return hashlib.sha256(secret_key.encode("utf-8")).digest()
