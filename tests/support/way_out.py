"""The server's way out in earnest, or with an issuer that counts in its place."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from support.edge import Edge
from valetkey.outbound import DiscoveredKeys, GuardedClient, KeyBounds, Limits, Unreachable
from valetkey.outbound.discovery import Fetches
from valetkey.outbound.fetch import Fetched, Resolve


@dataclass
class CountingIssuer:
    """Stands in for the guarded client; ``fetches`` counts the key sets that were asked for."""

    body: bytes
    fetches: int = 0
    down: bool = False

    async def get(self, url: str, **_options: Any) -> Fetched:
        if self.down:
            raise Unreachable(f"`{url}` is down", url=url)
        if url.endswith("/.well-known/openid-configuration"):
            issuer = url.removesuffix("/.well-known/openid-configuration")
            said = json.dumps({"issuer": issuer, "jwks_uri": f"{issuer}/keys"}).encode()
            return Fetched(200, (), said, url, (), ())
        self.fetches += 1
        return Fetched(200, (), self.body, url, (), ())


@dataclass
class Names:
    """A resolver that knows what it is told, and counts how often it is asked."""

    known: dict[str, list[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def __call__(self, host: str, _port: int) -> Sequence[str]:
        self.asked.append(host)
        if host not in self.known:
            raise OSError(-2, "Name or service not known")
        return self.known[host]


@asynccontextmanager
async def fetching(edge: Edge, client: Fetches) -> AsyncIterator[DiscoveredKeys]:
    """Give the server a key source over a client, and its old one back afterwards."""
    source = DiscoveredKeys(client, clock=lambda: edge.now[0], bounds=KeyBounds(timeout=2.0))
    before = edge.wiring.services
    edge.wiring.services = replace(before, source=source)
    try:
        yield source
    finally:
        edge.wiring.services = before
        await source.close()


@asynccontextmanager
async def really_fetching(
    edge: Edge, *, loopback: bool = True, resolve: Resolve | None = None
) -> AsyncIterator[DiscoveredKeys]:
    """Give the server the client that it has in earnest."""
    names = {} if resolve is None else {"resolve": resolve}
    client = GuardedClient(allow_loopback=loopback, limits=Limits(seconds=2.0), **names)
    async with fetching(edge, client) as source:
        yield source
