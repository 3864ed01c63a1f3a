"""JSON bodies to typed input, and what is no strict JSON."""

import json
import math
import time
from typing import Any

import pytest

from valetkey.wire import Services, WireError, WireRequest, decode
from valetkey.wire.json_input import JsonReaders
from valetkey.wire.json_text import MAX_DEPTH, parse_json
from valetkey.wire.tables import Kind, Member, ServiceTable, Shape


def read(services: Services, body: bytes, operation: str = "CreateSecret") -> dict[str, Any]:
    headers = (
        (b"content-type", b"application/x-amz-json-1.1"),
        (b"x-amz-target", f"secretsmanager.{operation}".encode()),
    )
    return decode(WireRequest("POST", b"/", b"", headers, body), services["secretsmanager"]).input


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("{}", {}),
        (' {"Name" : "n"}\n', {"Name": "n"}),
        ('{"Name":null,"Tags":null}', {}),
        ('{"Unknown":{"a":[1,{"b":null}]},"Name":"n","name":"m"}', {"Name": "n"}),
        ('{"Name":"\\u00e9\\ud83d\\ude00"}', {"Name": "é😀"}),
        ('{"SecretBinary":"AAE="}', {"SecretBinary": b"\0\1"}),
        ('{"ForceOverwriteReplicaSecret":false}', {"ForceOverwriteReplicaSecret": False}),
        ('{"Tags":[{"Key":"k","Value":""},{}]}', {"Tags": [{"Key": "k", "Value": ""}, {}]}),
        ('{"Tags":[]}', {"Tags": []}),
    ],
)
def test_reads(services: Services, body: str, wanted: dict[str, Any]) -> None:
    assert read(services, body.encode()) == wanted


# The first seven messages as a third party saw them at an AWS JSON 1.1 service (2026-09-23).
@pytest.mark.parametrize(
    ("operation", "body", "message"),
    [
        ("ListSecrets", '{"MaxResults":"1"}', "STRING_VALUE can not be converted to an Integer"),
        ("ListSecrets", '{"MaxResults":true}', "TRUE_VALUE can not be converted to an Integer"),
        ("ListSecrets", '{"MaxResults":[1]}', "Start of list found where not expected"),
        ("ListSecrets", '{"MaxResults":{}}', "Start of structure or map found where not expected."),
        ("CreateSecret", '{"Name":1}', "NUMBER_VALUE can not be converted to a String"),
        ("CreateSecret", '{"Tags":"x"}', "Expected list or null"),
        ("CreateSecret", "[]", "Start of list found where not expected"),
        ("CreateSecret", '{"Tags":["x"]}', "Expected null"),
        ("CreateSecret", '{"Tags":[[]]}', "Start of list found where not expected"),
        ("CreateSecret", '{"Tags":{}}', "Start of structure or map found where not expected."),
        ("CreateSecret", '{"Name":false}', "FALSE_VALUE can not be converted to a String"),
        ("ListSecrets", '{"MaxResults":1.0}', "NUMBER_VALUE can not be converted to an Integer"),
        ("ListSecrets", '{"MaxResults":2147483648}',
         "NUMBER_VALUE can not be converted to an Integer"),
        ("CreateSecret", '{"ForceOverwriteReplicaSecret":"true"}',
         "STRING_VALUE can not be converted to a Boolean"),
        ("CreateSecret", '{"SecretBinary":"AAE"}', "STRING_VALUE can not be converted to a Blob"),
        ("CreateSecret", '{"SecretBinary":1}', "NUMBER_VALUE can not be converted to a Blob"),
        ("CreateSecret", '{"Name":"a\\u0000"}', "STRING_VALUE can not be converted to a String"),
        ("CreateSecret", '{"Name":"\\ud800"}', "STRING_VALUE can not be converted to a String"),
        ("UntagResource", '{"SecretId":"s","TagKeys":[null]}', ""),
    ],
)  # fmt: skip
def test_types(services: Services, operation: str, body: str, message: str) -> None:
    with pytest.raises(WireError) as caught:
        read(services, body.encode(), operation)
    assert (caught.value.code, caught.value.status) == ("SerializationException", 400)
    assert caught.value.message == message
    assert caught.value.reason


