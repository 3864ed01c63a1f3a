"""Requests to other APIs on their way: passed on as they are, or refused before."""

import json
from dataclasses import replace

import cbor2
import pytest

from gateway.api_bench import KEY_ID, REGION, STOP, STOPPED, allow, answering, target
from support.edge import ACCOUNT
from support.ports import refusing_port
from support.signing import FORM, HOST, signed
from support.upstream_server import Exchange, scripted
from support.upstreaming import pieces, until
from valetkey.gateway import Head, Incoming
from valetkey.server.record import Peer, new_event
from valetkey.store import Outcome
from valetkey.wire import WireRequest


async def test_a_request_goes_on_as_it_is_with_another_signature(bench):
    bench.put("ec2")
    bench.upstream.script = answering(STOPPED, "200 OK", "Content-Type: text/xml")
    await bench.allow(allow("ec2:StopInstances"))
    told = await bench.ask("ec2", STOP, FORM, (b"x-custom", b"kept"), region="eu-west-1")
    (seen,) = bench.upstream.seen
    assert (told.status, told.body) == (200, STOPPED)
    assert told.headers[b"x-amzn-requestid"].decode() == told.event.request_id
    assert (seen.line, bytes(seen.body)) == (b"POST / HTTP/1.1", STOP)
    assert seen.header(b"x-custom") == b"kept"
    authorization = seen.header(b"authorization").decode()
    assert f"Credential={KEY_ID}/" in authorization
    assert "/eu-west-1/ec2/aws4_request" in authorization
    assert seen.header(b"x-amz-security-token") is None
    assert told.event.details == {"upstream": "ec2"}
    assert (told.event.operation, told.event.outcome) == ("StopInstances", Outcome.GRANTED)


async def test_an_upstream_that_is_down(bench):
    await bench.allow(allow("*"))
    with refusing_port() as port:
        bench.put("ec2", f"http://127.0.0.1:{port}")
        told = await bench.ask("ec2", STOP, FORM)
    assert (told.status, told.event.outcome) == (503, Outcome.FAILED)
    assert b"<Code>ServiceUnavailable</Code>" in told.body
    assert "upstream `ec2` can't be reached" in told.event.reason


LISTED = {"MetricName": "heat"}
LIST_METRICS = {
    "target": "/service/GraniteServiceVersion20100801/operation/ListMetrics",
}
CBOR = ((b"smithy-protocol", b"rpc-v2-cbor"), (b"content-type", b"application/cbor"))


async def test_cbor_goes_on_and_comes_back(bench):
    bench.put("monitoring")
    body = cbor2.dumps({"Metrics": [LISTED]})
    bench.upstream.script = answering(body, "200 OK", "Smithy-Protocol: rpc-v2-cbor")
    await bench.allow(allow("cloudwatch:ListMetrics"))
    asked = cbor2.dumps({"Namespace": "kiln"})
    told = await bench.ask("monitoring", asked, *CBOR, **LIST_METRICS)
    (seen,) = bench.upstream.seen
    assert (told.status, cbor2.loads(told.body)) == (200, {"Metrics": [LISTED]})
    assert told.headers[b"smithy-protocol"] == b"rpc-v2-cbor"
    assert (bytes(seen.body), seen.header(b"smithy-protocol")) == (asked, b"rpc-v2-cbor")


async def test_an_error_of_the_upstream_is_the_clients_to_read(bench):
    bench.put("dynamodb")
    body = b'{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"x"}'
    bench.upstream.script = answering(body, "400 Bad Request")
    await bench.allow(allow("dynamodb:*"))
    told = await bench.ask("dynamodb", b'{"TableName":"t"}', *target("DescribeTable"))
    assert (told.status, told.body) == (400, body)
    assert told.event.wire_code == "ResourceNotFoundException"


@pytest.mark.parametrize("length", [None, 200_000], ids=["too large", "cut short"])
async def test_an_error_that_is_no_whole_document(bench, length):
    async def script(under_way: Exchange) -> None:
        await under_way.read()
        size = 100_000 if length is None else 10
        await under_way.answer("400 Bad Request", b"x" * size, length=length)
        under_way.hang_up()

    bench.put("ec2")
    bench.upstream.script = script
    await bench.allow(allow("*"))
    told = await bench.ask("ec2", STOP, FORM)
    assert (told.status, told.body) == (400, b"")
    assert told.headers[b"content-length"] == b"0"


