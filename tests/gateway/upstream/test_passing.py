"""What of an upstream's answer reaches the client, and what is kept for the operator."""

import json

import cbor2
import pytest

from support.upstreaming import record
from valetkey.gateway.s3.errors import S3Error
from valetkey.gateway.upstream import UpstreamRequest, UpstreamUnavailable
from valetkey.gateway.upstream.passing import MAX_ERROR, Ids, passed, with_ids

IDS = Ids("OURREQUESTID0001", "our/host+id=")
ERROR = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>%s</Code><Message>m</Message>'
    b"<Resource>/b/k</Resource><RequestId>THEIRS</RequestId><HostId>theirs</HostId></Error>"
)


@pytest.fixture
def said(upstream, upstreams):
    """Let the upstream say something, and return what the client gets."""

    async def said(
        status, body=b"", *headers, method="GET", service="s3", length=None, hang_up=False
    ):
        async def script(exchange):
            await exchange.answer(status, body, *headers, length=length)
            exchange.keep_alive = not hang_up

        upstream.script = script
        to = record(upstream.endpoint, service=service)
        async with upstreams.send(to, UpstreamRequest(method, b"/b/k")) as answer:
            got = await passed(answer, IDS, head=method == "HEAD")
            whole = got.body
            if not isinstance(whole, bytes):
                whole = b"".join([piece async for piece in whole])
            return got._replace(body=whole)

    return said


async def test_an_answer_goes_on_without_what_is_ours(said):
    got = await said(
        "200 OK",
        b"object",
        'ETag: "a"',
        "Server: SeaweedFS",
        "Date: Wed, 25 Nov 2026 00:00:00 GMT",
        "Connection: X-Hop",
        "Keep-Alive: timeout=5",
        "X-Hop: 1",
        "X-Amz-Request-Id: theirs",
        "X-Amz-Id-2: theirs",
        "X-Amz-Version-Id: 7",
        "X-Amz-Meta-A: d\u00fcr",
        "Access-Control-Allow-Origin: *",
        "Set-Cookie: a=b",
        "Alt-Svc: h3=elsewhere",
        "Strict-Transport-Security: max-age=1",
        "Location: http://store.internal/b/k",
        "Content-Type: text/plain",
        "Content-Encoding: gzip",
    )
    assert (got.status, got.body, got.code, got.reason) == (200, b"object", None, None)
    assert got.headers == (
        (b"content-length", b"6"),
        (b"etag", b'"a"'),
        (b"x-amz-version-id", b"7"),
        (b"x-amz-meta-a", "d\u00fcr".encode("latin-1")),
        (b"content-type", b"text/plain"),
        (b"content-encoding", b"gzip"),
    )


async def test_a_location_that_names_no_host_goes_on(said):
    assert (b"location", b"/b") in (await said("200 OK", b"", "Location: /b")).headers


@pytest.mark.parametrize(
    ("status", "method", "length"),
    [("200 OK", "HEAD", 10), ("304 Not Modified", "GET", 10), ("204 No Content", "DELETE", 0)],
)
async def test_answers_without_a_body_keep_their_length(said, status, method, length):
    got = await said(status, b"", 'ETag: "a"', method=method, length=length)
    assert got.status == int(status[:3])
    assert got.headers == ((b"content-length", str(length).encode()), (b"etag", b'"a"'))
    assert got.body == b""


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("404 Not Found", "NoSuchKey"),
        ("412 Precondition Failed", "PreconditionFailed"),
        ("416 Range", "InvalidRange"),
        ("400 Bad Request", "EntityTooSmall"),
        ("501 Not Implemented", "NotImplemented"),
    ],
)
async def test_an_error_goes_on_with_our_ids(said, status, code):
    got = await said(status, ERROR % code.encode(), "Content-Type: application/xml")
    assert (got.status, got.code, got.reason is None) == (int(status[:3]), code, status[0] != "5")
    assert b"THEIRS" not in got.body.upper()
    assert got.body.endswith(
        b"<RequestId>OURREQUESTID0001</RequestId><HostId>our/host+id=</HostId></Error>"
    )
    assert dict(got.headers)[b"content-length"] == str(len(got.body)).encode()
    assert got.body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>')


async def test_a_denial_of_the_upstream_goes_on_and_is_recorded(said):
    got = await said("403 Forbidden", ERROR % b"AccessDenied")
    assert (got.status, got.code) == (403, "AccessDenied")
    assert got.reason == "upstream `store` answers 403 `AccessDenied`"


async def test_a_busy_upstream_stays_busy(said):
    got = await said("503 Slow Down", ERROR % b"SlowDown")
    assert (got.status, got.code) == (503, "SlowDown")
    assert got.reason == "upstream `store` answers 503 `SlowDown`"


@pytest.mark.parametrize(
    "code",
    [
        "SignatureDoesNotMatch",
        "InvalidAccessKeyId",
        "InvalidToken",
        "ExpiredToken",
        "RequestTimeTooSkewed",
        "AuthorizationHeaderMalformed",
        "XAmzContentSHA256Mismatch",
    ],
)
@pytest.mark.parametrize("status", ["400 Bad Request", "403 Forbidden"])
async def test_a_refusal_of_our_credentials_is_not_the_clients(said, code, status):
    with pytest.raises(UpstreamUnavailable) as refused:
        await said(status, ERROR % code.encode())
    assert (refused.value.code, refused.value.status) == ("ServiceUnavailable", 503)
    assert refused.value.reason == f"upstream `store` refuses our credentials: `{code}`"


