"""What goes onto the wire: the very bytes, one signature, a length, and nothing of the client's."""

import hashlib

import pytest

from support.upstreaming import ACCESS_KEY_ID, SECRET_KEY, ask, opened, pieces, record
from valetkey.clock import system_clock
from valetkey.errors import AwsError
from valetkey.gateway.s3.errors import S3Error
from valetkey.gateway.upstream import UpstreamRequest
from valetkey.sigv4 import HttpRequest, SigningKeyCache, parse_signature, verify_signature

PATHS = [
    b"/",
    b"/bucket",
    b"/bucket/",
    b"/bucket/key",
    b"/bucket//key",
    b"//bucket/key",
    b"/bucket/a//b///c",
    b"/bucket/a%2Fb",
    b"/bucket/a%2fb",
    b"/bucket/../other",
    b"/bucket/./key",
    b"/bucket/%2e%2e/key",
    b"/bucket/%2E./key/..",
    b"/bucket/a+b c".replace(b" ", b"%20"),
    b"/bucket/%25",
    b"/bucket/%00",
    b"/bucket/d%C3%BCr",
    "/bucket/d\u00fcr".encode(),
    "/bucket/\u65e5\u672c/\U0001f511".encode(),
    b"/bucket/key;v=1",
    b"/bucket/a:b@c",
    b"/bucket/[x]{y}|^`",
    b'/bucket/"quoted"<>',
    b"/bucket/back\\slash",
    b"/http://elsewhere/key",
]
QUERIES = [
    b"tagging",
    b"tagging=",
    b"=",
    b"=x",
    b"a&b=&c",
    b"a=1&&b=2",
    b"prefix=a%2Fb&delimiter=%2F",
    b"prefix=a/b&delimiter=/",
    b"a=1&a=2&A=3",
    b"prefix=a+b",
    b"prefix=??x=y",
    b"list-type=2&continuation-token=1%3D%3D",
    b"response-content-type=a%3B%20b",
    "prefix=\u00fc".encode(),
    b"x-amz-acl=private",
]


@pytest.mark.parametrize("path", PATHS)
async def test_the_path_goes_out_byte_for_byte(upstream, upstreams, path):
    await ask(upstreams, record(upstream.endpoint), "GET", path)
    assert upstream.seen[0].line == b"GET " + path + b" HTTP/1.1"


@pytest.mark.parametrize("query", QUERIES)
async def test_the_query_goes_out_byte_for_byte(upstream, upstreams, query):
    await ask(upstreams, record(upstream.endpoint), "GET", b"/bucket", query)
    assert upstream.seen[0].target == b"/bucket?" + query


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (b"/bucket/a b", b""),
        (b"/bucket/a\tb", b""),
        (b"/bucket/a\r\nHost: x", b""),
        (b"/bucket/a#b", b""),
        (b"/bucket/\xff", b""),
        (b"/bucket/\x7f", b""),
        (b"/bucket/\x00", b""),
        (b"bucket/key", b""),
        (b"", b""),
        (b"*", b""),
        (b"http://elsewhere/key", b""),
        (b"/bucket", b"a=b c"),
        (b"/bucket", b"a=b#c"),
        (b"/bucket", b"a=b\n"),
        (b"/bucket", b"a=\xe9"),
    ],
)
async def test_what_can_not_go_out_as_it_is_does_not_go(upstream, upstreams, path, query):
    with pytest.raises(S3Error) as refused:
        await ask(upstreams, record(upstream.endpoint), "GET", path, query)
    assert (refused.value.code, refused.value.status) == ("InvalidURI", 400)
    assert upstream.connections == 0


async def test_a_broken_escape_does_not_go(upstream, upstreams):
    with pytest.raises(AwsError, match="Illegal hex character"):
        await ask(upstreams, record(upstream.endpoint), "GET", b"/bucket/%zz")
    assert upstream.connections == 0


