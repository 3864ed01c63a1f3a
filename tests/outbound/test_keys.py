"""The laws of the key cache, with a clock and an issuer that do as they are told."""

import asyncio
import json
import time
from dataclasses import dataclass, field

import pytest

from valetkey.oidc import KeySet, KeySource, KeysUnavailable, ProviderKeys, ThumbprintMismatch
from valetkey.outbound import (
    CertificateRefused,
    DiscoveredKeys,
    GuardedClient,
    KeyBounds,
    Unreachable,
)
from valetkey.outbound.fetch import Fetched

ISSUER = ProviderKeys("https://gitlab.example", ())
POINT = {"kty": "EC", "crv": "P-256",
         "x": "WKn-ZIGevcwGIyyrzFoZNBdaq9_TsqzGl96oc0CWuis",
         "y": "y77t-RvAHRKTsSGdIYUfweuOvwrvDD-Q3Hv5J0fSKbE"}  # fmt: skip
BOUNDS = KeyBounds(cooldown=10, fresh=3600, revalidate=300, stale=86_400, failure=5)


def key_set(*kids):
    return json.dumps({"keys": [{**POINT, "kid": kid} for kid in kids]}).encode()


@dataclass
class FakeIssuer:
    """Stands in for the guarded client; ``fetches`` counts key sets asked for."""

    body: bytes = key_set("k1")
    headers: tuple[tuple[str, str], ...] = ()
    error: Exception | None = None
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    fetches: int = 0
    began: int = 0

    def __post_init__(self):
        self.gate.set()

    async def get(self, url, **options):
        if url.endswith("/.well-known/openid-configuration"):
            self.began += 1
            await self.gate.wait()
            if self.error is not None:
                raise self.error
            issuer = url.removesuffix("/.well-known/openid-configuration")
            body = json.dumps({"issuer": issuer, "jwks_uri": f"{issuer}/keys"}).encode()
            return Fetched(200, (), body, url, (), ())
        self.fetches += 1
        return Fetched(200, self.headers, self.body, url, (), ())


class FakeClock:
    now = 1_795_568_878.0

    def __call__(self):
        return self.now

    def pass_(self, seconds):
        self.now += seconds


@pytest.fixture
def issuer():
    return FakeIssuer()


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
async def keys(issuer, clock):
    source = DiscoveredKeys(issuer, clock=clock, bounds=BOUNDS)
    yield source
    await source.close()


def kids(found: KeySet | None):
    return None if found is None else [key.kid for key in found.keys]


def dead():
    return Unreachable("nobody there", url="https://gitlab.example/", help="wake it")


async def settle():
    for _ in range(10):
        await asyncio.sleep(0)


def test_it_is_a_key_source(issuer, clock):
    source: KeySource = DiscoveredKeys(issuer, clock=clock)
    assert source.cached(ISSUER, "k1") is None


async def test_nothing_is_fetched_before_it_is_wanted(keys, issuer):
    assert keys.cached(ISSUER, "k1") is None
    assert issuer.began == 0
    assert kids(await keys.fetch(ISSUER, "k1")) == ["k1"]
    assert kids(keys.cached(ISSUER, "k1")) == ["k1"]
    assert kids(await keys.fetch(ISSUER, "k1")) == ["k1"]
    assert issuer.fetches == 1


