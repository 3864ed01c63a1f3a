"""The key ring: what secrets at rest and session tokens are sealed under.

A ring holds several keys. The first one seals, all of them open, so that a key can be replaced
while what it sealed still lives. Each purpose has a key of its own, derived with HKDF-SHA256
(RFC 5869), so that what was sealed for one purpose can't be opened for another.

Sealed form, version 1::

    01 | key id, 4 bytes | salt, 16 bytes | nonce, 12 bytes | AES-256-GCM ciphertext and tag

Each message has a key of its own, HMAC-SHA256 of the salt under the purpose's key: with random
nonces under one key, AES-GCM would be safe for 2^32 messages only, a few months of a busy
server. Purpose, version and key id are authenticated along with the associated data.
"""

import hashlib
import hmac
import math
from collections.abc import Iterable

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Struct

from valetkey.credentials.identifiers import Random
from valetkey.errors import ValetkeyError

KEY_SIZE = 32
_VERSION = b"\x01"
_ID_SIZE = 4
_SALT_SIZE = 16
_NONCE_SIZE = 12
_TAG_SIZE = 16
_HEAD_SIZE = 1 + _ID_SIZE
_BODY_AT = _HEAD_SIZE + _SALT_SIZE + _NONCE_SIZE

OVERHEAD = _BODY_AT + _TAG_SIZE
"""By how many bytes the sealed form is longer than the plaintext."""


class MalformedKeyRing(ValetkeyError):
    """The text is not a key ring; the message never quotes it."""

    code = "malformed-key-ring"


class KeyRingRefused(ValetkeyError):
    """A change to the ring that would lock data away."""

    code = "key-ring-refused"


class SealBroken(ValetkeyError):
    """What was sealed can't be opened: cut, changed, of another purpose or of an unknown key."""

    code = "seal-broken"


class RingKey(Struct, frozen=True):
    """A key of the ring: its id in hex, when it was made (seconds since 1970), 32 bytes."""

    id: str
    created: float
    key: bytes

    def __repr__(self) -> str:
        return f"RingKey(id={self.id!r}, created={self.created!r})"


