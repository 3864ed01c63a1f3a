"""Small questions to an upstream: what is not known is never taken for nothing."""

import pytest

from support.upstreaming import record
from valetkey.gateway.upstream import UpstreamBroken, UpstreamRequest, UpstreamUnavailable
from valetkey.gateway.upstream.lookups import (
    CorsRule,
    ListedBucket,
    bucket_exists,
    cors_rules,
    fetch,
    list_buckets,
    object_tags,
)

XMLNS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
TAGS = (
    f"<Tagging {XMLNS}><TagSet><Tag><Key>team</Key><Value>a &amp; b</Value></Tag>"
    "<Tag><Key>empty</Key><Value></Value></Tag></TagSet></Tagging>"
)
CORS = (
    f"<CORSConfiguration {XMLNS}><CORSRule><AllowedOrigin>https://a.example</AllowedOrigin>"
    "<AllowedOrigin>https://*.b.example</AllowedOrigin><AllowedMethod>GET</AllowedMethod>"
    "<AllowedHeader>*</AllowedHeader><ExposeHeader>ETag</ExposeHeader>"
    "<MaxAgeSeconds>60</MaxAgeSeconds></CORSRule><CORSRule><ID>two</ID>"
    "<AllowedOrigin>*</AllowedOrigin><AllowedMethod>PUT</AllowedMethod>"
    "<MaxAgeSeconds>soon</MaxAgeSeconds></CORSRule></CORSConfiguration>"
)
BUCKETS = (
    f"<ListAllMyBucketsResult {XMLNS}><Owner><ID>1</ID></Owner><Buckets>"
    "<Bucket><Name>one</Name><CreationDate>2026-01-01T00:00:00.000Z</CreationDate></Bucket>"
    "<Bucket><Name>two</Name></Bucket></Buckets></ListAllMyBucketsResult>"
)


@pytest.fixture
def answering(upstream):
    """Let the upstream answer everything with one status and body."""

    def answering(status, body=""):
        async def script(exchange):
            await exchange.answer(status, body.encode())

        upstream.script = script
        return record(upstream.endpoint)

    return answering


async def test_tags_of_an_object(upstream, upstreams, answering):
    to = answering("200 OK", TAGS)
    found = await object_tags(upstreams, to, b"/b/a%2Fb//c", b"versionId=a%2Bb")
    assert found == {"team": "a & b", "empty": ""}
    assert upstream.seen[0].target == b"/b/a%2Fb//c?tagging&versionId=a%2Bb"
    assert (
        await object_tags(upstreams, answering("200 OK", "<Tagging><TagSet/></Tagging>"), b"/b/k")
        == {}
    )
    assert upstream.seen[1].target == b"/b/k?tagging"


@pytest.mark.parametrize(
    ("status", "found"), [("404 Not Found", None), ("405 Method", None), ("501 Not Impl", {})]
)
async def test_tags_of_nothing(upstreams, answering, status, found):
    assert await object_tags(upstreams, answering(status, "<Error/>"), b"/b/k") == found


UNKNOWN = [
    ("403 Forbidden", "<Error><Code>AccessDenied</Code></Error>"),
    ("500 Internal", ""),
    ("503 Slow Down", ""),
    ("307 Elsewhere", ""),
    ("200 OK", ""),
    ("200 OK", "<html/>"),
    ("200 OK", "<Tagging>"),
    ("200 OK", '<!DOCTYPE a [<!ENTITY b "c">]>' + TAGS),
]


@pytest.mark.parametrize(("status", "body"), UNKNOWN)
async def test_what_is_not_known_is_not_nothing(upstreams, answering, status, body):
    to = answering(status, body)
    for look in (
        object_tags(upstreams, to, b"/b/k"),
        cors_rules(upstreams, to, b"/b"),
        list_buckets(upstreams, to),
    ):
        with pytest.raises(UpstreamUnavailable) as refused:
            await look
        assert refused.value.reason.startswith("upstream `store` answers ")


async def test_cors_rules(upstream, upstreams, answering):
    assert await cors_rules(upstreams, answering("200 OK", CORS), b"/b") == (
        CorsRule(("https://a.example", "https://*.b.example"), ("GET",), ("*",), ("ETag",), 60),
        CorsRule(("*",), ("PUT",), (), (), None),
    )
    assert upstream.seen[0].target == b"/b?cors"
    for status in ("404 Not Found", "501 Not Implemented"):
        assert await cors_rules(upstreams, answering(status), b"/b") == ()


async def test_buckets(upstreams, answering):
    assert await list_buckets(upstreams, answering("200 OK", BUCKETS)) == (
        ListedBucket("one", "2026-01-01T00:00:00.000Z"),
        ListedBucket("two", ""),
    )


async def test_whether_a_bucket_exists(upstream, upstreams, answering):
    assert await bucket_exists(upstreams, answering("200 OK"), b"/b")
    assert not await bucket_exists(upstreams, answering("404 Not Found"), b"/b")
    for status in ("403 Forbidden", "301 Moved Permanently", "500 Internal"):
        with pytest.raises(UpstreamUnavailable):
            await bucket_exists(upstreams, answering(status), b"/b")
    assert {one.method for one in upstream.seen} == {b"HEAD"}


async def test_an_answer_is_read_within_bounds(upstreams, answering):
    to = answering("200 OK", "x" * 100)
    said = await fetch(upstreams, to, UpstreamRequest("GET", b"/b/k"), 100)
    assert (said.status, len(said.body), said.header(b"content-length")) == (200, 100, "100")
    with pytest.raises(UpstreamBroken, match="internal error"):
        await fetch(upstreams, to, UpstreamRequest("GET", b"/b/k"), 99)
