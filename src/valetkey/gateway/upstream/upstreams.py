"""All upstreams of a process: a pool of connections each, for as long as its record stands."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from valetkey.clock import Clock, system_clock
from valetkey.gateway.upstream.answer import UpstreamAnswer
from valetkey.gateway.upstream.credentials import OpenSecret, source_of
from valetkey.gateway.upstream.lane import Lane
from valetkey.gateway.upstream.message import UpstreamLimits, UpstreamRequest
from valetkey.gateway.upstream.signing import Credentials, Signed
from valetkey.outbound import GuardedClient
from valetkey.store import UpstreamRecord


class Upstreams:
    """The way to every upstream. A record that changed gets connections of its own.

    Belongs to one event loop; ``close`` it there.
    """

    def __init__(
        self,
        client: GuardedClient,
        open_secret: OpenSecret,
        *,
        clock: Clock = system_clock,
        limits: UpstreamLimits | None = None,
    ) -> None:
        self._client = client
        self._open_secret = open_secret
        self._clock = clock
        self._limits = limits or UpstreamLimits()
        self._lanes: dict[tuple[str, str], Lane] = {}
        self._retired: set[Lane] = set()
        self._closing: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def send(
        self, record: UpstreamRecord, request: UpstreamRequest
    ) -> AsyncIterator[UpstreamAnswer]:
        """Send a request and give its answer; the connection is held until the block ends.

        Raises :class:`~valetkey.gateway.upstream.errors.UpstreamUnavailable` and
        :class:`~valetkey.gateway.upstream.errors.UpstreamBroken`, what the request's body raises,
        unchanged, and :class:`~valetkey.errors.AwsError` for a request that can't be sent.
        """
        lane = self._lane(record)
        try:
            async with lane.send(request) as answer:
                yield answer
        finally:
            self._close_if_idle(lane)

    async def signed(self, record: UpstreamRecord, request: UpstreamRequest) -> Signed:
        """Return a request as it would go out now: for a proxy that sends it itself."""
        return await self._lane(record).signed(request)

    async def credentials(self, record: UpstreamRecord) -> Credentials | None:
        """Return what a request to this upstream is signed with now."""
        return await self._lane(record).source.current()

    def keep_only(self, records: Iterable[UpstreamRecord]) -> None:
        """Close the connections to upstreams that are no longer among these, once they are idle."""
        kept = {(record.account, record.name) for record in records}
        for key in self._lanes.keys() - kept:
            self._retire(self._lanes.pop(key))

    def open_connections(self) -> int:
        """Return how many connections are open, idle ones included."""
        return sum(lane.open_connections for lane in (*self._lanes.values(), *self._retired))

    async def close(self) -> None:
        """Close every connection, those in use too."""
        lanes = [*self._lanes.values(), *self._retired]
        self._lanes.clear()
        self._retired.clear()
        await asyncio.gather(*self._closing, *(lane.close() for lane in lanes))

    def _lane(self, record: UpstreamRecord) -> Lane:
        key = (record.account, record.name)
        lane = self._lanes.get(key)
        if lane is not None and (lane.record is record or lane.record == record):
            return lane
        source = source_of(record, self._client, self._open_secret, self._clock)
        made = Lane(record, self._client, source, clock=self._clock, limits=self._limits)
        self._lanes[key] = made
        if lane is not None:
            self._retire(lane)
        return made

    def _retire(self, lane: Lane) -> None:
        self._retired.add(lane)
        self._close_if_idle(lane)

    def _close_if_idle(self, lane: Lane) -> None:
        if lane in self._retired and not lane.in_flight:
            self._retired.discard(lane)
            task = asyncio.get_running_loop().create_task(lane.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
