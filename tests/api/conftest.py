"""A server without sockets for each test, administered by `edge.query` and `edge.target`."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from support.edge import ACCOUNT, Edge, open_edge
from valetkey.server import Home, bootstrap


@pytest.fixture(scope="session")
def first_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the first state of a home: copying it is quicker than making it."""
    folder = tmp_path_factory.mktemp("first-state")
    bootstrap(Home(folder / "home"), ACCOUNT, lambda: 1_800_000_000.0)
    return folder


@pytest_asyncio.fixture
async def edge(tmp_path: Path, first_state: Path) -> AsyncIterator[Edge]:
    shutil.copytree(first_state, tmp_path, dirs_exist_ok=True)
    opened = open_edge(tmp_path)
    yield opened
    await opened.close()


@pytest.fixture(scope="module")
def shared_edge(tmp_path_factory: pytest.TempPathFactory, first_state: Path) -> Iterator[Edge]:
    """Return one server for all tests of a module: for tables whose rows do not meet."""
    folder = tmp_path_factory.mktemp("shared")
    shutil.copytree(first_state, folder, dirs_exist_ok=True)
    opened = open_edge(folder)
    yield opened
    asyncio.run(opened.close())
