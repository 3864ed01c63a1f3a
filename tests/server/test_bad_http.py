"""What is no good HTTP: a real server process says so, keeps its temper, and serves the next.

Below the level of requests the answer is HTTP's, plain; a request that is one gets AWS's envelope
and leaves a record.
"""

from collections.abc import Iterator

import pytest

from support.refusals import check_envelope
from support.running import Running, answers, running
from valetkey.store import Outcome

FORM = "Content-Type: application/x-www-form-urlencoded"
WHO = b"Action=GetCallerIdentity&Version=2011-06-15"
HOST = b"Host: h\r\n"
MIB = 1 << 20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("bad-http")) as started:
        yield started
        said = started.logged
    assert "Traceback" not in said
    assert " ERROR " not in said


def chunked(*chunks: bytes, trailer: bytes = b"") -> bytes:
    framed = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return framed + b"0\r\n" + trailer + b"\r\n"


NO_HTTP = {
    "noise": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xff" * 200,
    "text": b"hello\r\n\r\n",
    "no version": b"GET /\r\n\r\n",
    "another protocol": b"GET / SPDY/3\r\n" + HOST + b"\r\n",
    "HTTP/9": b"GET / HTTP/9.9\r\n" + HOST + b"\r\n",
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "unknown method": b"HELLO / HTTP/1.1\r\n" + HOST + b"\r\n",
    "method in lower case": b"get / HTTP/1.1\r\n" + HOST + b"\r\n",
    "blank in the target": b"GET /a b HTTP/1.1\r\n" + HOST + b"\r\n",
    "NUL in the target": b"GET /\x00 HTTP/1.1\r\n" + HOST + b"\r\n",
    "control in the target": b"GET /\x01 HTTP/1.1\r\n" + HOST + b"\r\n",
    "header without colon": b"GET / HTTP/1.1\r\n" + HOST + b"nonsense\r\n\r\n",
    "header without name": b"GET / HTTP/1.1\r\n" + HOST + b": x\r\n\r\n",
    "blank before the colon": b"GET / HTTP/1.1\r\n" + HOST + b"X-A : 1\r\n\r\n",
    "NUL in a header": b"GET / HTTP/1.1\r\n" + HOST + b"X-A: a\x00b\r\n\r\n",
    "control in a header": b"GET / HTTP/1.1\r\n" + HOST + b"X-A: a\x01b\r\n\r\n",
    "folded header": b"GET / HTTP/1.1\r\n" + HOST + b"X-A: a\r\n b\r\n\r\n",
    "name that is not ASCII": b"GET / HTTP/1.1\r\n" + HOST + b"X-\xff: 1\r\n\r\n",
    "no length but text": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: x\r\n\r\n",
    "negative length": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n",
    "signed length": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: +5\r\n\r\nhello",
    "huge length": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\n"
    + HOST
    + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    "length and chunks": b"POST / HTTP/1.1\r\n"
    + HOST
    + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
    + chunked(b"hello"),
    "unknown transfer encoding": b"POST / HTTP/1.1\r\n"
    + HOST
    + b"Transfer-Encoding: chunked, gzip\r\n\r\n"
    + chunked(b"hello"),
    "bad chunk size": b"POST / HTTP/1.1\r\n"
    + HOST
    + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
    "negative chunk size": b"POST / HTTP/1.1\r\n"
    + HOST
    + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
    "overflowing chunk size": b"POST / HTTP/1.1\r\n"
    + HOST
    + b"Transfer-Encoding: chunked\r\n\r\n"
    + b"f" * 40
    + b"\r\n",
    "chunk longer than it says": b"POST / HTTP/1.1\r\n"
    + HOST
    + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n",
    "any server": b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    "tunnel": b"CONNECT inside:22 HTTP/1.1\r\n" + HOST + b"\r\n",
}


@pytest.mark.parametrize("sent", NO_HTTP)
def test_what_is_no_http_is_refused(server: Running, sent: str):
    said = server.talk(NO_HTTP[sent])
    assert said.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 405 ")), said[:200]
    assert b"ASIA" not in said
    assert server.ask("GET /_valetkey/healthz HTTP/1.1").status == 200


def filled(size: int) -> str:
    return "a" * size


