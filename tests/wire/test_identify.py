"""Which service and operation a request is for."""

from typing import Any

import pytest

from support.vectors import own
from valetkey.errors import AwsError
from valetkey.wire import Services, WireError, WireRequest, decode, identify

FORM = "application/x-www-form-urlencoded"
JSON = "application/x-amz-json-1.1"
STS = b"Action=GetCallerIdentity&Version=2011-06-15"


def request(
    method: str = "POST", body: bytes = b"", query: bytes = b"", **headers: str | None
) -> WireRequest:
    pairs = tuple(
        (name.replace("_", "-").encode(), value.encode())
        for name, value in headers.items()
        if value is not None
    )
    return WireRequest(method, b"/", query, pairs, body)


def asked(made: WireRequest, services: Services, scope: str | None = None) -> tuple[str, str]:
    service = identify(made, services, scope_service=scope)
    return service.name, decode(made, service).operation


@pytest.mark.parametrize(
    "case", [pytest.param(c, id=c["id"]) for c in own("wire/sts-actions.json")["cases"]]
)
@pytest.mark.parametrize("scope", [None, "sts"])
def test_sts_actions(services: Services, case: dict[str, Any], scope: str | None) -> None:
    made = request(
        case["method"],
        case.get("body", "").encode(),
        case.get("query", "").encode(),
        content_type=case.get("type"),
    )
    if "operation" in case:
        assert asked(made, services, scope) == ("sts", case["operation"])
        return
    with pytest.raises(WireError) as caught:
        asked(made, services, scope)
    assert (caught.value.code, caught.value.message) == (case["code"], case["message"])
    assert caught.value.status == 400


def test_half_in_the_url_half_in_the_body(services: Services) -> None:
    made = request(
        body=b"RoleArn=arn%3Aaws&RoleSessionName=a+b",
        query=b"Action=AssumeRoleWithWebIdentity&Version=2011-06-15",
        content_type=FORM,
    )
    decoded = decode(made, identify(made, services))
    assert decoded.input == {"RoleArn": "arn:aws", "RoleSessionName": "a b"}
    assert decoded.model.unsigned


def test_the_same_parameter_in_both_is_refused(services: Services) -> None:
    made = request(body=STS, query=b"Version=2011-06-15", content_type=FORM)
    with pytest.raises(WireError, match="Version is given more than once") as caught:
        identify(made, services)
    assert caught.value.code == "ValidationError"


def test_the_body_of_a_get_says_nothing(services: Services) -> None:
    made = request("GET", body=b"Action=AssumeRole", query=STS, content_type=FORM)
    assert asked(made, services) == ("sts", "GetCallerIdentity")


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (b"Action=ListRoles&Version=2010-05-08", ("iam", "ListRoles")),
        (STS, ("sts", "GetCallerIdentity")),
    ],
)
def test_the_version_tells_unsigned_requests_apart(
    services: Services, body: bytes, wanted: tuple[str, str]
) -> None:
    assert asked(request(body=body, content_type=FORM), services) == wanted


def test_json_targets(services: Services) -> None:
    made = request(
        body=b'{"SecretId":"s"}',
        content_type=f"{JSON}; charset=utf-8",
        x_amz_target="secretsmanager.GetSecretValue",
    )
    wanted = ("secretsmanager", "GetSecretValue")
    assert asked(made, services) == wanted
    assert asked(made, services, "secretsmanager") == wanted


@pytest.mark.parametrize(
    ("method", "content_type", "target"),
    [
        ("POST", JSON, "secretsmanager.NoSuchThing"),
        ("POST", JSON, "secretsmanager."),
        ("POST", JSON, "GetSecretValue"),
        ("POST", JSON, "DynamoDB_20120810.GetItem"),
        ("POST", JSON, ""),
        ("POST", "application/json", "secretsmanager.GetSecretValue"),
        ("POST", "application/x-amz-json-1.0", "secretsmanager.GetSecretValue"),
        ("POST", None, "secretsmanager.GetSecretValue"),
        ("GET", JSON, "secretsmanager.GetSecretValue"),
    ],
)
def test_unknown_json_operations(
    services: Services, method: str, content_type: str | None, target: str
) -> None:
    made = request(method, b"{}", content_type=content_type, x_amz_target=target)
    with pytest.raises(WireError) as caught:
        asked(made, services)
    assert (caught.value.code, caught.value.message) == ("UnknownOperationException", "")
    assert (caught.value.status, caught.value.protocol) == (400, "json")
    assert caught.value.reason


