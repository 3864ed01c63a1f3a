"""A signature for a set of regions, before an API whose upstream takes any region."""

import hashlib

import pytest

from gateway.api_bench import STOP, STOPPED, allow, answering
from valetkey.access import Event
from valetkey.gateway import Head, Incoming
from valetkey.sigv4 import HttpRequest, sign

FORM = (b"content-type", b"application/x-www-form-urlencoded; charset=utf-8")


async def stopped(bench, region_set):
    headers = ((b"host", b"valetkey.example"), FORM)
    made = sign(
        HttpRequest("POST", b"/", b"", headers, hashlib.sha256(STOP).hexdigest()),
        access_key_id=bench.key["id"],
        secret_key=bench.key["secret"],
        session_token=bench.key["token"],
        region="",
        service="ec2",
        now=bench.edge.now[0],
        region_set=region_set,
    )

    async def body():
        yield STOP

    wiring = bench.edge.wiring
    event = Event(request_id="r", time=bench.edge.now[0], source_ip="192.0.2.1")
    head = Head("POST", b"/", b"", made.headers)
    directory = wiring.store.directory()
    return await wiring.gateway.answer(Incoming(head, body()), event, directory, secure=True)


@pytest.mark.parametrize(
    ("region_set", "status", "reached"),
    [("us-east-1", 200, 1), ("eu-*,us-*", 200, 1), ("eu-west-1", 401, 0), ("us-west-*", 401, 0)],
)
async def test_the_servers_region_must_be_in_the_set(bench, region_set, status, reached):
    bench.put("ec2")
    bench.upstream.script = answering(STOPPED)
    await bench.allow(allow("ec2:*"))
    answer = await stopped(bench, region_set)
    assert answer.status == status
    assert len(bench.upstream.seen) == reached