HEADS = {
    "one long header": b"X-A: " + b"a" * 70_000 + b"\r\n",
    "one endless header": b"X-A: " + b"a" * 2_000_000 + b"\r\n",
    "many headers": b"".join(b"X-%d: %s\r\n" % (n, b"a" * 20) for n in range(5_000)),
    "many endless headers": b"".join(b"X-%d: %s\r\n" % (n, b"a" * 2_000) for n in range(2_000)),
}


def check_bounded(server: Running, sent: bytes) -> None:
    said = server.talk(sent, end=False)
    # Who is still sending when the server hangs up may not hear why.
    assert said.startswith(b"HTTP/1.1 431 ") or (said == b"" and len(sent) > 500_000)
    assert server.ask("GET /_valetkey/healthz HTTP/1.1").status == 200


@pytest.mark.parametrize("head", HEADS)
def test_a_head_is_bounded(server: Running, head: str):
    check_bounded(server, b"GET / HTTP/1.1\r\n" + HOST + HEADS[head] + b"\r\n")


def test_a_target_is_bounded(server: Running):
    for size in (70_000, 2_000_000):
        check_bounded(server, b"GET /?" + b"a" * size + b" HTTP/1.1\r\n" + HOST + b"\r\n")
        check_bounded(server, b"GET /" + b"a" * size + b" HTTP/1.1\r\n" + HOST + b"\r\n")


def test_a_head_that_comes_in_pieces_is_bounded_too(server: Running):
    pieces = [b"GET / HTTP/1.1\r\n" + HOST, *[b"X-A: " + b"a" * 1000 + b"\r\n"] * 100, b"\r\n"]
    assert answers(server.talk(*pieces, end=False))[0].status == 431


def test_a_head_within_the_bounds_is_served(server: Running):
    """A token of 20,000 characters in the URL, beside a session token of 16,384."""
    token, session = filled(20_000), filled(16_384)
    answer = server.ask(
        f"GET /?Action=AssumeRoleWithWebIdentity&Version=2011-06-15&WebIdentityToken={token}"
        "&RoleSessionName=job&RoleArn=arn:aws:iam::111122223333:role/example HTTP/1.1",
        f"X-Amz-Security-Token: {session}",
        f"X-A: {filled(20_000)}",
    )
    assert (answer.status, answer.code) == (400, "InvalidIdentityToken")


