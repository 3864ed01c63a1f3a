"""Requests of any form, signed in their header or in their query."""

import hashlib
import urllib.parse
from collections.abc import Iterable
from typing import Any

from support.edge import VERSIONS, Edge
from valetkey.sigv4 import HttpRequest, presign, sign
from valetkey.wire import WireRequest

HOST = (b"host", b"valetkey.example")
FORM = (b"content-type", b"application/x-www-form-urlencoded")


def encoded(pairs: Iterable[tuple[str, str]]) -> bytes:
    return urllib.parse.urlencode(list(pairs), quote_via=urllib.parse.quote).encode()


def signed(
    edge: Edge,
    request: WireRequest,
    *,
    service: str = "sts",
    key: dict[str, str] | None = None,
    expires: int | None = None,
    at: float | None = None,
    region: str = "us-east-1",
) -> WireRequest:
    """Return a request signed by ``key``, else the administrator; presigned with ``expires``."""
    key = key or {"id": edge.admin.access_key_id, "secret": edge.admin.secret_key}
    plain = HttpRequest(
        request.method,
        request.path,
        request.query,
        request.headers,
        hashlib.sha256(request.body).hexdigest(),
    )
    options: dict[str, Any] = {
        "access_key_id": key["id"],
        "secret_key": key["secret"],
        "session_token": key.get("token"),
        "region": region,
        "service": service,
        "now": edge.now[0] if at is None else at,
    }
    done = sign(plain, **options) if expires is None else presign(plain, expires=expires, **options)
    return WireRequest(done.method, done.raw_path, done.raw_query, done.headers, request.body)


def form(service: str, action: str, **parameters: str) -> dict[str, str]:
    return {"Action": action, "Version": VERSIONS[service], **parameters}


def posted(*pairs: tuple[str, str], headers: tuple[tuple[bytes, bytes], ...] = ()) -> WireRequest:
    """Return a form as a body."""
    return WireRequest("POST", b"/", b"", (HOST, FORM, *headers), encoded(pairs))


def gotten(*pairs: tuple[str, str], headers: tuple[tuple[bytes, bytes], ...] = ()) -> WireRequest:
    """Return a form in the URL."""
    return WireRequest("GET", b"/", encoded(pairs), (HOST, *headers), b"")


DOORS = ("post", "get", "split", "presigned", "presigned post")


def through(
    edge: Edge, door: str, service: str, parameters: dict[str, str], key: Any = None
) -> WireRequest:
    """Return a request by one of the ways in which an API call can come; unsigned without key."""
    pairs = list(parameters.items())
    if door == "split":
        body = encoded(pairs[2:])
        request = WireRequest("POST", b"/", encoded(pairs[:2]), (HOST, FORM), body)
    elif door in ("post", "presigned post"):
        request = posted(*pairs)
    else:
        request = gotten(*pairs)
    if key is None:
        return request
    expires = 60 if door.startswith("presigned") else None
    return signed(edge, request, service=service, key=key, expires=expires)
