"""The probe of an upstream: what it finds out, and that it leaves nothing behind."""

import contextlib
import itertools

import pytest
from msgspec.structs import replace

from support.ports import free_port, refusing_port
from support.processes import environment, start, stop
from support.upstreaming import ACCESS_KEY_ID, SECRET_KEY, open_secret, record
from valetkey.gateway.upstream import Upstreams
from valetkey.gateway.upstream.probe import Advice, ProbeStep, advice, probe
from valetkey.gateway.upstream.probe_steps import BUCKET_STEPS
from valetkey.outbound import GuardedClient
from valetkey.store import UpstreamKeys

STEPS = [name for name, _ in BUCKET_STEPS]
FIRST = ["reachable", "credentials"]


def numbered():
    """Return a source of random bytes that is none."""
    numbers = itertools.count(1)
    return lambda size: next(numbers).to_bytes(size, "big")


async def probed(to, **more):
    client = GuardedClient()
    upstreams = Upstreams(client, open_secret)
    try:
        return [step async for step in probe(upstreams, to, client, numbered(), **more)]
    finally:
        await upstreams.close()
        assert upstreams.open_connections() == 0


def outcomes(steps):
    return {step.name: step.ok for step in steps}


@pytest.fixture
def store(seaweed_store):
    keys = UpstreamKeys(
        access_key_id=seaweed_store.access_key_id,
        sealed_secret=seaweed_store.secret_key.encode(),
    )
    return record(seaweed_store.endpoint, keys=keys)


async def test_a_whole_store_can_do_it_all_and_is_left_as_it_was(store, seaweed_store):
    before = seaweed_store.client().list_buckets()["Buckets"]
    steps = await probed(store)
    assert [step.name for step in steps] == [*FIRST, "bucket", *STEPS, "clean up"]
    assert [step for step in steps if step.ok is not True] == []
    assert steps[2].detail == "made `valetkey-probe-000000000001`"
    assert all(step.seconds >= 0 for step in steps)
    assert seaweed_store.client().list_buckets()["Buckets"] == before
    assert advice(steps) == Advice("unsigned", True, "it takes bodies whose hash is not signed")


async def test_a_given_bucket_is_left_as_it_was(store, seaweed_store):
    bucket = seaweed_store.make_bucket("given-to-the-probe")
    seaweed_store.client().put_object(Bucket=bucket, Key="mine", Body=b"x")
    found = outcomes(await probed(store, bucket=bucket))
    untried = {"cors", "object lock", "versioning"}
    assert {name for name, ok in found.items() if ok is None} == untried
    assert all(ok for name, ok in found.items() if name not in untried)
    listed = seaweed_store.client().list_objects_v2(Bucket=bucket)["Contents"]
    assert [one["Key"] for one in listed] == ["mine"]


async def test_wrong_keys_are_found_out(store, seaweed_store):
    wrong = UpstreamKeys(access_key_id=seaweed_store.access_key_id, sealed_secret=b"wrong")
    steps = await probed(replace(store, keys=wrong))
    assert [step.name for step in steps] == [*FIRST, "bucket"]
    assert steps[-1].detail == "answers 403 `SignatureDoesNotMatch`, wanted 200"
    assert advice(steps).payload is None


async def test_nobody_there_is_found_out():
    with refusing_port() as port:
        steps = await probed(record(f"http://127.0.0.1:{port}"))
    (only,) = steps
    assert (only.name, only.ok) == ("reachable", False)
    assert only.detail == "upstream `store` can't be reached: connection refused"


async def test_another_service_is_reached_and_no_more(upstream):
    steps = await probed(record(upstream.endpoint, service="ec2"))
    assert [(step.name, step.ok) for step in steps] == [(name, True) for name in FIRST]
    assert steps[0].detail == "answers 200 to a request without a signature"
    assert steps[1].detail == f"access key `{ACCESS_KEY_ID}`"
    assert [seen.header(b"authorization") for seen in upstream.seen] == [None]


async def test_an_upstream_that_says_yes_to_everything_is_not_believed(upstream):
    """Two hundred times 200 without a body: nearly every step sees through it."""
    found = outcomes(await probed(record(upstream.endpoint)))
    assert {name for name in STEPS if found[name]} == set()


async def test_one_who_leaves_early_still_has_the_bucket_removed(store, seaweed_store):
    client = GuardedClient()
    upstreams = Upstreams(client, open_secret)
    steps = probe(upstreams, store, client, numbered())
    async for step in steps:
        if step.name == "put":
            break
    await steps.aclose()
    await upstreams.close()
    names = [one["Name"] for one in seaweed_store.client().list_buckets()["Buckets"]]
    assert not [name for name in names if name.startswith("valetkey-probe-")]


@contextlib.contextmanager
def rclone(folder):
    """Serve a folder by ``rclone serve s3``, which takes much and understands less."""
    port = free_port()
    log = folder / "rclone.log"
    served = folder / "served"
    served.mkdir()
    words = ["rclone", "serve", "s3", "--addr", f"127.0.0.1:{port}"]
    env = environment(folder, RCLONE_CONFIG=str(folder / "none.conf"))
    process = start([*words, "--auth-key", f"{ACCESS_KEY_ID},{SECRET_KEY}", str(served)], env, log)
    try:
        yield f"http://127.0.0.1:{port}", process
    finally:
        stop(process)


async def test_what_a_degraded_store_lacks_is_found_out(tmp_path):
    with rclone(tmp_path) as (endpoint, process):
        steps = [ProbeStep("reachable", False, "", 0.0)]
        while not steps[-1].ok and steps[-1].name == "reachable" and process.poll() is None:
            steps = await probed(record(endpoint))
    found = outcomes(steps)
    lacking = {"signed trailer", "ranged get", "conditional put", "object lock", "versioning"}
    assert {name for name in lacking if found[name] is not False} == set()
    assert {
        name for name in ("put", "signed chunks", "delete", "clean up") if not found[name]
    } == set()


@pytest.mark.parametrize(
    ("works", "payload", "trailers"),
    [
        (["put", "signed chunks", "unsigned trailer"], "unsigned", True),
        (["put", "put with its hash"], "unsigned", False),
        (["signed chunks", "signed trailer", "put with its hash"], "chunked", True),
        (["signed chunks", "unsigned trailer"], "chunked", False),
        (["put with its hash"], "hashed", False),
        ([], None, False),
    ],
)
def test_the_advice_follows_from_what_works(works, payload, trailers):
    steps = [ProbeStep(name, name in works, "", 0.0) for name in STEPS]
    assert advice(steps)[:2] == (payload, trailers)
