"""What the writer frames, the reader unframes; whatever else comes is refused."""

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sigv4.streams import EVERY, PUT, SIGNED, fed, framed, proof_of, reader_of, stream, whole
from valetkey.sigv4 import (
    MalformedPayload,
    PayloadCheck,
    PayloadRefused,
    SignedStream,
    Streaming,
    framed_length,
    payload_reader,
)
from valetkey.sigv4.checksums import ALGORITHMS

SIZES = [0, 1, 8191, 8192, 8193, 16384, 20000]


def cut_up(wire: bytes, cuts: list[int]) -> list[bytes]:
    ends = sorted({min(cut, len(wire)) for cut in cuts} | {0, len(wire)})
    return [wire[start:end] for start, end in itertools.pairwise(ends)]


@pytest.mark.parametrize("mode", EVERY)
@pytest.mark.parametrize("size", SIZES)
def test_lengths(mode: Streaming, size: int) -> None:
    body = bytes(index % 251 for index in range(size))
    made = stream(mode, size, chunk_size=8192)
    wire = framed(made, body)
    assert len(wire) == made.writer.content_length
    assert dict(made.request.headers)[b"content-length"] == str(len(wire)).encode()
    reader = reader_of(made.request)
    assert reader.decoded_length == size
    assert fed(reader, [wire]) == body
    assert reader.finish().decoded_length == size


@pytest.mark.parametrize("checksum", ALGORITHMS)
@pytest.mark.parametrize(
    "mode", [Streaming.HMAC_TRAILER, Streaming.ECDSA_TRAILER, Streaming.UNSIGNED_TRAILER]
)
def test_every_checksum(mode: Streaming, checksum: str) -> None:
    made = stream(mode, 10, checksum=checksum)
    wire = framed(made, b"0123456789")
    assert len(wire) == framed_length(mode, 10, checksum=checksum)
    reader = reader_of(made.request)
    fed(reader, [wire])
    verified = reader.finish()
    assert list(verified.checksums) == [checksum]
    assert verified.trailers == (
        (f"x-amz-checksum-{checksum.lower()}", verified.checksums[checksum]),
    )


@settings(deadline=None, max_examples=60)
@given(
    mode=st.sampled_from(EVERY),
    body=st.binary(max_size=100) | st.binary(min_size=8190, max_size=8300).map(lambda b: b * 3),
    written=st.lists(st.integers(0, 25000), max_size=4),
    read=st.lists(st.integers(0, 26000), max_size=8),
)
def test_written_and_read(
    mode: Streaming, body: bytes, written: list[int], read: list[int]
) -> None:
    made = stream(mode, len(body), chunk_size=8192)
    parts = [piece for part in cut_up(body, written) for piece in made.writer.feed(part)]
    wire = b"".join(parts + made.writer.finish())
    assert len(wire) == made.writer.content_length
    reader = reader_of(made.request)
    assert fed(reader, cut_up(wire, read)) == body
    assert reader.finish().decoded_length == len(body)


@pytest.mark.parametrize("mode", EVERY)
def test_a_byte_at_a_time(mode: Streaming) -> None:
    made = stream(mode, 8200, chunk_size=8192)
    wire = framed(made, b"x" * 8200)
    reader = reader_of(made.request)
    assert fed(reader, (wire[index : index + 1] for index in range(len(wire)))) == b"x" * 8200
    assert reader.finish().decoded_length == 8200


@pytest.mark.parametrize("mode", SIGNED)
def test_every_flipped_byte_is_refused(mode: Streaming) -> None:
    """A bit of the wire turned over anywhere: nothing then says that the body is right."""
    made = stream(mode, 40)
    proof = proof_of(made.request)
    wire = framed(made, bytes(range(40)))
    step = 1 if mode in (Streaming.HMAC, Streaming.HMAC_TRAILER) else 7
    for index in range(0, len(wire), step):
        for bit in (0x01, 0x20):
            flipped = bytearray(wire)
            flipped[index] ^= bit
            reader = payload_reader(proof, made.request.headers)
            try:
                decoded = fed(reader, [bytes(flipped)])
                reader.finish()
            except (MalformedPayload, PayloadRefused):
                continue
            # The same body, written otherwise: `A` for `a` in a size, a name in capitals.
            assert decoded == bytes(range(40))
            assert bytes(flipped).lower() == wire.lower()


@settings(deadline=None, max_examples=200)
@given(index=st.integers(0, 10**6), value=st.integers(0, 255))
def test_a_flipped_byte_of_unsigned_chunks(index: int, value: int) -> None:
    body = bytes(range(60))
    made = stream(Streaming.UNSIGNED_TRAILER, len(body), checksum="CRC32")
    wire = framed(made, body)
    flipped = bytearray(wire)
    flipped[index % len(wire)] = value
    reader = reader_of(made.request)
    try:
        decoded = fed(reader, [bytes(flipped)])
        reader.finish()
    except (MalformedPayload, PayloadRefused):
        return
    assert decoded == body


