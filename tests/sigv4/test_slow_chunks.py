"""The reader and the obvious one agree on every body, however it was tampered with."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sigv4.slow_chunks import CRC32, Wrong, unframe
from sigv4.streams import framed, reader_of, stream, whole
from valetkey.sigv4 import MalformedPayload, PayloadRefused, Streaming

BODY = b"a" * 8192 + b"hello"
MADE = stream(Streaming.UNSIGNED_TRAILER, len(BODY), checksum="CRC32", chunk_size=8192)
WIRE = framed(MADE, BODY)
# The places where something happens: headers, line ends, the end.
PLACES = st.integers(0, 8) | st.integers(len(WIRE) - 70, len(WIRE)) | st.integers(8190, 8215)
BITS = st.sampled_from(
    [b"", b"\r", b"\n", b"\r\n", b"0", b"00", b"5", b"1fff", b";", b" ", b":", b"\t", b"a", b"A",
     b"\x00", b"\xff", b"0\r\n", b"0\r\n\r\n", CRC32.encode(), b"x:y\r\n", b"\r\n\r\n", b"=", b"="]
)  # fmt: skip
EDITS = st.lists(st.tuples(PLACES, st.integers(0, 12), BITS), max_size=3)


def fast(wire: bytes, cut: int) -> bytes | None:
    reader = reader_of(MADE.request)
    try:
        return whole(reader, (wire[at : at + cut] for at in range(0, len(wire), cut)))[0]
    except (MalformedPayload, PayloadRefused):
        return None


def slow(wire: bytes) -> bytes | None:
    try:
        return unframe(wire, len(BODY))
    except Wrong:
        return None


def test_the_body_itself() -> None:
    assert fast(WIRE, 100) == slow(WIRE) == BODY


@settings(deadline=None, max_examples=1500)
@given(edits=EDITS, cut=st.sampled_from([97, 8192, 1 << 20]))
def test_tampered_with(edits: list[tuple[int, int, bytes]], cut: int) -> None:
    wire = WIRE
    for place, gone, put in edits:
        wire = wire[:place] + put + wire[place + gone :]
    assert fast(wire, cut) == slow(wire)