async def test_a_resource_of_another_account_is_known_for_one(bench):
    bench.put("sqs")
    await bench.allow(allow("sqs:*", StringEquals={"aws:ResourceAccount": ACCOUNT}))
    for account, status in ((ACCOUNT, 200), ("999988887777", 400)):
        url = f"https://sqs.{REGION}.amazonaws.com/{account}/kiln"
        body = json.dumps({"QueueUrl": url}).encode()
        named = (b"x-amz-target", b"AmazonSQS.PurgeQueue")
        told = await bench.ask("sqs", body, target("")[0], named)
        assert told.status == status
    assert len(bench.upstream.seen) == 1


async def test_our_credentials_are_no_clients_affair(bench):
    bench.put("dynamodb")
    body = b'{"__type":"com.amazon.coral.service#UnrecognizedClientException","message":"x"}'
    bench.upstream.script = answering(body, "400 Bad Request")
    await bench.allow(allow("dynamodb:*"))
    told = await bench.ask("dynamodb", b'{"TableName":"t"}', *target("DescribeTable"))
    assert (told.status, b"ServiceUnavailableException" in told.body) == (503, True)
    assert told.event.reason.startswith("upstream `dynamodb` refuses our credentials")


UNSIGNED = [
    (b"x-amz-target", b"DynamoDB_20120810.DeleteTable"),
    (b"content-encoding", b"gzip"),
    (b"smithy-protocol", b"rpc-v2-cbor"),
]


@pytest.mark.parametrize("header", UNSIGNED, ids=[name.decode() for name, _ in UNSIGNED])
async def test_a_header_with_a_meaning_that_nobody_signed(bench, header):
    bench.put("dynamodb")
    await bench.allow(allow("*"))
    named = target("ListTables") if header[0] != b"x-amz-target" else target("ListTables")[:1]
    told = await bench.ask("dynamodb", b"{}", *named, after=(header,))
    assert 400 <= told.status < 500
    assert bench.upstream.seen == []


async def test_the_content_type_has_a_meaning_too(bench):
    bench.put("ec2")
    await bench.allow(allow("*"))
    told = await bench.ask("ec2", STOP, after=(FORM,))
    assert (told.status, bench.upstream.seen) == (403, [])
    assert told.event.reason == "header `content-type` says what is done, and is not signed"


async def test_the_bound_of_a_body(bench):
    gateway = bench.edge.wiring.gateway
    gateway.parts = replace(gateway.parts, max_body_bytes=len(STOP))
    bench.put("ec2")
    await bench.allow(allow("*"))
    assert (await bench.ask("ec2", STOP, FORM)).status == 200
    told = await bench.ask("ec2", STOP + b"&", FORM)
    assert (told.status, len(bench.upstream.seen)) == (413, 1)
    assert f"The request body is larger than {len(STOP)} bytes.".encode() in told.body


async def test_a_large_answer_streams_and_leaves_no_connection(bench):
    body = b"x" * (3 << 20)
    bench.put("lambda")
    bench.upstream.script = answering(body)
    await bench.allow(allow("lambda:ListFunctions"))
    told = await bench.ask("lambda", method="GET", target="/2015-03-31/functions")
    assert (told.status, told.body == body) == (200, True)
    upstreams = bench.edge.wiring.gateway.parts.upstreams
    assert upstreams.open_connections() <= 1


async def test_an_answer_that_nobody_reads_is_broken_off(bench):
    bench.put("lambda")
    bench.upstream.script = answering(b"x" * (3 << 20))
    await bench.allow(allow("lambda:ListFunctions"))
    wiring = bench.edge.wiring
    path = "/2015-03-31/functions"
    plain = WireRequest("GET", path.encode(), b"", (HOST,), b"")
    made = signed(bench.edge, plain, service="lambda", key=bench.key)
    head = Head(made.method, made.path, made.query, made.headers)
    event = new_event(wiring, Peer("192.0.2.1", secure=True))
    directory = wiring.store.directory()
    answer = await wiring.gateway.answer(Incoming(head, pieces(())), event, directory, secure=True)
    assert not isinstance(answer.body, bytes)
    async for _ in answer.body:
        break
    await answer.body.aclose()
    await until(lambda: wiring.gateway.parts.upstreams.open_connections() == 0)


async def test_the_first_upstream_of_the_account_is_meant(bench):
    async with scripted(answering(STOPPED)) as other:
        bench.put("ec2", name="b")
        bench.put("ec2", other.endpoint, name="a")
        await bench.allow(allow("*"))
        assert (await bench.ask("ec2", STOP, FORM)).event.details == {"upstream": "a"}
    assert bench.upstream.seen == []
