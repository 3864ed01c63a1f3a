"""The configurations alone: what proxies ask, and what reaches a store, byte for byte."""

import asyncio
import contextlib
import http.client
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.proxies.conftest import PROXIES
from support import envoy, nginx
from support.ports import refusing_port
from support.upstream_server import Exchange, ScriptedUpstream, Seen, scripted
from valetkey.gateway.inquiry import ORIGINAL
from valetkey.gateway.model import Head
from valetkey.gateway.proxied_headers import FRAMING, OF_THE_PROXY, REPLACED, TAKEN_AWAY, taken_away

QUESTION = b"/_valetkey/authorize"
TARGET = "//a//b%2F..%2f%C3%BC+%20?x=%20&y&X-Amz-Signature=s"
DECIDED = "/decided//%2F..?y=%20"
FORGED = [
    ("Authorization", "the client's"),
    ("X-Amz-Security-Token", "the client's"),
    ("X-Amz-Date", "the client's"),
    ("X-Original-URI", "/forged"),
    ("X-Original-Method", "FORGED"),
    ("X-Original-Content-Length", "999"),
    ("X-Valetkey-Way", "store"),
    ("X-Valetkey-Target", "/forged"),
    ("X-Valetkey-Host", "forged"),
    ("X-Valetkey-Endpoint", "forged"),
    ("X-Forwarded-For", "198.51.100.1"),
    ("X-Forwarded-Proto", "https"),
    ("x-amz-meta-a_b.c", "1"),
    ("Content-Type", "a/b"),
]


@dataclass
class Between:
    """A proxy between a client and two scripted servers; ``told`` is what a question is told."""

    name: str
    proxy: Any
    valetkey: ScriptedUpstream
    store: ScriptedUpstream
    status: str = "200 OK"
    told: tuple[str, ...] = ()

    @property
    def questions(self) -> list[Seen]:
        return [one for one in self.valetkey.seen if one.target.startswith(QUESTION)]

    @property
    def streamed(self) -> list[Seen]:
        return [one for one in self.valetkey.seen if not one.target.startswith(QUESTION)]

    async def answer(self, exchange: Exchange) -> None:
        """Answer as valetkey."""
        seen = exchange.seen
        if not seen.target.startswith(QUESTION):
            await exchange.read()
            await exchange.answer("200 OK", b"streamed")
            return
        if "x-valetkey-way: store" not in self.told:
            await exchange.answer(self.status, b"", *self.told)
            return
        head = Head("", b"", b"", tuple((name.lower(), b"") for name, _ in seen.headers))
        kept = {b"authorization", b"x-amz-date", b"x-amz-content-sha256", b"x-amz-meta-a_b.c"}
        away = taken_away(head, {*kept, b"content-type"}).decode()
        await exchange.answer(
            self.status, b"", *self.told, f"x-envoy-auth-headers-to-remove: {away}"
        )

    def allowing(self, **changes: str | None) -> None:
        """Have every question allowed."""
        told = {
            "authorization": "ours",
            "x-amz-date": "ours",
            "x-amz-content-sha256": "ours",
            "x-valetkey-way": "store",
            "x-valetkey-target": DECIDED,
            "x-valetkey-host": "store.example",
            "x-valetkey-endpoint": self.store.endpoint,
            "x-valetkey-request-id": "id-1",
            **{name.replace("_", "-"): value for name, value in changes.items()},
        }
        self.told = tuple(f"{name}: {value}" for name, value in told.items() if value is not None)

    def handing_over(self) -> None:
        """Have every question told to hand the request over."""
        self.status = "401 Unauthorized" if self.name == "nginx" else "200 OK"
        self.told = ("x-valetkey-way: stream",)

    async def ask(
        self, method: str = "PUT", target: str = TARGET, body: bytes = b"body", *more: Any
    ) -> tuple[int, dict[str, str], bytes]:
        """Send a client's request with everything in it that could be taken for something else."""
        return await asyncio.to_thread(self._ask, method, target, body, [*FORGED, *more])

    def _ask(self, method: str, target: str, body: bytes, headers: list[tuple[str, str]]) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.proxy.port, timeout=60)
        with contextlib.closing(connection):
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            length = [("Content-Length", str(len(body)))] if body else []
            for name, value in [("Host", "s3.example"), *headers, *length]:
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            lowered = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, lowered, answer.read()


@contextlib.asynccontextmanager
async def before(run: Any, folder: Path, *, valetkey: str, store: str) -> AsyncIterator[Any]:
    """Run a proxy before servers of which one may not be there."""
    running = run(folder, valetkey=valetkey, store=store)
    proxy = await asyncio.to_thread(running.__enter__)
    try:
        yield proxy
    finally:
        await asyncio.to_thread(running.__exit__, None, None, None)


@pytest.fixture(params=PROXIES)
async def between(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Between]:
    run = PROXIES[request.param]
    async with (
        scripted() as valetkey,
        scripted() as store,
        before(run, tmp_path, valetkey=valetkey.endpoint, store=store.endpoint) as proxy,
    ):
        opened = Between(request.param, proxy, valetkey, store)
        valetkey.script = opened.answer
        opened.allowing()
        yield opened


