"""Looking up a resource's tags: the request that is sent, and what its answer tells."""

import json
from typing import Any

import pytest

from gateway.apis.clients import ACCOUNT, CATALOGUE, REGION
from valetkey.errors import AwsError
from valetkey.gateway.apis import LookUp, questions, tag_lookup, understand
from valetkey.gateway.model import Head

EC2 = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1"


def found(prefix: str, resource: str) -> LookUp:
    lookup = tag_lookup(prefix, resource)
    assert lookup is not None
    return lookup


CASES: list[tuple[str, str, str, Any, dict[str, str]]] = [
    ("sqs", "q", "sqs:ListQueueTags", {"Tags": {"a": "b"}}, {"a": "b"}),
    ("sqs", "q", "sqs:ListQueueTags", {}, {}),
    ("dynamodb", "table/t", "dynamodb:ListTagsOfResource",
     {"Tags": [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": ""}]}, {"a": "b", "c": ""}),
    ("dynamodb", "table/t/index/i", "dynamodb:ListTagsOfResource", {"Tags": []}, {}),
    ("kinesis", "stream/s", "kinesis:ListTagsForResource",
     {"Tags": [{"Key": "a", "Value": "b"}]}, {"a": "b"}),
    ("kms", "key/k", "kms:ListResourceTags",
     {"Tags": [{"TagKey": "a", "TagValue": "b"}], "Truncated": False}, {"a": "b"}),
    ("ecr", "repository/r", "ecr:ListTagsForResource",
     {"tags": [{"Key": "a", "Value": "b"}]}, {"a": "b"}),
    ("ecs", "service/c/s", "ecs:ListTagsForResource",
     {"tags": [{"key": "a", "value": "b"}]}, {"a": "b"}),
    ("states", "stateMachine:m", "states:ListTagsForResource",
     {"tags": [{"key": "a", "value": "b"}]}, {"a": "b"}),
    ("events", "rule/r", "events:ListTagsForResource",
     {"Tags": [{"Key": "a", "Value": "b"}]}, {"a": "b"}),
    ("lambda", "function:f:live", "lambda:ListTags", {"Tags": {"a": "b"}}, {"a": "b"}),
    ("logs", "log-group:/a/b:log-stream:", "logs:ListTagsForResource",
     {"tags": {"a": "b"}}, {"a": "b"}),
]  # fmt: skip


def arn(prefix: str, resource: str) -> str:
    return f"arn:aws:{prefix}:{REGION}:{ACCOUNT}:{resource}"


@pytest.mark.parametrize(("prefix", "resource", "action", "answer", "tags"), CASES)
def test_of_json(
    prefix: str, resource: str, action: str, answer: Any, tags: dict[str, str]
) -> None:
    lookup = found(prefix, arn(prefix, resource))
    assert (lookup.service, lookup.region) == (prefix, REGION)
    # What is sent is a request like any other: it is understood as the one that it should be,
    # and asks about the same resource.
    head = Head(lookup.method, lookup.path.encode(), lookup.query.encode(), lookup.headers)
    request = understand(
        head, lookup.body, service=lookup.service, region=REGION, catalogue=CATALOGUE
    )
    asked = questions(request, account=ACCOUNT, region=REGION)
    assert {one.action for one in asked} == {action}
    whole = arn(prefix, resource).removesuffix(":log-stream:")
    assert all(whole.startswith(one.resource) or one.resource.endswith("*") for one in asked)
    assert lookup.parse(200, json.dumps(answer).encode()) == tags


def ec2_answer(*items: tuple[str, str, str], token: str = "") -> bytes:
    text = "".join(
        f"<item><resourceId>{one}</resourceId><resourceType>instance</resourceType>"
        f"<key>{key}</key><value>{value}</value></item>"
        for one, key, value in items
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<DescribeTagsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">'
        f"<requestId>r</requestId><tagSet>{text}</tagSet>{token}</DescribeTagsResponse>"
    ).encode()


class TestEc2:
    def test_what_is_sent(self) -> None:
        lookup = found("ec2", EC2)
        head = Head(lookup.method, lookup.path.encode(), b"", lookup.headers)
        request = understand(head, lookup.body, service="ec2", region=REGION, catalogue=CATALOGUE)
        assert request.operation == "DescribeTags"
        assert request.input == {"Filters": [{"Name": "resource-id", "Values": ["i-1"]}]}

    def test_what_is_told(self) -> None:
        lookup = found("ec2", EC2)
        assert lookup.parse(200, ec2_answer()) == {}
        answer = ec2_answer(("i-1", "team", "a &amp; b"), ("i-1", "empty", ""))
        assert lookup.parse(200, answer) == {"team": "a & b", "empty": ""}

    def test_an_image_has_no_account(self) -> None:
        assert b"ami-1" in found("ec2", f"arn:aws:ec2:{REGION}::image/ami-1").body

    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (500, ec2_answer()),
            (404, ec2_answer()),
            (200, b""),
            (200, b"{}"),
            (200, b"<a/>"),
            (200, ec2_answer(("i-2", "team", "b"))),
            (200, ec2_answer(("i-1", "team", "a"), token="<nextToken>x</nextToken>")),
            (200, ec2_answer(("i-1", "team", "a"), ("i-1", "team", "b"))),
            (200, b"<!DOCTYPE a>" + ec2_answer()),
        ],
    )
    def test_an_answer_that_tells_nothing_denies(self, status: int, body: bytes) -> None:
        with pytest.raises(AwsError) as refused:
            found("ec2", EC2).parse(status, body)
        assert refused.value.status == 403


@pytest.mark.parametrize("prefix", ["sqs", "dynamodb"])
@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"null", b"{", b'{"Tags": 1}', b'{"Tags": [1]}', b'{"Tags": {"a": 1}}',
        b'{"Tags": [{"Key": "a"}, {"Key": "a"}]}', b'{"Tags": [{"Value": "a"}]}',
        b'{"Tags": [], "NextToken": "x"}', b'{"Tags": {}, "NextToken": "x"}',
        b'{"Tags": {"a": "b"}, "Tags": {}}', b"\xff",
    ],
)  # fmt: skip
def test_bad_answers(prefix: str, body: bytes) -> None:
    lookup = found(prefix, arn(prefix, "q" if prefix == "sqs" else "table/t"))
    with pytest.raises(AwsError):
        lookup.parse(200, body)


@pytest.mark.parametrize(
    ("prefix", "resource"),
    [
        ("ec2", "*"),
        ("ec2", f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/*"),
        ("ec2", arn("sqs", "q")),
        ("glue", arn("glue", "database/d")),
        ("sqs", "q"),
    ],
)
def test_what_has_no_look_up(prefix: str, resource: str) -> None:
    assert tag_lookup(prefix, resource) is None
