"""Streaming to one configured upstream: a connector that is guarded like every fetch."""

import asyncio
import socket
from dataclasses import dataclass
from ipaddress import ip_address
from weakref import WeakKeyDictionary, WeakSet

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import Connection
from aiohttp.tracing import Trace

from valetkey.clock import system_clock
from valetkey.outbound.destination import Destination
from valetkey.outbound.errors import OutboundError
from valetkey.outbound.exchange import resolve_results
from valetkey.outbound.fetch import Way, vet
from valetkey.outbound.steps import Trail


class Vetting(AbstractResolver):
    """Looks its one host up anew for every connection, and checks what it finds."""

    def __init__(self, way: Way, destination: Destination) -> None:
        self._way = way
        self._destination = destination
        self._sockets: WeakSet[socket.socket] = WeakSet()

    @property
    def open_sockets(self) -> int:
        """Return how many of the sockets handed out are open."""
        return sum(one.fileno() >= 0 for one in self._sockets)

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002 - all families were checked
    ) -> list[ResolveResult]:
        """Return checked addresses. Raises ``OSError``, which is what aiohttp understands."""
        if (host, port) != (self._destination.host, self._destination.port):
            raise OSError(f"`{host}` is not the configured upstream")
        try:
            found = await vet(self._way, self._destination, None, Trail(system_clock))
        except OutboundError as error:
            raise OSError(error.message) from error
        return resolve_results(host, port, found)

    async def close(self) -> None:
        """Do nothing: there is nothing to release."""

    def open(self, info: aiohttp.AddrInfoType) -> socket.socket:
        """Return a socket for an address that may be dialled, also where none was looked up."""
        family, kind, protocol, _, address = info
        try:
            self._way.guard.check_scheme(self._destination, None)
            self._way.guard.check_addresses(self._destination, (ip_address(str(address[0])),), None)
        except OutboundError as error:
            raise OSError(error.message) from error
        opened = socket.socket(family, kind, protocol)
        self._sockets.add(opened)
        return opened


@dataclass(frozen=True, slots=True)
class Pooling:
    """How many connections there may be, and how many seconds an idle one is kept."""

    connections: int = 100
    idle_seconds: float = 15.0


class UpstreamConnector(aiohttp.TCPConnector):
    """Makes connections to one upstream, each checked when made, and knows which it kept."""

    def __init__(self, way: Way, destination: Destination, pooling: Pooling) -> None:
        self._vetting = Vetting(way, destination)
        super().__init__(
            resolver=self._vetting,
            socket_factory=self._vetting.open,
            use_dns_cache=False,
            limit=pooling.connections,
            keepalive_timeout=pooling.idle_seconds,
            ssl=way.trust() if destination.scheme == "https" else True,
        )
        self._met: WeakSet[object] = WeakSet()
        self._kept: WeakSet[aiohttp.ClientRequest] = WeakSet()
        self._transports: WeakKeyDictionary[aiohttp.ClientRequest, asyncio.Transport] = (
            WeakKeyDictionary()
        )

    @property
    def open_connections(self) -> int:
        """Return how many connections are open, idle ones included."""
        return self._vetting.open_sockets

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's signature
    ) -> Connection:
        """Connect as ever, and remember what the request was given."""
        connection = await super().connect(req, traces, timeout)
        protocol, transport = connection.protocol, connection.transport
        if protocol in self._met:
            self._kept.add(req)
        elif protocol is not None:
            self._met.add(protocol)
        if transport is not None:
            self._transports[req] = transport
        return connection

    def was_kept(self, request: aiohttp.ClientRequest) -> bool:
        """Tell whether a request went over a connection that had served another before."""
        return request in self._kept

    def abort(self, request: aiohttp.ClientRequest) -> None:
        """Break a request's connection off: nothing that is still to be sent goes out."""
        transport = self._transports.pop(request, None)
        if transport is not None:
            transport.abort()
