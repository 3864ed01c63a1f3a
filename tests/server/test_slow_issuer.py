"""An issuer that is down or hangs: AWS's answer within five seconds, and nobody else waits."""

import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from support.edge import ACCOUNT, Answer
from support.ports import refusing_port
from support.running import Running, answers, running
from support.signing import FORM, HOST, encoded, form
from support.tokens import claims, header, rsa_key, sign
from valetkey.clock import system_clock
from valetkey.sigv4 import HttpRequest
from valetkey.sigv4 import sign as sign_request

NO_KEY = (
    "Couldn't retrieve verification key from your identity provider,  please reference"
    " AssumeRoleWithWebIdentity documentation for requirements"
)


@contextmanager
def hanging() -> Iterator[int]:
    """Listen on a port of loopback, take connections, and say nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield listener.getsockname()[1]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("slow-issuer")
    with running(folder, settings="allow_loopback_issuers = true\n") as started:
        yield started
    assert "Traceback" not in started.logged


def call(server: Running, service: str, action: str, *, by_admin: bool, **given: str) -> Answer:
    body = encoded(form(service, action, **given).items())
    headers = (HOST, FORM)
    if by_admin:
        request = HttpRequest("POST", b"/", b"", headers, hashlib.sha256(body).hexdigest())
        headers = sign_request(
            request,
            access_key_id=server.admin.access_key_id,
            secret_key=server.admin.secret_key,
            region="us-east-1",
            service=service,
            now=system_clock(),
        ).headers
    lines = [f"{k.decode()}: {v.decode()}" for k, v in headers if k != b"host"]
    said = server.talk(
        "\r\n".join(
            ["POST / HTTP/1.1", "Host: valetkey.example", *lines, f"Content-Length: {len(body)}"]
        ).encode()
        + b"\r\nConnection: close\r\n\r\n"
        + body,
        end=False,
    )
    return answers(said)[0]


def trust_issuer(server: Running, port: int) -> str:
    issuer = f"http://127.0.0.1:{port}"
    made = call(
        server,
        "iam",
        "CreateOpenIDConnectProvider",
        by_admin=True,
        **{"Url": issuer, "ClientIDList.member.1": "client-1"},
    )
    assert made.status == 200, made.body
    return issuer


def exchange(server: Running, issuer: str) -> Answer:
    now = int(time.time())
    text = sign(rsa_key(), header(), claims(iss=issuer, iat=now, exp=now + 600))
    return call(
        server,
        "sts",
        "AssumeRoleWithWebIdentity",
        by_admin=False,
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/example",
        RoleSessionName="job",
        WebIdentityToken=text,
    )


def timed(found: dict[str, tuple[Answer, float]], name: str, server: Running, issuer: str) -> None:
    started = time.perf_counter()
    answer = exchange(server, issuer)
    found[name] = answer, time.perf_counter() - started


def test_others_are_served_while_an_issuer_hangs(server: Running):
    with hanging() as port:
        issuer = trust_issuer(server, port)
        found: dict[str, tuple[Answer, float]] = {}
        waiting = [
            threading.Thread(target=timed, args=(found, name, server, issuer))
            for name in ("first", "second")
        ]
        for thread in waiting:
            thread.start()
        time.sleep(0.2)
        lasted = []
        for _ in range(20):
            started = time.perf_counter()
            assert call(server, "sts", "GetCallerIdentity", by_admin=True).status == 200
            lasted.append(time.perf_counter() - started)
        assert not found, "the issuer hangs still"
        assert sorted(lasted)[len(lasted) // 2] < 0.5, lasted
        for thread in waiting:
            thread.join()
    for answer, seconds in found.values():
        assert (answer.status, answer.code, answer.message) == (400, "InvalidIdentityToken", NO_KEY)
        assert seconds < 9, "five seconds for the issuer, the rest for a busy machine"
    # Who asks again at once is not made to wait for the same.
    again: dict[str, tuple[Answer, float]] = {}
    timed(again, "again", server, issuer)
    answer, seconds = again["again"]
    assert (answer.status, answer.message) == (400, NO_KEY)
    assert seconds < 1


def test_an_issuer_that_is_down_is_told_at_once(server: Running):
    with refusing_port() as port:
        issuer = trust_issuer(server, port)
        started = time.perf_counter()
        answer = exchange(server, issuer)
    assert (answer.status, answer.code, answer.message) == (400, "InvalidIdentityToken", NO_KEY)
    assert time.perf_counter() - started < 3
    record = server.records([answer.request_id])[0]
    assert record is not None
    assert record.check == "keys"
    assert issuer in (record.reason or "")