def verified(seen, region="us-east-1", service="s3", secret=SECRET_KEY):
    """Hold what the upstream was sent against its signature, as the upstream would."""
    path, _, query = seen.target.partition(b"?")
    headers = tuple((name.lower(), value) for name, value in seen.headers)
    request = HttpRequest(
        seen.method.decode(), path, query, headers, hashlib.sha256(seen.body).hexdigest()
    )
    signature = parse_signature(request)
    assert signature is not None
    assert (signature.region, signature.service) == (region, service)
    verify_signature(
        request,
        signature,
        secret_key=secret,
        now=system_clock(),
        keys=SigningKeyCache(),
        service=service,
        region=region,
    )
    return signature


@pytest.mark.parametrize("payload", ["unsigned", "hashed"])
@pytest.mark.parametrize("path_style", [True, False])
async def test_the_upstream_can_verify_our_signature(upstream, upstreams, payload, path_style):
    to = record(upstream.endpoint, payload=payload, path_style=path_style)
    headers = ((b"content-type", b"text/plain"), (b"x-amz-meta-a", b"  two  words "))
    await ask(upstreams, to, "PUT", b"/bucket/a%2Fb//c", b"versionId=1", headers, b"body")
    seen = upstream.seen[0]
    signature = verified(seen)
    assert signature.access_key_id == ACCESS_KEY_ID
    assert {"host", "x-amz-date", "x-amz-content-sha256", "x-amz-meta-a"} <= set(
        signature.signed_headers
    )


async def test_in_host_style_the_bucket_is_in_the_host(upstream, upstreams):
    to = record(upstream.endpoint, path_style=False)
    for path in (b"/bucket-1/a//b", b"/bucket-1", b"/bucket-1/", b"/", b"/Bad_Bucket/key"):
        await ask(upstreams, to, "GET", path)
    authority = upstream.endpoint.removeprefix("http://").encode()
    assert [(one.header(b"host"), one.target) for one in upstream.seen] == [
        (b"bucket-1." + authority, b"/a//b"),
        (b"bucket-1." + authority, b"/"),
        (b"bucket-1." + authority, b"/"),
        (authority, b"/"),
        (authority, b"/Bad_Bucket/key"),
    ]
    for seen in upstream.seen:
        verified(seen)


async def test_nothing_is_sent_but_what_was_given(upstream, upstreams):
    await ask(upstreams, record(upstream.endpoint), "GET", b"/bucket/key")
    names = [name for name, _ in upstream.seen[0].headers]
    assert sorted(name.lower() for name in names) == [
        b"authorization",
        b"host",
        b"user-agent",
        b"x-amz-content-sha256",
        b"x-amz-date",
    ]
    assert upstream.seen[0].header(b"user-agent") == b"valetkey"


