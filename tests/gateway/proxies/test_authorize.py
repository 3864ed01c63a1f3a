"""What a front proxy is told: a signature for the store, a refusal, or to hand the request over."""

import hashlib
from typing import Any

import pytest

from gateway.proxies.asking import (
    ENDPOINT,
    OPEN_BUCKET,
    UPSTREAM_KEY,
    UPSTREAM_SECRET,
    Asking,
    ask_of,
    code_of,
    put_store,
)
from support.edge import Answer, open_edge
from valetkey.gateway.upstream.signing import EMPTY_SHA256
from valetkey.settings import Settings
from valetkey.sigv4 import HttpRequest, sign
from valetkey.store import StoreError

KEY = "/photos/a/b.jpg"
DIGEST = hashlib.sha256(b"0123456789").hexdigest()
PUT = {"content-length": "10"}
TRAILER = {"content-length": "60", "x-amz-decoded-content-length": "10"}


def way(answered: Answer) -> str:
    return answered.headers[b"x-valetkey-way"].decode()


def reason(answered: Answer) -> str:
    return answered.headers[b"x-valetkey-reason"].decode()


STORE = [
    ("GET", KEY, {}),
    ("GET", KEY, {"range": "bytes=0-9", "if-none-match": '"e"'}),
    ("GET", f"{KEY}?versionId=v1", {}),
    ("HEAD", KEY, {"x-amz-checksum-mode": "ENABLED"}),
    ("GET", "/photos?list-type=2&prefix=a%2F", {}),
    ("HEAD", "/photos", {}),
    ("GET", f"{KEY}?uploadId=u", {}),
    ("PUT", KEY, {**PUT, "x-amz-meta-one_two": "3", "content-type": "image/jpeg"}),
    ("PUT", KEY, {**PUT, "x-amz-checksum-crc32": "AAAAAA=="}),
    ("PUT", f"{KEY}?partNumber=1&uploadId=u", PUT),
    ("PUT", KEY, {"content-length": "0", "x-amz-copy-source": "photos/other"}),
    ("POST", f"{KEY}?uploads", {}),
    ("DELETE", KEY, {}),
    ("DELETE", f"{KEY}?uploadId=u", {}),
    ("GET", f"{KEY}?tagging", {}),
    ("GET", "/photos/a//b/%C3%BC%20%2B%2525", {}),
]


@pytest.mark.parametrize(("method", "target", "headers"), STORE)
async def test_goes_straight_to_the_store(asking: Asking, method, target, headers):
    head = asking.head(method, target, headers)
    for ask in (asking.nginx, asking.envoy):
        answered = await ask(method, target, head)
        assert (answered.status, way(answered)) == (200, "store"), answered
        assert answered.headers[b"x-valetkey-target"].decode() == target
        assert answered.headers[b"x-valetkey-host"] == b"127.0.0.1:8333"
        assert answered.headers[b"x-valetkey-endpoint"].decode() == ENDPOINT
        assert answered.body == b""
    first, second = asking.records()
    assert first.details == second.details == {"upstream": "store", "way": "front proxy"}
    assert answered.headers[b"x-valetkey-request-id"].decode() in (
        first.request_id,
        second.request_id,
    )


STREAM = [
    ("PUT", "/photos/a?tagging", PUT, "PutObjectTagging is decided by its body"),
    ("POST", "/photos?delete", PUT, "DeleteObjects is decided by its body"),
    ("POST", f"{KEY}?uploadId=u", PUT, "CompleteMultipartUpload is decided by its body"),
    ("GET", "/photos?policy", {}, "GetBucketPolicy is answered by valetkey"),
    ("GET", "/", {}, "ListBuckets is answered by valetkey"),
    ("DELETE", "/photos", {}, "DeleteBucket is answered by valetkey"),
    ("OPTIONS", KEY, {}, "OPTIONS is answered by valetkey"),
    ("GET", KEY, {"origin": "https://a.example"}, "other origins"),
    ("PUT", KEY, {}, "the length of the body is not declared"),
    ("GET", KEY, PUT, "GetObject comes with a body"),
    ("DELETE", KEY, PUT, "DeleteObject comes with a body"),
    ("PUT", KEY, {**PUT, "content-encoding": "aws-chunked"}, "the body is framed"),
    ("PUT", KEY, {**PUT, "x-amz-meta-a": "\xe4"}, "`x-amz-meta-a` is no UTF-8"),
]


