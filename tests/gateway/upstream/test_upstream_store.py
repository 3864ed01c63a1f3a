"""Through the way to an upstream to a real store: what is written is what is read."""

import asyncio
import hashlib
import os
import tracemalloc

import pytest

from support.upstreaming import ask, opened, pieces, record
from valetkey.gateway.upstream import UpstreamRequest
from valetkey.gateway.upstream.lookups import bucket_exists, cors_rules, list_buckets, object_tags
from valetkey.store import UpstreamKeys

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def bucket(seaweed_store):
    return seaweed_store.make_bucket("upstream-way")


@pytest.fixture
def store(seaweed_store):
    keys = UpstreamKeys(
        access_key_id=seaweed_store.access_key_id,
        sealed_secret=seaweed_store.secret_key.encode(),
    )
    return lambda **changes: record(seaweed_store.endpoint, keys=keys, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"payload": "unsigned"},
        {"payload": "hashed"},
        {"payload": "chunked"},
        {"payload": "chunked", "trailers": True},
        {"payload": "unsigned", "trailers": True},
    ],
    ids=lambda changes: "-".join(map(str, changes.values())),
)
@pytest.mark.parametrize("size", [0, 1, 65_536, 5 * MIB + 1])
async def test_every_payload_mode_writes_what_is_read(upstreams, store, bucket, changes, size):
    body = os.urandom(size)
    path = f"/{bucket}/{'-'.join(map(str, changes.values()))}/{size}".encode()
    cut = [body[at : at + 100_000] for at in range(0, size, 100_000)]
    known = hashlib.sha256(body).hexdigest() if changes["payload"] == "hashed" else None
    to = store(**changes)
    put = await ask(
        upstreams,
        to,
        "PUT",
        path,
        body=pieces(cut) if size else b"",
        length=size,
        payload_sha256=known,
        checksum="CRC32",
    )
    assert put.status == 200, put.body
    got = await ask(upstreams, to, "GET", path)
    assert (got.status, got.body == body, got.content_length) == (200, True, size)
    part = await ask(upstreams, to, "HEAD", path)
    assert (part.status, part.content_length, part.body) == (200, size, b"")
    assert (await ask(upstreams, to, "DELETE", path)).status == 204


async def test_a_body_that_fails_leaves_no_object(upstreams, store, bucket, seaweed_store):
    body = pieces([b"x" * 65_536] * 200, KeyError("not what was signed"))
    with pytest.raises(KeyError):
        await ask(upstreams, store(), "PUT", b"/upstream-way/never", body=body, length=200 * 65_536)
    listed = seaweed_store.client().list_objects_v2(Bucket=bucket, Prefix="never")
    assert listed["KeyCount"] == 0


async def test_look_ups_at_a_real_store(upstreams, store, bucket, seaweed_store):
    client = seaweed_store.client()
    client.put_object(Bucket=bucket, Key="tagged/a b", Body=b"", Tagging="team=kiln&x=a%20b")
    client.put_object(Bucket=bucket, Key="plain", Body=b"")
    assert await object_tags(upstreams, store(), b"/upstream-way/tagged/a%20b") == {
        "team": "kiln",
        "x": "a b",
    }
    assert await object_tags(upstreams, store(), b"/upstream-way/plain") == {}
    assert await object_tags(upstreams, store(), b"/upstream-way/absent") is None
    assert await bucket_exists(upstreams, store(), b"/upstream-way")
    assert not await bucket_exists(upstreams, store(), b"/no-such-bucket")
    assert await cors_rules(upstreams, store(), b"/upstream-way") == ()
    rule = {"AllowedOrigins": ["https://a.example"], "AllowedMethods": ["GET"], "MaxAgeSeconds": 5}
    client.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
    (found,) = await cors_rules(upstreams, store(), b"/upstream-way")
    assert (found.origins, found.methods, found.max_age) == (("https://a.example",), ("GET",), 5)
    client.delete_bucket_cors(Bucket=bucket)
    assert bucket in {one.name for one in await list_buckets(upstreams, store())}


async def test_memory_does_not_grow_with_the_body(upstream):
    """128 MiB each way, in less than 8 MiB."""
    size, piece = 128 * MIB, b"x" * 262_144

    async def script(exchange):
        if exchange.seen.method == b"PUT":
            await exchange.read(keep=False)
            return await exchange.answer()
        await exchange.answer(length=size)
        for _ in range(size // len(piece)):
            await exchange.write(piece)
        return None

    upstream.script = script
    async with opened() as way:
        tracemalloc.start()
        try:
            to = record(upstream.endpoint)
            async with way.send(to, UpstreamRequest("GET", b"/b/k")) as answer:
                got = 0
                async for one in answer.body:
                    got += len(one)
                    assert len(one) <= MIB
            assert got == size
            body = pieces([piece] * (size // len(piece)))
            assert (await ask(way, to, "PUT", b"/b/k", body=body, length=size)).status == 200
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 8 * MIB


async def settled(count):
    """Wait until a count has not changed for a while, and return it."""
    before = -1
    while before != count():
        before = count()
        await asyncio.sleep(0.1)
    return before


async def test_a_reader_that_waits_makes_the_upstream_wait(upstream, upstreams):
    written = [0]

    async def script(exchange):
        await exchange.answer(length=64 * MIB)
        for _ in range(1024):
            await exchange.write(b"x" * 65_536)
            written[0] += 65_536

    upstream.script = script
    async with upstreams.send(record(upstream.endpoint), UpstreamRequest("GET", b"/b/k")) as answer:
        first = await anext(aiter(answer.body))
        assert await settled(lambda: written[0]) < 16 * MIB
        rest = [len(piece) async for piece in answer.body]
    assert len(first) + sum(rest) == 64 * MIB


async def test_an_upstream_that_waits_makes_the_client_wait(upstream, upstreams):
    taken, go = [0], asyncio.Event()

    async def script(exchange):
        await go.wait()
        await exchange.read(keep=False)
        await exchange.answer()

    async def body():
        for _ in range(1024):
            taken[0] += 65_536
            yield b"x" * 65_536

    upstream.script = script
    asking = asyncio.create_task(
        ask(upstreams, record(upstream.endpoint), "PUT", b"/b/k", body=body(), length=64 * MIB)
    )
    assert 0 < await settled(lambda: taken[0]) < 16 * MIB
    go.set()
    assert (await asking).status == 200