class _Document(Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    keys: list[RingKey]


class KeyRing:
    """Keys to seal and open with; a ring never changes, :meth:`rotate` returns another one."""

    def __init__(self, keys: Iterable[RingKey]) -> None:
        """Take keys in order, the one that seals first; raises :class:`MalformedKeyRing`."""
        self._keys = tuple(keys)
        _check(self._keys)
        self._by_id = {bytes.fromhex(key.id): key for key in self._keys}
        self._derived: dict[tuple[bytes, str], bytes] = {}

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(key.id for key in self._keys)})"

    @property
    def keys(self) -> tuple[RingKey, ...]:
        """Return the keys in order; the first one seals."""
        return self._keys

    @classmethod
    def generate(cls, random: Random, now: float) -> "KeyRing":
        """Return a ring with one new key."""
        return cls((_new_key(random, now),))

    @classmethod
    def from_json(cls, text: bytes) -> "KeyRing":
        """Read what :meth:`to_json` wrote; raises :class:`MalformedKeyRing`."""
        try:
            document = msgspec.json.decode(text, type=_Document)
        except (msgspec.DecodeError, RecursionError):
            # NOTE: not chained, because the cause may quote a part of a key.
            raise MalformedKeyRing("the key ring is not the JSON document it should be") from None
        if document.version != 1:
            raise MalformedKeyRing(
                f"the key ring has version `{document.version}`, wanted `1`",
                help="it was written by a newer release; upgrade this one",
            )
        return cls(document.keys)

    def to_json(self) -> bytes:
        """Return the ring as JSON, keys included: for a file of mode 0600 or a secret store."""
        document = msgspec.json.encode(_Document(1, list(self._keys)))
        return msgspec.json.format(document, indent=2) + b"\n"

    def rotate(self, random: Random, now: float) -> "KeyRing":
        """Return a ring in which a new key seals and all earlier ones still open."""
        return KeyRing((_new_key(random, now), *self._keys))

    def retire(self, key_id: str) -> "KeyRing":
        """Return a ring without a key: what it sealed can't be opened any more.

        Raises :class:`KeyRingRefused` for the key that seals and for one that is not there.
        """
        if key_id == self._keys[0].id:
            raise KeyRingRefused(
                f"key `{key_id}` seals and can't be retired", help="rotate the ring first"
            )
        rest = tuple(key for key in self._keys if key.id != key_id)
        if len(rest) == len(self._keys):
            raise KeyRingRefused(f"the ring has no key `{key_id}`", help=f"it has {self._ids()}")
        return KeyRing(rest)

    def seal(self, purpose: str, plaintext: bytes, associated: bytes, random: Random) -> bytes:
        """Encrypt and authenticate; ``associated`` is authenticated only, and needed to open."""
        key_id = bytes.fromhex(self._keys[0].id)
        drawn = random(_SALT_SIZE + _NONCE_SIZE)
        if len(drawn) != _SALT_SIZE + _NONCE_SIZE:
            raise ValueError("random source returned too few bytes")
        salt, nonce = drawn[:_SALT_SIZE], drawn[_SALT_SIZE:]
        head = _VERSION + key_id
        cipher = self._cipher(key_id, purpose, salt)
        return head + drawn + cipher.encrypt(nonce, plaintext, _bound(head, purpose, associated))

    def open(self, purpose: str, sealed: bytes, associated: bytes) -> bytes:
        """Return the plaintext; raises :class:`SealBroken`."""
        head, salt = sealed[:_HEAD_SIZE], sealed[_HEAD_SIZE : _HEAD_SIZE + _SALT_SIZE]
        if len(sealed) < OVERHEAD or head[:1] != _VERSION:
            raise SealBroken("what was sealed is cut or is no seal of this version")
        key_id = head[1:]
        if key_id not in self._by_id:
            raise SealBroken(
                f"sealed under key `{key_id.hex()}`, which is not in the ring",
                help=f"the ring has {self._ids()}; bring the key back if it was retired too early",
            )
        nonce = sealed[_HEAD_SIZE + _SALT_SIZE : _BODY_AT]
        cipher = self._cipher(key_id, purpose, salt)
        try:
            return cipher.decrypt(nonce, sealed[_BODY_AT:], _bound(head, purpose, associated))
        except InvalidTag:
            raise SealBroken(
                f"what was sealed was changed, or was not sealed for `{purpose}` and this place"
            ) from None

    def _cipher(self, key_id: bytes, purpose: str, salt: bytes) -> AESGCM:
        derived = self._derived.get((key_id, purpose))
        if derived is None:
            derived = _derive(self._by_id[key_id].key, purpose)
            self._derived[key_id, purpose] = derived
        return AESGCM(hmac.digest(derived, salt, "sha256"))

    def _ids(self) -> str:
        return ", ".join(f"`{key.id}`" for key in self._keys)


def _derive(key: bytes, purpose: str) -> bytes:
    info = b"valetkey seal 1 " + purpose.encode("utf-8")
    return HKDF(algorithm=SHA256(), length=KEY_SIZE, salt=None, info=info).derive(key)


def _bound(head: bytes, purpose: str, associated: bytes) -> bytes:
    name = purpose.encode("utf-8")
    # The length stands before the name, so that no two pairs make the same bytes.
    return head + len(name).to_bytes(4, "big") + name + associated


def _new_key(random: Random, now: float) -> RingKey:
    key = random(KEY_SIZE)
    return RingKey(_id_of(key), now, key)


def _id_of(key: bytes) -> str:
    # Made from the key, so that a ring with a damaged key is known as such when it is read.
    return hashlib.sha256(b"valetkey key id " + key).digest()[:_ID_SIZE].hex()


def _check(keys: tuple[RingKey, ...]) -> None:
    if not keys:
        raise MalformedKeyRing("the key ring has no key")
    for key in keys:
        if len(key.key) != KEY_SIZE:
            raise MalformedKeyRing(f"key `{key.id}` has {len(key.key)} bytes, wanted {KEY_SIZE}")
        if key.id != _id_of(key.key):
            raise MalformedKeyRing(f"key `{key.id}` does not fit its id", help="it was damaged")
        if not math.isfinite(key.created):
            raise MalformedKeyRing(f"key `{key.id}` has no time of creation")
    if len({key.id for key in keys}) != len(keys):
        raise MalformedKeyRing("the key ring has a key twice")
