"""Servers on loopback that say what they are told to, and count who comes."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

import pytest
import trustme

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Handler = Callable[["Request", asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]


@dataclass
class Loopback:
    """A server with canned answers: path to (status line, headers, body)."""

    port: int = 0
    connections: int = 0
    requests: list[Request] = field(default_factory=list)
    answers: dict[str, tuple[str, dict[str, str], bytes]] = field(default_factory=dict)
    handler: Handler | None = None
    talk: Talk | None = None
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    def answer(self, path, body=b"{}", status="200 OK", **headers):
        self.answers[path] = (status, {k.replace("_", "-"): v for k, v in headers.items()}, body)

    def redirect(self, path, to, status="302 Found"):
        self.answer(path, b"", status, location=to)

    async def meet(self, reader, writer):
        self.connections += 1
        self.writers.append(writer)
        try:
            if self.talk is not None:
                return await self.talk(reader, writer)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, path, _ = head[0].split(" ")
            pairs = (line.split(": ", 1) for line in head[1:] if line)
            request = Request(method, path, {key.lower(): value for key, value in pairs})
            self.requests.append(request)
            if self.handler is not None:
                await self.handler(request, writer)
            else:
                await self.canned(request, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def canned(self, request, writer):
        missing = ("404 Not Found", {}, b"")
        status, headers, body = self.answers.get(request.path, missing)
        lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}"]
        lines += [f"{key}: {value}" for key, value in headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        await writer.drain()


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Awaitable[Loopback]]]:
    servers = []
    loopbacks = []

    async def start(context: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Loopback:
        loopback = Loopback()
        server = await asyncio.start_server(loopback.meet, host, 0, ssl=context)
        loopback.port = server.sockets[0].getsockname()[1]
        servers.append(server)
        loopbacks.append(loopback)
        return loopback

    yield start
    for server in servers:
        server.close()
    # Clients that broke off leave connections that nobody reads to their end.
    for loopback in loopbacks:
        for writer in loopback.writers:
            writer.transport.abort()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    for server in servers:
        await server.wait_closed()


@dataclass
class Resolver:
    """Knows the names it is told and counts how often it is asked."""

    names: dict[str, list[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def __call__(self, host, port):
        self.asked.append(host)
        if host not in self.names:
            raise OSError(-2, "Name or service not known")
        return self.names[host]


@pytest.fixture
def resolver() -> Resolver:
    return Resolver()


def context_of(certificate, *chain):
    """Return a server context that sends exactly this leaf's key with these PEM blobs."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with (
        trustme.Blob(b"".join(blob.bytes() for blob in chain)).tempfile() as sent,
        certificate.private_key_pem.tempfile() as key,
    ):
        context.load_cert_chain(sent, key)
    return context


@pytest.fixture
def server_context():
    return context_of


@pytest.fixture
def trusting():
    """Return a client context that trusts the given trustme CAs and nobody else."""

    def trusting(*authorities):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        for authority in authorities:
            authority.configure_trust(context)
        return context

    return trusting


def fixed_handler(data: bytes) -> Handler:
    async def handler(data, request, writer):
        writer.write(data)
        await writer.drain()

    return partial(handler, data)


@pytest.fixture
def raw():
    return fixed_handler
