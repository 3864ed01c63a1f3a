"""A user's secret key as it is kept: sealed, and bound to its access key id."""

from valetkey.credentials.identifiers import Random
from valetkey.credentials.keyring import KeyRing

_PURPOSE = "access-key"


def seal_secret_key(secret_key: str, access_key_id: str, ring: KeyRing, random: Random) -> bytes:
    """Seal a secret key; it opens again for the same access key id only."""
    return ring.seal(_PURPOSE, secret_key.encode("ascii"), access_key_id.encode("utf-8"), random)


def open_secret_key(sealed: bytes, access_key_id: str, ring: KeyRing) -> str:
    """Return the secret key; raises :class:`~valetkey.credentials.keyring.SealBroken`."""
    return ring.open(_PURPOSE, sealed, access_key_id.encode("utf-8")).decode("ascii")
