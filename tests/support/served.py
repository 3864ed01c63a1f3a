"""The ASGI application with what an ASGI server would hand it, byte by byte if need be."""

import asyncio
import urllib.parse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from support.edge import Answer, Edge
from valetkey.server.app import Application
from valetkey.server.wiring import Wiring


@dataclass
class Served:
    """An application over a server without sockets."""

    edge: Edge
    app: Application

    async def ask(
        self,
        method: str = "POST",
        target: str = "/",
        *,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        body: bytes | Iterable[bytes] = b"",
        client: tuple[str, int] | None = ("192.0.2.1", 50_000),
        scheme: str = "https",
        cut: bool = False,
    ) -> Answer:
        """Ask; ``body`` may come in pieces, and with ``cut`` it does not come to its end.

        An application that answers nothing gives status 0.
        """
        pieces = [body] if isinstance(body, bytes) else list(body)
        path, _, query = target.partition("?")
        pairs = headers.items() if isinstance(headers, Mapping) else headers
        scope: dict[str, Any] = {
            "type": "http",
            "method": method,
            "path": urllib.parse.unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(k.lower().encode(), v.encode("latin-1")) for k, v in pairs],
            "client": client,
            "scheme": scheme,
            "state": {},
        }
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            await asyncio.sleep(0)
            if not pieces:
                return {"type": "http.disconnect"}
            piece = pieces.pop(0)
            return {"type": "http.request", "body": piece, "more_body": cut or bool(pieces)}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        if not sent:
            return Answer(0, {}, b"")
        start, end = sent
        return Answer(start["status"], dict(start["headers"]), end["body"])


async def serve(edge: Edge) -> Served:
    """Start an application over a server without sockets; its end is the edge's."""

    async def wiring() -> Wiring:
        return edge.wiring

    app = Application(wiring)
    started = asyncio.Event()
    messages: list[Any] = [{"type": "lifespan.startup"}]

    async def receive() -> Any:
        if messages:
            return messages.pop()
        return await asyncio.Event().wait()

    async def send(message: Any) -> None:
        assert message["type"] == "lifespan.startup.complete", message
        started.set()

    task = asyncio.create_task(app({"type": "lifespan"}, receive, send))
    await started.wait()
    task.cancel()
    return Served(edge, app)
