"""APIs other than S3 through a gateway without sockets, before a scripted upstream."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode

import cbor2
import pytest

from support.edge import ACCOUNT, Edge, credentials_of, open_edge
from support.federation import ROLE_NAME, done, exchange, federate
from support.ports import refusing_port
from support.signing import FORM, HOST, signed
from support.tokens import token
from support.upstream_server import Exchange, ScriptedUpstream, Seen, scripted
from support.upstreaming import pieces, until
from valetkey.access import Event
from valetkey.credentials import seal_secret_key
from valetkey.gateway import Head, Incoming
from valetkey.server.record import Peer, new_event
from valetkey.store import Outcome, UpstreamKeys, UpstreamRecord
from valetkey.wire import WireRequest

KEY_ID, SECRET = "AKIAUPSTREAM00000000", "canary-upstream-secret-key"
REGION = "us-east-1"
INSTANCE = "i-0123456789abcdef0"
STOP = urlencode(
    {"Action": "StopInstances", "Version": "2016-11-15", "InstanceId.1": INSTANCE}
).encode()
STOPPED = b"<StopInstancesResponse><instancesSet/></StopInstancesResponse>"


class Told(NamedTuple):
    """An answer, read to its end, and what is recorded of the request."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes
    event: Event


@dataclass
class Bench:
    """A gateway to ask, and its upstream to look at."""

    edge: Edge
    upstream: ScriptedUpstream
    key: dict[str, str]

    async def allow(self, *statements: Mapping[str, Any]) -> None:
        """Give the role these statements and no others."""
        text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        names = {"RoleName": ROLE_NAME, "PolicyName": "own"}
        await done(self.edge, "iam", "PutRolePolicy", PolicyDocument=text, **names)

    def put(self, service: str, endpoint: str | None = None, **changes: Any) -> None:
        """Write an upstream."""
        ring = self.edge.home.key_ring()
        sealed = seal_secret_key(SECRET, KEY_ID, ring, lambda size: b"n" * size)
        given = {
            "account": ACCOUNT,
            "name": service,
            "service": service,
            "endpoint": endpoint or self.upstream.endpoint,
            "region": "*",
            "created": 0.0,
            "keys": UpstreamKeys(access_key_id=KEY_ID, sealed_secret=sealed),
        }
        self.edge.wiring.store.write(lambda tx: tx.put(UpstreamRecord(**{**given, **changes})))

    async def ask(
        self,
        service: str,
        body: bytes = b"",
        *headers: tuple[bytes, bytes],
        target: str = "/",
        method: str = "POST",
        region: str = REGION,
        after: tuple[tuple[bytes, bytes], ...] = (),
    ) -> Told:
        """Send a request of the role's; headers that come ``after`` are not signed."""
        path, _, query = target.partition("?")
        plain = WireRequest(method, path.encode(), query.encode(), (HOST, *headers), body)
        made = signed(self.edge, plain, service=service, region=region, key=self.key)
        head = Head(made.method, made.path, made.query, (*made.headers, *after))
        wiring = self.edge.wiring
        event = new_event(wiring, Peer("192.0.2.1", secure=True))
        incoming = Incoming(head, pieces(body[at : at + 1000] for at in range(0, len(body), 1000)))
        answer = await wiring.gateway.answer(incoming, event, wiring.store.directory(), secure=True)
        said = answer.body if isinstance(answer.body, bytes) else b""
        if not isinstance(answer.body, bytes):
            said = b"".join([piece async for piece in answer.body])
        return Told(answer.status, dict(answer.headers), said, event)

    def did(self) -> list[Seen]:
        """Return what reached the upstream and was no question of ours."""
        return [one for one in self.upstream.seen if not _is_question(one)]


def _is_question(seen: Seen) -> bool:
    target = seen.header(b"x-amz-target") or b""
    return b"Action=DescribeTags" in seen.body or b".Describe" in target or b".List" in target


@asynccontextmanager
async def opened(folder: Any, script: Any = None) -> AsyncIterator[Bench]:
    edge = open_edge(folder)
    try:
        async with scripted(script) as upstream:
            await federate(edge)
            yield Bench(edge, upstream, credentials_of(await exchange(edge, token())))
    finally:
        await edge.close()


@pytest.fixture
async def bench(tmp_path):
    async with opened(tmp_path) as made:
        yield made


def allow(action: Any, resource: Any = "*", **condition: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition}


def deny(action: Any, resource: Any = "*", **condition: Any) -> dict[str, Any]:
    return allow(action, resource, **condition) | {"Effect": "Deny"}


def answering(body: bytes, status: str = "200 OK", *headers: str) -> Any:
    async def script(under_way: Exchange) -> None:
        await under_way.read()
        await under_way.answer(status, body, *headers)

    return script


def tagging(tags: bytes, status: str = "200 OK", **more: Any) -> Any:
    """Return a script that answers the question for tags so, and stops instances."""

    async def script(under_way: Exchange) -> None:
        await under_way.read()
        if _is_question(under_way.seen):
            await under_way.answer(status, tags, **more)
        else:
            await under_way.answer(body=STOPPED)

    return script


