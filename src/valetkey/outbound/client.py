"""The one client that makes connections: looks up, checks, dials what was checked, reads."""

import asyncio
import socket
import ssl
from collections.abc import Collection, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from valetkey.clock import Clock, system_clock
from valetkey.outbound.chain import SentCertificate
from valetkey.outbound.destination import Destination, parse_destination
from valetkey.outbound.errors import DestinationRefused, OutboundError, Unreachable
from valetkey.outbound.exchange import Limits, Outgoing
from valetkey.outbound.fetch import Fetch, Fetched, Resolve, Way, look, vet
from valetkey.outbound.guard import Guard
from valetkey.outbound.steps import Listener, Trail
from valetkey.outbound.upstream import Pooling, UpstreamConnector

T = TypeVar("T")

USER_AGENT = "valetkey"


async def system_resolve(host: str, port: int) -> Sequence[str]:
    """Look a host up as the system does."""
    infos = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(info[4][0]) for info in infos))


class GuardedClient:
    """The way out.

    ``trust`` is the TLS context for everybody whose chain is public: by default the system's
    trust store, read at the first use. ``clock`` only measures how long steps take. Every
    failure is an :class:`OutboundError` that keeps the steps taken.
    """

    def __init__(
        self,
        *,
        allowed_private_origins: Collection[str] = (),
        allow_loopback: bool = False,
        trust: ssl.SSLContext | None = None,
        resolve: Resolve = system_resolve,
        clock: Clock = system_clock,
        limits: Limits | None = None,
        user_agent: str = USER_AGENT,
    ) -> None:
        self._trust = trust
        self._clock = clock
        self._user_agent = user_agent
        self._way = Way(
            Guard.of(allowed_private_origins, allow_loopback=allow_loopback),
            resolve,
            self._public_trust,
            limits or Limits(),
        )

    async def get(
        self,
        url: str,
        *,
        thumbprints: Sequence[str] = (),
        named_by: str | None = None,
        deadline: float | None = None,
        look_at_chain: bool = False,
        listener: Listener | None = None,
    ) -> Fetched:
        """Fetch a URL, following redirects that the guard allows; any status is an answer.

        ``thumbprints`` are for hosts that the trust store does not know. ``named_by`` is the URL
        of the document that named this one: what it leads to is held to where it stands.
        ``deadline`` is a time of the event loop's clock; without it the fetch has
        ``Limits.seconds``. ``look_at_chain`` asks for the chain as sent, at the cost of one
        connection more.
        """
        trail = Trail(self._clock, listener)
        outgoing = Outgoing("GET", self._headers({"Accept": "application/json"}))
        fetch = Fetch(
            self._way, outgoing, trail, thumbprints=thumbprints, look_at_chain=look_at_chain
        )

        async def run() -> Fetched:
            named = parse_destination(named_by) if named_by is not None else None
            return await fetch.follow(url, named)

        return await self._bounded(run(), url, trail, deadline)

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        configured: bool = False,
        trust: ssl.SSLContext | None = None,
        listener: Listener | None = None,
    ) -> Fetched:
        """Send a request of the caller's making; a redirect is an answer like any other.

        ``configured`` and ``trust`` are as for :meth:`connector`.
        """
        trail = Trail(self._clock, listener)
        outgoing = Outgoing(method, self._headers(headers), body)

        async def run() -> Fetched:
            destination = parse_destination(url)
            way = self._way_to(destination, configured=configured, trust=trust)
            return await Fetch(way, outgoing, trail).once(destination, None)

        return await self._bounded(run(), url, trail, None)

    async def sent_chain(
        self, url: str, *, listener: Listener | None = None
    ) -> tuple[SentCertificate, ...]:
        """Return the chain that an https URL's host sends, leaf first, unverified."""
        trail = Trail(self._clock, listener)

        async def run() -> tuple[SentCertificate, ...]:
            destination = parse_destination(url)
            if destination.scheme != "https":
                raise DestinationRefused(f"`{destination.origin}` has no certificate", url=url)
            return await look(destination, await vet(self._way, destination, None, trail), trail)

        return await self._bounded(run(), url, trail, None)

    async def sent_thumbprint(self, url: str) -> str:
        """Return the thumbprint of the last certificate that an https URL's host sends.

        It is what ``CreateOpenIDConnectProvider`` fills in where no list is given.
        """
        return (await self.sent_chain(url))[-1].thumbprint

    def connector(
        self,
        origin: str,
        *,
        configured: bool = False,
        trust: ssl.SSLContext | None = None,
        pooling: Pooling | None = None,
    ) -> UpstreamConnector:
        """Return a connector for streaming to one configured upstream, as guarded as the rest.

        Its connections last; each new one is looked up and checked anew. ``configured`` says
        that the operator named this very origin: it may then be private. ``trust`` is the TLS
        context for this origin alone. Raises :class:`OutboundError` for a bad origin.
        """
        destination = parse_destination(origin)
        way = self._way_to(destination, configured=configured, trust=trust)
        return UpstreamConnector(way, destination, pooling or Pooling())

    def _way_to(
        self, destination: Destination, *, configured: bool, trust: ssl.SSLContext | None
    ) -> Way:
        way = self._way
        if configured:
            way = replace(way, guard=way.guard.for_upstream(destination))
        return way if trust is None else replace(way, trust=lambda: trust)

    def _public_trust(self) -> ssl.SSLContext:
        if self._trust is None:
            self._trust = ssl.create_default_context()
        return self._trust

    def _headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {"Accept-Encoding": "identity", "User-Agent": self._user_agent, **headers}

    async def _bounded(
        self, steps: Coroutine[Any, Any, T], url: str, trail: Trail, deadline: float | None
    ) -> T:
        """Run a fetch within its time, and give its failure the steps taken."""
        seconds = self._way.limits.seconds
        until = asyncio.get_running_loop().time() + seconds if deadline is None else deadline
        try:
            try:
                async with asyncio.timeout_at(until):
                    return await steps
            except TimeoutError:
                raise Unreachable(
                    f"no answer from `{url[:200]}` in time: the time ran out at step `{trail.at}`",
                    url=url,
                    help=f"a fetch has {seconds:g} seconds in all; see `fetch_timeout_seconds`",
                ) from None
        except OutboundError as error:
            trail.fail(error.url, error.message, error.help)
            error.steps = trail.steps
            raise
