"""CBOR, strictly: one value, text keys each once, bounded in depth, no tag but a timestamp's.

cbor2 gives meaning to a score of tags (bignums, shared references, regular expressions…); the
Smithy protocol has one. Lengths may be left open (indefinite): the protocol allows it, and some
SDKs write them.
"""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any, NoReturn

import cbor2

MAX_DEPTH = 100
"""Twice DynamoDB's 32 levels, each of which is two maps, and some."""

_TIMESTAMP = 1
_OTHER_TAGS = (
    0, 2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 52, 54, 100, 256, 258, 260, 261, 1004, 43000, 55799,
)  # fmt: skip


def parse_cbor(body: bytes) -> Any:
    """Return the value of a CBOR body; raises :class:`ValueError` on anything but one value."""
    stream = BytesIO(body)
    decoder = cbor2.CBORDecoder(
        stream,
        tag_hook=_refuse,
        semantic_decoders={_TIMESTAMP: _timestamp, **dict.fromkeys(_OTHER_TAGS, _refuse)},
        read_size=1,
        max_depth=MAX_DEPTH,
        allow_duplicate_keys=False,
        strict_hashable_types=True,
    )
    try:
        value = decoder.decode()
    except (cbor2.CBORError, ArithmeticError, TypeError, RecursionError, MemoryError) as error:
        raise ValueError("no strict CBOR") from error
    if stream.tell() != len(body):
        raise ValueError("there are bytes after the value")
    return _plain(value)


def _refuse(*_: Any) -> NoReturn:
    raise ValueError("a tag that the protocol does not have")


def _timestamp(seconds: Any, *_: Any) -> datetime:
    if type(seconds) not in (int, float):
        raise ValueError("a time that is no number")
    return datetime.fromtimestamp(seconds, UTC)


def _plain(value: Any) -> Any:
    return None if value is cbor2.undefined else value
