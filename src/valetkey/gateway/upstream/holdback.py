"""A body that is verified while it streams: its last bytes wait until all of it has passed.

What verifies is sigv4's :class:`~valetkey.sigv4.reader.PayloadReader`: ``feed`` takes what the
client sent and returns what is in it of the body, ``finish`` is called at the end. Both raise
where the body is not the one that was signed, and then the rest never leaves this machine.
"""

from collections import deque
from collections.abc import AsyncIterator
from typing import Final, Protocol

HOLD_BACK: Final = 64 * 1024


class Verifier(Protocol):
    """What a body must pass: every piece of it, and its end."""

    def feed(self, data: bytes) -> list[bytes]:
        """Take what came, and return what is in it of the body."""

    def finish(self) -> object:
        """Take the end of the body."""


async def prefetch(
    source: AsyncIterator[bytes], verifier: Verifier, hold: int = HOLD_BACK
) -> bytes | AsyncIterator[bytes]:
    """Read the beginning of a body: all of it, verified, where it is no longer than ``hold``.

    Else return the stream of it, as :func:`held_back` does. So what is short has passed before
    anyone is dialled. What the verifier and the source raise goes on.
    """
    waiting: deque[bytes] = deque()
    size = 0
    async for data in source:
        size += _take(waiting, verifier, data)
        if size > hold:
            return _rest(source, verifier, hold, waiting, size)
    verifier.finish()
    return b"".join(waiting)


def held_back(
    source: AsyncIterator[bytes], verifier: Verifier, hold: int = HOLD_BACK
) -> AsyncIterator[bytes]:
    """Return a stream of the body; none of its last ``hold`` bytes leaves before ``finish``."""
    return _rest(source, verifier, hold, deque(), 0)


async def _rest(
    source: AsyncIterator[bytes],
    verifier: Verifier,
    hold: int,
    waiting: deque[bytes],
    size: int,
) -> AsyncIterator[bytes]:
    while size > hold:
        piece = _release(waiting, size - hold)
        size -= len(piece)
        yield piece
    async for data in source:
        size += _take(waiting, verifier, data)
        while size > hold:
            piece = _release(waiting, size - hold)
            size -= len(piece)
            yield piece
    verifier.finish()
    if waiting:
        yield b"".join(waiting)


def _take(waiting: deque[bytes], verifier: Verifier, data: bytes) -> int:
    pieces = verifier.feed(data)
    # Chunks may be a byte long: what came together goes on together.
    piece = pieces[0] if len(pieces) == 1 else b"".join(pieces)
    if piece:
        waiting.append(piece)
    return len(piece)


def _release(waiting: deque[bytes], most: int) -> bytes:
    piece = waiting.popleft()
    if len(piece) > most:
        waiting.appendleft(piece[most:])
        piece = piece[:most]
    return piece