class TestUnknownKids:
    async def test_ten_thousand_cost_one_fetch(self, keys, issuer, clock):
        await keys.fetch(ISSUER, "k1")
        clock.pass_(BOUNDS.cooldown)
        for number in range(10_000):
            found = keys.cached(ISSUER, f"random-{number}")
            if found is None:
                found = await keys.fetch(ISSUER, f"random-{number}")
            assert kids(found) == ["k1"]
            assert kids(keys.cached(ISSUER, "k1")) == ["k1"]
        assert issuer.fetches == 2

    async def test_ten_thousand_at_once_on_a_cold_start_too(self, keys, issuer):
        found = await asyncio.gather(
            *(keys.fetch(ISSUER, f"random-{number}") for number in range(10_000))
        )
        assert all(kids(one) == ["k1"] for one in found)
        assert issuer.fetches == 1

    async def test_a_rotated_key_is_found_after_the_cool_down(self, keys, issuer, clock):
        await keys.fetch(ISSUER, "k1")
        issuer.body = key_set("k2")
        clock.pass_(BOUNDS.cooldown - 0.1)
        assert kids(keys.cached(ISSUER, "k2")) == ["k1"]
        clock.pass_(0.1)
        assert keys.cached(ISSUER, "k2") is None
        assert kids(await keys.fetch(ISSUER, "k2")) == ["k2"]
        assert kids(keys.cached(ISSUER, "k2")) == ["k2"]
        assert issuer.fetches == 2

    async def test_good_tokens_pass_while_the_fetch_hangs(self, keys, issuer, clock):
        await keys.fetch(ISSUER, "k1")
        clock.pass_(BOUNDS.cooldown)
        issuer.gate.clear()
        waiting = [asyncio.create_task(keys.fetch(ISSUER, f"r{n}")) for n in range(100)]
        await settle()
        assert issuer.began == 2
        assert kids(keys.cached(ISSUER, "k1")) == ["k1"]
        assert kids(await keys.fetch(ISSUER, "k1")) == ["k1"]
        issuer.body = key_set("k1", "k2")
        issuer.gate.set()
        assert all(kids(found) == ["k1", "k2"] for found in await asyncio.gather(*waiting))

    async def test_a_failed_look_leaves_the_old_set(self, keys, issuer, clock):
        await keys.fetch(ISSUER, "k1")
        clock.pass_(BOUNDS.cooldown)
        issuer.error = dead()
        assert kids(await keys.fetch(ISSUER, "k2")) == ["k1"]
        assert kids(keys.cached(ISSUER, "k2")) == ["k1"]
        assert issuer.began == 2

    @pytest.mark.parametrize("kid", [None, ""])
    async def test_no_kid_is_no_reason_to_fetch(self, keys, issuer, clock, kid):
        await keys.fetch(ISSUER, "k1")
        clock.pass_(BOUNDS.cooldown)
        assert kids(keys.cached(ISSUER, kid)) == ["k1"]

    async def test_a_skipped_key_is_known(self, keys, issuer, clock):
        odd = {"kty": "oct", "kid": "odd", "k": "AAAA"}
        issuer.body = json.dumps({"keys": [{**POINT, "kid": "k1"}, odd]}).encode()
        await keys.fetch(ISSUER, "odd")
        clock.pass_(BOUNDS.cooldown)
        assert kids(keys.cached(ISSUER, "odd")) == ["k1"]

    async def test_a_clock_set_back_does_not_end_fetching(self, keys, issuer, clock):
        await keys.fetch(ISSUER, "k1")
        clock.pass_(-1000)
        issuer.body = key_set("k2")
        assert kids(await keys.fetch(ISSUER, "k2")) == ["k2"]


class TestFreshness:
    @pytest.mark.parametrize(
        ("headers", "fresh"),
        [
            ((), 3600),
            ((("cache-control", "max-age=60"),), 60),
            ((("cache-control", "max-age=86400"),), 3600),
            ((("cache-control", "max-age=0"),), 10),
            ((("cache-control", "no-store"),), 10),
        ],
    )
    async def test_is_what_the_issuer_says_within_bounds(self, keys, issuer, clock, headers, fresh):
        issuer.headers = headers
        await keys.fetch(ISSUER, "k1")
        clock.pass_(fresh - 0.1)
        assert kids(keys.cached(ISSUER, "k1")) == ["k1"]
        await settle()
        assert issuer.fetches == 1
        clock.pass_(0.2)
        assert kids(keys.cached(ISSUER, "k1")) == ["k1"]
        await settle()
        assert issuer.fetches == 2

    async def test_stale_keys_serve_while_they_are_fetched_anew(self, keys, issuer, clock):
        await keys.fetch(ISSUER, "k1")
        issuer.body = key_set("k2")
        clock.pass_(3601)
        issuer.gate.clear()
        for _ in range(100):
            assert kids(keys.cached(ISSUER, "k1")) == ["k1"]
            await settle()
        assert issuer.began == 2
        issuer.gate.set()
        await settle()
        assert kids(keys.cached(ISSUER, "k2")) == ["k2"]

    async def test_a_removed_key_ends_soon_after(self, keys, issuer, clock):
        await keys.fetch(ISSUER, "k1")
        issuer.body = key_set("k2")
        clock.pass_(3600 + BOUNDS.revalidate)
        assert keys.cached(ISSUER, "k1") is None
        assert kids(await keys.fetch(ISSUER, "k1")) == ["k2"]

    async def test_stale_keys_outlive_a_dead_issuer_within_a_bound(self, keys, issuer, clock):
        await keys.fetch(ISSUER, "k1")
        issuer.error = dead()
        clock.pass_(BOUNDS.stale - 100)
        assert kids(await keys.fetch(ISSUER, "k1")) == ["k1"]
        for _ in range(1000):
            assert kids(keys.cached(ISSUER, "k1")) == ["k1"]
        await settle()
        assert issuer.began == 2
        clock.pass_(100)
        assert keys.cached(ISSUER, "k1") is None
        with pytest.raises(KeysUnavailable):
            await keys.fetch(ISSUER, "k1")

    async def test_the_bound_holds_during_the_cool_down_too(self, keys, issuer, clock):
        await keys.fetch(ISSUER, "k1")
        issuer.error = dead()
        clock.pass_(BOUNDS.stale - 5)
        assert kids(await keys.fetch(ISSUER, "k1")) == ["k1"]
        clock.pass_(5)
        assert keys.cached(ISSUER, "k1") is None

    async def test_an_issuer_that_comes_back_is_heard(self, keys, issuer, clock):
        await keys.fetch(ISSUER, "k1")
        issuer.error = dead()
        clock.pass_(80_000)
        assert kids(await keys.fetch(ISSUER, "k1")) == ["k1"]
        issuer.error, issuer.body = None, key_set("k2")
        clock.pass_(BOUNDS.cooldown)
        assert kids(await keys.fetch(ISSUER, "k1")) == ["k2"]

    @pytest.mark.parametrize(
        "body",
        [b"", b"<html>", b"{}", b'{"keys":[]}', b'{"keys":[{"kty":"RSA","kid":"k1"}]}', b"null"],
    )
    async def test_an_empty_or_broken_answer_replaces_nothing(self, keys, issuer, clock, body):
        await keys.fetch(ISSUER, "k1")
        issuer.body = body
        clock.pass_(10_000)
        assert kids(await keys.fetch(ISSUER, "k1")) == ["k1"]
        assert issuer.fetches == 2


