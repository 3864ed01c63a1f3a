"""The way to one upstream: its pooled connections, and one request over one of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import aiohttp
from multidict import CIMultiDict

from valetkey.clock import Clock
from valetkey.gateway.upstream.answer import UpstreamAnswer
from valetkey.gateway.upstream.body import OutgoingBody, in_chunks, in_pieces
from valetkey.gateway.upstream.credentials import Source
from valetkey.gateway.upstream.errors import BUSY, UpstreamBroken, UpstreamUnavailable, explain
from valetkey.gateway.upstream.forwarding import target
from valetkey.gateway.upstream.message import UpstreamLimits, UpstreamRequest
from valetkey.gateway.upstream.signing import Signed, signed
from valetkey.gateway.upstream.trust import only
from valetkey.outbound import GuardedClient, OutboundError, Pooling
from valetkey.outbound.destination import parse_destination
from valetkey.store import UpstreamRecord

_REPEATABLE: Final = frozenset(("GET", "HEAD", "PUT", "DELETE", "OPTIONS"))
_NOT_AUTOMATIC: Final = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
_AT_ONCE: Final = 256 * 1024
_SUCCESS: Final = range(200, 300)


class _Dropped(Exception):
    """The connection was closed before any byte of an answer; ``kept`` as it was a used one."""

    def __init__(self, error: Exception, *, kept: bool) -> None:
        super().__init__(str(error))
        self.error = error
        self.kept = kept


class Lane:
    """One upstream's session. ``in_flight`` counts the requests that are under way."""

    def __init__(
        self,
        record: UpstreamRecord,
        client: GuardedClient,
        source: Source,
        *,
        clock: Clock,
        limits: UpstreamLimits,
    ) -> None:
        self.record = record
        self.source = source
        self.in_flight = 0
        self._clock = clock
        self._limits = limits
        try:
            self._destination = parse_destination(record.endpoint)
            self._connector = client.connector(
                self._destination.origin,
                configured=True,
                trust=only(record.ca_pem),
                pooling=Pooling(limits.connections, limits.keep_seconds),
            )
        except OutboundError as error:
            raise UpstreamUnavailable(
                f"the endpoint of upstream `{record.name}` can't be used: {error.message}",
                help=error.help,
            ) from error
        self._session = _session(self._connector, limits, self._once)

    @property
    def open_connections(self) -> int:
        """Return how many connections are open, idle ones included."""
        return self._connector.open_connections

    async def close(self) -> None:
        """Close all connections, those in use too."""
        await self.source.close()
        await self._session.close()

    async def signed(self, request: UpstreamRequest) -> Signed:
        """Return the request as it would go out now."""
        where = target(
            self._destination,
            request.raw_path,
            request.raw_query,
            path_style=self.record.path_style or self.record.service != "s3",
        )
        return signed(self.record, request, where, await self.source.current(), self._clock())

    @asynccontextmanager
    async def send(self, request: UpstreamRequest) -> AsyncIterator[UpstreamAnswer]:
        """Send a request, and give its answer for as long as the block lasts."""
        if request.body is None and request.length:
            raise ValueError("a body was announced, and there is none to send")
        self.in_flight += 1
        try:
            made = await self.signed(request)
            response, early = await self._exchange(request, made)
            try:
                yield UpstreamAnswer(
                    response,
                    upstream=self.record.name,
                    service=self.record.service,
                    early=early,
                )
            finally:
                _end(response)
        finally:
            self.in_flight -= 1

    async def _exchange(
        self, request: UpstreamRequest, made: Signed
    ) -> tuple[aiohttp.ClientResponse, bool]:
        if request.body is not None and not isinstance(request.body, bytes):
            source = request.body
            if made.writer is not None:
                source = in_chunks(source, made.writer, request.length or 0)
            return await self._streamed(request.method, made, source)
        try:
            return await self._whole(request.method, made, request.body or None), False
        except _Dropped as dropped:
            # Closed while it lay idle, most likely: the upstream never saw the request.
            if not dropped.kept or request.method not in _REPEATABLE:
                raise self._failed(dropped, begun=request.body is not None) from dropped.error
        try:
            return await self._whole(request.method, made, request.body or None), False
        except _Dropped as dropped:
            raise self._failed(dropped, begun=request.body is not None) from dropped.error

    async def _whole(self, method: str, made: Signed, body: bytes | None) -> aiohttp.ClientResponse:
        limits = self._limits
        try:
            async with asyncio.timeout(
                limits.queue_seconds + limits.connect_seconds + 2 * limits.idle_seconds
            ):
                return await self._request(method, made, body)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise self._failed(error, begun=body is not None) from error

    async def _streamed(
        self, method: str, made: Signed, source: AsyncIterator[bytes]
    ) -> tuple[aiohttp.ClientResponse, bool]:
        body: OutgoingBody | None = None
        try:
            async with asyncio.timeout(None) as patience:
                body = OutgoingBody(source, made.length, patience, self._limits.idle_seconds)
                response = await self._request(method, made, body)
                body.unwatched()
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError, _Dropped) as error:
            if body is not None and body.failure is not None:
                # What the client's body raised is its own affair, and goes on as it is.
                raise body.failure from None
            raise self._failed(error, begun=body is not None and body.begun) from error
        if not body.complete and response.status in _SUCCESS:
            _end(response)
            raise UpstreamBroken(
                f"upstream `{self.record.name}` answers {response.status} before it has the body"
            )
        return response, not body.complete

    async def _request(
        self, method: str, made: Signed, body: bytes | OutgoingBody | None
    ) -> aiohttp.ClientResponse:
        headers = CIMultiDict(
            (name.decode("ascii"), value.decode("utf-8")) for name, value in made.headers
        )
        data = in_pieces(body) if isinstance(body, bytes) and len(body) > _AT_ONCE else body
        return await self._session.request(
            method, made.target.url, headers=headers, data=data, allow_redirects=False
        )

    async def _once(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        try:
            return await handler(request)
        except aiohttp.ClientConnectorError:
            raise
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
            self._connector.abort(request)
            # NOTE: not left to aiohttp, which would send it again whatever had come of it.
            raise _Dropped(error, kept=self._connector.was_kept(request)) from error
        except BaseException:
            self._connector.abort(request)
            raise

    def _failed(self, error: Exception, *, begun: bool) -> UpstreamUnavailable | UpstreamBroken:
        if isinstance(error, UpstreamUnavailable | UpstreamBroken):
            return error
        cause = error.error if isinstance(error, _Dropped) else error
        reason, help_text = explain(self.record.name, cause)
        if isinstance(cause, aiohttp.ConnectionTimeoutError):
            return UpstreamUnavailable(reason, help=help_text, wire=BUSY)
        if begun and not isinstance(cause, aiohttp.ClientConnectorError):
            return UpstreamBroken(reason, help=help_text)
        return UpstreamUnavailable(reason, help=help_text)


def _end(response: aiohttp.ClientResponse) -> None:
    """Give the connection back where the answer was read to its end, else break it off."""
    connection = response.connection
    transport = None if connection is None else connection.transport
    response.close()
    if transport is not None:
        transport.abort()


def _session(
    connector: aiohttp.BaseConnector, limits: UpstreamLimits, once: aiohttp.ClientMiddlewareType
) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector,
        middlewares=(once,),
        # Never the environment's proxies: they would dial addresses that nobody checked.
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=_NOT_AUTOMATIC,
        timeout=aiohttp.ClientTimeout(
            total=None,
            connect=limits.queue_seconds + limits.connect_seconds,
            sock_connect=limits.connect_seconds,
            sock_read=limits.idle_seconds,
        ),
        read_bufsize=limits.read_bytes,
        max_line_size=limits.header_line_bytes,
        max_field_size=limits.header_line_bytes,
        max_headers=limits.headers,
    )
