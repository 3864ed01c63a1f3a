"""What breaks under a real client: nothing half-written is answered 200, and nothing leaks."""

import asyncio
import io
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError, HTTPClientError

from clients.gateway.sockets import held_sockets, settled_sockets
from clients.gateway.trees import MIB, noise
from support.gateway_running import ALL, BUCKET, add_upstream
from support.seaweed import Seaweed, seaweed
from support.upstream_server import Exchange, scripted

FRAIL = "frail-bucket"
TIMES = 4


@pytest.fixture(scope="module")
def frail(gateway, tmp_path_factory) -> Iterator[Seaweed]:
    """Return a store that may be killed; it holds the bucket `FRAIL` behind the same gateway."""
    with seaweed(tmp_path_factory.mktemp("frail")) as store:
        add_upstream(gateway.site, "frail", store.endpoint, "--bucket", "frail-*")
        store.make_bucket(FRAIL)
        yield store
        removed = gateway.site.valetkey("upstream", "remove", "frail", "--force")
        assert removed.code == 0, removed.errors


@pytest.fixture
def once(gateway):
    """Return a client that asks once, and reads a body only while it sends it."""
    return gateway.client(
        ALL,
        retries={"total_max_attempts": 1},
        read_timeout=30,
        request_checksum_calculation="when_required",
        s3={"addressing_style": "path", "payload_signing_enabled": False},
    )


def names(store: Seaweed) -> list[str]:
    listed = store.client().list_objects_v2(Bucket=FRAIL)
    return [each["Key"] for each in listed.get("Contents", ())]


def test_the_store_is_killed_while_it_sends(gateway, frail, once):
    frail.client().put_object(Bucket=FRAIL, Key="long", Body=noise(64 * MIB))
    once.head_object(Bucket=FRAIL, Key="long")
    rest = held_sockets(gateway)
    body = once.get_object(Bucket=FRAIL, Key="long")["Body"]
    assert len(body.read(MIB)) == MIB
    frail.kill()
    # The length was announced, so what is missing can't be taken for the end.
    with pytest.raises(HTTPClientError):
        body.read()
    with pytest.raises(ClientError) as refused:
        once.get_object(Bucket=FRAIL, Key="long")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    frail.start()
    assert once.head_object(Bucket=FRAIL, Key="long")["ContentLength"] == 64 * MIB
    assert settled_sockets(gateway, rest) <= rest


class Sent(io.BytesIO):
    """A body that kills a store when half of it is read."""

    def __init__(self, size: int, store: Seaweed) -> None:
        super().__init__(bytes(size))
        self._half = size // 2
        self._store = store

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() >= self._half:
            self._store.kill()
        return super().read(size)


def test_the_store_is_killed_while_it_is_sent_to(gateway, frail, once):
    once.list_objects_v2(Bucket=FRAIL)
    rest = held_sockets(gateway)
    with pytest.raises((ClientError, HTTPClientError)) as broken:
        once.put_object(Bucket=FRAIL, Key="half", Body=Sent(64 * MIB, frail))
    # The answer, where the client still reads one; it may be writing when the connection ends.
    if isinstance(broken.value, ClientError):
        assert broken.value.response["Error"]["Code"] in ("InternalError", "ServiceUnavailable")
    frail.start()
    assert "half" not in names(frail)
    once.put_object(Bucket=FRAIL, Key="half", Body=b"whole")
    assert frail.client().get_object(Bucket=FRAIL, Key="half")["Body"].read() == b"whole"
    assert settled_sockets(gateway, rest) <= rest


def signed(gateway: Any, method: str, path: str, length: int) -> bytes:
    """Return the head of a request whose body is still to come."""
    granted = gateway.credentials(ALL)
    request = AWSRequest(method, f"{gateway.endpoint}{path}")
    request.headers["X-Amz-Content-SHA256"] = "UNSIGNED-PAYLOAD"
    keys = Credentials(granted["AccessKeyId"], granted["SecretAccessKey"], granted["SessionToken"])
    S3SigV4Auth(keys, "s3", "us-east-1").add_auth(request)
    lines = [f"{method} {path} HTTP/1.1", f"Host: {gateway.endpoint.removeprefix('http://')}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    return "\r\n".join([*lines, f"Content-Length: {length}", "", ""]).encode()


def test_the_client_goes_in_the_middle_of_its_upload(gateway):
    straight = gateway.direct()
    rest = held_sockets(gateway)
    for number in range(TIMES):
        head = signed(gateway, "PUT", f"/{BUCKET}/gone-{number}", 32 * MIB)
        with socket.create_connection(("127.0.0.1", gateway.site.server_port)) as connection:
            connection.sendall(head + bytes(8 * MIB))
    # One connection to the store may be kept for the next request.
    assert settled_sockets(gateway, rest + 1) <= rest + 1
    assert straight.list_objects_v2(Bucket=BUCKET, Prefix="gone-")["KeyCount"] == 0


def test_the_client_goes_in_the_middle_of_its_download(gateway):
    gateway.direct().put_object(Bucket=BUCKET, Key="long", Body=noise(32 * MIB))
    rest = held_sockets(gateway)
    for _ in range(TIMES):
        head = signed(gateway, "GET", f"/{BUCKET}/long", 0)
        with socket.create_connection(("127.0.0.1", gateway.site.server_port)) as connection:
            connection.sendall(head)
            assert connection.recv(15) == b"HTTP/1.1 200 OK"
    assert settled_sockets(gateway, rest + 1) <= rest + 1


async def test_an_upstream_that_is_busy_is_asked_again_by_the_client(gateway):
    """The gateway passes a 503 on, with S3's code: SDKs know what to do, and have the body."""

    async def busy_once(exchange: Exchange) -> None:
        await exchange.read()
        if len(upstream.seen) == 1:
            said = (
                b"<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>"
            )
            await exchange.answer("503 Slow Down", said, "Content-Type: application/xml")
        else:
            await exchange.answer("200 OK", b"", 'ETag: "0"')

    body = noise(300_000)
    async with scripted(busy_once) as upstream:
        add_upstream(gateway.site, "busy", upstream.endpoint, "--bucket", "busy-*")
        client = gateway.client(ALL, retries={"total_max_attempts": 2, "mode": "standard"})
        done = await asyncio.to_thread(client.put_object, Bucket="busy-x", Key="k", Body=body)
        assert done["ResponseMetadata"]["RetryAttempts"] == 1
        assert [bytes(seen.body) == body for seen in upstream.seen] == [True, True]

        upstream.seen.clear()
        once = gateway.client(ALL, retries={"total_max_attempts": 1})
        with pytest.raises(ClientError) as refused:
            await asyncio.to_thread(once.put_object, Bucket="busy-x", Key="k", Body=body)
        assert refused.value.response["Error"]["Code"] == "SlowDown"
        assert len(upstream.seen) == 1
    removed = gateway.site.valetkey("upstream", "remove", "busy")
    assert removed.code == 0, removed.errors
