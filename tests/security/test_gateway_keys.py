"""The key that is authorised is, byte for byte, the key that is forwarded.

Elsewhere: `..` in a key led out of the bucket, as one part of the server resolved it and the other
did not.
"""

from urllib.parse import quote, unquote_to_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.matrix.plans import Auth
from gateway.matrix.serving import Bench
from support.gateway_guarded import (
    CLOSED,
    OPEN,
    nothing_reached,
    permit,
    put_bucket,
    record_of,
    request,
    statement,
)

KEYS = (
    *("a", "a/b", "a//b", "a/b/", "/a", "//a", "a b", "a+b", "a%2Fb", "a%20b", "%", "%%", "a%"),
    *(
        "é",
        "e\u0301",
        "\u202e.txt",
        "日本",
        "🦀",
        "a\tb",
        "a\nb",
        "a\r\nb",
        "a\x7fb",
        "~",
        "-",
        "_",
    ),
    *("?", "a?b", "a#b", "a&b=c", "a;b", "a:b", "@", "=", "*", "?list-type=2", "a'b", 'a"b'),
    *("...", "a/.../b", "..a", "a..", "a/..b", ".a", "a\\b", "$", "`", "|", "<a>", "{}", "[]", "^"),
    *("index.html", "a" * 1024, "é" * 512, "a/" * 512),
)
UNCLEAR = (
    *("..", ".", "../a", "a/..", "a/../b", "./a", "a/./b", "a/.", "..\\a", "a\\..\\b", "\\..\\a"),
    *("a/../../matrix-private/b", "a\0b", "\0", "a" * 1025, "é" * 513, "/", "//"),
)


@pytest.mark.parametrize("auth", [Auth.HEADER, Auth.QUERY])
async def test_what_was_decided_about_is_what_goes_on(bench: Bench, auth: Auth):
    for key in KEYS:
        bench.upstream.seen.clear()
        path = f"/{OPEN}/{quote(key, safe='/~')}"
        said = await bench.ask(request(bench, "PUT", path, auth=auth, body=b"x"))
        assert said.status == 200, (key, said)
        (seen,) = bench.upstream.seen
        assert unquote_to_bytes(seen.target) == f"/{OPEN}/{key}".encode(), key
        assert record_of(bench, said).resource == f"arn:aws:s3:::{OPEN}/{key}", key


@pytest.mark.parametrize("auth", [Auth.HEADER, Auth.QUERY])
async def test_what_stores_may_take_for_another_key_is_refused(bench: Bench, auth: Auth):
    for key in UNCLEAR:
        for method in ("PUT", "GET", "DELETE"):
            path = f"/{OPEN}/{quote(key, safe='/~')}"
            said = await bench.ask(request(bench, method, path, auth=auth))
            assert said.status == 400, (key, said)
    assert nothing_reached(bench)


SLIPS = (
    *("allowed/../secret", "allowed/%2e%2e/secret", "allowed/%2E./secret", "allowed%2F..%2Fsecret"),
    *(
        "allowed/..%2fsecret",
        "allowed%5c..%5csecret",
        "allowed/..;/secret",
        "allowed/%252e%252e/secret",
    ),
    *(
        "./secret",
        "/secret",
        "//secret",
        "%2Fsecret",
        "%73ecret",
        "secret%00",
        "secret%",
        "secret%zz",
    ),
    *("allowed/..%c0%af/secret", "allowed/%c0%ae%c0%ae/secret", "%ff", "allowed\\..\\secret"),
    *("secret?", "secret%3F", "secret%23", "secret/", "SECRET", "secret%20", "secret."),
)


async def test_no_spelling_reaches_what_is_not_allowed(bench: Bench):
    """Only what begins with `allowed/` may be read: nothing else is asked for at the store."""
    put_bucket(bench, name=CLOSED)
    await permit(bench, statement("s3:*", f"{CLOSED}/allowed/*"))
    for slip in SLIPS:
        for method in ("GET", "PUT", "DELETE"):
            bench.upstream.seen.clear()
            raw, _, query = slip.partition("?")
            wire = request(bench, method, f"/{CLOSED}/{raw}")
            wire.query = [("", "")] if query else wire.query
            said = await bench.ask(wire)
            for one in bench.upstream.seen:
                path = unquote_to_bytes(one.target.partition(b"?")[0])
                assert path.startswith(f"/{CLOSED}/allowed/".encode()), (slip, one.line)
                assert not {b"..", b"."} & set(path.replace(b"\\", b"/").split(b"/")), one.line
            if not bench.upstream.seen:
                assert 400 <= said.status < 500, (slip, said)


async def test_a_key_with_a_line_break_makes_no_header(bench: Bench):
    for key in ("a\r\nx-amz-acl: public-read", "a HTTP/1.1\r\nHost: evil\r\n\r\nGET /b", "a\n\n"):
        path = f"/{OPEN}/{quote(key, safe='/~')}"
        assert (await bench.ask(request(bench, "GET", path))).status == 200
    assert len(bench.upstream.seen) == 3
    for one in bench.upstream.seen:
        assert one.line.count(b" ") == 2
        assert one.header(b"x-amz-acl") is None


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
async def test_any_text_is_refused_or_goes_on_as_it_is(bench: Bench, key: str):
    bench.upstream.seen.clear()
    path = f"/{OPEN}/{quote(key, safe='/~')}"
    said = await bench.ask(request(bench, "GET", path))
    if said.status == 200:
        (seen,) = bench.upstream.seen
        assert unquote_to_bytes(seen.target) == f"/{OPEN}/{key}".encode()
    else:
        assert said.status == 400
        assert nothing_reached(bench)
