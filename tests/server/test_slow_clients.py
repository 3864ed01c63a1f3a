"""Who sends slowly, or nothing at all, is not waited for; who is quick is served meanwhile."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import uvicorn

from support.edge import Edge
from support.running import answers
from support.served import serve
from valetkey.server import app as application
from valetkey.server import protocol
from valetkey.server.protocol import BoundedProtocol

SHORT = 0.5
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
WHO = b"Action=GetCallerIdentity&Version=2011-06-15"
HEAD = b"POST / HTTP/1.1\r\nHost: h\r\n" + FORM + b"Content-Length: %d\r\n" % len(WHO)
QUICK = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"


@dataclass
class Listening:
    """A server in this process, with sockets."""

    edge: Edge
    port: int

    async def talk(self, *pieces: bytes, pause: float = 0.0) -> tuple[bytes, float]:
        """Send pieces with pauses; return what came back until the end, and after how long."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        started = time.perf_counter()
        try:
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(pause)
            said = await reader.read()
        except ConnectionError:
            said = b""
        writer.close()
        return said, time.perf_counter() - started


@pytest.fixture
async def listening(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Listening]:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", SHORT)
    monkeypatch.setattr(application, "BODY_SECONDS", SHORT)

    config = uvicorn.Config(
        (await serve(edge)).app,
        port=0,
        http=BoundedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        proxy_headers=False,
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    yield Listening(edge, server.servers[0].sockets[0].getsockname()[1])
    server.should_exit = True
    await server.shutdown()


async def test_who_says_nothing_is_hung_up_on(listening: Listening):
    said, lasted = await listening.talk()
    assert said == b""
    assert SHORT * 0.8 < lasted < 5


@pytest.mark.parametrize("begun", [b"G", b"GET / HTTP/1.1\r\n", HEAD])
async def test_a_head_that_does_not_end_is_not_waited_for(listening: Listening, begun: bytes):
    said, lasted = await listening.talk(begun)
    assert said == b""
    assert SHORT * 0.8 < lasted < 5


async def test_a_head_in_drops_has_no_longer_than_one_that_stops(listening: Listening):
    drops = [b"GET / HTTP/1.1\r\n", *[b"X-A: 1\r\n"] * 20, b"\r\n"]
    said, lasted = await listening.talk(*drops, pause=0.05)
    assert said == b""
    assert lasted < 5


async def test_a_second_head_has_its_own_time(listening: Listening):
    keep = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
    said, lasted = await listening.talk(keep, keep, keep, b"GET", pause=SHORT * 0.4)
    assert [answer.status for answer in answers(said)] == [400, 400, 400]
    assert lasted < 5


@pytest.mark.parametrize("begun", [b"", WHO[:10]])
async def test_a_body_that_does_not_come_is_not_waited_for(listening: Listening, begun: bytes):
    said, lasted = await listening.talk(HEAD + b"\r\n", begun)
    answer = answers(said)[0]
    assert (answer.status, answer.code) == (408, "RequestTimeout")
    assert answer.headers[b"connection"] == b"close"
    assert SHORT * 0.8 < lasted < 5
    record = listening.edge.record(answer)
    assert (record.status, record.outcome) == (408, "invalid")


async def test_a_body_in_drops_has_no_longer_than_one_that_stops(listening: Listening):
    drops = [bytes([byte]) for byte in WHO]
    said, lasted = await listening.talk(HEAD + b"\r\n", *drops, pause=0.05)
    assert said == b"" or answers(said)[0].status == 408
    assert lasted < 5


async def test_a_body_in_pieces_is_taken(listening: Listening):
    head = HEAD + b"Connection: close\r\n\r\n"
    said, _ = await listening.talk(head, WHO[:20], WHO[20:], pause=0.02)
    assert answers(said)[0].code == "MissingAuthenticationToken"


async def test_the_quick_are_served_while_many_are_slow(listening: Listening):
    slow = [asyncio.create_task(listening.talk(HEAD + b"\r\n", WHO[:5])) for _ in range(100)]
    await asyncio.sleep(0.05)
    for _ in range(10):
        said, lasted = await listening.talk(QUICK)
        assert answers(said)[0].status == 400
        assert lasted < 2
    for said, _ in await asyncio.gather(*slow):
        assert answers(said)[0].status == 408