@pytest.mark.parametrize(("method", "target", "headers", "why"), STREAM)
async def test_goes_through_the_stream(asking: Asking, method, target, headers, why):
    head = asking.head(method, target, headers)
    for ask, status in ((asking.nginx, 401), (asking.envoy, 200)):
        answered = await ask(method, target, head)
        assert (answered.status, way(answered)) == (status, "stream"), answered
        assert why in reason(answered)
        assert b"authorization" not in answered.headers
    # Its record is left by the stream.
    assert asking.records() == ()


ANY: dict[str, Any] = {}
TRAILERS, HASHED = {"trailers": True}, {"payload": "hashed"}
MODES = [
    ("UNSIGNED-PAYLOAD", ANY, "store"),
    (DIGEST, ANY, "stream"),
    (DIGEST, HASHED, "store"),
    ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", ANY, "stream"),
    ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", TRAILERS, "store"),
    ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", TRAILERS, "stream"),
    ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", TRAILERS, "stream"),
    ("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", TRAILERS, "stream"),
    ("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER", TRAILERS, "stream"),
]


@pytest.mark.parametrize(("mode", "store", "expected"), MODES)
async def test_payload_modes(own: Asking, mode: str, store: dict[str, Any], expected: str):
    put_store(own.edge, **store)
    framed = {"content-encoding": "aws-chunked", **TRAILER}
    if mode.endswith("-TRAILER"):
        framed["x-amz-trailer"] = "x-amz-checksum-crc32"
    headers = framed if mode.startswith("STREAMING") else PUT
    region_set = "us-east-1" if "ECDSA" in mode else None
    head = own.head("PUT", KEY, headers, payload=mode, region_set=region_set)
    for ask in (own.nginx, own.envoy):
        answered = await ask("PUT", KEY, head)
        assert way(answered) == expected, answered
        if expected == "store":
            assert answered.headers[b"x-amz-content-sha256"].decode() == mode


async def test_the_signature_is_the_stores_and_covers_what_goes_on(own: Asking):
    asking = own
    put_store(own.edge, payload="hashed")
    headers = {**PUT, "x-amz-meta-a": "1  2", "x-amz-acl": "private", "content-type": "a/b"}
    answered = await asking.nginx("PUT", KEY, asking.head("PUT", KEY, headers, payload=DIGEST))
    told = {name: value for name, value in answered.headers.items() if b"x-valetkey" not in name}
    assert told.pop(b"content-length") == b"0"
    expected = sign(
        HttpRequest(
            "PUT",
            KEY.encode(),
            b"",
            (
                (b"host", b"127.0.0.1:8333"),
                (b"x-amz-content-sha256", DIGEST.encode()),
                (b"x-amz-meta-a", b"1  2"),
                (b"x-amz-acl", b"private"),
            ),
            "",
        ),
        access_key_id=UPSTREAM_KEY,
        secret_key=UPSTREAM_SECRET,
        region="us-east-1",
        service="s3",
        now=asking.edge.now[0],
    )
    assert told == {
        name: value
        for name, value in expected.headers
        if name in (b"authorization", b"x-amz-date", b"x-amz-content-sha256")
    }


async def test_a_body_that_there_is_none_of_is_signed_as_empty(asking: Asking):
    answered = await asking.nginx("GET", KEY, asking.head("GET", KEY))
    assert answered.headers[b"x-amz-content-sha256"].decode() == EMPTY_SHA256


async def test_a_store_without_credentials_gets_no_signature(own: Asking):
    put_store(own.edge, keys=None)
    head = own.head("GET", KEY)
    answered = await own.nginx("GET", KEY, head)
    assert b"authorization" not in answered.headers
    answered = await own.envoy("GET", KEY, head)
    assert b"authorization" not in answered.headers
    away = answered.headers[b"x-envoy-auth-headers-to-remove"].decode().split(",")
    assert {"authorization", "x-amz-date", "x-amz-security-token"} <= set(away)


