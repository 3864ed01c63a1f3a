"""The framing of a body never becomes part of the object, and what was declared of it holds.

Elsewhere: `aws-chunked` framing stood inside of objects, unsigned trailers were accepted unread,
and an undeclared one was believed. The matrix has every flaw; here is what the store gets.
"""

import base64
import hashlib
import zlib

import pytest

from gateway.matrix.plans import CELLS, OBJECT, Auth, Mode, base_refusal, build, plan
from gateway.matrix.serving import Bench
from gateway.matrix.spoils import checksum

STORING = [
    cell for cell in CELLS if cell.stores and base_refusal(cell) is None and cell.mode.chunked
]
FRAMING = (b"aws-chunked", b"x-amz-decoded-content-length", b"x-amz-trailer", b"chunk-signature")


@pytest.mark.parametrize("body", [OBJECT, b"", b"x", b"0\r\n\r\n", OBJECT * 12])
async def test_the_store_gets_the_object_and_nothing_of_its_framing(bench: Bench, body: bytes):
    for cell in STORING:
        bench.upstream.seen.clear()
        sizes = [8192] * (len(body) // 8192) + ([rest] if (rest := len(body) % 8192) else [])
        said = await bench.ask(build(plan(cell, bench.key, body, sizes)))
        (seen,) = bench.upstream.seen
        assert (said.status, bytes(seen.body)) == (200, body), cell
        assert seen.header(b"content-length") == str(len(body)).encode()
        head = b"\n".join(name.lower() + b":" + value for name, value in seen.headers)
        assert not any(word in head for word in FRAMING), head
        assert seen.header(b"transfer-encoding") is None


async def test_the_encoding_that_is_the_objects_own_stays(bench: Bench):
    cell = next(one for one in STORING if one.mode is Mode.UNSIGNED_TRAILER)
    for sent, kept in (
        ("aws-chunked,gzip", b"gzip"),
        ("gzip, aws-chunked", b"gzip"),
        ("AWS-Chunked", None),
        ("aws-chunked,aws-chunked,br", b"br"),
        ("gzip,deflate", b"gzip,deflate"),
    ):
        bench.upstream.seen.clear()
        made = plan(cell, bench.key)
        made.encoding = sent
        assert (await bench.ask(build(made))).status == 200
        assert bench.upstream.seen[0].header(b"content-encoding") == kept, sent


@pytest.mark.parametrize("name", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
async def test_a_trailing_checksum_is_computed_not_believed(bench: Bench, name: str):
    """Right it goes on as a header, wrong nothing does; for every algorithm and trailer mode."""
    header = f"x-amz-checksum-{name.lower()}"
    for cell in STORING:
        if not cell.mode.trailers:
            continue
        for right in (True, False):
            bench.upstream.seen.clear()
            made = plan(cell, bench.key)
            value = checksum(name, OBJECT if right else b"another")
            made.trailer, made.trailers = header, [(header, value)]
            said = await bench.ask(build(made))
            assert said.short == ("200" if right else "400 BadDigest"), cell
            kept = [one.header(header.encode()) for one in bench.upstream.seen]
            assert kept == ([value.encode()] if right else []), cell


async def test_a_body_that_looks_framed_is_stored_as_it_is(bench: Bench):
    """Only what is declared is unframed: otherwise it is the object's own."""
    body = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"
    for mode in (Mode.HASH, Mode.UNSIGNED):
        for auth in (Auth.HEADER, Auth.QUERY, Auth.NEITHER):
            cell = next(one for one in CELLS if one[1:] == (auth, mode) and one.stores)
            bench.upstream.seen.clear()
            assert (await bench.ask(build(plan(cell, bench.key, body, [])))).status == 200
            assert bytes(bench.upstream.seen[0].body) == body


def test_the_checksums_are_what_others_compute():
    assert (
        checksum("CRC32", b"abc")
        == base64.b64encode(zlib.crc32(b"abc").to_bytes(4, "big")).decode()
    )
    assert checksum("SHA256", b"abc") == base64.b64encode(hashlib.sha256(b"abc").digest()).decode()
