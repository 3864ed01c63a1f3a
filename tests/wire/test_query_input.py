"""Form parameters to typed input, and what is no form."""

import math
from typing import Any

import pytest

from valetkey.wire import Services, WireError, WireRequest, decode
from valetkey.wire.form import MAX_PARAMETERS
from valetkey.wire.query_input import QueryReaders, tree
from valetkey.wire.tables import Kind, Member, ServiceTable, Shape

STS = b"Action=AssumeRole&Version=2011-06-15"
FORM = ((b"content-type", b"application/x-www-form-urlencoded"),)


def read(services: Services, parameters: bytes, operation: str = "AssumeRole") -> dict[str, Any]:
    service = "sts" if operation == "AssumeRole" else "iam"
    head = f"Action={operation}&Version={services[service].version}&".encode()
    return decode(WireRequest("POST", b"/", b"", FORM, head + parameters), services[service]).input


@pytest.mark.parametrize(
    ("parameters", "wanted"),
    [
        (b"RoleArn=", {"RoleArn": ""}),
        (b"RoleArn", {"RoleArn": ""}),
        (b"&&RoleArn=a&", {"RoleArn": "a"}),
        (b"RoleArn=a%3Db%26c+d%2B", {"RoleArn": "a=b&c d+"}),
        (b"RoleArn=a=b", {"RoleArn": "a=b"}),
        (b"%52oleArn=x", {"RoleArn": "x"}),
        (b"RoleArn=%e9%98%bf", {"RoleArn": "\u963f"}),
        ("RoleArn=é".encode(), {"RoleArn": "é"}),
        (b"roleArn=a&Unknown.x.1=b&Unknown=c.d", None),
        (b"DurationSeconds=%2B900", {"DurationSeconds": 900}),
        (b"DurationSeconds=0900", {"DurationSeconds": 900}),
        (b"DurationSeconds=-1", {"DurationSeconds": -1}),
        (b"DurationSeconds=2147483647", {"DurationSeconds": 2147483647}),
        (b"Tags=", {"Tags": []}),
        (b"TransitiveTagKeys.member.1=", {"TransitiveTagKeys": [""]}),
        (
            b"Tags.member.2.Key=b&Tags.member.1.Value=1&Tags.member.1.Key=a&Tags.member.1.Not=c",
            {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "b"}]},
        ),
        (
            b"&".join(b"TransitiveTagKeys.member.%d=%d" % (n, n) for n in range(1, 13)),
            {"TransitiveTagKeys": [str(n) for n in range(1, 13)]},
        ),
    ],
)
def test_reads(services: Services, parameters: bytes, wanted: dict[str, Any] | None) -> None:
    if wanted is None:
        with pytest.raises(WireError):
            read(services, parameters)
        return
    assert read(services, parameters) == wanted


def test_unknown_parameters_are_passed_over(services: Services) -> None:
    assert read(services, b"roleArn=a&Unknown.x.1=b&Other=c&X-Amz-Date=d") == {}


PASSED = "Start of structure or map found where not expected."


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        # as AWS STS answers, message and absence of one included
        (b"DurationSeconds=", "missing value for decimal type"),
        (b"DurationSeconds=abc", ""),
        (b"DurationSeconds=900.0", ""),
        (b"DurationSeconds=2147483648", ""),
        (b"DurationSeconds=-2147483649", ""),
        # ours
        (b"DurationSeconds=" + b"9" * 5000, ""),
        (b"DurationSeconds=9_0", ""),
        (b"DurationSeconds=%D9%A1", ""),
        (b"DurationSeconds=+900", ""),
        (b"DurationSeconds.x=1", PASSED),
        (b"RoleArn.x=1", PASSED),
        (b"RoleArn=a&RoleArn.x=1", ""),
        (b"RoleArn.x=1&RoleArn=a", ""),
        (b"Tags=x", ""),
        (b"Tags.1.Key=a", ""),
        (b"Tags.member=a", ""),
        (b"Tags.member.1=a", ""),
        (b"Tags.member.0.Key=a", ""),
        (b"Tags.member.2.Key=a", ""),
        (b"Tags.member.01.Key=a", ""),
        (b"Tags.member.-1.Key=a", ""),
        (b"Tags.member.1.Key=a&Tags.member.3.Key=a", ""),
        (b"Tags.member.1.Key=a&Tags.member.x.Key=a", ""),
        (b"Tags.member.1.Key=a&Tags.other=x", ""),
        (b"Tags.member.1.Key=a&Tags.member.%D9%A2.Key=a", ""),
        (b"RoleArn=%", ""),
        (b"RoleArn=%1", ""),
        (b"RoleArn=%zz", ""),
        (b"RoleArn=%ff", ""),
        (b"RoleArn=\xff", ""),
        (b"RoleArn=%ED%A0%80", ""),
        (b"%ff=a", ""),
        (b"&".join(b"a%d=" % n for n in range(MAX_PARAMETERS)), ""),
        (b"&" * MAX_PARAMETERS, ""),
        (b"." * 5000 + b"=a&" + b"." * 40, ""),
    ],
)
def test_malformed(services: Services, parameters: bytes, message: str) -> None:
    with pytest.raises(WireError) as caught:
        read(services, parameters)
    assert (caught.value.code, caught.value.status) == ("MalformedInput", 400)
    assert caught.value.message == message
    assert caught.value.reason


