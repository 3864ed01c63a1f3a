"""The ASGI application: the AWS APIs at ``/``, everything of our own under ``/_valetkey/``."""

import ipaddress
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from valetkey.errors import AwsError
from valetkey.server.edge import Peer, answer
from valetkey.server.wiring import Wiring
from valetkey.settings import Settings
from valetkey.wire import WireRequest, WireResponse, encode_error

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

OWN = "/_valetkey/"
TOO_LARGE = 413


class BodyTooLarge(Exception):  # noqa: N818 - control flow inside this module, no failure of ours
    """The body has more bytes than the settings allow."""


class Disconnected(Exception):  # noqa: N818 - see above
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
        except Exception as error:  # The server prints it and stops: a lifespan has no caller.
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._wiring.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        wiring = self._wiring
        if wiring is None:
            raise RuntimeError("the application serves before its lifespan has started")
        if scope["path"].startswith(OWN):
            await _respond(send, _own_endpoint(wiring, scope), scope["method"])
            return
        try:
            body = await _read_body(receive, wiring.settings.max_body_bytes)
        except Disconnected:
            return
        except BodyTooLarge:
            await _respond(send, _too_large(wiring), scope["method"])
            return
        request = WireRequest(
            method=scope["method"],
            path=scope.get("raw_path", b"/").partition(b"?")[0],
            query=scope["query_string"],
            headers=tuple(scope["headers"]),
            body=body,
        )
        response = await answer(wiring, request, _peer(scope, wiring.settings))
        await _respond(send, response, scope["method"])


async def _read_body(receive: Receive, limit: int) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    if message["type"] == "http.request" and not message.get("more_body") and len(body) <= limit:
        return body
    chunks, size = [body], len(body)
    while message["type"] == "http.request" and message.get("more_body") and size <= limit:
        message = await receive()
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
    if message["type"] == "http.disconnect":
        raise Disconnected
    if size > limit:
        raise BodyTooLarge
    return b"".join(chunks)


def _too_large(wiring: Wiring) -> WireResponse:
    limit = wiring.settings.max_body_bytes
    error = AwsError(
        "RequestEntityTooLarge", f"The request body is larger than {limit} bytes.", TOO_LARGE
    )
    response = encode_error(None, error, wiring.request_id(wiring.clock()))
    # What is left of the body is not read, so the connection can carry no further request.
    closing = (*response.headers, (b"connection", b"close"))
    return WireResponse(response.status, closing, response.body)


def _peer(scope: Scope, settings: Settings) -> Peer:
    client = scope.get("client")
    address = client[0] if client else None
    secure = scope.get("scheme") == "https"
    if address is None or not _trusted(address, settings):
        return Peer(address, secure)
    for name, value in scope["headers"]:
        if name == b"x-forwarded-for":
            address = _nearest_untrusted(value.decode("latin-1"), settings) or address
        elif name == b"x-forwarded-proto":
            secure = value.strip().lower() == b"https"
    return Peer(address, secure)


def _trusted(address: str, settings: Settings) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in ipaddress.ip_network(proxy) for proxy in settings.trusted_proxies)


def _nearest_untrusted(forwarded: str, settings: Settings) -> str | None:
    # Only what our own proxies appended can be believed: read from the right.
    for hop in reversed([hop.strip() for hop in forwarded.split(",")]):
        if not _trusted(hop, settings):
            try:
                return str(ipaddress.ip_address(hop))
            except ValueError:
                return None
    return None


def _own_endpoint(wiring: Wiring, scope: Scope) -> WireResponse:
    name = scope["path"].removeprefix(OWN)
    if scope["method"] not in ("GET", "HEAD"):
        return _json(405, {"error": "method not allowed"})
    if name == "healthz":
        return _json(200, {"status": "ok"})
    if name == "readyz":
        problems = wiring.store.directory().unreadable
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