REQUESTS: dict[str, tuple[str, list[str], bytes, int, str | None]] = {
    # head, headers, body; status and code of the answer
    "nothing asked": ("GET / HTTP/1.1", [], b"", 400, "MissingAction"),
    "nothing posted": ("POST / HTTP/1.1", [FORM], b"", 400, "MissingAction"),
    "HTTP/1.0": ("GET / HTTP/1.0", [], b"", 400, "MissingAction"),
    "HTTP/1.0 with a body": ("POST / HTTP/1.0", [FORM], WHO, 403, "MissingAuthenticationToken"),
    "PUT": ("PUT / HTTP/1.1", [FORM], WHO, 405, "MethodNotAllowed"),
    "DELETE": ("DELETE / HTTP/1.1", [], b"", 405, "MethodNotAllowed"),
    "PATCH": ("PATCH / HTTP/1.1", [FORM], WHO, 405, "MethodNotAllowed"),
    "OPTIONS": ("OPTIONS / HTTP/1.1", [], b"", 405, "MethodNotAllowed"),
    "TRACE": ("TRACE / HTTP/1.1", [], b"", 405, "MethodNotAllowed"),
    "PROPFIND": ("PROPFIND / HTTP/1.1", [], b"", 405, "MethodNotAllowed"),
    "absolute target": ("GET http://other/ HTTP/1.1", [], b"", 400, "MissingAction"),
    "no such action": ("GET /?Action=X&Version=2011-06-15 HTTP/1.1", [], b"", 400, "InvalidAction"),
    "no version": ("GET /?Action=GetCallerIdentity HTTP/1.1", [], b"", 400, "InvalidAction"),
    "broken escape": ("GET /?Action=%zz HTTP/1.1", [], b"", 400, "MalformedInput"),
    "NUL": ("GET /?Action=%00 HTTP/1.1", [], b"", 400, "ValidationError"),
    "no UTF-8": ("GET /?Action=%ff HTTP/1.1", [], b"", 400, "MalformedInput"),
    "compressed": ("POST / HTTP/1.1", [FORM, "Content-Encoding: gzip"], WHO, 400, "MalformedInput"),
    "not a form": ("POST / HTTP/1.1", ["Content-Type: text/plain"], WHO, 400, "MissingAction"),
    "JSON": (
        "POST / HTTP/1.1",
        [
            "X-Amz-Target: secretsmanager.GetSecretValue",
            "Content-Type: application/x-amz-json-1.1",
        ],
        b"{",
        400,
        "SerializationException",
    ),
    "unknown target": (
        "POST / HTTP/1.1", ["X-Amz-Target: a.b"], b"{}", 400, "UnknownOperationException",
    ),
    "expecting another thing": (
        "POST / HTTP/1.1", [FORM, "Expect: 200-ok"], WHO, 403, "MissingAuthenticationToken",
    ),
    "another upgrade": (
        "GET / HTTP/1.1", ["Upgrade: h2c", "Connection: Upgrade"], b"", 400, "MissingAction",
    ),
    "web socket": (
        "GET / HTTP/1.1",
        [
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: x",
            "Sec-WebSocket-Version: 13",
        ],
        b"",
        400,
        "MissingAction",
    ),
    "HTTP/2 offered with a body, as Java does": (
        "POST / HTTP/1.1",
        [FORM, "Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAEAAEAA"],
        WHO,
        403,
        "MissingAuthenticationToken",
    ),
    "HTTP/2 offered with chunks": (
        "POST / HTTP/1.1",
        [FORM, "Upgrade: h2c", "Connection: Upgrade", "Transfer-Encoding: chunked"],
        chunked(WHO[:5], WHO[5:]),
        403,
        "MissingAuthenticationToken",
    ),
    "chunks": (
        "POST / HTTP/1.1",
        [FORM, "Transfer-Encoding: chunked"],
        chunked(WHO[:5], WHO[5:]),
        403,
        "MissingAuthenticationToken",
    ),
    "chunks of one byte": (
        "POST / HTTP/1.1",
        [FORM, "Transfer-Encoding: chunked"],
        chunked(*(bytes([byte]) for byte in WHO)),
        403,
        "MissingAuthenticationToken",
    ),
    "too long": ("POST / HTTP/1.1", [FORM], b"a" * (MIB + 1), 413, "RequestEntityTooLarge"),
    "ten times too long": (
        "POST / HTTP/1.1", [FORM], b"a" * 10 * MIB, 413, "RequestEntityTooLarge",
    ),
    "too long in chunks": (
        "POST / HTTP/1.1",
        [FORM, "Transfer-Encoding: chunked"],
        chunked(*[b"a" * 65_536] * 17),
        413,
        "RequestEntityTooLarge",
    ),
    "a token of 1 MiB": (
        "POST / HTTP/1.1",
        [FORM],
        b"Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleSessionName=job"
        b"&RoleArn=arn:aws:iam::111122223333:role/example&WebIdentityToken=" + b"a" * MIB,
        413,
        "RequestEntityTooLarge",
    ),
    "a token somewhat too long": (
        "POST / HTTP/1.1",
        [FORM],
        b"Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleSessionName=job"
        b"&RoleArn=arn:aws:iam::111122223333:role/example&WebIdentityToken=" + b"a" * 20_001,
        400,
        "ValidationError",
    ),
}  # fmt: skip


def test_a_bad_request_is_answered_and_recorded(server: Running):
    """All of the table, then their records at once: the log is read after it was written."""
    asked = {
        name: server.ask(head, *more, body=body)
        for name, (head, more, body, *_) in REQUESTS.items()
    }
    for name, answer in asked.items():
        *_, status, code = REQUESTS[name]
        assert (answer.status, answer.code) == (status, code), name
        check_envelope(answer)
    kept = server.records([answer.request_id for answer in asked.values()])
    for name, record in zip(asked, kept, strict=True):
        assert record is not None, name
        assert record.status == asked[name].status or "Exception" in (asked[name].code or "")
        assert record.outcome in (Outcome.REFUSED, Outcome.INVALID), name


