"""A store and a log in files of their own."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from valetkey.store import DecisionLog, Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "valetkey.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as opened:
        yield opened


@pytest.fixture
def log(tmp_path: Path) -> Iterator[DecisionLog]:
    with DecisionLog.open(tmp_path / "decisions.db") as opened:
        yield opened


@pytest.fixture
def damage(path: Path) -> Callable[[str], list[Any]]:
    """Return a way to run SQL on the store's file behind its back."""

    def run(sql: str) -> list[Any]:
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    return run
