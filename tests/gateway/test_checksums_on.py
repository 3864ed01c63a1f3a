"""A checksum goes on to the store once, however it came, and stands in the answer."""

import base64
import zlib

import pytest

from gateway.asking import headed
from gateway.matrix.plans import BUCKET
from gateway.matrix.serving import open_bench
from gateway.matrix.signing import Wire
from valetkey.sigv4 import HttpRequest, Streaming, sign_streaming

BODY = b"a body with a checksum"
CRC = base64.b64encode(zlib.crc32(BODY).to_bytes(4, "big")).decode()
NAME = b"x-amz-checksum-crc32"


@pytest.fixture
async def bench(tmp_path):
    async with open_bench(tmp_path) as opened:
        yield opened


def told(bench):
    return [value for name, value in bench.upstream.seen[-1].headers if name.lower() == NAME]


async def test_one_that_came_in_a_header(bench):
    wire = headed(bench, "PUT", f"/{BUCKET}/k", BODY, (NAME, CRC.encode()))
    said = await bench.ask(wire)
    assert (said.status, said.headers[NAME]) == (200, CRC.encode())
    assert told(bench) == [CRC.encode()]


async def test_one_that_came_in_a_trailer(bench):
    stream = sign_streaming(
        HttpRequest("PUT", f"/{BUCKET}/k".encode(), b"", ((b"host", b"valetkey.example"),), ""),
        mode=Streaming.HMAC_TRAILER,
        decoded_length=len(BODY),
        access_key_id=bench.key.id,
        secret_key=bench.key.secret,
        session_token=bench.key.token,
        region="us-east-1",
        now=bench.key.now,
        checksum="CRC32",
    )
    framed = b"".join((*stream.writer.feed(BODY), *stream.writer.finish()))
    sent = [(name.decode(), value.decode()) for name, value in stream.request.headers]
    said = await bench.ask(Wire("PUT", f"/{BUCKET}/k", [], sent, framed))
    assert (said.status, said.headers[NAME]) == (200, CRC.encode())
    assert told(bench) == [CRC.encode()]
    assert bytes(bench.upstream.seen[-1].body) == BODY
