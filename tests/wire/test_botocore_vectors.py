"""AWS's own protocol tests, as botocore carries them, turned around: we are the server."""

import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from support.vectors import vector_json, vectors
from valetkey.errors import AwsError
from valetkey.wire import WireError, decode, encode_error, encode_output
from wire.oracle import Client, same, typed, wire_request

FOLDER = "botocore-protocols/tests/unit/protocols"
FILES = ("query", "json", "json_1_0")

TOKEN = "00000000-0000-4000-8000-000000000000"
WHOLE_SECONDS = {
    "AwsQueryDateTimeWithFractionalSeconds",
    "AwsJson11DateTimeWithFractionalSeconds",
}
"""ISO 8601 goes out in whole seconds here, as STS and IAM write it."""

NOT_BY_BOTOCORE = {"QueryXmlLists"}
"""botocore's parser names flattened lists by their elements; compared as XML instead."""


def cases(side: str) -> list[Any]:
    found = []
    for file in FILES:
        suites = vector_json(f"{FOLDER}/{side}/{file}.json")
        if suites is None:
            return [pytest.param(None, id=f"absent:{side}")]
        for suite in suites:
            head = {"metadata": suite["metadata"], "shapes": suite["shapes"]}
            found += [pytest.param((head, case), id=case["id"]) for case in suite["cases"]]
    return found


def opened(case: Any) -> tuple[Client, str, dict[str, Any]]:
    vectors(FOLDER)
    head, rest = case
    name = rest["given"]["name"]
    return Client({**head, "operations": {name: rest["given"]}}), name, rest


@pytest.mark.parametrize("case", cases("input"))
def test_we_read_what_the_vector_sends(case: Any) -> None:
    client, name, rest = opened(case)
    sent = rest["serialized"]
    target = f"{client.service.target_prefix}.{name}"
    version = client.model["metadata"].get("jsonVersion")
    # A vector names only the headers that it is about.
    usual = (
        {"X-Amz-Target": target, "Content-Type": f"application/x-amz-json-{version}"}
        if version
        else {"Content-Type": "application/x-www-form-urlencoded"}
    )
    request = wire_request(
        sent["method"], sent["uri"], {**usual, **sent.get("headers", {})}, sent.get("body")
    )
    if "Content-Encoding" in sent.get("headers", {}):
        with pytest.raises(WireError):
            decode(request, client.service)
        return
    decoded = decode(request, client.service)
    assert decoded.operation == name
    shape = client.operation(name).input_shape
    wanted = typed(rest.get("params", {}), shape) if shape else {}
    if rest["id"] == "QueryProtocolIdempotencyTokenAutoFill":
        wanted = {"token": TOKEN}
    if rest["id"] == "QueryEmptyQueryMaps":
        wanted = {}  # the query protocol can't say an empty map
    assert same(decoded.input, wanted)


@pytest.mark.parametrize("case", cases("output"))
def test_botocore_reads_what_we_answer(case: Any) -> None:
    client, name, rest = opened(case)
    if "errorCode" in rest:
        message = rest.get("errorMessage", "")
        answer = encode_error(client.service, AwsError(rest["errorCode"], message), "id-1")
        parsed = client.parse(name, answer)
        assert parsed["Error"]["Code"] == rest["errorCode"]
        assert parsed["Error"].get("Message", "") == message
        return
    shape = client.operation(name).output_shape
    result = typed(rest["result"], shape) if shape else {}
    answer = encode_output(client.service, name, result, "id-1")
    if rest["id"] in NOT_BY_BOTOCORE:
        _, [(_, wanted)] = tree(ET.fromstring(rest["response"]["body"]))
        _, [*found, _metadata] = tree(ET.fromstring(answer.body))
        assert found == wanted
        return
    parsed = client.parse(name, answer)
    assert parsed.pop("ResponseMetadata")["HTTPStatusCode"] == 200
    if rest["id"] in WHOLE_SECONDS:
        result = {key: float(int(value)) for key, value in result.items()}
    assert same(typed(parsed, shape) if shape else parsed, result)


def tree(element: ET.Element) -> Any:
    """Return an element without its namespace and layout."""
    name = re.sub(r"\{.*?\}", "", element.tag)
    return (name, [tree(child) for child in element] or (element.text or "").strip())