UNDECIDED = [
    "x-amz-acl",
    "x-amz-write-offset",
    "x-seaweedfs-ttl",
    "x-secret",
    "x_amz_acl",
    "range2",
]


@pytest.mark.parametrize("name", UNDECIDED)
async def test_a_header_that_was_not_decided_about_does_not_go_on(asking: Asking, name: str):
    head = {**asking.head("GET", KEY), name: "public-read"}
    answered = await asking.nginx("GET", KEY, head)
    assert (answered.status, way(answered)) == (401, "stream")
    answered = await asking.envoy("GET", KEY, head)
    if answered.status == 200 and way(answered) == "store":
        assert name in answered.headers[b"x-envoy-auth-headers-to-remove"].decode().split(",")
        assert name.encode() not in answered.headers
    else:
        assert name.startswith("x-amz-")


async def test_envoy_is_told_to_write_anew_what_policies_look_at(asking: Asking):
    headers = {
        **PUT,
        "x-amz-acl": "private",
        "x-amz-meta-a": "1,2",
        "if-none-match": "*",
        "content-type": "a/b",
        "user-agent": "client",
        "cookie": "a",
    }
    answered = await asking.envoy("PUT", KEY, asking.head("PUT", KEY, headers))
    assert answered.headers[b"x-amz-acl"] == b"private"
    assert answered.headers[b"x-amz-meta-a"] == b"1,2"
    assert answered.headers[b"if-none-match"] == b"*"
    assert b"content-type" not in answered.headers
    away = answered.headers[b"x-envoy-auth-headers-to-remove"]
    assert away == b"cookie,user-agent,x-amz-security-token"


async def test_envoys_target_has_nothing_of_a_presigned_request(asking: Asking):
    target = f"{KEY}?x-id=GetObject&response-expires=a%20b"
    answered = await asking.envoy("GET", target, asking.head("GET", target))
    assert answered.headers[b"x-valetkey-target"] == b"/photos/a/b.jpg?response-expires=a%20b"


async def test_a_refusal_by_nginx_is_handed_over_and_by_envoy_given(asking: Asking):
    head = asking.head("GET", KEY, signed=False)
    answered = await asking.nginx("GET", KEY, head)
    assert (answered.status, answered.body) == (401, b"")
    assert asking.records() == ()
    answered = await asking.envoy("GET", KEY, head)
    assert (answered.status, code_of(answered)) == (403, "AccessDenied")
    [record] = asking.records()
    assert record.request_id == answered.text("RequestId")
    assert (record.operation, record.status) == ("GetObject", 403)


REFUSED = [
    ({"authorization": "AWS4-HMAC-SHA256 Credential=a/b"}, 400),
    ({"x-amz-date": "20000101T000000Z"}, 400),
    ({"x-amz-acl": "private\x01"}, 403),
    ({"x-amz-content-sha256": "nonsense"}, 400),
]


@pytest.mark.parametrize(("change", "status"), REFUSED)
async def test_bad_input_is_refused_with_a_code(asking: Asking, change, status):
    head = {**asking.head("GET", KEY), **change}
    answered = await asking.envoy("GET", KEY, head)
    assert answered.status == status
    assert code_of(answered)
    answered = await asking.nginx("GET", KEY, head)
    assert answered.status == 401


async def test_who_may_not_list_is_not_told_that_a_key_is_absent(asking: Asking):
    target = f"/{OPEN_BUCKET}/a"
    for signed, expected in ((True, "store"), (False, "stream")):
        answered = await asking.nginx("GET", target, asking.head("GET", target, signed=signed))
        assert way(answered) == expected
    assert "absent key" in reason(answered)


async def test_a_store_of_plain_objects_is_never_met_directly(own: Asking):
    put_store(own.edge, features="basic")
    answered = await own.nginx("GET", KEY, own.head("GET", KEY))
    assert way(answered) == "stream"


@pytest.mark.parametrize("service", ["sts", "iam", "ec2", None])
async def test_another_service_goes_through_the_stream(asking: Asking, service: str | None):
    """AssumeRoleWithWebIdentity is among them, which nobody signs."""
    head = asking.head("POST", "/", PUT, signed=service is not None)
    if service is not None:
        head["authorization"] = head["authorization"].replace("/s3/", f"/{service}/")
    for ask in (asking.nginx, asking.envoy):
        assert way(await ask("POST", "/", head)) == "stream"


