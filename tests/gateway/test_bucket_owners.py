"""Whose a bucket is: written before it is made, kept where its making may have happened."""

import asyncio

import pytest

from gateway.asking import ask
from gateway.matrix.serving import open_bench, put_upstream
from support.edge import ACCOUNT
from valetkey.store import BucketRecord, UpstreamRecord

NAME = "bucket-to-make"
OTHER = "999988887777"


@pytest.fixture
async def bench(tmp_path):
    async with open_bench(tmp_path) as opened:
        yield opened


def store(bench, *, there, made):
    """Have the store say whether the bucket is there, and what it answers to its making."""

    async def script(exchange):
        await exchange.read()
        if exchange.seen.method == b"HEAD":
            await exchange.answer("200 OK" if there else "404 Not Found")
        elif made is None:
            exchange.hang_up()
        else:
            await exchange.answer(made, b"" if made.startswith("2") else ERROR)

    bench.upstream.script = script


ERROR = b"<Error><Code>InvalidBucketState</Code><Message>no</Message></Error>"


def owner(bench):
    def found(tx):
        return {one.name: one.owner for one in tx.scan(BucketRecord)}.get(NAME)

    return bench.edge.wiring.store.write(found)


def methods(bench):
    return [one.method for one in bench.upstream.seen]


async def test_a_new_bucket_is_its_makers(bench):
    store(bench, there=False, made="200 OK")
    assert (await ask(bench, "PUT", bucket=NAME)).status == 200
    assert owner(bench) == ACCOUNT


async def test_what_the_store_refuses_is_nobodys(bench):
    store(bench, there=False, made="409 Conflict")
    assert (await ask(bench, "PUT", bucket=NAME)).status == 409
    assert owner(bench) is None


@pytest.mark.parametrize("made", [None, "500 Oh"])
async def test_what_may_have_been_made_keeps_its_owner_and_can_be_made_again(bench, made):
    store(bench, there=False, made=made)
    assert (await ask(bench, "PUT", bucket=NAME)).status >= 500
    assert owner(bench) == ACCOUNT
    store(bench, there=False, made="200 OK")
    assert (await ask(bench, "PUT", bucket=NAME)).status == 200
    assert owner(bench) == ACCOUNT


async def test_a_bucket_that_is_there_is_not_taken_over_by_making_it(bench):
    """Some stores answer 200 to whoever makes a bucket that their own key owns already."""
    wiring = bench.edge.wiring
    wiring.store.write(lambda tx: tx.discard(BucketRecord, "aws", NAME))
    wiring.store.write(
        lambda tx: put_upstream(
            bench.edge, tx, bench.upstream.endpoint, account=OTHER, name="a", accounts=(ACCOUNT,)
        )
    )
    wiring.store.write(forget_own_upstream)
    store(bench, there=True, made="200 OK")
    said = await ask(bench, "PUT", bucket=NAME)
    assert said.short == "409 BucketAlreadyExists"
    assert owner(bench) is None
    assert methods(bench) == [b"HEAD"]


def forget_own_upstream(tx):
    tx.discard(UpstreamRecord, ACCOUNT, "store")


async def test_a_bucket_of_ones_own_that_is_there(bench):
    store(bench, there=True, made="200 OK")
    assert (await ask(bench, "PUT", bucket=NAME)).short == "409 BucketAlreadyOwnedByYou"


async def test_of_two_that_make_one_bucket_at_once_one_does(bench):
    store(bench, there=False, made="200 OK")
    said = await asyncio.gather(*(ask(bench, "PUT", bucket=NAME) for _ in range(2)))
    assert sorted(one.status for one in said) in ([200, 200], [200, 409])
    assert owner(bench) == ACCOUNT


async def test_a_bucket_that_the_store_does_not_have_is_forgotten_by_deleting_it(bench):
    store(bench, there=False, made="200 OK")
    await ask(bench, "PUT", bucket=NAME)

    async def absent(exchange):
        await exchange.read()
        await exchange.answer("404 Not Found", b"<Error><Code>NoSuchBucket</Code></Error>")

    bench.upstream.script = absent
    assert (await ask(bench, "DELETE", bucket=NAME)).short == "404 NoSuchBucket"
    assert owner(bench) is None
