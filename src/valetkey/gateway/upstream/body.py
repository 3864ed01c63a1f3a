"""A request's body on its way out: counted, held to its length, and watched for a stall."""

import asyncio
from collections.abc import AsyncIterator
from typing import Self

from valetkey.errors import AwsError
from valetkey.sigv4.writer import ChunkWriter


class OutgoingBody:
    """Hands a stream to the connection piece by piece, the last one only when it has ended well.

    A source that raises, ends early or says too much leaves the upstream with fewer bytes than
    were announced, so that it keeps nothing; ``failure`` is then what is to be raised.
    ``patience`` runs while the connection does not ask for more.
    """

    def __init__(
        self,
        source: AsyncIterator[bytes],
        length: int,
        patience: asyncio.Timeout,
        idle_seconds: float,
    ) -> None:
        self._source = source
        self._length = length
        self._patience: asyncio.Timeout | None = patience
        self._idle = idle_seconds
        self._loop = asyncio.get_running_loop()
        self._taken = 0
        self.failure: BaseException | None = None
        self.complete = length == 0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        self._wait_for(None)
        try:
            piece = await self._next()
        except StopAsyncIteration:
            self.complete = True
            raise
        except BaseException as failure:
            self.failure = failure
            raise
        finally:
            self._wait_for(self._idle)
        return piece

    @property
    def begun(self) -> bool:
        """Tell whether any of the body has been handed to the connection."""
        return self._taken > 0

    def unwatched(self) -> None:
        """Stop watching: the answer is there."""
        self._patience = None

    async def _next(self) -> bytes:
        async for piece in self._source:
            if not piece:
                continue
            self._taken += len(piece)
            if self._taken > self._length:
                raise _other_length(self._length)
            if self._taken == self._length:
                await self._expect_end()
                self.complete = True
            return piece
        if self._taken < self._length:
            raise _other_length(self._length)
        raise StopAsyncIteration

    async def _expect_end(self) -> None:
        async for piece in self._source:
            if piece:
                raise _other_length(self._length)

    def _wait_for(self, seconds: float | None) -> None:
        if self._patience is not None:
            self._patience.reschedule(None if seconds is None else self._loop.time() + seconds)


async def in_pieces(body: bytes, size: int = 64 * 1024) -> AsyncIterator[bytes]:
    """Yield a whole body piece by piece, so that a long one does not hold everyone up."""
    for start in range(0, len(body), size):
        yield body[start : start + size]


async def in_chunks(
    source: AsyncIterator[bytes], writer: ChunkWriter, length: int
) -> AsyncIterator[bytes]:
    """Frame a stream of ``length`` bytes; its end is framed only when it has ended well."""
    taken = 0
    async for data in source:
        taken += len(data)
        if taken > length:
            raise _other_length(length)
        # What is complete goes on in one piece: the connection would send each on its own.
        framed = b"".join(writer.feed(data))
        if framed:
            yield framed
    if taken < length:
        raise _other_length(length)
    yield b"".join(writer.finish())


def _other_length(length: int) -> AwsError:
    return AwsError(
        "IncompleteBody",
        "You did not provide the number of bytes specified by the Content-Length HTTP header",
        400,
        reason=f"the body is not the {length} bytes that were announced",
    )
