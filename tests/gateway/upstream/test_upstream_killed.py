"""A real store that dies in the midst of it and comes back: what it had not acknowledged is not
there, and nobody was told otherwise."""

import asyncio

import pytest

from support.seaweed import seaweed
from support.upstreaming import ask, opened, record, until
from valetkey.gateway.upstream import UpstreamBroken, UpstreamRequest, UpstreamUnavailable
from valetkey.store import UpstreamKeys

PIECE = b"x" * 65_536
COUNT = 320


async def read_and_kill(way, to, store):
    async with way.send(to, UpstreamRequest("GET", b"/killed/whole")) as answer:
        assert answer.status == 200
        got = 0
        async for piece in answer.body:
            got += len(piece)
            store.kill()
    return got


async def test_a_store_that_is_killed(tmp_path):
    with seaweed(tmp_path) as store:
        store.make_bucket("killed")
        keys = UpstreamKeys(
            access_key_id=store.access_key_id, sealed_secret=store.secret_key.encode()
        )
        to = record(store.endpoint, keys=keys)
        size = COUNT * len(PIECE)
        killed = asyncio.Event()

        async def body(kill):
            for number in range(COUNT):
                if kill and number == COUNT // 2:
                    await until(lambda: way.open_connections() == 1)
                    store.kill()
                    killed.set()
                yield PIECE

        async with opened() as way:
            put = {"length": size}
            first = await ask(way, to, "PUT", b"/killed/whole", body=body(kill=False), **put)
            assert first.status == 200
            with pytest.raises(UpstreamBroken):
                await ask(way, to, "PUT", b"/killed/half", body=body(kill=True), **put)
            assert killed.is_set()
            with pytest.raises(UpstreamUnavailable):
                await ask(way, to, "PUT", b"/killed/half", body=body(kill=False), **put)
            assert way.open_connections() == 0
            store.start()
            assert (await ask(way, to, "HEAD", b"/killed/half")).status == 404
            assert (await ask(way, to, "HEAD", b"/killed/whole")).content_length == size
            with pytest.raises(UpstreamBroken):
                await read_and_kill(way, to, store)
            assert way.open_connections() == 0