@pytest.mark.parametrize("mode", EVERY)
def test_every_truncation_is_refused(mode: Streaming) -> None:
    made = stream(mode, 30)
    proof = proof_of(made.request)
    wire = framed(made, b"y" * 30)
    # A line end may be missing at the very end: what it ends was there.
    complete = len(wire) - 2
    for length in range(complete):
        reader = payload_reader(proof, made.request.headers)
        with pytest.raises((MalformedPayload, PayloadRefused)):
            whole(reader, [wire[:length]])
    reader = payload_reader(proof, made.request.headers)
    fed(reader, [wire[:complete]])
    assert reader.finish().decoded_length == 30
    with pytest.raises(MalformedPayload):
        whole(reader, [b"\r"])


@settings(deadline=None, max_examples=300)
@given(
    wire=st.binary(max_size=300)
    | st.text("0123456789abcdef;\r\n chunk-signature=:*", max_size=300).map(str.encode),
    mode=st.sampled_from(EVERY),
)
def test_strangers_bytes(wire: bytes, mode: Streaming) -> None:
    """Whatever comes, it is an answer of S3's, and nothing else."""
    made = stream(mode, 15)
    reader = reader_of(made.request)
    with pytest.raises((MalformedPayload, PayloadRefused)):
        whole(reader, [wire])


@pytest.mark.parametrize("mode", SIGNED)
def test_chunks_keep_their_order(mode: Streaming) -> None:
    made = stream(mode, 3 * 8192, chunk_size=8192)
    chunks = made.writer.feed(b"a" * 8192), made.writer.feed(b"b" * 8192)
    rest = made.writer.feed(b"c" * 8192) + made.writer.finish()
    wire = b"".join((*chunks[1], *chunks[0], *rest))
    with pytest.raises(PayloadRefused) as refused:
        fed(reader_of(made.request), [wire])
    assert refused.value.check is PayloadCheck.CHUNK_SIGNATURE


@pytest.mark.parametrize("mode", SIGNED)
def test_chunks_of_another_request(mode: Streaming) -> None:
    """The same bytes under the same key: but the seed is the other request's."""
    one = stream(mode, 5)
    other = stream(mode, 5, request=replace(PUT, raw_path=b"/bucket/other"))
    with pytest.raises(PayloadRefused) as refused:
        fed(reader_of(one.request), [framed(other, b"hello")])
    assert refused.value.check is PayloadCheck.CHUNK_SIGNATURE


@pytest.mark.parametrize("mode", [Streaming.HMAC_TRAILER, Streaming.ECDSA_TRAILER])
def test_signature_of_the_trailers(mode: Streaming) -> None:
    made = stream(mode, 5, checksum="CRC32")
    wire = framed(made, b"hello")
    trailer, line = b"x-amz-checksum-crc32:NhCmhg==\r\n", b"x-amz-trailer-signature:"
    assert trailer in wire
    for other, check in (
        (wire.replace(trailer, b"x-amz-checksum-crc32:NhCmhA==\r\n"), "trailer-signature"),
        (wire.replace(trailer, b""), None),
        (wire.replace(trailer, trailer + b"another:value\r\n"), "trailer-signature"),
        (wire.replace(trailer, trailer * 2), "trailer-signature"),
        (wire.replace(trailer + line, line), None),
        (re.sub(line + rb"[^\r]*\r\n", b"", wire), None),
        (re.sub(line + rb"[^\r]*", line, wire), "trailer-signature"),
        (re.sub(line + rb"[^\r]*", line + b"0" * 64, wire), "trailer-signature"),
        (wire.replace(line, trailer + line), "trailer-signature"),
        (wire[:-2] + trailer + b"\r\n", None),
    ):
        reader = reader_of(made.request)
        with pytest.raises((MalformedPayload, PayloadRefused)) as refused:
            whole(reader, [other])
        assert refused.value.check == check
        if check is None:
            assert refused.value.code == "IncompleteBody"


def test_trailers_where_the_mode_has_none() -> None:
    made = stream(Streaming.HMAC, 5)
    wire = framed(made, b"hello").removesuffix(b"\r\n") + b"x-amz-checksum-crc32:NhCmhg==\r\n\r\n"
    with pytest.raises(MalformedPayload) as refused:
        fed(reader_of(made.request), [wire])
    assert refused.value.code == "IncompleteBody"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        # As S3 answers, by the tests of openstack/swift.
        (b";chunk-signature=", None),
        (b" ; chunk-signature = ", None),
        (b"\t;\tchunk-signature=", None),
        (b"", "IncompleteBody"),
        (b";", "IncompleteBody"),
        (b";chunk-signature", "IncompleteBody"),
        (b";extra=param;chunk-signature=", "IncompleteBody"),
        (b";Chunk-Signature=", "IncompleteBody"),
        (b";;chunk-signature=", "IncompleteBody"),
        (b";chunk-signature=0", "SignatureDoesNotMatch"),
        (b";chunk-signature==", "SignatureDoesNotMatch"),
    ],
)
def test_header_of_a_signed_chunk(written: bytes, code: str | None) -> None:
    made = stream(Streaming.HMAC, 5)
    wire = framed(made, b"hello").replace(b";chunk-signature=", written)
    reader = reader_of(made.request)
    if code is None:
        assert fed(reader, [wire]) == b"hello"
        assert reader.finish().decoded_length == 5
        return
    with pytest.raises((MalformedPayload, PayloadRefused)) as refused:
        fed(reader, [wire])
    assert refused.value.code == code


