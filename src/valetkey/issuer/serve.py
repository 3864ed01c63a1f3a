"""Serving an issuer over TLS until the task that does it is cancelled."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn

from valetkey.issuer.app import App


class _Server(uvicorn.Server):
    """A server that says when it listens, and leaves signals to whoever runs the process."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as ever, then tell."""
        await super().startup(sockets)
        self._ready()


async def serve_issuer(
    app: App,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    tls_cert: Path | None = None,
    tls_key: Path | None = None,
    ready: Callable[[int], None] | None = None,
) -> None:
    """Serve an application until cancelled; ``ready`` is told the port once it listens.

    Port 0 means any free one. Without certificate and key it is plain HTTP. Raises ``OSError``
    where the address can't be had or the files can't be read.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=128) as listener:
        bound = listener.getsockname()[1]
        config = uvicorn.Config(
            app,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            ssl_certfile=tls_cert,
            ssl_keyfile=tls_key,
            timeout_graceful_shutdown=1,
        )
        server = _Server(config, lambda: ready(bound) if ready is not None else None)
        serving = asyncio.create_task(server.serve([listener]))
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            server.should_exit = True
            await serving
            raise