def test_a_reason_never_holds_the_value(services: Services) -> None:
    with pytest.raises(WireError) as caught:
        read(services, b"DurationSeconds=canary")
    assert "canary" not in (caught.value.reason or "")


@pytest.mark.parametrize("parameters", [b"RoleArn=a%00", b"RoleArn=\x00", b"a%00=b"])
def test_nul(services: Services, parameters: bytes) -> None:
    with pytest.raises(WireError) as caught:
        read(services, parameters)
    assert caught.value.code == "ValidationError"


@pytest.mark.parametrize(
    ("content_type", "accepted"),
    [
        ("application/x-www-form-urlencoded", True),
        ("APPLICATION/X-WWW-FORM-URLENCODED;Charset=UTF-8", True),
        ('application/x-www-form-urlencoded; charset="utf-8"', True),
        ("application/x-www-form-urlencoded; charset=iso-8859-1", False),
        ("multipart/form-data", False),
        ("text/plain", False),
    ],
)
def test_content_types(services: Services, content_type: str, accepted: bool) -> None:
    made = WireRequest("POST", b"/", b"", ((b"content-type", content_type.encode()),), STS)
    if accepted:
        assert decode(made, services["sts"]).operation == "AssumeRole"
        return
    with pytest.raises(WireError) as caught:
        decode(made, services["sts"])
    assert caught.value.code in ("MalformedInput", "MissingAction")


def test_booleans_and_nested_lists(services: Services) -> None:
    assert read(services, b"OnlyAttached=TRUE&Scope=Local", "ListPolicies") == {
        "OnlyAttached": True,
        "Scope": "Local",
    }
    with pytest.raises(WireError):
        read(services, b"OnlyAttached=1", "ListPolicies")


def reader(kind: Kind, *, timestamp: Any = None) -> Any:
    member = Member("X", "X", "X", timestamp=timestamp)
    shapes = {"Input": Shape("structure", members=(member,)), "X": Shape(kind)}
    table = ServiceTable("o", "o", "1", "query", "", "", "", {}, shapes, {})
    read = QueryReaders(table).structure("Input")
    return lambda text: read(tree({"X": text}))["X"]


@pytest.mark.parametrize(
    ("kind", "text", "wanted"),
    [
        ("long", "9223372036854775807", 9223372036854775807),
        ("double", "1.5e3", 1500.0),
        ("double", ".5", 0.5),
        ("float", "-Infinity", -math.inf),
        ("blob", "aGk=", b"hi"),
        ("blob", "", b""),
        ("timestamp", "2025-01-02T03:04:05Z", 1735787045.0),
        ("timestamp", "1735787045", 1735787045.0),
    ],
)
def test_scalars(kind: Kind, text: str, wanted: Any) -> None:
    assert reader(kind)(text) == wanted


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("long", "9223372036854775808"),
        ("double", "inf"),
        ("double", "nan"),
        ("double", "1_0"),
        ("double", "0x10"),
        ("double", ""),
        ("blob", "aGk"),
        ("blob", "aGk=\n"),
        ("blob", "a-_k"),
        ("blob", "é"),
        ("timestamp", "yesterday"),
        ("timestamp", "2025-01-02T03:04:05"),
        ("boolean", ""),
        ("document", "{}"),
    ],
)
def test_scalars_refused(kind: Kind, text: str) -> None:
    with pytest.raises(WireError) as caught:
        reader(kind)(text)
    assert caught.value.code == "MalformedInput"


def test_maps() -> None:
    parts = (Member("key", "key", "Text"), Member("value", "value", "Text"))
    member = Member("M", "M", "M")
    shapes = {
        "Input": Shape("structure", members=(member,)),
        "M": Shape("map", members=parts),
        "Text": Shape("string"),
    }
    table = ServiceTable("o", "o", "1", "query", "", "", "", {}, shapes, {})
    read = QueryReaders(table).structure("Input")
    one = {"M.entry.1.key": "a", "M.entry.1.value": "b"}
    assert read(tree(one)) == {"M": {"a": "b"}}
    assert read(tree({"M": ""})) == {"M": {}}
    for wrong in (
        {"M.entry.1.key": "a"},
        {**one, "M.entry.1.other": "c"},
        {**one, "M.entry.2.key": "a", "M.entry.2.value": "c"},
        {"M.entry.1": "a"},
        {"M.1.key": "a", "M.1.value": "b"},
    ):
        with pytest.raises(WireError):
            read(tree(wrong))
