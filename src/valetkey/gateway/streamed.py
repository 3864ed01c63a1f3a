"""An upstream's answer on its way to the client: its connection ends with it, come what may."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Self


class Streamed:
    """The pieces of a body, and what they are read from, which is let go of at their end.

    Not a generator: one that was never begun would not be ended by closing it either.
    """

    def __init__(self, pieces: AsyncIterator[bytes], held: AsyncExitStack) -> None:
        self._pieces = pieces
        self._held = held

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        """Return the next piece; raises what the upstream's connection raises."""
        try:
            return await anext(self._pieces)
        except BaseException:
            await self.aclose()
            raise

    async def aclose(self) -> None:
        """Let go of the connection; what was not read of it is not read any more."""
        await self._held.aclose()
