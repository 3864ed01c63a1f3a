"""How this room asks for an issuer's keys; who fetches, caches and pins them is not its business.

Implementations stand above: discovery, a JWKS URL, a pinned file. Each passes the conformance
suite in ``tests/support/keysource_suite.py``.
"""

from typing import Protocol

import msgspec

from valetkey.oidc.keyset import KeySet


class ProviderKeys(msgspec.Struct, frozen=True):
    """Whose keys are wanted: the issuer's URL as registered and the provider's thumbprints.

    Thumbprints are lower-case hex SHA-1 of certificates that may stand in the issuer's chain.
    """

    issuer: str
    thumbprints: tuple[str, ...] = ()


class KeySource(Protocol):
    """A source of issuers' keys."""

    def cached(self, provider: ProviderKeys, kid: str | None) -> KeySet | None:
        """Return the set at hand if it is good enough to judge a token with this kid.

        None means that a fetch is due: nothing is at hand, it is too old, or it lacks the kid
        and the cool-down allows another look. Never blocks.
        """
        ...

    async def fetch(self, provider: ProviderKeys, kid: str | None) -> KeySet:
        """Return a set, fetched if need be; it may lack the kid.

        Raises KeysUnavailable or ThumbprintMismatch.
        """
        ...
