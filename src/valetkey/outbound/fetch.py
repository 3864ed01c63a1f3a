"""A fetch from look-up to last byte, hop by hop: every hop is checked like the first."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from valetkey.outbound.addresses import Address
from valetkey.outbound.chain import SentCertificate
from valetkey.outbound.destination import Destination, follow, parse_destination
from valetkey.outbound.errors import CertificateRefused, DestinationRefused, Unreachable
from valetkey.outbound.exchange import Answer, CertificateProblem, Limits, Outgoing, Peer, send
from valetkey.outbound.guard import Guard
from valetkey.outbound.steps import (
    Connected,
    Redirected,
    Requested,
    Resolved,
    Responded,
    Secured,
    Step,
    Trail,
)
from valetkey.outbound.tls import accept_chain, anchored, sent_chain

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Looks up a host: its addresses as text, in the order to dial them. Raises ``OSError``."""


@dataclass(frozen=True, slots=True)
class Fetched(Answer):
    """An answer with where it came from.

    ``url`` is the one that answered, after redirects. ``chain`` is its TLS chain as sent, where
    it was looked at.
    """

    url: str
    chain: tuple[SentCertificate, ...]
    steps: tuple[Step, ...]

    @property
    def chain_der(self) -> tuple[bytes, ...]:
        """Return the certificates as sent, leaf first."""
        return tuple(certificate.der for certificate in self.chain)


@dataclass(frozen=True, slots=True)
class Way:
    """What holds for every fetch of a client. ``trust`` returns the context for public chains."""

    guard: Guard
    resolve: Resolve
    trust: Callable[[], ssl.SSLContext]
    limits: Limits


async def vet(
    way: Way, destination: Destination, named_by: Destination | None, trail: Trail
) -> tuple[Address, ...]:
    """Look a destination up, once, and return its addresses, all of which may be dialled.

    Raises :class:`DestinationRefused` and :class:`Unreachable`.
    """
    trail.begin("dns")
    way.guard.check_scheme(destination, named_by)
    if destination.literal is not None:
        addresses: tuple[Address, ...] = (destination.literal,)
    else:
        addresses = await _look_up(way, destination)
    way.guard.check_addresses(destination, addresses, named_by)
    trail.add(Resolved(destination.host, tuple(map(str, addresses)), trail.seconds()))
    return addresses


async def look(
    destination: Destination, addresses: Sequence[Address], trail: Trail
) -> tuple[SentCertificate, ...]:
    """Return the chain that the destination sends. Raises :class:`Unreachable`."""
    trail.begin("connect")

    def stands(address: Address) -> None:
        trail.add(Connected(str(address), destination.port, trail.seconds()))
        trail.begin("tls")

    return await sent_chain(destination, addresses, stands)


class Fetch:
    """One fetch: its request, its trail, and how TLS chains are to be treated on it."""

    def __init__(
        self,
        way: Way,
        outgoing: Outgoing,
        trail: Trail,
        *,
        thumbprints: Sequence[str] = (),
        look_at_chain: bool = False,
    ) -> None:
        self._way = way
        self._outgoing = outgoing
        self._trail = trail
        self._thumbprints = tuple(thumbprints)
        self._look_at_chain = look_at_chain

    async def follow(self, url: str, named_by: Destination | None) -> Fetched:
        """Fetch a URL and what it redirects to. Raises the errors of ``outbound.errors``."""
        destination = parse_destination(url)
        for _ in range(self._way.limits.redirects + 1):
            fetched = await self.once(destination, named_by)
            location = fetched.location
            if location is None:
                return fetched
            self._trail.begin("redirect")
            named_by, destination = destination, parse_destination(follow(destination, location))
            self._trail.add(Redirected(named_by.url, destination.url, fetched.status))
        raise DestinationRefused(
            f"`{url}` redirects more than {self._way.limits.redirects} times", url=url
        )

    async def once(self, destination: Destination, named_by: Destination | None) -> Fetched:
        """Fetch a URL; a redirect is an answer. Raises the errors of ``outbound.errors``."""
        addresses = await vet(self._way, destination, named_by, self._trail)
        if destination.scheme == "http":
            answer = await self._send(Peer(destination, addresses, None), (), None)
            return self._fetched(destination, answer, ())
        chain: tuple[SentCertificate, ...] = ()
        if self._look_at_chain:
            chain = await look(destination, addresses, self._trail)
        try:
            answer = await self._send(Peer(destination, addresses, self._way.trust()), chain, None)
        except CertificateProblem as problem:
            chain, answer = await self._by_thumbprint(destination, addresses, chain, str(problem))
        return self._fetched(destination, answer, chain)

    async def _by_thumbprint(
        self,
        destination: Destination,
        addresses: tuple[Address, ...],
        chain: tuple[SentCertificate, ...],
        reason: str,
    ) -> tuple[tuple[SentCertificate, ...], Answer]:
        if not chain:
            chain = await look(destination, addresses, self._trail)
        self._trail.begin("tls")
        top = accept_chain(destination, chain, self._thumbprints, reason)
        try:
            context = anchored(top)
            answer = await self._send(Peer(destination, addresses, context), chain, top.thumbprint)
        except (CertificateProblem, ssl.SSLError) as problem:
            raise CertificateRefused(
                f"certificate of `{destination.host}` has the registered thumbprint above it and"
                f" is not valid: {problem}",
                url=destination.url,
                chain=chain,
            ) from None
        return chain, answer

    async def _send(
        self, peer: Peer, chain: tuple[SentCertificate, ...], anchor: str | None
    ) -> Answer:
        trail, destination = self._trail, peer.destination

        def stands(transport: asyncio.Transport) -> None:
            self._note(transport, destination, chain, anchor)
            trail.add(Requested(self._outgoing.method, destination.url))
            trail.begin("response")

        answer = await send(
            peer, self._outgoing, limits=self._way.limits, trail=trail, stands=stands
        )
        trail.add(
            Responded(
                url=destination.url,
                status=answer.status,
                size=len(answer.body),
                content_type=answer.header("content-type"),
                cache_control=answer.header("cache-control"),
                date=answer.header("date"),
                seconds=trail.seconds(),
            )
        )
        return answer

    def _note(
        self,
        transport: asyncio.Transport,
        destination: Destination,
        chain: tuple[SentCertificate, ...],
        anchor: str | None,
    ) -> None:
        trail, name = self._trail, transport.get_extra_info("peername")
        if not chain:
            # Where the chain was looked at, that connection has told already how long it took.
            trail.add(Connected(str(name[0]), destination.port, trail.seconds()))
        tls = transport.get_extra_info("ssl_object")
        if tls is not None:
            protocol = tls.version() or ""
            trail.add(Secured(destination.host, protocol, anchor, chain, trail.seconds()))

    def _fetched(
        self, destination: Destination, answer: Answer, chain: tuple[SentCertificate, ...]
    ) -> Fetched:
        return Fetched(
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            url=destination.url,
            chain=chain,
            steps=self._trail.steps,
        )


async def _look_up(way: Way, destination: Destination) -> tuple[Address, ...]:
    addresses: tuple[Address, ...] = ()
    try:
        found = await way.resolve(destination.host, destination.port)
        addresses = tuple(ip_address(text) for text in found)
    except (OSError, ValueError):
        pass
    if not addresses:
        raise Unreachable(
            f"host `{destination.host}` is not found",
            url=destination.url,
            help="check the name, and the DNS server of the machine that valetkey runs on",
        )
    return addresses
