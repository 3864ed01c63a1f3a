"""The port for keys, with the simplest source there is: sets that are pinned."""

import pytest

from support.keysource_suite import KeySourceSuite
from support.tokens import jwk, jwks, rsa_key
from valetkey.oidc import (
    Check,
    KeySet,
    KeySource,
    KeysUnavailable,
    ProviderKeys,
    ThumbprintMismatch,
)
from valetkey.oidc.errors import BAD_THUMBPRINT


class PinnedKeys:
    """Keys that were written down beforehand."""

    def __init__(self, sets: dict[str, KeySet]) -> None:
        self._sets = sets

    def cached(self, provider: ProviderKeys, kid: str | None) -> KeySet | None:
        return self._sets.get(provider.issuer)

    async def fetch(self, provider: ProviderKeys, kid: str | None) -> KeySet:
        if provider.issuer not in self._sets:
            raise KeysUnavailable("no keys are pinned for the issuer")
        return self._sets[provider.issuer]


class TestPinnedKeys(KeySourceSuite):
    @pytest.fixture
    def source(self) -> KeySource:
        keys = KeySet.from_json(jwks(jwk(rsa_key(), self.kid)))
        return PinnedKeys({self.provider.issuer: keys})


def test_a_wrong_thumbprint_has_its_own_sentence():
    error = ThumbprintMismatch("the chain holds none of the 2 thumbprints", help="update them")
    assert (error.code, error.status, error.check) == ("InvalidIdentityToken", 400, Check.KEYS)
    assert error.message == BAD_THUMBPRINT
    assert not isinstance(error, KeysUnavailable)
