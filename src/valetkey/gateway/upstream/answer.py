"""An upstream's answer: its head, and its body as it comes."""

from collections.abc import AsyncIterator
from typing import Self

import aiohttp

from valetkey.gateway.model import Headers
from valetkey.gateway.upstream.errors import UpstreamBroken, explain
from valetkey.gateway.upstream.forwarding import end_to_end


class AnswerBody:
    """The pieces of a body, as they come; what is not asked for is not read.

    A body that ends short of what was announced raises :class:`UpstreamBroken`.
    """

    def __init__(self, response: aiohttp.ClientResponse, name: str) -> None:
        self._content = response.content
        self._name = name

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            piece = await self._content.readany()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            reason, help_text = explain(self._name, error)
            raise UpstreamBroken(reason, help=help_text) from error
        if not piece:
            raise StopAsyncIteration
        return piece


class UpstreamAnswer:
    """What the upstream said: ``headers`` are its end-to-end ones, names in lower case.

    ``content_length`` is that of the body, or what a HEAD says of it; None where the body's end
    is not announced. ``early`` tells that it came before the upstream had the whole request, so
    that the connection is not used again.
    """

    __slots__ = ("body", "content_length", "early", "headers", "service", "status", "upstream")

    def __init__(
        self, response: aiohttp.ClientResponse, *, upstream: str, service: str, early: bool
    ) -> None:
        self.status = response.status
        self.headers: Headers = end_to_end(
            tuple((name.lower(), value) for name, value in response.raw_headers)
        )
        self.content_length = response.content_length
        self.body: AsyncIterator[bytes] = AnswerBody(response, upstream)
        self.upstream = upstream
        self.service = service
        self.early = early

    def header(self, name: bytes) -> str | None:
        """Return the first value of a header, blanks trimmed; None where it is not there."""
        for key, value in self.headers:
            if key == name:
                return value.decode("latin-1").strip()
        return None

    async def read(self, limit: int) -> bytes:
        """Return the whole body. Raises :class:`UpstreamBroken` where it exceeds ``limit``."""
        size, pieces = 0, []
        async for piece in self.body:
            size += len(piece)
            if size > limit:
                raise UpstreamBroken(
                    f"the answer of upstream `{self.upstream}` is larger than {limit} bytes"
                )
            pieces.append(piece)
        return b"".join(pieces)