HTML = b"<html><body><h1>It broke</h1></body></html>"
DOCTYPE = b'<!DOCTYPE Error [<!ENTITY a "b">]>' + ERROR % b"NoSuchKey"


@pytest.mark.parametrize(
    "body", [b"", HTML, b"broken", b"<Error>", DOCTYPE, b"<Error><Code/></Error>"]
)
@pytest.mark.parametrize(
    ("status", "code", "answered"),
    [
        ("400 Bad Request", "BadRequest", 400),
        ("403 Forbidden", "AccessDenied", 403),
        ("404 Not Found", "NoSuchKey", 404),
        ("409 Conflict", "OperationAborted", 409),
        ("412 Precondition Failed", "PreconditionFailed", 412),
        ("413 Too Large", "BadRequest", 400),
        ("416 Range", "InvalidRange", 416),
        ("429 Too Many Requests", "SlowDown", 503),
        ("500 Internal", "InternalError", 500),
        ("501 Not Implemented", "NotImplemented", 501),
        ("502 Bad Gateway", "ServiceUnavailable", 503),
        ("503 Unavailable", "SlowDown", 503),
        ("504 Timeout", "ServiceUnavailable", 503),
    ],
)
async def test_an_error_without_a_document_becomes_one(said, status, code, answered, body):
    with pytest.raises(S3Error) as error:
        await said(status, body, "Content-Type: text/html")
    assert (error.value.code, error.value.status) == (code, answered)
    assert f"answers {status[:3]} without" in error.value.reason


@pytest.mark.parametrize(("size", "length"), [(MAX_ERROR + 1, None), (10, 20), (10, 1 << 40)])
async def test_an_error_document_without_end_is_none(said, size, length):
    with pytest.raises(S3Error) as error:
        await said("404 Not Found", b"x" * size, length=length, hang_up=True)
    assert error.value.code == "NoSuchKey"


async def test_an_error_to_a_head_keeps_its_status(said):
    got = await said("404 Not Found", method="HEAD", length=200)
    assert (got.status, got.body, got.reason) == (404, b"", None)
    got = await said("403 Forbidden", method="HEAD", length=200)
    assert got.reason == "upstream `store` answers 403 `without a code`"


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "307 Temporary", "308 P"])
async def test_a_redirect_is_the_operators_affair(said, status):
    with pytest.raises(UpstreamUnavailable) as refused:
        await said(
            status,
            ERROR % b"PermanentRedirect",
            "Location: http://elsewhere/b",
            "x-amz-bucket-region: eu-west-1",
        )
    assert refused.value.reason == (
        "upstream `store` redirects to `http://elsewhere/b`; the bucket is in region `eu-west-1`"
    )


EC2 = "<Response><Errors><Error><Code>{}</Code></Error></Errors></Response>"
QUERY = "<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code></Error></ErrorResponse>"


@pytest.mark.parametrize(
    ("code", "body", "headers"),
    [
        ("AuthFailure", EC2.format("AuthFailure").encode(), ()),
        ("InvalidClientTokenId", QUERY.format("InvalidClientTokenId").encode(), ()),
        (
            "UnrecognizedClientException",
            json.dumps({"__type": "com.amazon.coral#UnrecognizedClientException"}).encode(),
            (),
        ),
        ("ExpiredTokenException", b"{}", ("x-amzn-errortype: ExpiredTokenException:http://x/",)),
        ("ExpiredTokenException", cbor2.dumps({"__type": "a#ExpiredTokenException"}), ()),
    ],
)
async def test_other_protocols_refuse_our_credentials_too(said, code, body, headers):
    with pytest.raises(UpstreamUnavailable) as refused:
        await said("403 Forbidden", body, *headers, service="ec2")
    assert refused.value.reason == f"upstream `store` refuses our credentials: `{code}`"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (EC2.format("InvalidInstanceID.NotFound").encode(), "InvalidInstanceID.NotFound"),
        (
            json.dumps({"__type": "x#ResourceNotFoundException"}).encode(),
            "ResourceNotFoundException",
        ),
        (b"", None),
        (b"text", None),
        (b"[1]", None),
        (b"[" * 50_000, None),
        (b'{"__type": 5}', None),
        (b'{"message": "SignatureDoesNotMatch"}', None),
        (b"\xff\xff", None),
    ],
)
async def test_other_protocols_errors_go_on_as_they_are(said, body, code):
    got = await said("400 Bad Request", body, "X-Amzn-RequestId: theirs", service="ec2")
    assert (got.status, got.body, got.code) == (400, body, code)
    assert b"x-amzn-requestid" not in dict(got.headers)


@pytest.mark.parametrize(
    "document",
    [
        b"<Error><Code>A</Code></Error>",
        b"<Error><Code>A</Code><RequestId>x</RequestId></Error>\n",
        b"<Error><RequestId/><HostId /><Code>A</Code></Error>",
        b"<Error><Code>A</Code><HostId></HostId><RequestId></RequestId></Error>",
    ],
)
def test_ids_are_put_in_once(document):
    assert with_ids(document, Ids("a&b", r"\1")) == (
        b"<Error><Code>A</Code><RequestId>a&amp;b</RequestId><HostId>\\1</HostId></Error>"
    )
