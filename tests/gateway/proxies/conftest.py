"""A server that proxies ask, without sockets; and real proxies before a real one."""

from collections.abc import Iterator
from typing import Any

import pytest
import pytest_asyncio

from gateway.proxies.asking import Asking, ask_of, put_store
from gateway.proxies.fronts import HASHED, Front, front_of
from support.edge import Edge
from support.edge_fixtures import edge, first_state, shared_edge
from support.envoy import envoy
from support.gateway_running import GatewayRunning, add_upstream, gateway
from support.nginx import nginx

__all__ = ["edge", "first_state", "gateway", "shared_edge"]


@pytest_asyncio.fixture
async def asking(shared_edge: Edge) -> Asking:
    """Return a server with a store that has a key; it is shared, as nothing changes it."""
    put_store(shared_edge)
    return await ask_of(shared_edge)


@pytest_asyncio.fixture
async def own(edge: Edge) -> Asking:
    """Return a server whose store a test may change."""
    return await ask_of(edge)


PROXIES: dict[str, Any] = {"nginx": nginx, "envoy": envoy}


@pytest.fixture(scope="session", params=PROXIES)
def front(
    request: pytest.FixtureRequest, gateway: GatewayRunning, tmp_path_factory: Any
) -> Iterator[Front]:
    """Return the gateway behind nginx, and behind Envoy."""
    folder = tmp_path_factory.mktemp(request.param)
    run = PROXIES[request.param]
    with run(folder, valetkey=gateway.endpoint, store=gateway.store.endpoint) as proxy:
        opened = front_of(gateway, proxy)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def _hashing(gateway: GatewayRunning) -> None:
    words = ("--payload", "hashed", "--trailers", "--bucket", "hashed-*")
    # The first of those that fit a name is meant, by their own names.
    add_upstream(gateway.site, "a-hashing-store", gateway.store.endpoint, *words)
    gateway.store.make_bucket(HASHED)


@pytest.fixture
def hashed(front: Front, _hashing: None) -> Front:
    """Return a front whose gateway has the bucket HASHED too."""
    return front
