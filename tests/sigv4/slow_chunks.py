"""``aws-chunked`` read the obvious way: the whole body at once, from the words of AWS's text."""

import base64
import zlib

CRC32 = "x-amz-checksum-crc32"


class Wrong(Exception):
    """The body is not as it must be."""


def line(wire: bytes) -> tuple[bytes, bytes]:
    text, end, rest = wire.partition(b"\r\n")
    if not end or len(text) > 256:
        raise Wrong
    return text, rest


def unframe(wire: bytes, length: int) -> bytes:
    """Return the object in an unsigned body whose CRC32 comes in a trailer."""
    body, sizes = b"", []
    while True:
        header, wire = line(wire)
        if not 1 <= len(header) <= 16 or header.strip(b"0123456789abcdefABCDEF"):
            raise Wrong
        size = int(header, 16)
        if size == 0:
            break
        sizes.append(size)
        if len(wire) < size + 2 or wire[size : size + 2] != b"\r\n":
            raise Wrong
        body, wire = body + wire[:size], wire[size + 2 :]
    if len(body) != length or any(size < 8192 for size in sizes[:-1]):
        raise Wrong
    trailers = []
    while wire:
        text, wire = line(wire)
        if not text:
            break
        trailers.append(text.removesuffix(b"\n"))
    if wire or len(trailers) != 1:
        raise Wrong
    name, colon, value = trailers[0].partition(b":")
    crc = base64.b64encode(zlib.crc32(body).to_bytes(4, "big"))
    if not colon or name.lower() != CRC32.encode() or value.strip(b" \t") != crc:
        raise Wrong
    return body
