"""DynamoDB's leading keys, with and without knowing which attribute they are of."""

import json
from typing import Any

import pytest

from gateway.apis.clients import ACCOUNT, CATALOGUE, REGION, asked
from valetkey.errors import AwsError
from valetkey.gateway.apis import key_lookups, questions, understand
from valetkey.gateway.model import Head

TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
KEYS = {TABLE: "user", f"{TABLE}/index/by-day": "day"}
ANSWER = {
    "Table": {
        "TableName": "orders",
        "KeySchema": [
            {"AttributeName": "user", "KeyType": "HASH"},
            {"AttributeName": "day", "KeyType": "RANGE"},
        ],
        "GlobalSecondaryIndexes": [
            {"IndexName": "by-day", "KeySchema": [{"AttributeName": "day", "KeyType": "HASH"}]}
        ],
    }
}

KEY = {"user": {"S": "u-1"}, "day": {"N": "7"}}
ITEM = {**KEY, "note": {"S": "text"}, "more": {"M": {}}}
VALUES = {":u": {"S": "u-1"}, ":d": {"N": "7"}}
QUERY = {"TableName": "orders", "ExpressionAttributeValues": VALUES}

CASES: list[tuple[str, dict[str, Any], tuple[str, ...], tuple[str, ...]]] = [
    ("GetItem", {"TableName": "orders", "Key": KEY}, ("u-1", "7"), ("u-1",)),
    ("PutItem", {"TableName": "orders", "Item": ITEM}, ("u-1", "7", "text"), ("u-1",)),
    ("Query", {**QUERY, "KeyConditionExpression": "#u = :u and #d = :d",
               "ExpressionAttributeNames": {"#u": "user", "#d": "day"}}, ("u-1", "7"), ("u-1",)),
    ("Query", {**QUERY, "KeyConditionExpression": "day = :d", "IndexName": "by-day"},
     ("7",), ("7",)),
    ("Query", {"TableName": "orders", "KeyConditions": {
        "user": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "u-1"}]},
        "day": {"ComparisonOperator": "EQ", "AttributeValueList": [{"N": "7"}]}}},
     ("u-1", "7"), ("u-1",)),
    ("BatchWriteItem", {"RequestItems": {"orders": [{"PutRequest": {"Item": ITEM}}]}},
     ("u-1", "7", "text"), ("u-1",)),
    ("BatchGetItem", {"RequestItems": {"orders": {"Keys": [KEY]}}}, ("u-1", "7"), ("u-1",)),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "given", "unknown", "known"), CASES)
def test_leading_keys(
    operation: str, given: dict[str, Any], unknown: tuple[str, ...], known: tuple[str, ...]
) -> None:
    request = asked("dynamodb", operation, given)
    (question,) = questions(request, account=ACCOUNT, region=REGION)
    assert question.context["dynamodb:LeadingKeys"] == unknown
    (question,) = questions(request, account=ACCOUNT, region=REGION, partition_keys=KEYS)
    assert question.context["dynamodb:LeadingKeys"] == known


def test_a_query_without_its_partition_key_is_refused() -> None:
    given = {**QUERY, "KeyConditionExpression": "day = :d"}
    request = asked("dynamodb", "Query", given)
    with pytest.raises(AwsError):
        questions(request, account=ACCOUNT, region=REGION, partition_keys=KEYS)


@pytest.mark.parametrize("filler", ["a", "a ", "#", ":", ". ", "a=", " ", "=:", "a.", "a ("])
def test_long_expressions_take_no_time(filler: str) -> None:
    expression = f"#u = :u and day > :d {filler * 200_000}"
    given = {**QUERY, "KeyConditionExpression": expression, "ProjectionExpression": expression,
             "ExpressionAttributeNames": {"#u": "user"}}  # fmt: skip
    request = asked("dynamodb", "Query", given)
    (question,) = questions(request, account=ACCOUNT, region=REGION, partition_keys=KEYS)
    assert question.context["dynamodb:LeadingKeys"] == ("u-1",)


def test_looking_it_up() -> None:
    request = asked("dynamodb", "TransactGetItems", {"TransactItems": [
        {"Get": {"TableName": "orders", "Key": KEY}},
        {"Get": {"TableName": TABLE, "Key": KEY}},
    ]})  # fmt: skip
    lookups = key_lookups(request, account=ACCOUNT, region=REGION)
    named = []
    for lookup in lookups:
        head = Head(lookup.method, lookup.path.encode(), b"", lookup.headers)
        sent = understand(head, lookup.body, service="dynamodb", region=REGION, catalogue=CATALOGUE)
        assert sent.operation == "DescribeTable"
        named.append(sent.input["TableName"])
        assert lookup.parse(200, json.dumps(ANSWER).encode()) == KEYS
    assert named == ["orders", TABLE]


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"Table": {}},
        {"Table": {"KeySchema": []}},
        {"Table": {"KeySchema": [{"AttributeName": 1, "KeyType": "HASH"}]}},
        {"Table": {"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}] * 2}},
        {"Table": {**ANSWER["Table"], "LocalSecondaryIndexes": [{}]}},
    ],
)
def test_an_answer_that_tells_nothing_denies(answer: dict[str, Any]) -> None:
    request = asked("dynamodb", "GetItem", {"TableName": "orders", "Key": KEY})
    (lookup,) = key_lookups(request, account=ACCOUNT, region=REGION)
    with pytest.raises(AwsError):
        lookup.parse(200, json.dumps(answer).encode())
    with pytest.raises(AwsError):
        lookup.parse(400, json.dumps(ANSWER).encode())


def test_only_dynamodb_has_them() -> None:
    request = asked("sqs", "ListQueues", {})
    assert key_lookups(request, account=ACCOUNT, region=REGION) == ()
    request = asked("dynamodb", "ExecuteStatement", {"Statement": "nonsense"})
    assert key_lookups(request, account=ACCOUNT, region=REGION) == ()
