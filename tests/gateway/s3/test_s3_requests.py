"""From a request line to its operation and all that must be allowed, or to a refusal."""

import json
from pathlib import Path
from typing import Any

import pytest

from valetkey.gateway.model import Head, Question
from valetkey.gateway.s3 import (
    S3Error,
    SignatureFacts,
    Surroundings,
    questions,
    understand,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "gateway_s3"
REQUESTS = json.loads((VECTORS / "requests.json").read_text())["cases"]
REFUSED = json.loads((VECTORS / "refused.json").read_text())["cases"]
SIGNATURE_KEYS = {"s3:authType", "s3:signatureversion", "s3:x-amz-content-sha256"}


def head_of(case: dict[str, Any]) -> Head:
    method, _, target = case["request"].partition(" ")
    path, _, query = target.partition("?")
    headers = {"host": "localhost:9000", **case.get("headers", {})}
    encoded = tuple((name.encode(), value.encode()) for name, value in headers.items())
    return Head(method, path.encode(), query.encode(), encoded)


def around_of(case: dict[str, Any]) -> Surroundings:
    presigned = case.get("signature") == "presigned"
    facts = SignatureFacts(auth_type="REST-QUERY-STRING" if presigned else "REST-HEADER")
    return Surroundings(now=0.0, signature=facts)


def asked(question: Question) -> str:
    return f"{question.action} {question.resource.removeprefix('arn:aws:s3:::')}"


@pytest.mark.parametrize("case", REQUESTS, ids=lambda case: case["name"])
def test_a_request_raises_these_questions(case: dict[str, Any]) -> None:
    head = head_of(case)
    request = understand(head)
    body = case["body"].encode() if "body" in case else None
    found = questions(request, head, body, around=around_of(case))

    assert request.operation.name == case["operation"]
    assert [asked(question) for question in found] == case["asks"]
    by_action = {question.action: question for question in found}
    for action, wanted in case["context"].items():
        context = {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in by_action[action].context.items()
            if key not in SIGNATURE_KEYS
        }
        assert context == wanted


def test_each_body_that_is_read_is_in_the_table() -> None:
    read = {case["operation"] for case in REQUESTS if "body" in case}
    for case in REQUESTS:
        operation = understand(head_of(case)).operation
        assert operation.reads_body is ("body" in case)
    assert len(read) >= 10


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["name"])
def test_a_request_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(S3Error) as refused:
        understand(head_of(case))

    assert refused.value.code == case["code"]


def test_prefixes_are_asked_in_both_spellings() -> None:
    head = Head("GET", b"/lab-bucket", b"prefix=/home//me/", ())
    found = questions(understand(head), head, around=Surroundings(now=0.0))

    assert [question.context["s3:prefix"] for question in found] == ["/home//me/", "home/me/"]


@pytest.mark.parametrize("name", [b"host", b"content-encoding", b"if-match", b"x-amz-acl"])
def test_a_header_that_is_given_twice_is_refused(name: bytes) -> None:
    head = Head("PUT", b"/lab-bucket/a", b"", ((name, b"a"), (name.upper(), b"a")))

    with pytest.raises(S3Error, match="at most once"):
        understand(head)


def test_lines_of_metadata_are_joined_as_they_are_signed() -> None:
    head = Head("PUT", b"/lab-bucket/a", b"", ((b"x-amz-meta-a", b"1"), (b"x-amz-meta-a", b" 2 ")))

    assert understand(head).headers == {"x-amz-meta-a": "1,2"}


def test_strangers_choose_no_headers_of_the_answer() -> None:
    head = Head("GET", b"/lab-bucket/a", b"response-content-type=text%2Fhtml", ())

    with pytest.raises(S3Error, match="cannot be used for anonymous GET requests") as refused:
        questions(understand(head), head, around=Surroundings(now=0.0))
    assert refused.value.code == "InvalidRequest"


def test_strangers_select_nothing() -> None:
    head = Head("POST", b"/lab-bucket/a", b"select&select-type=2", ())

    with pytest.raises(S3Error, match="Access Denied"):
        questions(understand(head), head, b"", around=Surroundings(now=0.0))


def test_what_is_known_of_the_signature_and_the_owner() -> None:
    head = Head("GET", b"/lab-bucket/a", b"X-Amz-Signature=0", ())
    facts = SignatureFacts(auth_type="REST-QUERY-STRING", age_ms=1500)
    around = Surroundings(
        now=0.0,
        signature=facts,
        tls_version="1.3",
        owners={"lab-bucket": "111122223333"},
        partition="aws-cn",
    )
    (question,) = questions(understand(head), head, around=around)

    assert question == Question(
        "s3:GetObject",
        "arn:aws-cn:s3:::lab-bucket/a",
        {
            "s3:ResourceAccount": "111122223333",
            "s3:TlsVersion": "1.3",
            "s3:authType": "REST-QUERY-STRING",
            "s3:signatureAge": "1500",
            "s3:signatureversion": "AWS4-HMAC-SHA256",
            "s3:x-amz-content-sha256": "UNSIGNED-PAYLOAD",
        },
        "lab-bucket",
        existing_tags=True,
    )


def test_the_age_of_a_signature_is_for_presigned_requests() -> None:
    head = Head("GET", b"/lab-bucket/a", b"", ())
    facts = SignatureFacts(auth_type="REST-HEADER", age_ms=1500, content_sha256="UNSIGNED-PAYLOAD")
    (question,) = questions(understand(head), head, around=Surroundings(now=0.0, signature=facts))

    assert "s3:signatureAge" not in question.context
    assert question.context["s3:x-amz-content-sha256"] == "UNSIGNED-PAYLOAD"


def test_a_stranger_has_no_signature_to_look_at() -> None:
    head = Head("GET", b"/lab-bucket/a", b"", ())
    (question,) = questions(understand(head), head, around=Surroundings(now=0.0))

    assert question.context == {}


def test_expected_owners_are_for_valetkey_to_check() -> None:
    headers = (
        (b"x-amz-copy-source", b"other-bucket/x"),
        (b"x-amz-expected-bucket-owner", b"111122223333"),
        (b"x-amz-source-expected-bucket-owner", b"444455556666"),
    )
    request = understand(Head("PUT", b"/lab-bucket/a", b"", headers))

    assert request.expected_owner == "111122223333"
    assert request.expected_source_owner == "444455556666"


def test_a_bypass_is_yes_or_no() -> None:
    headers = ((b"x-amz-bypass-governance-retention", b"yes"),)
    head = Head("DELETE", b"/lab-bucket/a", b"versionId=v", headers)

    with pytest.raises(S3Error, match="Invalid x-amz-bypass-governance-retention"):
        questions(understand(head), head, around=Surroundings(now=0.0))


@pytest.mark.parametrize("date", ["tomorrow", "2027-01-01T00:00:00", "", "9" * 400])
def test_a_retention_until_no_time_is_refused(date: str) -> None:
    headers = (
        (b"x-amz-object-lock-mode", b"GOVERNANCE"),
        (b"x-amz-object-lock-retain-until-date", date.encode()),
    )
    head = Head("PUT", b"/lab-bucket/a", b"", headers)

    with pytest.raises(S3Error, match="must be provided in ISO 8601 format"):
        questions(understand(head), head, around=Surroundings(now=0.0))


def test_a_decision_without_the_body_it_needs_is_a_mistake_of_ours() -> None:
    head = Head("POST", b"/lab-bucket", b"delete", ())

    with pytest.raises(ValueError, match="without its body"):
        questions(understand(head), head, around=Surroundings(now=0.0))
