"""A body's bytes to what they say, without any model: compressed or not, JSON, CBOR."""

import zlib
from typing import Any

from valetkey.gateway.apis.errors import malformed
from valetkey.gateway.apis.marks import CONTENT_ENCODING
from valetkey.gateway.model import Head
from valetkey.wire.api_tables import ApiProtocol
from valetkey.wire.json_text import parse_json

MAX_BYTES = 64 << 20
"""What a compressed body may become; the largest that any of these APIs takes is below."""

JSON_DEPTH = 100
"""DynamoDB's 32 levels are two brackets each."""

_GZIP = 31


def encoding(head: Head, protocol: ApiProtocol) -> str:
    """Return how a body is compressed: the empty string where it is not."""
    found = (head.header(CONTENT_ENCODING) or "identity").lower()
    if found not in ("identity", "gzip"):
        raise malformed(protocol, "the content-encoding is none that the service takes")
    return "" if found == "identity" else found


def content(head: Head, body: bytes, protocol: ApiProtocol) -> bytes:
    """Return a body as it was before it was compressed."""
    if not encoding(head, protocol):
        return body
    stream = zlib.decompressobj(_GZIP)
    try:
        found = stream.decompress(body, MAX_BYTES)
    except zlib.error as error:
        raise malformed(protocol, "the body is no gzip stream") from error
    if not stream.eof or stream.unused_data:
        raise malformed(protocol, "the gzip stream is cut short, goes on, or is too large")
    return found


def parse_object(body: bytes, protocol: ApiProtocol) -> dict[str, Any]:
    """Return a JSON object; an empty body is an empty one."""
    if not body:
        return {}
    try:
        value = parse_json(body, JSON_DEPTH)
    except (ValueError, RecursionError) as error:
        raise malformed(protocol, "the body is no strict JSON") from error
    if type(value) is not dict:
        raise malformed(protocol, "the body is no JSON object")
    return value
