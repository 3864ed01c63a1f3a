"""Bodies that go to the upstream in chunks: signed ones, and ones with a checksum behind them."""

import pytest

from support.upstreaming import SECRET_KEY, ask, pieces, record, until
from valetkey.clock import system_clock
from valetkey.errors import AwsError
from valetkey.sigv4 import (
    HttpRequest,
    SigningKeyCache,
    parse_signature,
    payload_reader,
    verify_signature,
)

SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
MODES = [
    ({"payload": "chunked"}, None, SIGNED, set()),
    ({"payload": "chunked"}, "CRC32C", SIGNED, set()),
    ({"payload": "chunked", "trailers": True}, None, SIGNED, set()),
    ({"payload": "chunked", "trailers": True}, "CRC32C", f"{SIGNED}-TRAILER", {"CRC32C"}),
    (
        {"payload": "unsigned", "trailers": True},
        "CRC64NVME",
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        {"CRC64NVME"},
    ),
]


def read_as_the_upstream(seen):
    """Verify head and body as an S3 would, and return the object and the proof."""
    path, _, query = seen.target.partition(b"?")
    headers = tuple((name.lower(), value) for name, value in seen.headers)
    request = HttpRequest(seen.method.decode(), path, query, headers, "")
    proof = verify_signature(
        request,
        parse_signature(request),
        secret_key=SECRET_KEY,
        now=system_clock(),
        keys=SigningKeyCache(),
        service="s3",
        body="stream",
    )
    reader = payload_reader(proof, headers)
    found = b"".join(reader.feed(bytes(seen.body)))
    return found, reader.finish()


@pytest.mark.parametrize("sizes", [[1], [65_536], [10, 65_526, 70_000, 1], [300_000]])
@pytest.mark.parametrize("way", MODES)
async def test_the_upstream_can_verify_every_chunk(upstream, upstreams, way, sizes):
    changes, checksum, mode, kept = way
    body = [bytes([65 + number]) * size for number, size in enumerate(sizes)]
    await ask(
        upstreams,
        record(upstream.endpoint, **changes),
        "PUT",
        b"/b/a%2Fb",
        headers=((b"content-encoding", b"gzip"), (b"content-type", b"text/plain")),
        body=pieces(body),
        length=sum(sizes),
        checksum=checksum,
    )
    seen = upstream.seen[0]
    found, proof = read_as_the_upstream(seen)
    assert found == b"".join(body)
    assert set(proof.checksums) == kept
    assert seen.header(b"x-amz-content-sha256") == mode.encode()
    assert seen.header(b"content-encoding") == b"aws-chunked,gzip"
    assert (seen.header(b"transfer-encoding"), seen.whole) == (None, True)


@pytest.mark.parametrize(
    ("given", "length", "raised"),
    [
        ([b"x" * 70_000], 70_001, AwsError),
        ([b"x" * 70_000, b"y"], 70_000, AwsError),
        ([], 1, AwsError),
        ([b"x" * 70_000], 70_000, KeyError),
    ],
)
async def test_a_body_that_fails_has_no_last_chunk(upstream, upstreams, given, length, raised):
    async def script(exchange):
        await exchange.read()
        await exchange.answer()

    upstream.script = script
    sent = pieces(given, KeyError("gone") if raised is KeyError else None)
    with pytest.raises(raised):
        await ask(
            upstreams,
            record(upstream.endpoint, payload="chunked"),
            "PUT",
            b"/b/k",
            body=sent,
            length=length,
        )
    await until(lambda: not upstream.tasks)
    assert upstream.whole == []
    assert all(b"\r\n0;" not in seen.body for seen in upstream.seen)


@pytest.mark.parametrize("body", [b"whole", b"", None])
async def test_a_whole_body_goes_in_one_piece(upstream, upstreams, body):
    to = record(upstream.endpoint, payload="chunked", trailers=True)
    await ask(upstreams, to, "PUT", b"/b/k", body=body, checksum="CRC32")
    assert (bytes(upstream.seen[0].body), upstream.seen[0].header(b"content-encoding")) == (
        body or b"",
        None,
    )


async def test_without_credentials_there_is_nothing_to_sign_chunks_with(upstream, upstreams):
    to = record(upstream.endpoint, payload="chunked", keys=None)
    await ask(upstreams, to, "PUT", b"/b/k", body=pieces([b"ab"]), length=2)
    assert bytes(upstream.seen[0].body) == b"ab"