@pytest.mark.parametrize("after", [b";extra=param", b" x", b",", b";", b"\x00", b"\xe9"])
def test_behind_a_chunk_signature(after: bytes) -> None:
    made = stream(Streaming.HMAC, 5)
    wire = framed(made, b"hello").replace(b"\r\nhello", after + b"\r\nhello")
    with pytest.raises((MalformedPayload, PayloadRefused)):
        fed(reader_of(made.request), [wire])


def test_signature_in_capitals() -> None:
    made = stream(Streaming.HMAC, 5)
    found = re.search(rb"signature=([0-9a-f]{64})", wire := framed(made, b"hello"))
    assert found is not None
    with pytest.raises(PayloadRefused):
        fed(reader_of(made.request), [wire.replace(found[1], found[1].upper())])


def test_small_chunks() -> None:
    """S3 counts the chunk at which it notices, and tells the size of the one before."""
    made = stream(Streaming.HMAC, 8197, chunk_size=8192)
    small = stream(Streaming.HMAC, 8197, chunk_size=8192)
    small.writer._chunk_size = 5
    wire = b"".join(small.writer.feed(b"z" * 10))
    with pytest.raises(PayloadRefused) as refused:
        fed(reader_of(made.request), [wire])
    assert (refused.value.code, refused.value.status) == ("InvalidChunkSizeError", 403)
    assert refused.value.details == (("Chunk", "2"), ("BadChunkSize", "5"))


def test_refused_once_refused_for_good() -> None:
    made = stream(Streaming.UNSIGNED_TRAILER, 5)
    wire = framed(made, b"hello")
    reader = reader_of(made.request)
    fed(reader, [wire])
    with pytest.raises(MalformedPayload) as first:
        reader.feed(b"x")
    for again in (lambda: reader.feed(b""), lambda: reader.feed(wire), reader.finish):
        with pytest.raises(MalformedPayload) as refused:
            again()
        assert refused.value is first.value
    other = reader_of(made.request)
    fed(other, [wire.replace(b"hello", b"hallo")])
    for _ in range(2):
        with pytest.raises(PayloadRefused):
            other.finish()
    with pytest.raises(PayloadRefused):
        other.feed(b"")


def test_no_copy_where_none_is_needed() -> None:
    reader = payload_reader(None, ())
    data = b"x" * 100000
    assert reader.feed(data)[0] is data
    assert reader.feed(memoryview(data)[:10]) == [b"x" * 10]
    assert reader.feed(b"") == []
    verified = reader.finish()
    assert (verified.decoded_length, verified.sha256, verified.checksums) == (100010, None, {})


def test_memory_is_bounded() -> None:
    """A chunk of a gigabyte is passed through; a header without end is not collected."""
    made = stream(Streaming.HMAC, 1 << 30)
    reader = reader_of(made.request)
    assert reader.feed(b"40000000;chunk-signature=" + b"0" * 64 + b"\r\n") == []
    assert [len(piece) for piece in reader.feed(b"x" * 65536)] == [65536]
    other = reader_of(made.request)
    with pytest.raises(MalformedPayload):
        fed(other, [b"0"] * 300)


def test_hash_is_the_whole_bodys() -> None:
    made = stream(Streaming.HMAC, 5)
    headers = (
        *made.request.headers,
        (b"x-amz-checksum-sha256", b"LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="),
    )
    reader = payload_reader(proof_of(made.request), headers)
    fed(reader, [framed(made, b"hello")])
    assert reader.finish().sha256 == (
        "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    )


def test_padding_is_for_sigv4a() -> None:
    made = stream(Streaming.HMAC, 5)
    wire = framed(made, b"hello").replace(b"\r\nhello", b"**\r\nhello")
    with pytest.raises(PayloadRefused) as refused:
        fed(reader_of(made.request), [wire])
    assert refused.value.check is PayloadCheck.CHUNK_SIGNATURE
    padded, body, wire = a_padded_one()
    for other in (
        re.sub(rb"\*+\r\n", b"\r\n", wire),
        re.sub(rb"=([0-9a-f]+)(\*+)", rb"=\2\1", wire),
    ):
        assert whole(reader_of(padded.request), [other])[0] == body


def a_padded_one() -> tuple[SignedStream, bytes, bytes]:
    """Return a body that has a short signature: every second one does."""
    for index in range(64):
        body = b"body %02d" % index
        made = stream(Streaming.ECDSA, len(body))
        wire = framed(made, body)
        if b"*\r\n" in wire:
            return made, body, wire
    raise AssertionError("no signature is short")