def named(seen: Seen) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in seen.headers:
        found.setdefault(name.decode().lower(), []).append(value.decode())
    return found


async def test_what_is_asked_is_the_clients_request_and_nothing_it_says_of_itself(between: Between):
    await between.ask()
    [question] = between.questions
    headers = named(question)
    if between.name == "nginx":
        assert question.line == b"GET /_valetkey/authorize HTTP/1.1"
        assert headers["x-original-uri"] == [TARGET]
        assert headers["x-original-method"] == ["PUT"]
        assert "content-length" not in headers
        assert headers["x-forwarded-for"] == ["127.0.0.1"]
        assert headers["x-forwarded-proto"] == ["http"]
    else:
        assert question.line == f"PUT /_valetkey/authorize{TARGET} HTTP/1.1".encode()
        assert headers["content-length"] == ["0"]
        assert not headers.keys() & {"x-original-uri", "x-original-method"}
        assert not [name for name in headers if name.startswith("x-valetkey-")]
        assert "198.51.100.1" not in headers["x-forwarded-for"][0].rpartition(",")[2]
    assert headers["x-original-content-length"] == ["4"]
    assert headers["host"] == ["s3.example"]
    assert headers["authorization"] == ["the client's"]
    assert headers["x-amz-meta-a_b.c"] == ["1"]
    assert question.body == b""


async def test_what_reaches_the_store_is_what_was_decided(between: Between):
    more = [(name.decode(), "the client's") for name in sorted(TAKEN_AWAY - {b"x-forwarded-for"})]
    status, answered, _ = await between.ask("PUT", TARGET, b"body", *more)
    assert (status, answered["x-amz-request-id"]) == (200, "id-1")
    [seen] = between.store.seen
    assert seen.line == f"PUT {DECIDED} HTTP/1.1".encode()
    assert seen.body == b"body"
    headers = named(seen)
    headers.pop("connection", None)
    if between.name == "nginx":
        # Whether any of these may go on is valetkey's to say: it hands such a request over.
        for name in [name for name in headers if name.startswith("x-valetkey-")]:
            del headers[name]
    assert headers == {
        "host": ["store.example"],
        "authorization": ["ours"],
        "x-amz-date": ["ours"],
        "x-amz-content-sha256": ["ours"],
        "x-amz-meta-a_b.c": ["1"],
        "content-type": ["a/b"],
        "content-length": ["4"],
    }
    assert between.streamed == []


async def test_what_is_handed_over_reaches_valetkey_as_it_came(between: Between):
    between.handing_over()
    status, _, body = await between.ask()
    assert (status, body) == (200, b"streamed")
    assert between.store.seen == []
    [seen] = between.streamed
    assert seen.line == f"PUT {TARGET} HTTP/1.1".encode()
    assert seen.body == b"body"
    headers = named(seen)
    for name in ("authorization", "x-amz-security-token", "x-amz-date"):
        assert headers[name] == ["the client's"]
    assert headers["host"] == ["s3.example"]


async def test_signed_chunks_are_not_asked_about(between: Between):
    mode = ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")
    status, _, body = await between.ask("PUT", TARGET, b"body", mode)
    assert (status, body) == (200, b"streamed")
    assert (between.questions, between.store.seen) == ([], [])
    assert between.streamed[0].line == f"PUT {TARGET} HTTP/1.1".encode()


async def test_headers_that_come_twice(between: Between):
    await between.ask("PUT", TARGET, b"body", ("x-amz-acl", "a"), ("x-amz-acl", "b"))
    headers = named(between.questions[0])
    assert headers["x-amz-acl"] == (["a", "b"] if between.name == "nginx" else ["a,b"])
    between.allowing(x_amz_acl="a,b")
    between.store.seen.clear()
    await between.ask("PUT", TARGET, b"body", ("x-amz-acl", "a"), ("x-amz-acl", "b"))
    if between.name == "envoy":
        # One header was decided about, so one goes on.
        assert named(between.store.seen[0]).get("x-amz-acl") in (["a,b"], None)


async def test_a_store_that_the_proxy_does_not_know(between: Between):
    between.allowing(x_valetkey_endpoint="http://other.example")
    status, _, body = await between.ask()
    assert between.store.seen == []
    assert (status, body) == ((200, b"streamed") if between.name == "nginx" else (503, b""))


@pytest.mark.parametrize("status", ["404 Not Found", "500 Internal Server Error", "302 Found"])
async def test_a_question_that_fails(between: Between, status: str):
    between.status = status
    got, _, _ = await between.ask()
    assert between.store.seen == []
    if between.name == "nginx":
        assert (got, len(between.streamed)) == (200, 1)
    else:
        assert got == (503 if status.startswith("500") else int(status[:3]))


