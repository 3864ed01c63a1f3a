"""CORS: preflights, and the headers of answers to other origins."""

import pytest

from valetkey.gateway.model import Head
from valetkey.gateway.s3 import CorsRule, S3Error, cors_headers, preflight, read_cors

BODY = b"""<CORSConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
<CORSRule><ID>one</ID><AllowedOrigin>https://*.example.test</AllowedOrigin>
<AllowedMethod>PUT</AllowedMethod><AllowedMethod>GET</AllowedMethod>
<AllowedHeader>x-amz-*</AllowedHeader><AllowedHeader>Content-Type</AllowedHeader>
<ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>600</MaxAgeSeconds></CORSRule>
<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule>
</CORSConfiguration>"""
RULES = read_cors(BODY)
ORIGIN = "https://app.example.test"


def asking(
    origin: str | None = ORIGIN, method: str | None = "PUT", headers: str | None = None
) -> Head:
    sent = (
        (b"origin", origin),
        (b"access-control-request-method", method),
        (b"access-control-request-headers", headers),
    )
    found = tuple((name, value.encode()) for name, value in sent if value is not None)
    return Head("OPTIONS", b"/lab-bucket/a", b"", found)


def test_rules_are_read() -> None:
    assert (
        CorsRule(
            ("https://*.example.test",),
            frozenset({"PUT", "GET"}),
            ("x-amz-*", "Content-Type"),
            ("ETag",),
            600,
        ),
        CorsRule(("*",), frozenset({"GET"})),
    ) == RULES


@pytest.mark.parametrize("body", [b"", b"<Error/>", b"<!DOCTYPE x><CORSConfiguration/>"])
def test_rules_that_are_none_are_an_error(body: bytes) -> None:
    with pytest.raises(S3Error) as refused:
        read_cors(body)
    assert refused.value.code == "InternalError"


def test_a_preflight_is_answered() -> None:
    answer = preflight(asking(headers="X-Amz-Date, content-type"), RULES)

    assert answer.status == 200
    assert answer.body == b""
    assert dict(answer.headers) == {
        b"access-control-allow-origin": ORIGIN.encode(),
        b"access-control-allow-methods": b"GET, PUT",
        b"access-control-allow-headers": b"x-amz-date, content-type",
        b"access-control-allow-credentials": b"true",
        b"access-control-expose-headers": b"ETag",
        b"access-control-max-age": b"600",
        b"vary": b"Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
    }


def test_everybody_is_allowed_without_credentials() -> None:
    headers = dict(preflight(asking("https://other.test", "GET"), RULES).headers)

    assert headers[b"access-control-allow-origin"] == b"*"
    assert b"access-control-allow-credentials" not in headers


@pytest.mark.parametrize(
    ("head", "rules", "code", "status"),
    [
        (asking(origin=None), RULES, "BadRequest", 400),
        (asking(method=None), RULES, "BadRequest", 400),
        (asking(method="PATCH"), RULES, "BadRequest", 400),
        (asking(headers="a b"), RULES, "BadRequest", 400),
        (asking(headers="x\x7f"), RULES, "BadRequest", 400),
        (asking(), None, "AccessForbidden", 403),
        (asking(), (), "AccessForbidden", 403),
        (asking(method="DELETE"), RULES, "AccessForbidden", 403),
        (asking("https://example.test"), RULES, "AccessForbidden", 403),
        (asking("https://app.example.test.evil"), RULES, "AccessForbidden", 403),
        (asking("https://evil/.example.test.x"), RULES, "AccessForbidden", 403),
        (asking("HTTPS://APP.EXAMPLE.TEST"), RULES, "AccessForbidden", 403),
        (asking(headers="x-other"), RULES, "AccessForbidden", 403),
        (asking("https://other.test", "GET", "x-amz-date"), RULES, "AccessForbidden", 403),
    ],
)
def test_a_preflight_is_refused(
    head: Head, rules: tuple[CorsRule, ...] | None, code: str, status: int
) -> None:
    with pytest.raises(S3Error) as refused:
        preflight(head, rules)

    assert (refused.value.code, refused.value.status) == (code, status)


def test_a_wildcard_stands_for_something_between_its_ends() -> None:
    rules = (CorsRule(("ab*ba",), frozenset({"GET"})),)

    assert cors_headers(Head("GET", b"/", b"", ((b"origin", b"abba"),)), rules)
    assert not cors_headers(Head("GET", b"/", b"", ((b"origin", b"aba"),)), rules)


def test_an_answer_to_another_origin() -> None:
    head = Head("GET", b"/lab-bucket/a", b"", ((b"origin", ORIGIN.encode()),))
    headers = dict(cors_headers(head, RULES))

    assert headers[b"access-control-allow-origin"] == ORIGIN.encode()
    assert headers[b"access-control-expose-headers"] == b"ETag"


@pytest.mark.parametrize(
    ("head", "rules"),
    [
        (Head("GET", b"/", b"", ()), RULES),
        (Head("GET", b"/", b"", ((b"origin", b"https://x"),)), None),
        (Head("DELETE", b"/", b"", ((b"origin", b"https://x"),)), RULES),
    ],
)
def test_an_answer_that_has_nothing_to_add(head: Head, rules: tuple[CorsRule, ...] | None) -> None:
    assert cors_headers(head, rules) == ()


def test_no_origin_writes_a_header_of_its_own() -> None:
    head = Head("GET", b"/", b"", ((b"origin", b"https://x.example.test\r\nset-cookie: a"),))
    rules = (CorsRule(("https://*",), frozenset({"GET"})),)

    for _, value in cors_headers(head, rules):
        assert b"\r" not in value
        assert b"\n" not in value
