"""Refusals as clients read them: botocore's own parsers say what they understand."""

from typing import Any

import pytest
from botocore.parsers import create_parser

from gateway.apis.clients import CATALOGUE, model
from valetkey.errors import AwsError
from valetkey.gateway.apis import ApiProtocol, RequestNotUnderstood, encode_error, spoken_by
from valetkey.gateway.model import Answer, Head

DENIED = AwsError(
    "AccessDenied",
    "User: arn:aws:iam::123456789012:user/u is not authorized to perform: x:Y on resource: *",
    403,
)

CASES = [
    ("ec2", "ec2", "ec2", "DescribeInstances", "UnauthorizedOperation", 403),
    ("sns", "sns", "query", "Publish", "AuthorizationError", 403),
    ("rds", "rds", "query", "DeleteDBInstance", "AccessDenied", 403),
    ("monitoring", "cloudwatch", "query", "ListMetrics", "AccessDenied", 403),
    ("dynamodb", "dynamodb", "json", "GetItem", "AccessDeniedException", 400),
    ("sqs", "sqs", "json", "SendMessage", "AccessDenied", 400),
    ("lambda", "lambda", "rest-json", "Invoke", "AccessDeniedException", 403),
    ("route53", "route53", "rest-xml", "GetHostedZone", "AccessDenied", 403),
    ("monitoring", "cloudwatch", "smithy-rpc-v2-cbor", "ListMetrics", "AccessDenied", 403),
    ("transcribe", "transcribe", "smithy-rpc-v2-cbor", "GetTranscriptionJob",
     "AccessDeniedException", 403),
]  # fmt: skip


def parsed(answer: Answer, service: str, protocol: str, operation: str) -> dict[str, Any]:
    shape = model(service).operation_model(operation).output_shape
    headers = {name.decode(): value.decode() for name, value in answer.headers}
    found: dict[str, Any] = create_parser(protocol).parse(
        {"status_code": answer.status, "headers": headers, "body": answer.body}, shape
    )
    return found


@pytest.mark.parametrize("case", CASES, ids=[f"{case[1]}-{case[2]}" for case in CASES])
def test_a_denial(case: tuple[str, str, ApiProtocol, str, str, int]) -> None:
    scope, service, protocol, operation, code, status = case
    answer = encode_error(scope, protocol, DENIED, "id-1")
    found = parsed(answer, service, protocol, operation)
    assert answer.status == status
    assert found["Error"]["Code"] == code
    assert found["Error"]["Message"].endswith(DENIED.message)
    assert found["ResponseMetadata"]["RequestId"] == "id-1"


def test_ec2_says_it_in_its_own_way() -> None:
    answer = encode_error("ec2", "ec2", DENIED, "id-1")
    assert answer.body == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n'
        b"<Response><Errors><Error><Code>UnauthorizedOperation</Code>"
        b"<Message>You are not authorized to perform this operation. User: "
        b"arn:aws:iam::123456789012:user/u is not authorized to perform: x:Y on resource: *"
        b"</Message></Error></Errors><RequestID>id-1</RequestID></Response>"
    )


@pytest.mark.parametrize(
    ("code", "status", "ec2", "json"),
    [
        ("SignatureDoesNotMatch", 403, ("AuthFailure", 401), ("InvalidSignatureException", 400)),
        ("InvalidClientTokenId", 403, ("AuthFailure", 401), ("UnrecognizedClientException", 400)),
        ("ExpiredToken", 400, ("RequestExpired", 400), ("ExpiredTokenException", 400)),
        ("Throttling", 400, ("Throttling", 400), ("ThrottlingException", 400)),
        ("InternalFailure", 500, ("InternalFailure", 500), ("InternalServerException", 500)),
        ("ServiceUnavailable", 503, ("ServiceUnavailable", 503),
         ("ServiceUnavailableException", 503)),
    ],
)  # fmt: skip
def test_other_codes(code: str, status: int, ec2: tuple[str, int], json: tuple[str, int]) -> None:
    error = AwsError(code, "m", status)
    answer = encode_error("ec2", "ec2", error, "id")
    assert (parsed(answer, "ec2", "ec2", "StopInstances")["Error"]["Code"], answer.status) == ec2
    answer = encode_error("dynamodb", "json", error, "id")
    found = parsed(answer, "dynamodb", "json", "GetItem")
    assert (found["Error"]["Code"], answer.status) == json


def test_text_that_needs_care() -> None:
    message = 'a <b> & "c" \ud800 é'
    error = AwsError("ValidationError", message, 400)
    for protocol, service, operation in (
        ("ec2", "ec2", "StopInstances"),
        ("query", "rds", "DeleteDBInstance"),
        ("json", "dynamodb", "GetItem"),
        ("rest-json", "lambda", "Invoke"),
        ("smithy-rpc-v2-cbor", "cloudwatch", "ListMetrics"),
    ):
        answer = encode_error(service, protocol, error, "id")
        text = parsed(answer, service, protocol, operation)["Error"]["Message"]
        assert text.startswith('a <b> & "c" ')
        assert text.endswith(" é")


def test_a_bad_request_is_no_query_error() -> None:
    error = RequestNotUnderstood("json", "UnknownOperationException", "")
    headers = dict(encode_error("sqs", "json", error, "id").headers)
    assert b"x-amzn-query-error" not in headers


FORM = (b"content-type", b"application/x-www-form-urlencoded")
TARGET = (b"x-amz-target", b"x.y")
SMITHY = (b"smithy-protocol", b"rpc-v2-cbor")


@pytest.mark.parametrize(
    ("service", "headers", "query", "protocol"),
    [
        ("ec2", (), b"", "ec2"),
        ("ec2", (TARGET,), b"", "json"),
        ("sqs", (), b"", "json"),
        ("sqs", (FORM,), b"", "query"),
        ("sqs", (), b"Action=x", "query"),
        ("monitoring", (SMITHY,), b"", "smithy-rpc-v2-cbor"),
        ("monitoring", (TARGET,), b"", "json"),
        ("monitoring", (FORM,), b"", "query"),
        ("lambda", (FORM,), b"", "rest-json"),
        ("route53", (), b"", "rest-xml"),
        ("nothing", (TARGET,), b"", "json"),
        ("nothing", (), b"", "query"),
        ("nothing", (FORM,), b"%zz", "query"),
    ],
)
def test_the_protocol_to_answer_in(
    service: str, headers: tuple[tuple[bytes, bytes], ...], query: bytes, protocol: str
) -> None:
    assert spoken_by(Head("POST", b"/", query, headers), service, CATALOGUE) == protocol