async def test_the_stores_answer_speaks_for_nobody_else(between: Between):
    hidden = ["Location: http://store.example/", "Set-Cookie: a=b", "WWW-Authenticate: Basic"]
    hidden += ["Access-Control-Allow-Origin: *", "X-Amz-Id-2: theirs", "Alt-Svc: h3=:1"]
    more = ["X-Amz-Request-Id: theirs", "ETag: W/a", "X-Accel-Redirect: /_valetkey/question"]

    async def script(exchange: Exchange) -> None:
        await exchange.read()
        await exchange.answer("200 OK", b"<html>", *hidden, *more, "Content-Type: text/html")

    between.store.script = script
    status, headers, body = await between.ask("GET", TARGET, b"", ("Accept-Encoding", "gzip"))
    assert (status, body) == (200, b"<html>")
    assert not headers.keys() & {one.partition(":")[0].lower() for one in hidden}
    assert (headers["etag"], headers["x-amz-request-id"]) == ("W/a", "id-1")
    assert "content-encoding" not in headers


async def test_the_target_of_one_who_takes_it_for_a_proxy(between: Between):
    await between.ask("GET", "http://s3.example/a//b?x=%20", b"")
    [question] = between.questions
    if between.name == "nginx":
        assert named(question)["x-original-uri"] == ["/a//b?x=%20"]
    else:
        assert question.target == b"/_valetkey/authorize/a//b?x=%20"
    assert between.store.seen[0].target.decode() == DECIDED


@pytest.mark.parametrize("name", PROXIES)
async def test_a_store_that_is_down(name: str, tmp_path: Path):
    with refusing_port() as port:
        store = f"http://127.0.0.1:{port}"
        async with (
            scripted() as valetkey,
            before(PROXIES[name], tmp_path, valetkey=valetkey.endpoint, store=store) as proxy,
        ):
            between = Between(name, proxy, valetkey, valetkey)
            valetkey.script = between.answer
            between.allowing(x_valetkey_endpoint=store)
            status, headers, body = await between.ask()
    assert (status, headers["x-amz-request-id"]) == (503, "id-1")
    assert name == "envoy" or b"<Code>ServiceUnavailable</Code>" in body


@pytest.mark.parametrize("name", PROXIES)
async def test_valetkey_is_down(name: str, tmp_path: Path):
    with refusing_port() as port:
        valetkey = f"http://127.0.0.1:{port}"
        async with (
            scripted() as store,
            before(PROXIES[name], tmp_path, valetkey=valetkey, store=store.endpoint) as proxy,
        ):
            between = Between(name, proxy, store, store)
            for body in (b"", b"body"):
                status, _, _ = await between.ask("PUT", TARGET, body)
                assert status == 503
            assert store.seen == []


def test_nginx_takes_away_what_the_code_says():
    text = nginx.CONFIGURATION.read_text()
    start = text.index("location / {")
    block = text[start : text.index("\n    }\n", start)]
    away = set(re.findall(r'proxy_set_header (\S+) +"";', block))
    assert {name.lower().encode() for name in away} == TAKEN_AWAY | ORIGINAL | {b"connection"}
    replaced = set(re.findall(r"proxy_set_header (\S+) +\$valetkey_\w+;", block))
    assert {name.lower().encode() for name in replaced} == REPLACED | {b"host"}
    assert not TAKEN_AWAY & (REPLACED | OF_THE_PROXY | FRAMING)


def test_nginx_names_what_the_code_reads():
    named_there = set(re.findall(r"X-Original-[A-Za-z-]+", nginx.CONFIGURATION.read_text()))
    assert {name.lower().encode() for name in named_there} == ORIGINAL


def test_envoy_lets_through_what_the_code_tells():
    filters = {one["name"]: one["typed_config"] for one in _manager()["http_filters"]}
    asked = filters["envoy.filters.http.ext_authz"]
    assert asked["failure_mode_allow"] is False
    assert asked["clear_route_cache"] is True
    assert asked["http_service"]["path_prefix"] == QUESTION.decode()
    told = asked["http_service"]["authorization_response"]["allowed_upstream_headers"]["patterns"]
    exact = {one["exact"] for one in told if "exact" in one}
    ours = {f"x-valetkey-{name}" for name in ("endpoint", "host", "request-id", "target", "way")}
    assert exact == {"authorization", "if-match", "if-none-match", *ours}
    assert [one["prefix"] for one in told if "prefix" in one] == ["x-amz-"]
    first = filters["envoy.filters.http.header_mutation"]["mutations"]["request_mutations"]
    removed = {one["remove"] for one in first if "remove" in one}
    assert removed == ours | {name.decode() for name in ORIGINAL}


def test_envoy_reads_paths_as_they_came():
    manager = _manager()
    assert manager["normalize_path"] is manager["merge_slashes"] is False
    assert manager["path_with_escaped_slashes_action"] == "KEEP_UNCHANGED"


def _manager() -> Any:
    [listener] = envoy.configuration()["static_resources"]["listeners"]
    return listener["filter_chains"][0]["filters"][0]["typed_config"]