def tags_of(*tags: tuple[str, str], of: str = INSTANCE, more: str = "") -> bytes:
    items = "".join(
        f"<item><resourceId>{of}</resourceId><resourceType>instance</resourceType>"
        f"<key>{key}</key><value>{value}</value></item>"
        for key, value in tags
    )
    inner = f"<requestId>1</requestId><tagSet>{items}</tagSet>{more}"
    return f"<DescribeTagsResponse>{inner}</DescribeTagsResponse>".encode()


KILN = {"StringEquals": {"aws:ResourceTag/team": "kiln"}}


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


async def test_the_tags_are_asked_for_as_the_upstream_and_judged(bench):
    bench.put("ec2")
    await bench.allow(allow("ec2:StopInstances", **KILN))
    # Condition keys ignore case, and a tag's key is part of one.
    for tag, status in ((("team", "kiln"), 200), (("team", "wick"), 403), (("Team", "kiln"), 200)):
        bench.upstream.script = tagging(tags_of(tag))
        before = len(bench.upstream.seen)
        told = await bench.ask("ec2", STOP, FORM)
        question = bench.upstream.seen[before]
        assert parse_qs(bytes(question.body).decode())["Filter.1.Value.1"] == [INSTANCE]
        assert f"Credential={KEY_ID}/".encode() in question.header(b"authorization")
        assert told.status == status, tag


ODD = {
    "an error": tagging(b"<Response/>", "500 Internal Server Error"),
    "a refusal": tagging(b"<Response/>", "403 Forbidden"),
    "a redirect": tagging(b"", "307 Temporary Redirect"),
    "no body": tagging(b""),
    "no XML": tagging(b'{"Tags":[]}'),
    "another document": tagging(b"<DescribeInstancesResponse/>"),
    "a document type": tagging(b"<!DOCTYPE x>" + tags_of(("team", "kiln"))),
    "the tags of another": tagging(tags_of(("team", "kiln"), of="i-0fedcba9876543210")),
    "a tag twice": tagging(tags_of(("team", "kiln"), ("team", "wick"))),
    "a first page": tagging(tags_of(("team", "kiln"), more="<nextToken>x</nextToken>")),
    "two spellings": tagging(tags_of(("team", "kiln"), ("Team", "wick"))),
    "no end": tagging(tags_of(("team", "kiln")), length=10_000),
    "too much": tagging(tags_of(("team", "kiln")) + b" " * (1024 * 1024)),
}


@pytest.mark.parametrize("script", ODD.values(), ids=ODD)
async def test_an_odd_answer_to_the_question_for_tags(bench, script):
    async def cut(under_way: Exchange) -> None:
        await script(under_way)
        under_way.hang_up()

    bench.put("ec2")
    bench.upstream.script = cut
    await bench.allow(allow("ec2:StopInstances", **KILN))
    told = await bench.ask("ec2", STOP, FORM)
    assert told.status in (400, 403, 500, 503), told
    assert bench.did() == []
    assert told.event.reason
    assert told.event.outcome is not Outcome.GRANTED
    assert told.event.action == "ec2:StopInstances"
    assert told.event.resource == f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{INSTANCE}"


async def test_an_upstream_that_is_down(bench):
    await bench.allow(allow("*"))
    with refusing_port() as port:
        bench.put("ec2", f"http://127.0.0.1:{port}")
        told = await bench.ask("ec2", STOP, FORM)
    assert (told.status, told.event.outcome) == (503, Outcome.FAILED)
    assert b"<Code>ServiceUnavailable</Code>" in told.body
    assert "upstream `ec2` can't be reached" in told.event.reason


PUBLISH = urlencode(
    {"Action": "Publish", "Version": "2010-03-31", "Message": "x",
     "TopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:news"}
).encode()  # fmt: skip
UNTOLD = [
    ("no condition", [allow("*")], True),
    ("another action's condition", [allow("*"), deny("ec2:*", **KILN)], True),
    ("a deny", [allow("*"), deny("sns:*", **KILN)], False),
    (
        "a deny by the lack of it",
        [allow("*"), deny("sns:*", Null={"aws:ResourceTag/team": "true"})],
        False,
    ),
    ("an allow", [allow("sns:*", **KILN)], False),
    ("an allow by another", [allow("*", StringNotEquals=KILN["StringEquals"])], False),
    ("an allow if", [allow("*", StringEqualsIfExists=KILN["StringEquals"])], False),
    ("a variable", [allow("*", "arn:aws:sns:*:*:${aws:ResourceTag/team, 'news'}")], False),
    ("two allows", [allow("*", **KILN), allow("sns:Publish")], True),
]


