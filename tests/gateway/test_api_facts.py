"""What is looked up before a request is judged, and what nobody here can know."""

import json
from urllib.parse import parse_qs, urlencode

import pytest

from gateway.api_bench import (
    INSTANCE,
    KEY_ID,
    REGION,
    STOP,
    allow,
    deny,
    is_question,
    tagging,
    tags_of,
    target,
)
from support.edge import ACCOUNT
from support.signing import FORM
from support.upstream_server import Exchange
from valetkey.store import Outcome

KILN = {"StringEquals": {"aws:ResourceTag/team": "kiln"}}


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


def _target(name: str) -> tuple[tuple[bytes, bytes], ...]:
    return (b"content-type", b"application/x-amz-json-1.1"), (b"x-amz-target", name.encode())


@pytest.mark.parametrize("key", [{"KeyId": "alias/kiln"}, {}], ids=["an alias", "the right one"])
async def test_the_tags_of_who_knows_which_key(bench, key):
    """Which key it is, only the service knows; it may be one that a policy denies by its tag."""
    bench.put("kms")
    body = json.dumps({"CiphertextBlob": "eA==", **key}).encode()
    headers = _target("TrentService.Decrypt")
    for statements, status in (([allow("*")], 200), ([allow("*"), deny("kms:*", **KILN)], 400)):
        await bench.allow(*statements)
        told = await bench.ask("kms", body, *headers)
        assert told.status == status
    assert len(bench.upstream.seen) == 1


async def test_what_is_made_has_no_tags_yet(bench):
    bench.put("ec2")
    form = {"Action": "RunInstances", "Version": "2016-11-15", "MinCount": "1", "MaxCount": "1"}
    bench.upstream.script = tagging(tags_of(of="ami-1"))
    await bench.allow(allow("*"), deny("ec2:*", **KILN))
    told = await bench.ask("ec2", urlencode({**form, "ImageId": "ami-1"}).encode(), FORM)
    assert told.status == 200


MANY = {"Names": [f"/kiln/{number}" for number in range(2000)]}


async def test_more_decisions_than_anybody_asks_for(bench):
    bench.put("ssm")
    await bench.allow(allow("*"))
    headers = _target("AmazonSSM.GetParameters")
    told = await bench.ask("ssm", json.dumps(MANY).encode(), *headers)
    assert (told.status, bench.upstream.seen) == (400, [])
    assert b"The request names more than 1024 resources." in told.body
    some = {"Names": MANY["Names"][:1000]}
    assert (await bench.ask("ssm", json.dumps(some).encode(), *headers)).status == 200


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
        if is_question(under_way.seen):
            await under_way.answer(status, json.dumps(table).encode())
        else:
            await under_way.answer(body=b"{}")

    bench.put("dynamodb")
    bench.upstream.script = script
    await bench.allow(allow("dynamodb:PutItem", **KEYED))
    told = await bench.ask("dynamodb", json.dumps(PUT).encode(), *target("PutItem"))
    assert (told.status, len(bench.did())) == (wanted, int(wanted == 200)), told


async def test_no_table_is_asked_where_no_policy_asks(bench):
    bench.put("dynamodb")
    await bench.allow(allow("dynamodb:PutItem"))
    await bench.ask("dynamodb", json.dumps(PUT).encode(), *target("PutItem"))
    assert len(bench.upstream.seen) == len(bench.did()) == 1