MALFORMED = [
    b"",
    b"{",
    b"null",
    b'"x"',
    b"1",
    b'{"Name":"x",}',
    b"{'Name':'x'}",
    b'{"Name":"x"}{}',
    b'{"Name":"x"} x',
    b'{"Name":"x","Name":"x"}',
    b'{"Name":"x","Tags":[{"Key":"a","Key":"b"}]}',
    b'{"Other":{"a":1,"a":2}}',
    b'{"Name":"x","N\\u0061me":"y"}',
    b'{"Other":NaN}',
    b'{"Other":-Infinity}',
    b'{"Other":1e999}',
    b'{"Other":' + b"9" * 5000 + b"}",
    b'{"Name":"\xff"}',
    b'\xef\xbb\xbf{"Name":"x"}',
    '{"Name":"x"}'.encode("utf-16"),
    b'{"Name":"a\nb"}',
    b'{"Other":' + b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"Other":' + b"[" * 200 + b"]" * 200 + b"}",
]


@pytest.mark.parametrize("body", MALFORMED, ids=lambda body: repr(body[:30]))
def test_malformed(services: Services, body: bytes) -> None:
    with pytest.raises(WireError) as caught:
        read(services, body)
    assert caught.value.code == "SerializationException"
    assert (caught.value.message, caught.value.status) == ("", 400)


@pytest.mark.parametrize("depth", [1, MAX_DEPTH, MAX_DEPTH + 1])
def test_the_depth_is_counted_outside_of_strings(depth: int) -> None:
    text = '{"a\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[":' * depth + "1" + "}" * depth
    if depth <= MAX_DEPTH:
        assert parse_json(text.encode()) == json.loads(text)
        return
    with pytest.raises(ValueError, match="deeply"):
        parse_json(text.encode())


def test_many_brackets_side_by_side_are_no_depth() -> None:
    text = b"[" + b",".join([b"[]"] * 1000) + b"]"
    assert len(parse_json(text)) == 1000


@pytest.mark.parametrize("unit", [b'"', b'\\"', b'["', b'"\\'])
def test_the_depth_check_takes_linear_time(unit: bytes) -> None:
    body = b"[" * 40 + unit * (500_000 // len(unit))
    start = time.process_time()
    with pytest.raises(ValueError):
        parse_json(body)
    assert time.process_time() - start < 2


def reader(kind: Kind, timestamp: Any = None) -> Any:
    member = Member("X", "X", "X", timestamp=timestamp)
    shapes = {"Input": Shape("structure", members=(member,)), "X": Shape(kind)}
    table = ServiceTable("o", "o", "1", "json", "", "O", "1.1", {}, shapes, {})
    structure = JsonReaders(table).structure("Input")
    return lambda value: structure({"X": value})["X"]


@pytest.mark.parametrize(
    ("kind", "form", "value", "wanted"),
    [
        ("timestamp", None, 1735787045, 1735787045.0),
        ("timestamp", "unixTimestamp", 1735787045.5, 1735787045.5),
        ("timestamp", "iso8601", "2025-01-02T03:04:05Z", 1735787045.0),
        ("double", None, 1, 1.0),
        ("double", None, "-Infinity", -math.inf),
        ("long", None, -(1 << 63), -(1 << 63)),
        ("document", None, {"a": [1]}, {"a": [1]}),
    ],
)
def test_scalars(kind: Kind, form: Any, value: Any, wanted: Any) -> None:
    assert reader(kind, form)(value) == wanted


@pytest.mark.parametrize(
    ("kind", "form", "value"),
    [
        ("timestamp", None, "2025-01-02T03:04:05Z"),
        ("timestamp", None, True),
        ("timestamp", None, 1e300),
        ("timestamp", "iso8601", 1735787045),
        ("timestamp", "iso8601", "2025-01-02"),
        ("double", None, "1"),
        ("double", None, True),
        pytest.param("double", None, 10**400, id="double-too-large"),
        ("long", None, 1 << 63),
    ],
)
def test_scalars_refused(kind: Kind, form: Any, value: Any) -> None:
    with pytest.raises(WireError) as caught:
        reader(kind, form)(value)
    assert caught.value.code == "SerializationException"


def test_maps() -> None:
    parts = (Member("key", "key", "Text"), Member("value", "value", "Text"))
    shapes = {
        "Input": Shape("structure", members=(Member("M", "M", "M"),)),
        "M": Shape("map", members=parts),
        "Text": Shape("string"),
    }
    table = ServiceTable("o", "o", "1", "json", "", "O", "1.1", {}, shapes, {})
    structure = JsonReaders(table).structure("Input")
    assert structure({"M": {"a": "b"}}) == {"M": {"a": "b"}}
    for wrong in ([], "x", 1, {"a": 1}, {"a\0": "b"}):
        with pytest.raises(WireError):
            structure({"M": wrong})
