"""Errors in S3's XML, and what other rooms say in S3's words."""

import pytest
from botocore.parsers import RestXMLParser

from valetkey.access.authenticate import InvalidCredentials
from valetkey.credentials.session import ExpiredSession
from valetkey.errors import AwsError
from valetkey.gateway.model import Head
from valetkey.gateway.s3 import (
    S3Error,
    encode_error,
    in_s3_words,
    no_such_bucket,
    no_such_key,
    understand,
)
from valetkey.gateway.s3.errors import CODES
from valetkey.gateway.s3.translate import BY_CHECK
from valetkey.sigv4 import (
    MalformedPayload,
    MalformedSignature,
    MissingSignature,
    PayloadCheck,
    PayloadRefused,
    SignatureCheck,
    SignatureRefused,
)

MISMATCH = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your key and signing method."
)
VERSION_4 = (
    "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
)


def test_an_error_is_a_document() -> None:
    answer = encode_error(
        no_such_key("a<b>&\x01"), resource="/lab-bucket/a", request_id="R1", host_id="H1"
    )

    assert answer.status == 404
    assert dict(answer.headers) == {
        b"content-type": b"application/xml",
        b"content-length": str(len(answer.body)).encode(),
        b"x-amz-request-id": b"R1",
        b"x-amz-id-2": b"H1",
    }
    assert (
        answer.body
        == (
            '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code>'
            "<Message>The specified key does not exist.</Message><Key>a&lt;b&gt;&amp;\ufffd</Key>"
            "<Resource>/lab-bucket/a</Resource><RequestId>R1</RequestId><HostId>H1</HostId></Error>"
        ).encode()
    )


def test_a_client_reads_it() -> None:
    answer = encode_error(no_such_bucket("b"), resource="/b", request_id="R1", host_id="H1")
    headers = {name.decode(): value.decode() for name, value in answer.headers}
    parsed = RestXMLParser().parse(
        {"status_code": answer.status, "headers": headers, "body": answer.body}, None
    )

    assert parsed["Error"]["Code"] == "NoSuchBucket"
    assert parsed["Error"]["BucketName"] == "b"
    assert parsed["ResponseMetadata"]["RequestId"] == "R1"
    assert parsed["ResponseMetadata"]["HostId"] == "H1"


def test_a_head_has_no_body() -> None:
    answer = encode_error(no_such_key("a"), resource="/", request_id="R1", host_id="H1", head=True)

    assert (answer.status, answer.body) == (404, b"")
    assert dict(answer.headers) == {b"x-amz-request-id": b"R1", b"x-amz-id-2": b"H1"}


def test_codes_have_their_status() -> None:
    assert all(400 <= status < 600 and text for status, text in CODES.values())
    assert S3Error("NoSuchBucketPolicy").status == 404
    assert S3Error("SlowDown").fault == "Receiver"


