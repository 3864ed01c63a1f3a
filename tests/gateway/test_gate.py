"""The gateway and the connection to the client: what is read, what is thrown away, what is cut."""

import asyncio
import contextlib
import hashlib
import http.client
import time

import pytest

from gateway.matrix.plans import BUCKET
from gateway.matrix.serving import open_bench
from support.gateway_running import ALL, gateway  # noqa: F401 - a fixture
from support.gateway_running import BUCKET as SHARED
from valetkey.gateway.upstream import UpstreamBroken
from valetkey.sigv4 import HttpRequest, sign
from valetkey.store import UpstreamRecord

EMPTY = hashlib.sha256(b"").hexdigest()
MIB = 1 << 20


@pytest.fixture
async def bench(tmp_path):
    async with open_bench(tmp_path) as opened:
        yield opened


class Connection:
    """A client as the ASGI server sees it; ``pieces`` come when they are asked for."""

    def __init__(self, bench, method, path, pieces, **headers):
        self.bench, self.pieces = bench, list(pieces)
        payload = headers.pop("payload", "UNSIGNED-PAYLOAD")
        plain = {"host": "valetkey.example", "x-amz-content-sha256": payload, **headers}
        pairs = tuple((k.replace("_", "-").encode(), v.encode()) for k, v in plain.items())
        key = bench.key
        self.made = sign(
            HttpRequest(method, path.encode(), b"", pairs, payload),
            access_key_id=key.id,
            secret_key=key.secret,
            session_token=key.token,
            region="us-east-1",
            service="s3",
            now=key.now,
        )
        self.asked = 0
        self.sent = []
        self.gone = asyncio.Event()
        self.begun = asyncio.Event()

    async def receive(self):
        self.asked += 1
        if self.pieces:
            piece = self.pieces.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(self.pieces)}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        self.sent.append(message)
        if message["type"] == "http.response.body":
            self.begun.set()
        await asyncio.sleep(0)

    async def run(self):
        scope = {
            "type": "http",
            "method": self.made.method,
            "path": self.made.raw_path.decode(),
            "raw_path": self.made.raw_path,
            "query_string": self.made.raw_query,
            "headers": list(self.made.headers),
            "client": ("192.0.2.1", 50_000),
            "scheme": "https",
            "state": {},
        }
        await self.bench.app(scope, self.receive, self.send)

    @property
    def status(self):
        return self.sent[0]["status"]

    @property
    def headers(self):
        return dict(self.sent[0]["headers"])


def refused(bench, pieces, **headers):
    """Return a PUT into a bucket that nobody serves: refused by its head."""
    bench.edge.wiring.store.write(bench.take_upstream_away)
    length = str(sum(map(len, pieces)))
    return Connection(bench, "PUT", "/nobodys-bucket/k", pieces, content_length=length, **headers)


@pytest.fixture
def no_upstream(bench):
    def take_away(tx):
        for record in tx.scan(UpstreamRecord):
            tx.delete(record)

    bench.take_upstream_away = take_away
    return bench


async def test_a_body_that_the_client_holds_back_is_not_asked_for(no_upstream):
    connection = refused(no_upstream, [b"x" * 100], expect="100-continue")
    await connection.run()
    assert connection.status == 404
    assert connection.asked == 0
    assert connection.headers[b"connection"] == b"close"


async def test_a_body_that_is_on_its_way_is_thrown_away_so_that_the_answer_is_seen(no_upstream):
    connection = refused(no_upstream, [b"x" * 65_536] * 8)
    await connection.run()
    assert connection.status == 404
    assert connection.asked == 8
    assert b"connection" not in connection.headers


async def test_an_endless_body_is_thrown_away_within_bounds(no_upstream):
    connection = refused(no_upstream, [b"x" * MIB] * 24)
    await connection.run()
    assert connection.status == 404
    assert connection.asked <= 18
    assert connection.headers[b"connection"] == b"close"


async def test_what_is_left_of_an_object_is_not_fetched_for_a_client_that_is_gone(bench):
    wrote = []

    async def endless(exchange):
        await exchange.read()
        head = b"HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n"
        await exchange.write(head)
        try:
            while True:
                await exchange.write(b"z" * 65_536)
                wrote.append(65_536)
        except OSError:
            wrote.append(0)

    bench.upstream.script = endless
    connection = Connection(bench, "GET", f"/{BUCKET}/k", [b""], payload=EMPTY)
    running = asyncio.create_task(connection.run())
    await connection.begun.wait()
    connection.gone.set()
    await asyncio.wait_for(running, 20)
    for _ in range(400):
        if wrote[-1] == 0:
            break
        await asyncio.sleep(0.01)
    assert wrote[-1] == 0, "the upstream goes on sending"
    assert sum(wrote) < 512 * MIB


async def test_an_object_that_breaks_off_is_not_ended_as_if_it_were_whole(bench):
    async def short(exchange):
        await exchange.read()
        await exchange.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n" + b"z" * 10)
        exchange.hang_up()

    bench.upstream.script = short
    connection = Connection(bench, "GET", f"/{BUCKET}/k", [b""], payload=EMPTY)
    with pytest.raises(UpstreamBroken):
        await connection.run()
    assert connection.status == 200
    assert all(message.get("more_body", True) for message in connection.sent[1:])


def test_two_large_bodies_on_one_connection(gateway):  # noqa: F811 - the fixture
    """What came around the second body is not measured by the bytes of the first."""
    granted = gateway.credentials(ALL)
    authority = gateway.endpoint.partition("://")[2]
    with contextlib.closing(http.client.HTTPConnection(authority, timeout=60)) as connection:
        put_twice(connection, authority, granted)


def put_twice(connection, authority, granted):
    for name in ("first", "second"):
        made = sign(
            HttpRequest(
                "PUT",
                f"/{SHARED}/large/{name}".encode(),
                b"",
                ((b"host", authority.encode()), (b"x-amz-content-sha256", b"UNSIGNED-PAYLOAD")),
                "UNSIGNED-PAYLOAD",
            ),
            access_key_id=granted["AccessKeyId"],
            secret_key=granted["SecretAccessKey"],
            session_token=granted["SessionToken"],
            region="us-east-1",
            service="s3",
            now=time.time(),
        )
        headers = {key.decode(): value.decode() for key, value in made.headers}
        connection.request("PUT", made.raw_path.decode(), b"x" * (18 * MIB), headers)
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b"")