async def test_the_clients_headers_go_on_but_not_its_connections_and_signature(upstream, upstreams):
    kept = (
        (b"accept", b"text/plain"),
        (b"accept-encoding", b"gzip, br"),
        (b"range", b"bytes=0-1"),
        (b"if-none-match", b'"a"'),
        (b"x-amz-meta-name", "d\u00fcr".encode()),
        (b"x-amz-meta-twice", b"1"),
        (b"x-amz-meta-twice", b"2"),
        (b"x-amz-checksum-crc32", b"AAAAAA=="),
        (b"x-amz-sdk-checksum-algorithm", b"CRC32"),
    )
    dropped = (
        (b"authorization", b"AWS4-HMAC-SHA256 Credential=AKIACLIENT"),
        (b"connection", b"keep-alive, x-hop"),
        (b"content-encoding", b"aws-chunked"),
        (b"content-length", b"77"),
        (b"cookie", b"a=b"),
        (b"expect", b"100-continue"),
        (b"host", b"valetkey.example"),
        (b"origin", b"https://elsewhere.example"),
        (b"te", b"trailers"),
        (b"transfer-encoding", b"chunked"),
        (b"user-agent", b"client"),
        (b"x-amz-content-sha256", b"STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        (b"x-amz-date", b"20200101T000000Z"),
        (b"x-amz-decoded-content-length", b"77"),
        (b"x-amz-security-token", b"the-clients-session"),
        (b"x-amz-trailer", b"x-amz-checksum-crc32"),
        (b"x-forwarded-for", b"192.0.2.1"),
        (b"x-hop", b"1"),
    )
    await ask(upstreams, record(upstream.endpoint), "GET", b"/b/k", headers=kept + dropped)
    seen = upstream.seen[0]
    sent = [(name.lower(), value) for name, value in seen.headers]
    assert [pair for pair in sent if pair in kept] == list(kept)
    assert not set(dropped) & set(sent)
    assert {name for name, _ in sent} & {b"te", b"connection", b"x-hop", b"cookie"} == set()
    verified(seen)


@pytest.mark.parametrize(
    ("encoding", "left"),
    [
        (b"aws-chunked", None),
        (b"aws-chunked,gzip", b"gzip"),
        (b"gzip, aws-chunked", b"gzip"),
        (b"AWS-Chunked", None),
        (b"gzip", b"gzip"),
        (b"", None),
    ],
)
async def test_the_body_goes_on_unframed(upstream, upstreams, encoding, left):
    headers = ((b"content-encoding", encoding), (b"x-amz-sdk-checksum-algorithm", b"CRC32"))
    await ask(upstreams, record(upstream.endpoint), "PUT", b"/b/k", headers=headers, body=b"x")
    assert upstream.seen[0].header(b"content-encoding") == left
    # An algorithm without a checksum is an error at S3: the checksum was in the trailer.
    assert upstream.seen[0].header(b"x-amz-sdk-checksum-algorithm") is None


async def test_a_presigned_requests_signature_goes(upstream, upstreams):
    query = (
        b"X-Amz-Algorithm=AWS4-HMAC-SHA256&versionId=1&X-Amz-Credential=A%2F1&X-Amz-Date=2"
        b"&X-Amz-Expires=9&X-Amz-SignedHeaders=host&x-id=GetObject&X-Amz-Signature=00"
        b"&X%2DAmz-Security-Token=t&response-expires=a%20b"
    )
    await ask(upstreams, record(upstream.endpoint), "GET", b"/b/k", query)
    assert upstream.seen[0].target == b"/b/k?versionId=1&x-id=GetObject&response-expires=a%20b"
    verified(upstream.seen[0])


async def test_a_header_that_is_not_text_is_refused(upstream, upstreams):
    headers = ((b"x-amz-meta-a", b"\xff"),)
    with pytest.raises(S3Error) as refused:
        await ask(upstreams, record(upstream.endpoint), "GET", b"/b/k", headers=headers)
    assert (refused.value.code, upstream.connections) == ("InvalidRequest", 0)


HASH = hashlib.sha256(b"body").hexdigest()
EMPTY = hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize(
    "row",
    [
        ("unsigned", b"body", HASH, "UNSIGNED-PAYLOAD"),
        ("unsigned", "stream", HASH, "UNSIGNED-PAYLOAD"),
        ("unsigned", None, None, EMPTY),
        ("unsigned", b"", None, EMPTY),
        ("hashed", b"body", None, HASH),
        ("hashed", b"body", HASH, HASH),
        ("hashed", "stream", HASH, HASH),
        ("hashed", "stream", None, "UNSIGNED-PAYLOAD"),
        ("hashed", None, None, EMPTY),
    ],
)
async def test_how_the_body_is_declared(upstream, upstreams, row):
    payload, body, known, declared = row
    to = record(upstream.endpoint, payload=payload)
    given = pieces([b"bo", b"dy"]) if body == "stream" else body
    length = 4 if body == "stream" else None
    await ask(upstreams, to, "PUT", b"/b/k", body=given, length=length, payload_sha256=known)
    seen = upstream.seen[0]
    assert seen.header(b"x-amz-content-sha256") == declared.encode()
    assert bytes(seen.body) == (b"body" if body else b"")
    verified(seen)


@pytest.mark.parametrize(
    ("method", "body", "length"),
    [
        ("GET", None, None),
        ("HEAD", None, None),
        ("DELETE", None, b"0"),
        ("PUT", None, b"0"),
        ("POST", b"", b"0"),
        ("PUT", b"abc", b"3"),
        ("DELETE", b"abc", b"3"),
        ("PUT", "stream", b"6"),
    ],
)
async def test_the_length_is_announced_and_never_chunked(upstream, upstreams, method, body, length):
    given = pieces([b"abc", b"", b"def"]) if body == "stream" else body
    known = 6 if body == "stream" else None
    await ask(upstreams, record(upstream.endpoint), method, b"/b/k", body=given, length=known)
    seen = upstream.seen[0]
    assert (seen.header(b"content-length"), seen.header(b"transfer-encoding")) == (length, None)
    assert seen.whole


async def test_a_stream_without_a_length_is_refused(upstream, upstreams):
    with pytest.raises(AwsError) as refused:
        await ask(upstreams, record(upstream.endpoint), "PUT", b"/b/k", body=pieces([b"x"]))
    assert (refused.value.code, upstream.connections) == ("MissingContentLength", 0)


async def test_other_services_sign_the_bodys_hash_and_take_no_stream(upstream, upstreams):
    to = record(upstream.endpoint, service="ec2", payload="unsigned")
    body = b"Action=DescribeInstances&Version=2016-11-15"
    headers = ((b"content-type", b"application/x-www-form-urlencoded"),)
    await ask(upstreams, to, "POST", b"/", headers=headers, body=body)
    seen = upstream.seen[0]
    assert seen.header(b"x-amz-content-sha256") is None
    verified(seen, service="ec2")
    with pytest.raises(AwsError) as refused:
        await ask(upstreams, to, "POST", b"/", body=pieces([body]), length=len(body))
    assert (refused.value.status, len(upstream.seen)) == (413, 1)


async def test_without_credentials_requests_go_unsigned(upstream, upstreams):
    await ask(upstreams, record(upstream.endpoint, keys=None), "GET", b"/b/k")
    assert upstream.seen[0].header(b"authorization") is None


async def test_the_environments_proxy_is_not_asked(upstream, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with opened() as way:
        heard = await ask(way, record(upstream.endpoint), "GET", b"/b/k")
    assert heard.status == 200


async def test_a_signed_request_can_be_had_without_sending_it(upstream, upstreams):
    made = await upstreams.signed(
        record(upstream.endpoint), UpstreamRequest("GET", b"/b/a%2Fb", b"versionId=1")
    )
    assert (made.target.raw_path, made.target.raw_query) == (b"/b/a%2Fb", b"versionId=1")
    assert dict(made.headers)[b"authorization"].startswith(b"AWS4-HMAC-SHA256 Credential=")
    assert upstream.connections == 0


@pytest.mark.parametrize(
    ("payload", "known", "declared"),
    [
        ("unsigned", HASH, "UNSIGNED-PAYLOAD"),
        ("hashed", HASH, HASH),
        ("hashed", None, "UNSIGNED-PAYLOAD"),
    ],
)
async def test_a_body_that_someone_else_sends_is_announced(upstreams, payload, known, declared):
    to = record("http://127.0.0.1:1", payload=payload)
    asked = UpstreamRequest("PUT", b"/b/k", length=4, payload_sha256=known)
    headers = dict((await upstreams.signed(to, asked)).headers)
    assert headers[b"x-amz-content-sha256"] == declared.encode()
    assert headers[b"content-length"] == b"4"
    # Sent by us it would be an empty object in place of the one that was meant.
    with pytest.raises(ValueError, match="there is none to send"):
        await ask(upstreams, to, "PUT", b"/b/k", length=4)


async def test_an_upstream_that_takes_any_region_gets_the_one_asked_for(upstream, upstreams):
    anywhere, here = record(upstream.endpoint, region="*"), record(upstream.endpoint)
    for to, region, signed in (
        (anywhere, None, "us-east-1"),
        (anywhere, "eu-west-1", "eu-west-1"),
        (here, None, "us-east-1"),
    ):
        await ask(upstreams, to, "GET", b"/b/k", region=region)
        verified(upstream.seen[-1], region=signed)
