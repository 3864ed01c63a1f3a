"""A body leaves only behind its verification: the last bytes wait for the end of it."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.upstreaming import pieces
from valetkey.gateway.upstream import HOLD_BACK, held_back, prefetch


class Refused(Exception):
    """What a verifier raises."""


class Splitting:
    """A verifier that cuts what it is fed, and refuses where it is told to."""

    def __init__(self, cut=None, *, refuse_feed=None, refuse_end=False):
        self.cut = cut
        self.refuse_feed = refuse_feed
        self.refuse_end = refuse_end
        self.fed = 0
        self.finished = False

    def feed(self, data):
        assert not self.finished
        self.fed += 1
        if self.fed == self.refuse_feed:
            raise Refused
        if self.cut is None:
            return [data]
        return [data[at : at + self.cut] for at in range(0, len(data), self.cut)]

    def finish(self):
        assert not self.finished
        if self.refuse_end:
            raise Refused
        self.finished = True
        return "proof"


async def drain(source, out):
    async for piece in source:
        out.append(piece)


bodies = st.lists(st.binary(max_size=40), max_size=12)


@given(bodies, st.integers(0, 64), st.one_of(st.none(), st.integers(1, 9)))
def test_what_comes_out_is_what_went_in(body, hold, cut):
    async def run():
        verifier = Splitting(cut)
        out = [piece async for piece in held_back(pieces(body), verifier, hold)]
        assert verifier.finished
        assert all(out)
        return b"".join(out)

    assert asyncio.run(run()) == b"".join(body)


@given(bodies, st.integers(1, 64), st.one_of(st.none(), st.integers(1, 9)))
def test_the_last_bytes_wait_for_the_end(body, hold, cut):
    async def run():
        verifier = Splitting(cut)
        left = len(b"".join(body))
        async for piece in held_back(pieces(body), verifier, hold):
            left -= len(piece)
            assert left >= hold or verifier.finished

    asyncio.run(run())


@given(bodies, st.integers(1, 64), st.one_of(st.none(), st.integers(1, 9)))
def test_what_is_refused_at_the_end_is_short_by_the_hold_back(body, hold, cut):
    async def run():
        out = []
        refusing = held_back(pieces(body), Splitting(cut, refuse_end=True), hold)
        with pytest.raises(Refused):
            await drain(refusing, out)
        return b"".join(out)

    whole = b"".join(body)
    assert asyncio.run(run()) == whole[: max(0, len(whole) - hold)]


@given(bodies, st.integers(0, 64), st.one_of(st.none(), st.integers(1, 9)))
def test_short_bodies_are_verified_before_anyone_is_dialled(body, hold, cut):
    async def run():
        verifier = Splitting(cut)
        got = await prefetch(pieces(body), verifier, hold)
        if isinstance(got, bytes):
            assert verifier.finished
            return True, got
        assert not verifier.finished
        return False, b"".join([piece async for piece in got])

    whole = b"".join(body)
    assert asyncio.run(run()) == (len(whole) <= hold, whole)


@pytest.mark.parametrize("refuse", [{"refuse_feed": 1}, {"refuse_feed": 3}, {"refuse_end": True}])
async def test_what_is_refused_early_comes_to_nothing(refuse):
    body = [b"x" * 100] * 3
    with pytest.raises(Refused):
        await prefetch(pieces(body), Splitting(**refuse))
    with pytest.raises(Refused):
        assert [piece async for piece in held_back(pieces(body), Splitting(**refuse))] == []


async def test_what_the_client_raises_goes_on():
    for source in (pieces([], KeyError("gone")), pieces([b"x" * 200_000], KeyError("gone"))):
        with pytest.raises(KeyError, match="gone"):
            await drain(await prefetch(source, Splitting()), [])


async def test_large_pieces_go_on_uncut():
    body = [b"x" * HOLD_BACK] * 8
    out = [len(piece) async for piece in held_back(pieces(body), Splitting())]
    assert out == [HOLD_BACK] * 8
