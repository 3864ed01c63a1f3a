"""A scripted upstream, the way to it, and a real store."""

from collections.abc import AsyncIterator

import pytest

from support.seaweed_fixtures import seaweed_store
from support.upstream_server import ScriptedUpstream, scripted
from support.upstreaming import opened
from valetkey.gateway.upstream import Upstreams

__all__ = ["seaweed_store"]


@pytest.fixture
async def upstream() -> AsyncIterator[ScriptedUpstream]:
    """Return an upstream that answers everything 200 until it is given a script."""
    async with scripted() as server:
        yield server


@pytest.fixture
async def upstreams() -> AsyncIterator[Upstreams]:
    """Return the way to upstreams."""
    async with opened() as way:
        yield way
