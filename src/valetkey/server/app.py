"""The ASGI application: the AWS APIs at ``/``, everything of our own under ``/_valetkey/``."""

import asyncio
import ipaddress
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from valetkey.errors import AwsError, ValetkeyError
from valetkey.gateway import Head, may_be_gateways
from valetkey.server.edge import answer, refuse
from valetkey.server.gate import Body, pass_on
from valetkey.server.protocol import WHOLE
from valetkey.server.proxied import decide_for_proxy, is_question, may_ask
from valetkey.server.record import Peer
from valetkey.server.retention import keep_in_bounds
from valetkey.server.wiring import Wiring
from valetkey.settings import Settings
from valetkey.store import Directory, StoreError
from valetkey.wire import WireRequest, WireResponse

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

OWN = "/_valetkey/"
BODY_SECONDS = 20.0
DRAINED_BYTES = 16_777_216
"""How much of a body that is too large is thrown away before the answer, so that it is seen."""


class BodyRefused(AwsError):
    """The body has more bytes than the settings allow, or takes too long to come."""


class Disconnected(Exception):
    """The client went away before its body was whole."""


class Application:
    """One worker's ASGI application: lifespan and HTTP, nothing else."""

    def __init__(self, open_wiring: Callable[[], Awaitable[Wiring]]) -> None:
        self._open = open_wiring
        self._wiring: Wiring | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of the ASGI server."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            raise ValueError(f"unsupported ASGI scope {scope['type']!r}")

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            self._wiring = await self._open()
        except Exception as error:  # noqa: BLE001 - the server prints it and stops: nobody calls
            remedy = f"; {error.help}" if isinstance(error, ValetkeyError) and error.help else ""
            await send({"type": "lifespan.startup.failed", "message": f"{error}{remedy}"})
            return
        wiring = self._wiring
        retention = asyncio.create_task(
            keep_in_bounds(wiring.log, wiring.clock, wiring.settings.audit_retention_days)
        )
        await send({"type": "lifespan.startup.complete"})
        await receive()
        retention.cancel()
        await wiring.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        wiring = self._wiring
        if wiring is None:
            raise RuntimeError("the application serves before its lifespan has started")
        if is_question(scope.get("raw_path", b"")):
            await _authorize(wiring, scope, send)
            return
        if scope["path"].startswith(OWN):
            await _respond(send, _own_endpoint(wiring, scope), scope["method"])
            return
        peer = _peer(scope, wiring.settings)
        head = _head(scope)
        directory = _directory_for_gateway(wiring, head) if may_be_gateways(head) else None
        if directory is not None:
            to_come = Body(receive, wiring.settings.gateway_idle_seconds, whole=_is_whole(scope))
            await pass_on(wiring, directory, peer, head, body=to_come, send=send)
            return
        try:
            body = await _read_body(scope, receive, wiring.settings.max_body_bytes)
        except Disconnected:
            return
        except BodyRefused as refused:
            response = await refuse(wiring, refused, peer)
            # What is left of the body is not read, so the connection can carry no more requests.
            closing = (*response.headers, (b"connection", b"close"))
            response = WireResponse(response.status, closing, response.body)
            await _respond(send, response, scope["method"])
            return
        request = WireRequest(
            method=head.method,
            path=head.raw_path,
            query=head.raw_query,
            headers=head.headers,
            body=body,
        )
        response = await answer(wiring, request, peer)
        await _respond(send, response, scope["method"])


def _head(scope: Scope) -> Head:
    path = scope.get("raw_path", b"/").partition(b"?")[0]
    return Head(scope["method"], path, scope["query_string"], tuple(scope["headers"]))


async def _authorize(wiring: Wiring, scope: Scope, send: Send) -> None:
    client = scope.get("client")
    answer = None
    if may_ask(wiring, _plain_address(client[0]) if client else None):
        answer = await decide_for_proxy(wiring, _head(scope), _peer(scope, wiring.settings))
    if answer is None:
        await _respond(send, _json(404, {"error": "not found"}), scope["method"])
        return
    body = answer.body if isinstance(answer.body, bytes) else b""
    await _respond(send, WireResponse(answer.status, answer.headers, body), scope["method"])