async def test_the_host_is_the_clients(asking: Asking):
    head = {**asking.head("GET", KEY), "host": "other.example"}
    answered = await asking.envoy("GET", KEY, head)
    assert (answered.status, code_of(answered)) == (403, "SignatureDoesNotMatch")


async def test_no_question(asking: Asking):
    head = asking.head("GET", KEY)
    named = [("x-original-method", "GET"), ("x-original-uri", KEY)]
    asked = [
        ("/_valetkey/authorize", list(head.items())),
        ("/_valetkey/authorize", [*head.items(), named[1]]),
        ("/_valetkey/authorize", [*head.items(), *named, ("x-original-uri", "/photos/other")]),
        ("/_valetkey/authorized", [*head.items(), *named]),
        ("/%5Fvaletkey/authorize", [*head.items(), *named]),
        (f"/_valetkey%2Fauthorize{KEY}", list(head.items())),
    ]
    for target, headers in asked:
        answered = await asking.served.ask(
            "GET", target, headers=headers, client=("127.0.0.1", 1), scheme="http"
        )
        assert answered.status in (400, 403, 404), target
        assert b"authorization" not in answered.headers


async def test_a_question_with_the_path_behind_it_takes_no_names(asking: Asking):
    head = {
        **asking.head("GET", KEY),
        "x-original-uri": "/photos/other",
        "x-original-method": "PUT",
    }
    answered = await asking.envoy("GET", KEY, head)
    assert answered.headers[b"x-valetkey-target"].decode() == KEY


@pytest.mark.parametrize("client", [("192.0.2.7", 1), ("::ffff:192.0.2.7", 1), None])
async def test_nobody_else_may_ask(asking: Asking, client):
    head = asking.head("GET", KEY)
    for ask in (asking.nginx, asking.envoy):
        answered = await ask("GET", KEY, head, client=client)
        assert (answered.status, answered.json) == (404, {"error": "not found"})
        assert b"authorization" not in answered.headers
    assert asking.records() == ()


async def test_who_may_ask_is_a_setting_and_whom_it_is_for_another(tmp_path):
    settings = Settings(authorize_from=("192.0.2.0/24",), trusted_proxies=("192.0.2.0/24",))
    edge = open_edge(tmp_path, settings=settings)
    try:
        put_store(edge)
        asking = await ask_of(edge)
        head = {**asking.head("GET", KEY), "x-forwarded-for": "198.51.100.9"}
        answered = await asking.nginx("GET", KEY, head, client=("192.0.2.7", 1))
        assert way(answered) == "store"
        assert asking.records()[0].source_ip == "198.51.100.9"
        assert (await asking.nginx("GET", KEY, head)).status == 404
    finally:
        await edge.close()


async def test_what_could_not_be_recorded_is_not_allowed(tmp_path):
    edge = open_edge(tmp_path, settings=Settings(audit="fail-closed"))
    try:
        put_store(edge)
        asking = await ask_of(edge)
        head = asking.head("GET", KEY)
        assert way(await asking.nginx("GET", KEY, head)) == "store"
        edge.wiring.log.close()
        for ask, status in ((asking.nginx, 401), (asking.envoy, 200)):
            answered = await ask("GET", KEY, head)
            assert (answered.status, way(answered)) == (status, "stream")
            assert b"authorization" not in answered.headers
    finally:
        await edge.close()


@pytest.mark.parametrize("error", [ValueError("a\nb"), StoreError("the disk is gone")])
async def test_a_fault_is_handed_over_and_nothing_of_it_shown(own: Asking, monkeypatch, error):
    put_store(own.edge)

    async def fail(*_args: Any, **_named: Any) -> None:
        raise error

    monkeypatch.setattr(own.edge.wiring.gateway, "authorize", fail)
    head = own.head("GET", KEY)
    for ask, status in ((own.nginx, 401), (own.envoy, 200)):
        answered = await ask("GET", KEY, head)
        assert (answered.status, way(answered)) == (status, "stream")
        assert b"authorization" not in answered.headers
        assert b"\n" not in answered.headers[b"x-valetkey-reason"]