def test_a_head_request_is_answered_without_a_body(server: Running):
    said = server.talk(b"HEAD / HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 405 ")
    assert said.endswith(b"\r\n\r\n")


def test_a_body_that_is_cut_is_not_acted_upon(server: Running):
    head = f"POST / HTTP/1.1\r\nHost: h\r\n{FORM}\r\nContent-Length: 500\r\n\r\n".encode()
    assert server.talk(head + WHO) == b""
    chunk = f"POST / HTTP/1.1\r\nHost: h\r\n{FORM}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    assert server.talk(chunk + b"%x\r\n" % len(WHO) + WHO + b"\r\n") == b""
    assert server.ask("GET /_valetkey/healthz HTTP/1.1").status == 200


def test_what_follows_a_body_is_no_part_of_it(server: Running):
    head = f"POST / HTTP/1.1\r\nHost: h\r\n{FORM}\r\nContent-Length: {len(WHO)}\r\n\r\n".encode()
    said = answers(server.talk(head + WHO + b"&RoleArn=x\r\n\r\n", end=False))
    assert [answer.status for answer in said] in ([400], [403, 400])


def test_requests_in_one_go_are_answered_in_order(server: Running):
    one = b"GET /?Action=%s&Version=2011-06-15 HTTP/1.1\r\nHost: h\r\n"
    said = server.talk(
        one % b"One" + b"\r\n", one % b"Two" + b"Connection: close\r\n\r\n", end=False
    )
    assert [answer.message for answer in answers(said)] == [
        f"Could not find operation {name} for version 2011-06-15" for name in ("One", "Two")
    ]


def test_a_connection_lives_on_after_an_offer_that_is_not_taken_up(server: Running):
    offer = (
        f"POST / HTTP/1.1\r\nHost: h\r\n{FORM}\r\nConnection: upgrade\r\nUpgrade: h2c\r\n"
        f"Content-Length: {len(WHO)}\r\n\r\n"
    ).encode()
    last = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    for pieces in ((offer + WHO + offer + WHO + last,), (offer, WHO + offer, WHO, last)):
        said = answers(server.talk(*pieces, end=False))
        assert [answer.status for answer in said] == [403, 403, 400]


def test_a_trailer_is_no_header(server: Running):
    """A proxy in front judged the head; what comes after the body must not change it."""
    head = (
        f"POST / HTTP/1.1\r\nHost: h\r\n{FORM}\r\nTransfer-Encoding: chunked\r\n"
        "Trailer: X-Amz-Target\r\nConnection: close\r\n\r\n"
    ).encode()
    trailer = b"X-Amz-Target: a.b\r\nAuthorization: x\r\nContent-Type: text/plain\r\n"
    for pieces in ((head + chunked(WHO, trailer=trailer),), (head, chunked(WHO, trailer=trailer))):
        answer = answers(server.talk(*pieces, end=False))[0]
        assert (answer.status, answer.code) == (403, "MissingAuthenticationToken")


def test_an_announced_body_that_is_too_long_is_refused_while_it_comes(server: Running):
    head = (f"POST / HTTP/1.1\r\nHost: h\r\n{FORM}\r\nContent-Length: {100 * MIB}\r\n\r\n").encode()
    answer = answers(server.talk(head, *[b"a" * MIB] * 40, end=False))[0]
    assert (answer.status, answer.code) == (413, "RequestEntityTooLarge")
    assert answer.headers[b"connection"] == b"close"


def test_a_request_forges_no_line_of_the_log(server: Running):
    for date in (
        "%0A2026-01-01%20ERROR%20forged",
        "%1b%5b31mforged",
        "forged%0d%0a2026-01-01%20ERROR",
    ):
        query = (
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a/20260101/r/sts/aws4_request"
            f"&X-Amz-SignedHeaders=host&X-Amz-Expires=60&X-Amz-Signature=1&X-Amz-Date={date}"
        )
        who = "Action=GetCallerIdentity&Version=2011-06-15"
        answer = server.ask(f"GET /?{who}&{query} HTTP/1.1")
        assert (answer.status, answer.code) == (400, "IncompleteSignature")
    said = server.logged
    assert "forged" in said
    assert not [line for line in said.splitlines() if line.startswith("2026-01-01")]
    assert "\x1b" not in said
