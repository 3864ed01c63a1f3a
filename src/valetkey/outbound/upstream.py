"""Streaming to one configured upstream: a connector that is guarded like every fetch."""

import socket
from ipaddress import ip_address

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

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
        return socket.socket(family, kind, protocol)


def guarded_connector(way: Way, destination: Destination) -> aiohttp.TCPConnector:
    """Return a connector whose connections all lead to one upstream, each checked when made."""
    vetting = Vetting(way, destination)
    return aiohttp.TCPConnector(
        resolver=vetting,
        socket_factory=vetting.open,
        use_dns_cache=False,
        ssl=way.trust() if destination.scheme == "https" else True,
    )
