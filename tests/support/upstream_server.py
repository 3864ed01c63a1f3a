"""An upstream of a test's own, scripted: it keeps what it was sent, byte for byte.

``async with scripted(script) as upstream:`` listens on loopback. A script is called once a
request with an :class:`Exchange`: it reads of the body what it wants and writes what it wants.
Without one everything is answered 200 with an empty body. Nothing here is pytest's.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

PIECE = 64 * 1024


@dataclass
class Seen:
    """A request as it came: ``body`` as far as it was read, ``whole`` as it came to its end."""

    line: bytes
    headers: list[tuple[bytes, bytes]]
    connection: int
    body: bytearray = field(default_factory=bytearray, repr=False)
    length: int = 0
    whole: bool = False

    @property
    def method(self) -> bytes:
        return self.line.split(b" ")[0]

    @property
    def target(self) -> bytes:
        return self.line.split(b" ")[1]

    def header(self, name: bytes) -> bytes | None:
        return next((value for key, value in self.headers if key.lower() == name), None)


@dataclass
class Exchange:
    """One request under way."""

    seen: Seen
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    keep_alive: bool = True

    async def read(self, size: int | None = None, *, keep: bool = True) -> int:
        """Read of the body, all that is left unless a size is given; return how much it was."""
        left = self.seen.length - int(self.seen.header(b"content-length") or 0)
        wanted = -left if size is None else size
        got = 0
        while got < wanted:
            data = await self.reader.read(min(PIECE, wanted - got))
            if not data:
                break
            got += len(data)
            self.seen.length += len(data)
            if keep:
                self.seen.body += data
        self.seen.whole = self.seen.length == int(self.seen.header(b"content-length") or 0)
        return got

    async def answer(
        self,
        status: str = "200 OK",
        body: bytes = b"",
        *headers: str,
        length: int | None = None,
    ) -> None:
        """Write an answer; ``length`` is announced in place of the body's own."""
        announced = len(body) if length is None else length
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {announced}", *headers, "", ""]
        await self.write("\r\n".join(lines).encode("latin-1") + body)

    async def write(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def hang_up(self) -> None:
        """Close after this request."""
        self.keep_alive = False


Script = Callable[[Exchange], Awaitable[None]]


@dataclass
class ScriptedUpstream:
    """A listening upstream and all that it has seen; ``script`` may be changed at any time."""

    script: Script | None = None
    tls: bool = False
    port: int = 0
    connections: int = 0
    seen: list[Seen] = field(default_factory=list)
    writers: set[asyncio.StreamWriter] = field(default_factory=set)
    tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    @property
    def endpoint(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def whole(self) -> list[Seen]:
        """Return the requests that came to their end."""
        return [one for one in self.seen if one.whole]

    def drop_idle(self) -> None:
        """Close every connection, as an upstream does with those that lay idle."""
        for writer in self.writers:
            writer.close()

    def abort(self) -> None:
        """Break every connection off, as a crash would."""
        for writer in self.writers:
            writer.transport.abort()

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        task = asyncio.current_task()
        assert task is not None
        self.writers.add(writer)
        self.tasks.add(task)
        try:
            while await self._one(reader, writer, number):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self.writers.discard(writer)
            self.tasks.discard(task)

    async def _one(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n"))[:-4].split(b"\r\n")
        pairs = [line.split(b": ", 1) for line in head[1:]]
        seen = Seen(head[0], [(name, value) for name, value in pairs], number)
        seen.whole = int(seen.header(b"content-length") or 0) == 0
        self.seen.append(seen)
        exchange = Exchange(seen, reader, writer)
        if self.script is not None:
            await self.script(exchange)
        else:
            await exchange.read()
            await exchange.answer()
        return exchange.keep_alive


@asynccontextmanager
async def scripted(
    script: Script | None = None, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[ScriptedUpstream]:
    """Listen on a port of loopback until the block ends."""
    upstream = ScriptedUpstream(script, tls=tls is not None)
    server = await asyncio.start_server(upstream.meet, "127.0.0.1", 0, ssl=tls, limit=PIECE)
    upstream.port = server.sockets[0].getsockname()[1]
    try:
        yield upstream
    finally:
        server.close()
        upstream.abort()
        tasks = list(upstream.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()