class TestFailures:
    async def test_are_shared_and_remembered_for_a_moment(self, keys, issuer, clock):
        issuer.error = dead()
        outcomes = await asyncio.gather(
            *(keys.fetch(ISSUER, "k1") for _ in range(100)), return_exceptions=True
        )
        assert {type(one) for one in outcomes} == {KeysUnavailable}
        assert len({id(one) for one in outcomes}) == 100
        assert issuer.began == 1
        clock.pass_(BOUNDS.failure - 0.1)
        with pytest.raises(KeysUnavailable) as refused:
            await keys.fetch(ISSUER, "k1")
        assert (refused.value.reason, refused.value.help) == ("nobody there", "wake it")
        assert issuer.began == 1
        clock.pass_(0.1)
        issuer.error = None
        assert kids(await keys.fetch(ISSUER, "k1")) == ["k1"]

    async def test_a_thumbprint_mismatch_stays_one(self, keys, issuer, clock):
        issuer.error = CertificateRefused("no", url="https://gitlab.example/", mismatch=True)
        for _ in range(2):
            with pytest.raises(ThumbprintMismatch):
                await keys.fetch(ISSUER, "k1")
        assert issuer.began == 1

    async def test_of_one_issuer_are_not_another_s(self, keys, issuer):
        issuer.error = dead()
        with pytest.raises(KeysUnavailable):
            await keys.fetch(ISSUER, "k1")
        issuer.error = None
        other = ProviderKeys("https://other.example", ())
        assert kids(await keys.fetch(other, "k1")) == ["k1"]

    async def test_another_account_s_thumbprints_vouch_for_nobody(self, keys, issuer):
        await keys.fetch(ISSUER, "k1")
        pinned = ProviderKeys(ISSUER.issuer, ("0" * 40,))
        assert keys.cached(pinned, "k1") is None
        issuer.error = CertificateRefused("no", url="https://gitlab.example/", mismatch=True)
        with pytest.raises(ThumbprintMismatch):
            await keys.fetch(pinned, "k1")

    async def test_one_who_goes_away_does_not_take_the_fetch_along(self, keys, issuer):
        issuer.gate.clear()
        first = asyncio.create_task(keys.fetch(ISSUER, "k1"))
        second = asyncio.create_task(keys.fetch(ISSUER, "k1"))
        await settle()
        first.cancel()
        await settle()
        issuer.gate.set()
        assert kids(await second) == ["k1"]
        assert issuer.began == 1

    async def test_a_slow_issuer_costs_its_time_once_and_nobody_else(self, serve, clock):
        server = await serve()
        silence = asyncio.Event()

        async def silent(request, writer):
            await silence.wait()

        server.handler = silent
        client = GuardedClient(allow_loopback=True)
        keys = DiscoveredKeys(client, clock=clock, bounds=KeyBounds(timeout=0.3))
        slow = ProviderKeys(f"http://127.0.0.1:{server.port}", ())
        began = time.monotonic()
        waiting = [asyncio.create_task(keys.fetch(slow, f"k{n}")) for n in range(50)]
        await asyncio.sleep(0)
        assert not any(task.done() for task in waiting), "the event loop is free while they wait"
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        assert time.monotonic() - began < 7, "one after the other would take 15 seconds"
        assert {str(one) for one in outcomes} == {
            (
                "Couldn't retrieve verification key from your identity provider,  please reference"
                " AssumeRoleWithWebIdentity documentation for requirements"
            )
        }
        assert server.connections == 1
        with pytest.raises(KeysUnavailable) as refused:
            await keys.fetch(slow, "k1")
        assert "ran out at step `response`" in (refused.value.reason or "")
        assert server.connections == 1
        await keys.close()

    async def test_closing_ends_what_is_under_way(self, keys, issuer):
        issuer.gate.clear()
        waiting = asyncio.create_task(keys.fetch(ISSUER, "k1"))
        await settle()
        await keys.close()
        with pytest.raises(asyncio.CancelledError):
            await waiting


async def test_the_number_of_issuers_kept_is_bounded(keys, issuer, monkeypatch, clock):
    monkeypatch.setattr("valetkey.outbound.keys._MAX_ISSUERS", 3)
    providers = [ProviderKeys(f"https://i{number}.example", ()) for number in range(5)]
    for provider in providers:
        clock.pass_(1)
        await keys.fetch(provider, "k1")
    assert [kids(keys.cached(provider, "k1")) for provider in providers] == [
        None, None, ["k1"], ["k1"], ["k1"],
    ]  # fmt: skip
