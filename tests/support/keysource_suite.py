"""What every source of issuers' keys must do; each implementation's tests inherit from it."""

import pytest

from valetkey.oidc import KeySet, KeySource, KeysUnavailable, ProviderKeys


class KeySourceSuite:
    """Inherit, and give the fixture ``source``; ``provider`` has the key ``kid``."""

    provider = ProviderKeys("https://issuer.example")
    absent = ProviderKeys("https://absent.example")
    kid = "k-rs256"

    @pytest.fixture
    def source(self) -> KeySource:
        raise NotImplementedError

    async def test_fetch_gives_the_set_with_the_key(self, source: KeySource):
        keys = await source.fetch(self.provider, self.kid)
        assert isinstance(keys, KeySet)
        assert keys.candidates(self.kid)

    async def test_what_was_fetched_is_at_hand(self, source: KeySource):
        await source.fetch(self.provider, self.kid)
        keys = source.cached(self.provider, self.kid)
        assert keys is not None
        assert keys.candidates(self.kid)

    async def test_without_a_kid_the_set_is_the_same(self, source: KeySource):
        keys = await source.fetch(self.provider, None)
        assert [key.kid for key in keys.keys] == [
            key.kid for key in (await source.fetch(self.provider, self.kid)).keys
        ]

    async def test_a_kid_that_is_not_there_gives_a_set_all_the_same(self, source: KeySource):
        keys = await source.fetch(self.provider, "k-unknown")
        assert keys.candidates(self.kid)

    async def test_keys_that_can_not_be_had_are_an_answer(self, source: KeySource):
        assert source.cached(self.absent, self.kid) is None
        with pytest.raises(KeysUnavailable) as caught:
            await source.fetch(self.absent, self.kid)
        assert caught.value.code == "InvalidIdentityToken"
        assert caught.value.reason
