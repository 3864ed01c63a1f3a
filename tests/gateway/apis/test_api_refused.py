"""Requests that are not wholly understood are refused, in the protocol's own words."""

import json
import re
from typing import Any

import pytest

from gateway.apis.clients import CATALOGUE, REGION
from support.vectors import own
from valetkey.errors import AwsError
from valetkey.gateway.apis import ApiRequest, encode_error, spoken_by, understand
from valetkey.gateway.model import Head

TABLE = own("gateway_apis/refused.json")


def body_of(given: Any) -> bytes:
    if isinstance(given, dict):
        return bytes.fromhex(given["hex"])
    return given.encode()


def request_of(case: dict[str, Any]) -> tuple[Head, bytes, str]:
    good = TABLE["good"][case["over"]] if "over" in case else {}
    whole = {**good, **case, "headers": {**good.get("headers", {}), **case.get("headers", {})}}
    pairs = [
        (name.encode(), value.encode())
        for name, values in whole["headers"].items()
        if values is not None
        for value in (values if isinstance(values, list) else [values])
    ]
    head = Head(whole["method"], whole["path"].encode(), whole["query"].encode(), tuple(pairs))
    return head, body_of(whole["body"]), whole["service"]


def read(case: dict[str, Any]) -> ApiRequest:
    head, body, service = request_of(case)
    return understand(head, body, service=service, region=REGION, catalogue=CATALOGUE)


@pytest.mark.parametrize("name", TABLE["good"])
def test_what_they_are_made_from_is_understood(name: str) -> None:
    wanted = {
        "ec2": ("StopInstances", {"InstanceIds": ["i-1"]}),
        "query": (
            "Publish",
            {"TopicArn": "arn:aws:sns:eu-west-1:123456789012:t", "Message": "m"},
        ),
        "json": ("DeleteTable", {"TableName": "t"}),
        "sqs": ("SendMessage", {"MessageBody": "m", "QueueUrl": "https://h/123456789012/q"}),
        "rest-json": ("CreateEventSourceMapping", {"FunctionName": "f"}),
        "rest-xml": ("CreateHostedZone", {"Name": "a.example", "CallerReference": "1"}),
        "cbor": ("ListMetrics", {"Namespace": "a"}),
    }
    request = read(TABLE["good"][name])
    assert (request.operation, request.input) == wanted[name]


@pytest.mark.parametrize("case", TABLE["cases"], ids=[case["id"] for case in TABLE["cases"]])
def test_table(case: dict[str, Any]) -> None:
    with pytest.raises(AwsError) as refused:
        read(case)
    error = refused.value
    assert (error.code, error.status) == (case["code"], case["status"])
    assert error.reason or error.message
    head, _, service = request_of(case)
    answer = encode_error(service, spoken_by(head, service, CATALOGUE), error, "id-1")
    assert answer.status == case["status"]
    assert isinstance(answer.body, bytes)
    if answer.headers[0][1].startswith(b"text/xml"):
        assert re.search(rb"<RequestI[dD]>id-1</RequestI[dD]>", answer.body)
    elif answer.headers[0][1] != b"application/cbor":
        json.loads(answer.body)


def test_the_table_is_wide() -> None:
    assert len(TABLE["cases"]) > 90


def test_a_reason_says_no_more_than_a_piece_of_what_came() -> None:
    case = {"over": "json", "body": json.dumps({"x" * 5000: 1})}
    with pytest.raises(AwsError) as refused:
        read(case)
    assert len(refused.value.message) < 300
    assert len(refused.value.reason or "") < 300