def test_the_scope_wins_and_the_rest_must_fit_it(services: Services) -> None:
    with pytest.raises(WireError) as caught:
        asked(request(body=STS, content_type=FORM), services, "iam")
    assert caught.value.code == "InvalidAction"
    target = request(body=STS, content_type=FORM, x_amz_target="secretsmanager.GetSecretValue")
    assert asked(target, services, "sts") == ("sts", "GetCallerIdentity")
    with pytest.raises(WireError) as caught:
        asked(target, services, "secretsmanager")
    assert caught.value.code == "UnknownOperationException"


def test_a_scope_of_no_service_here(services: Services) -> None:
    made = request(body=b"Action=DescribeInstances&Version=2016-11-15", content_type=FORM)
    with pytest.raises(WireError) as caught:
        identify(made, services, scope_service="ec2")
    assert (
        caught.value.message == "Could not find operation DescribeInstances for version 2016-11-15"
    )
    made = request(body=b"{}", content_type=JSON, x_amz_target="DynamoDB_20120810.GetItem")
    with pytest.raises(WireError) as caught:
        identify(made, services, scope_service="dynamodb")
    assert caught.value.code == "UnknownOperationException"


@pytest.mark.parametrize("method", ["PUT", "HEAD", "DELETE", "OPTIONS", "post", ""])
def test_other_methods(services: Services, method: str) -> None:
    with pytest.raises(WireError) as caught:
        identify(request(method, query=STS), services)
    assert (caught.value.code, caught.value.status) == ("MethodNotAllowed", 405)


@pytest.mark.parametrize("name", [b"x-amz-target", b"content-type"])
def test_a_header_twice_is_refused(services: Services, name: bytes) -> None:
    once = request(body=b"{}", content_type=JSON, x_amz_target="secretsmanager.ListSecrets")
    twice = WireRequest("POST", b"/", b"", (*once.headers, (name, b"x")), b"{}")
    with pytest.raises(WireError, match=f"The header {name.decode()} is given more than once"):
        asked(twice, services)


@pytest.mark.parametrize("part", ["body", "query"])
def test_too_large(services: Services, part: str) -> None:
    padding = STS + b"&x=" + b"a" * 100
    made = request(**{part: padding}, content_type=FORM)  # type: ignore[arg-type]
    size = len(padding)
    service = identify(made, services, max_body_bytes=size)
    assert decode(made, service, max_body_bytes=size).operation == "GetCallerIdentity"
    refused: list[AwsError] = []
    for call in (
        lambda: identify(made, services, max_body_bytes=size - 1),
        lambda: decode(made, service, max_body_bytes=size - 1),
    ):
        with pytest.raises(WireError) as caught:
            call()
        refused.append(caught.value)
    assert {(e.code, e.status) for e in refused} == {("RequestEntityTooLargeException", 413)}


def test_compressed_bodies_are_refused(services: Services) -> None:
    made = request(body=STS, query=STS, content_encoding="gzip")
    with pytest.raises(WireError) as caught:
        decode(made, services["sts"])
    assert caught.value.code == "MalformedInput"
    with pytest.raises(WireError) as caught:
        decode(made, services["secretsmanager"])
    assert caught.value.code == "SerializationException"


def test_services_are_a_mapping(services: Services) -> None:
    assert list(services) == ["sts", "iam", "secretsmanager"]
    assert len(services) == 3
    unsigned = {name for name, op in services["sts"].operations.items() if op.unsigned}
    assert unsigned == {"AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"}
    assert services["iam"].errors["NoSuchEntity"].status == 404
