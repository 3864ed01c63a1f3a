"""A server that proxies ask, without sockets; and real proxies before a real one."""

import pytest_asyncio

from gateway.proxies.asking import Asking, ask_of, put_store
from support.edge import Edge
from support.edge_fixtures import edge, first_state, shared_edge
from support.gateway_running import gateway

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
