"""A server without sockets for each test, administered by `edge.query` and `edge.target`."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from support.edge import Edge, open_edge


@pytest_asyncio.fixture
async def edge(tmp_path: Path) -> AsyncIterator[Edge]:
    opened = open_edge(tmp_path)
    yield opened
    await opened.close()
