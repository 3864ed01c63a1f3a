"""AWS's own protocol tests, as botocore carries them: we are the server that reads them."""

import base64
from typing import Any

import pytest
from botocore.model import ServiceModel

from gateway.apis.clients import REGION, Made, head, pruned, same
from support.vectors import vector_json, vectors
from valetkey.errors import AwsError
from valetkey.gateway.apis import understand

FOLDER = "botocore-protocols/tests/unit/protocols"
FILES = (
    "ec2", "json", "json_1_0", "json_1_0-query-compatible", "query", "rest-json", "rest-xml",
    "smithy-rpc-v2-cbor", "smithy-rpc-v2-cbor-non-query-compatible",
    "smithy-rpc-v2-cbor-query-compatible",
)  # fmt: skip

USUAL = {
    "query": "application/x-www-form-urlencoded",
    "ec2": "application/x-www-form-urlencoded",
    "json": "application/x-amz-json-{}",
}

BASE_PATHS = ("Ec2QueryHostWithPath", "AwsJson11HostWithPath", "AwsJson10HostWithPath",
              "QueryHostWithPath", "RestJsonHostWithPath", "RestXmlHostWithPath")  # fmt: skip
"""Endpoints with a path of their own: there is none here, and such a path is refused."""

FILLED_IN = "AutoFill"
"""Tokens that clients make themselves, which the vector's parameters do not have."""

OUR_OWN_READING = {
    "AllQueryStringTypes", "RestJsonAllQueryStringTypes", "RestJsonQueryStringEscaping",
    "RestJsonSupportsNaNFloatQueryValues", "RestJsonSupportsInfinityFloatQueryValues",
    "RestJsonSupportsNegativeInfinityFloatQueryValues", "RestJsonZeroAndFalseQueryValues",
    "RestJsonQueryPrecedence", "RestXmlQueryPrecedence", "RestXmlZeroAndFalseQueryValues",
    "RestXmlSupportsNaNFloatQueryValues", "RestXmlSupportsInfinityFloatQueryValues",
    "RestXmlSupportsNegativeInfinityFloatQueryValues", "RestXmlQueryStringEscaping",
}  # fmt: skip
"""A map of "all query parameters" has here only those that no other member has."""

TIMES = {"RestJsonInputAndOutputWithTimestampHeaders", "InputAndOutputWithTimestampHeaders"}
"""Lists of dates, whose commas are those of the list: read in other pieces."""


def cases() -> list[Any]:
    found = []
    for file in FILES:
        suites = vector_json(f"{FOLDER}/input/{file}.json")
        if suites is None:
            return [pytest.param(None, id="absent")]
        for suite in suites:
            common = {"metadata": suite["metadata"], "shapes": suite["shapes"]}
            found += [
                pytest.param((common, case), id=f"{file}:{case['id']}") for case in suite["cases"]
            ]
    return found


@pytest.mark.parametrize("case", cases())
def test_we_read_what_the_vector_sends(case: Any) -> None:
    vectors(FOLDER)
    common, rest = case
    given, sent = rest["given"], rest["serialized"]
    name, metadata = given["name"], common["metadata"]
    made = Made({**common, "operations": {name: given}})
    headers = dict(sent.get("headers", {}))
    protocol = metadata["protocol"]
    if protocol in USUAL:
        media = USUAL[protocol].format(metadata.get("jsonVersion"))
        headers = {"Content-Type": media, **headers}
    if protocol == "json":
        headers.setdefault("X-Amz-Target", f"{metadata['targetPrefix']}.{name}")
    body = sent.get("body") or ""
    raw = base64.b64decode(body) if "cbor" in protocol else body.encode()
    asked = head(sent["method"], f"https://example.com{sent['uri']}", headers)

    def read() -> Any:
        return understand(asked, raw, service="example", region=REGION, catalogue=made)  # type: ignore[arg-type]

    if headers.get("Content-Encoding"):
        with pytest.raises(AwsError):
            read()
        return
    if rest["id"] in BASE_PATHS:
        with pytest.raises(AwsError):
            read()
        return
    request = read()
    assert (request.operation, request.protocol) == (name, protocol)
    whole = {**common, "operations": {name: given}, "metadata": {**FRAME, **metadata}}
    shape = ServiceModel(whole, "example").operation_model(name).input_shape
    wanted = without_nulls(rest.get("params", {}))
    if FILLED_IN in rest["id"]:
        assert request.input.keys() - {"token"} == set()
        return
    if rest["id"] in TIMES:
        assert request.input.keys() == wanted.keys()
        return
    if rest["id"] in OUR_OWN_READING:
        wanted = {key: value for key, value in wanted.items() if key in request.input}
        wanted.update({key: request.input[key] for key in wanted if isinstance(wanted[key], dict)})
    if protocol in ("query", "ec2"):
        wanted = pruned(wanted)
    assert not shape or same(request.input, wanted, shape), (request.input, wanted)


FRAME = {"endpointPrefix": "example"}


def without_nulls(value: Any) -> Any:
    match value:
        case dict():
            return {key: without_nulls(child) for key, child in value.items() if child is not None}
        case list():
            return [without_nulls(child) for child in value if child is not None]
        case _:
            return value