REFUSED = SignatureRefused
CHECKS = SignatureCheck
WORDS = [
    # error, presigned, code, status, message
    (MissingSignature(), False, "AccessDenied", 403, "Access Denied"),
    (REFUSED(CHECKS.SIGNATURE, reason="r"), False, "SignatureDoesNotMatch", 403, MISMATCH),
    (REFUSED(CHECKS.SIGNATURE, reason="r"), True, "SignatureDoesNotMatch", 403, MISMATCH),
    (
        REFUSED(CHECKS.EXPIRED, "Signature expired: …", reason="r"),
        False,
        "RequestTimeTooSkewed",
        403,
        "The difference between the request time and the current time is too large.",
    ),
    (REFUSED(CHECKS.EXPIRED, reason="r"), True, "AccessDenied", 403, "Request has expired"),
    (
        REFUSED(CHECKS.NOT_YET_CURRENT, reason="r"),
        False,
        "RequestTimeTooSkewed",
        403,
        "The difference between the request time and the current time is too large.",
    ),
    (
        REFUSED(CHECKS.NOT_YET_CURRENT, reason="r"),
        True,
        "AccessDenied",
        403,
        "Request is not valid yet",
    ),
    (
        REFUSED(CHECKS.HEADERS_SIGNED, "x", code="AccessDenied", reason="r"),
        False,
        "AccessDenied",
        403,
        "There were headers present in the request which were not signed",
    ),
    (
        REFUSED(CHECKS.REGION, "wrong", reason="r"),
        False,
        "AuthorizationHeaderMalformed",
        400,
        "wrong",
    ),
    (
        REFUSED(CHECKS.SERVICE, "wrong", reason="r"),
        True,
        "AuthorizationQueryParametersError",
        400,
        "wrong",
    ),
    (MalformedSignature("bad"), False, "AuthorizationHeaderMalformed", 400, "bad"),
    (MalformedSignature("bad"), True, "AuthorizationQueryParametersError", 400, "bad"),
    (
        MalformedSignature("Unsupported AWS 'algorithm': 'AWS'."),
        False,
        "InvalidRequest",
        400,
        VERSION_4,
    ),
    (
        MalformedSignature("Missing required header", code="InvalidRequest"),
        False,
        "InvalidRequest",
        400,
        "Missing required header",
    ),
    (ExpiredSession(reason="r"), False, "ExpiredToken", 400, "The provided token has expired."),
    (
        InvalidCredentials("r"),
        False,
        "InvalidAccessKeyId",
        403,
        "The AWS Access Key Id you provided does not exist in our records.",
    ),
    (
        AwsError("AccessDenied", "User: x is not authorized", 403),
        False,
        "AccessDenied",
        403,
        "User: x is not authorized",
    ),
    (AwsError("ValidationError", "two keys", 400), False, "InvalidRequest", 400, "two keys"),
    (
        AwsError("InternalFailure", "", 500),
        False,
        "InternalError",
        500,
        "We encountered an internal error. Please try again.",
    ),
    (
        MalformedPayload("IncompleteBody", "short", reason="r", details=(("a", "b"),)),
        False,
        "IncompleteBody",
        400,
        "short",
    ),
    (
        PayloadRefused(
            PayloadCheck.CHUNK_SIGNATURE, "SignatureDoesNotMatch", "no", 403, reason="r"
        ),
        False,
        "SignatureDoesNotMatch",
        403,
        "no",
    ),
]


@pytest.mark.parametrize(("error", "presigned", "code", "status", "message"), WORDS)
def test_other_rooms_speak_s3(
    error: AwsError, presigned: bool, code: str, status: int, message: str
) -> None:
    said = in_s3_words(error, presigned=presigned)

    assert (said.code, said.status, said.message) == (code, status, message)
    assert (said.reason, said.help, said.check) == (error.reason, error.help, error.check)
    assert said.refusal is error.refusal


def test_each_check_of_a_signature_has_words() -> None:
    assert set(BY_CHECK) == set(SignatureCheck) - {SignatureCheck.PAYLOAD}


def test_details_stay() -> None:
    error = MalformedPayload("InvalidDigest", "m", reason="r", details=(("Content-MD5", "x"),))
    assert in_s3_words(error).details == (("Content-MD5", "x"),)


def test_the_key_is_named_where_s3_names_it() -> None:
    said = in_s3_words(InvalidCredentials("r"), access_key_id="AKIAVKEXAMPLE0000001")
    assert said.details == (("AWSAccessKeyId", "AKIAVKEXAMPLE0000001"),)


def test_of_a_session_s3_says_that_its_token_is_invalid() -> None:
    said = in_s3_words(InvalidCredentials("r"), access_key_id="ASIA", with_token=True)
    assert (said.code, said.status, said.details) == ("InvalidToken", 400, ())


def test_what_is_s3_already_stays() -> None:
    error = no_such_bucket("b")
    assert in_s3_words(error) is error


def test_the_operators_reason_never_goes_out() -> None:
    with pytest.raises(S3Error) as refused:
        understand(Head("GET", b"/lab-bucket/a/../b", b"", ()))
    assert refused.value.reason is not None
    answer = encode_error(refused.value, resource="/", request_id="R", host_id="H")
    assert refused.value.reason.encode() not in answer.body
