"""Worker processes: each builds its own application from the same home and settings."""

import asyncio
import logging
import os
import secrets
import signal
import sys
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from valetkey.access import CredentialKeys
from valetkey.api.operation import Services
from valetkey.clock import system_clock
from valetkey.credentials import SessionCache, open_secret_key
from valetkey.gateway import Gateway, Parts, UpstreamLimits, Upstreams
from valetkey.outbound import DiscoveredKeys, GuardedClient, KeyBounds, Limits
from valetkey.server.address import socket_address
from valetkey.server.app import Application
from valetkey.server.declared import keep_declared_upstreams
from valetkey.server.home import Home
from valetkey.server.protocol import BoundedProtocol
from valetkey.server.wiring import Wiring
from valetkey.settings import Settings
from valetkey.sigv4 import SigningKeyCache
from valetkey.store import DecisionLog, Store, Transaction
from valetkey.wire import load_services
from valetkey.wire.catalogue import Catalogue

HOME_VARIABLE = "VALETKEY_SERVE_HOME"
CONFIG_VARIABLE = "VALETKEY_SERVE_CONFIG"
GRACEFUL_SECONDS = 10


async def open_wiring(home: Home, settings: Settings) -> Wiring:
    """Open the parts that a worker serves with. Raises what the rooms raise on bad state."""
    client = GuardedClient(
        allowed_private_origins=settings.allowed_private_origins,
        allow_loopback=settings.allow_loopback_issuers,
        limits=Limits(seconds=settings.fetch_timeout_seconds, body_bytes=settings.max_fetch_bytes),
    )
    bounds = KeyBounds(
        cooldown=settings.jwks_cooldown_seconds,
        fresh=settings.jwks_fresh_seconds,
        stale=settings.jwks_stale_seconds,
        timeout=settings.fetch_timeout_seconds,
    )
    source = DiscoveredKeys(client, clock=system_clock, bounds=bounds)
    store = Store.open(home.database)
    keys = CredentialKeys(home.key_ring(), SessionCache(), SigningKeyCache())
    writer = ThreadPoolExecutor(1, thread_name_prefix="valetkey-writer")
    return Wiring(
        settings=settings,
        source=source,
        wire=load_services(home.cache),
        store=store,
        writer=writer,
        gateway=open_gateway(home, settings, client, store, keys=keys, writer=writer),
        log=DecisionLog.open(home.decision_log, fail_closed=settings.audit == "fail-closed"),
        services=Services(
            keys=keys,
            source=source,
            random=secrets.token_bytes,
            thumbprint=client.sent_thumbprint,
            leeway=settings.clock_leeway_seconds,
            max_token_chars=settings.max_token_bytes,
            required_trust_claims=settings.required_trust_claims,
        ),
    )


def open_gateway(
    home: Home,
    settings: Settings,
    client: GuardedClient,
    store: Store,
    *,
    keys: CredentialKeys,
    writer: Executor,
) -> Gateway:
    """Open the gateway of a worker. Raises ``ModelsUnavailable``."""
    upstreams = Upstreams(
        client,
        lambda sealed: open_secret_key(sealed.sealed_secret, sealed.access_key_id, keys.ring),
        limits=UpstreamLimits(
            connect_seconds=settings.gateway_connect_seconds,
            idle_seconds=settings.gateway_idle_seconds,
        ),
    )

    async def write(change: Callable[[Transaction], Any], /) -> Any:
        return await asyncio.get_running_loop().run_in_executor(writer, store.write, change)

    parts = Parts(
        keys=keys,
        upstreams=upstreams,
        write=write,
        catalogue=Catalogue(home.cache),
        region=settings.region,
        domains=settings.s3_domains,
    )
    return Gateway(parts)


def create() -> Application:
    """Build a worker's application; the parent process says where the home is."""
    home = Home(Path(os.environ[HOME_VARIABLE]))
    config = os.environ.get(CONFIG_VARIABLE)
    settings = home.settings(Path(config) if config else None, os.environ)
    _log_to_stderr()
    return Application(lambda: open_wiring(home, settings))


def serve(home: Home, settings: Settings, config: Path | None = None) -> int:
    """Serve until SIGTERM or SIGINT; requests under way are finished first.

    Raises ``HomeMissing``, ``MalformedKeyRing`` and ``StoreError`` for state that can't be used.
    """
    _log_to_stderr()
    _check_state(home, settings)
    os.environ[HOME_VARIABLE] = str(home.path)
    if config is not None:
        os.environ[CONFIG_VARIABLE] = str(config)
    host, port = socket_address(settings)
    server = uvicorn.Config(
        "valetkey.server.run:create",
        factory=True,
        host=host,
        port=port,
        workers=settings.workers,
        http=BoundedProtocol,
        ws="none",
        loop="uvloop",
        lifespan="on",
        access_log=False,  # A GET carries its token in the URL.
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
    )
    if settings.workers > 1:
        socket = server.bind_socket()
        supervisor = Multiprocess(server, [socket])
        supervisor.run()
        # Unless it was told to stop, it stops where a worker can't start.
        failed = any(worker.exitcode == STARTUP_FAILURE for worker in supervisor.processes)
        return 1 if failed else 0
    worker = uvicorn.Server(server)
    for number in (signal.SIGINT, signal.SIGTERM):
        # Raised again after the server has ended by it; being told to end is no failure.
        signal.signal(number, lambda _number, _frame: None)
    worker.run()
    return 0 if worker.started else 1


def _check_state(home: Home, settings: Settings) -> None:
    """Raise now what each worker would fail by; the databases are migrated here, once."""
    ring = home.key_ring()
    with Store.open(home.database) as store:
        keep_declared_upstreams(store, ring, settings, system_clock, os.environ)
    DecisionLog.open(home.decision_log).close()


def _log_to_stderr() -> None:
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s"
    )
    logging.getLogger("valetkey").setLevel(logging.INFO)
