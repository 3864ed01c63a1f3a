"""The issuer's HTTP side: two documents, and nothing that mints."""

import hashlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from valetkey.issuer.documents import (
    AUTHORIZATION_SERVER_PATH,
    DISCOVERY_PATH,
    KEYS_PATH,
    discovery_document,
    jwks_document,
)
from valetkey.issuer.keys import SigningKeys

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]
Headers: TypeAlias = list[tuple[bytes, bytes]]

_SECURITY: Headers = [
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"x-xss-protection", b"0"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-permitted-cross-domain-policies", b"none"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
]
_JSON = (b"content-type", b"application/json; charset=utf-8")
_NO_CACHE = b"max-age=0, private, must-revalidate"
_A_DAY = b"max-age=86400, public, must-revalidate, no-transform=true"
_CORS: Headers = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, HEAD"),
    (b"vary", b"Origin"),
]


def issuer_app(issuer: str, keys: Callable[[], SigningKeys]) -> App:
    """Return the ASGI application of an issuer.

    ``keys`` is asked at every request, so that a rotation shows at once. A path in the issuer's
    URL is the prefix of both documents; everything else is 404.
    """
    prefix = urlsplit(issuer).path.rstrip("/")
    discovery = discovery_document(issuer)

    def document(path: str) -> tuple[bytes, bytes] | None:
        if not path.startswith(prefix):
            return None
        match path.removeprefix(prefix):
            case x if x in {DISCOVERY_PATH, AUTHORIZATION_SERVER_PATH}:
                return discovery, _NO_CACHE
            case x if x == KEYS_PATH:
                return jwks_document(keys()), _A_DAY
        return None

    async def app(scope: Message, receive: Receive, send: Send) -> None:  # noqa: ARG001 - no body is read
        if scope["type"] != "http":
            return
        method = scope["method"]
        cors = _CORS if any(name == b"origin" for name, _ in scope["headers"]) else []
        found = document(scope["path"])
        if found is not None and method == "OPTIONS" and cors:
            await _answer(send, 200, cors, b"")
        elif found is None or method not in {"GET", "HEAD"}:
            await _answer(send, 404, [*_SECURITY, (b"content-type", b"text/plain")], b"")
        else:
            body, cache = found
            etag = b'W/"%s"' % hashlib.sha256(body).hexdigest()[:32].encode()
            headers = [*_SECURITY, _JSON, (b"etag", etag), (b"cache-control", cache), *cors]
            if (b"if-none-match", etag) in scope["headers"]:
                await _answer(send, 304, headers, None)
            else:
                await _answer(send, 200, headers, body, head=method == "HEAD")

    return app


async def _answer(
    send: Send, status: int, headers: Headers, body: bytes | None, *, head: bool = False
) -> None:
    length = [] if body is None else [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers + length})
    await send({"type": "http.response.body", "body": b"" if head or body is None else body})