@pytest.mark.parametrize(
    ("statements", "allowed"), [case[1:] for case in UNTOLD], ids=[case[0] for case in UNTOLD]
)
async def test_tags_that_the_service_does_not_tell(bench, statements, allowed):
    """What can't be evaluated lets no Allow apply, and every Deny."""
    bench.put("sns")
    await bench.allow(*statements)
    told = await bench.ask("sns", PUBLISH, FORM)
    assert (told.status == 200, len(bench.upstream.seen)) == (allowed, int(allowed))


@pytest.mark.parametrize("effect", [allow, deny])
async def test_what_only_aws_knows_of_an_instance(bench, effect):
    bench.put("ec2")
    operator = "StringNotLikeIfExists" if effect is allow else "StringLike"
    statement = effect("ec2:StopInstances", **{operator: {"ec2:InstanceType": "p5.*"}})
    await bench.allow(statement, *([allow("ec2:*")] if effect is deny else []))
    told = await bench.ask("ec2", STOP, FORM)
    assert (told.status, bench.upstream.seen) == (403, [])
    (trace,) = told.event.decision.trace
    (condition,) = trace.statements[0].conditions
    assert condition.got is None
    assert condition.note.startswith("what value the key has is not known here")


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
    told = await bench.ask("dynamodb", b'{"TableName":"t"}', *_target("DescribeTable"))
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
        told = await bench.ask("sqs", body, _target("")[0], named)
        assert told.status == status
    assert len(bench.upstream.seen) == 1


async def test_our_credentials_are_no_clients_affair(bench):
    bench.put("dynamodb")
    body = b'{"__type":"com.amazon.coral.service#UnrecognizedClientException","message":"x"}'
    bench.upstream.script = answering(body, "400 Bad Request")
    await bench.allow(allow("dynamodb:*"))
    told = await bench.ask("dynamodb", b'{"TableName":"t"}', *_target("DescribeTable"))
    assert (told.status, b"ServiceUnavailableException" in told.body) == (503, True)
    assert told.event.reason.startswith("upstream `dynamodb` refuses our credentials")


def _target(operation: str) -> tuple[tuple[bytes, bytes], ...]:
    name = f"DynamoDB_20120810.{operation}".encode()
    return (b"content-type", b"application/x-amz-json-1.0"), (b"x-amz-target", name)


UNSIGNED = [
    (b"x-amz-target", b"DynamoDB_20120810.DeleteTable"),
    (b"content-encoding", b"gzip"),
    (b"smithy-protocol", b"rpc-v2-cbor"),
]


@pytest.mark.parametrize("header", UNSIGNED, ids=[name.decode() for name, _ in UNSIGNED])
async def test_a_header_with_a_meaning_that_nobody_signed(bench, header):
    bench.put("dynamodb")
    await bench.allow(allow("*"))
    named = _target("ListTables") if header[0] != b"x-amz-target" else _target("ListTables")[:1]
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


KEYED = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": "kiln"}}
PUT = {"TableName": "lamps", "Item": {"owner": {"S": "kiln"}, "place": {"S": "attic"}}}
LAMPS = {
    "Table": {
        "TableName": "lamps",
        "KeySchema": [
            {"AttributeName": "owner", "KeyType": "HASH"},
            {"AttributeName": "place", "KeyType": "RANGE"},
        ],
    }
}
TOLD = {
    "as it is": (LAMPS, "200 OK", 200),
    "another key": (
        {"Table": {"KeySchema": [{"AttributeName": "place", "KeyType": "HASH"}]}},
        "200 OK",
        400,
    ),
    "no key": ({"Table": {"KeySchema": []}}, "200 OK", 400),
    "no table": ({"message": "x"}, "400 Bad Request", 400),
    "an error": ({}, "500 Internal Server Error", 400),
}


@pytest.mark.parametrize(("table", "status", "wanted"), TOLD.values(), ids=TOLD)
async def test_the_partition_key_is_the_tables_to_tell(bench, table, status, wanted):
    async def script(under_way: Exchange) -> None:
        await under_way.read()
        if _is_question(under_way.seen):
            await under_way.answer(status, json.dumps(table).encode())
        else:
            await under_way.answer(body=b"{}")

    bench.put("dynamodb")
    bench.upstream.script = script
    await bench.allow(allow("dynamodb:PutItem", **KEYED))
    told = await bench.ask("dynamodb", json.dumps(PUT).encode(), *_target("PutItem"))
    assert (told.status, len(bench.did())) == (wanted, int(wanted == 200)), told


async def test_no_table_is_asked_where_no_policy_asks(bench):
    bench.put("dynamodb")
    await bench.allow(allow("dynamodb:PutItem"))
    await bench.ask("dynamodb", json.dumps(PUT).encode(), *_target("PutItem"))
    assert len(bench.upstream.seen) == len(bench.did()) == 1


async def test_the_first_upstream_of_the_account_is_meant(bench):
    async with scripted(answering(STOPPED)) as other:
        bench.put("ec2", name="b")
        bench.put("ec2", other.endpoint, name="a")
        await bench.allow(allow("*"))
        assert (await bench.ask("ec2", STOP, FORM)).event.details == {"upstream": "a"}
    assert bench.upstream.seen == []