def _directory_for_gateway(wiring: Wiring, head: Head) -> Directory | None:
    """Return what a request is decided by that is the gateway's; None for one that is not."""
    try:
        directory = wiring.store.directory()
    except StoreError:
        # The way of the server's own services says so, and leaves a record.
        return None
    return directory if wiring.gateway.takes(head, directory) else None


def _is_whole(scope: Scope) -> bool:
    return WHOLE in scope.get("state", ())


async def _read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """Return the body. Raises :class:`BodyRefused` and :class:`Disconnected`."""
    if _is_whole(scope):
        # All of it is there already: a timer would be set for nothing.
        return await _collect(receive, limit)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _collect(receive, limit)
    except TimeoutError:
        raise BodyRefused(
            "RequestTimeout",
            "The request body was not received in time.",
            408,
            reason=f"the body was not whole after {BODY_SECONDS:.0f} s",
        ) from None


async def _collect(receive: Receive, limit: int) -> bytes:
    chunks: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        chunk: bytes = message.get("body", b"")
        more = message.get("more_body", False)
        size += len(chunk)
        if size <= limit:
            chunks.append(chunk)
        elif size > limit + DRAINED_BYTES:
            break
        else:
            # Thrown away, not left unread: a client that is still sending would see the
            # connection fail, and not the answer.
            chunks.clear()
    if size > limit:
        raise BodyRefused(
            "RequestEntityTooLarge",
            f"The request body is larger than {limit} bytes.",
            413,
            help="a larger one can be allowed with `max_body_bytes`",
        )
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _peer(scope: Scope, settings: Settings) -> Peer:
    client = scope.get("client")
    address = _plain_address(client[0]) if client else None
    secure = scope.get("scheme") == "https"
    if address is None or not _trusted(address, settings):
        return Peer(address, secure)
    forwarded: list[bytes] = []
    for name, value in scope["headers"]:
        if name == b"x-forwarded-for":
            forwarded.append(value)
        elif name == b"x-forwarded-proto":
            secure = value.strip().lower() == b"https"
    hops = b",".join(forwarded).decode("latin-1")
    return Peer(_nearest_untrusted(hops, settings) or address, secure)


def _plain_address(text: str) -> str | None:
    """Return an address as policies compare it: one of IPv4 in IPv6's clothes without these."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def _trusted(address: str, settings: Settings) -> bool:
    parsed = ipaddress.ip_address(address)
    return any(parsed in ipaddress.ip_network(proxy) for proxy in settings.trusted_proxies)


def _nearest_untrusted(forwarded: str, settings: Settings) -> str | None:
    # Only what our own proxies appended can be believed: read from the right.
    for hop in reversed(forwarded.split(",")):
        address = _plain_address(hop.strip())
        if address is None or not _trusted(address, settings):
            return address
    return None


def _own_endpoint(wiring: Wiring, scope: Scope) -> WireResponse:
    name = scope["path"].removeprefix(OWN)
    if scope["method"] not in ("GET", "HEAD"):
        return _json(405, {"error": "method not allowed"})
    if name == "healthz":
        return _json(200, {"status": "ok"})
    if name == "readyz":
        try:
            problems = wiring.store.directory().unreadable
        except StoreError:
            return _json(503, {"status": "not ready"})
        return _json(200, {"status": "ready", "problems": len(problems)})
    return _json(404, {"error": "not found"})


def _json(status: int, content: dict[str, Any]) -> WireResponse:
    body = json.dumps(content).encode() + b"\n"
    headers = (
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    )
    return WireResponse(status, headers, body)


async def _respond(send: Send, response: WireResponse, method: str) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": response.status,
            "headers": response.headers,
        }
    )
    body = b"" if method == "HEAD" else response.body
    await send({"type": "http.response.body", "body": body})
