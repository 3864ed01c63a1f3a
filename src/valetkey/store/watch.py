"""Has the database changed? The one question that engines answer in ways of their own."""

import sqlite3
from typing import Protocol

from valetkey.store.database import Database
from valetkey.store.errors import database_failure


class ChangeWatch(Protocol):
    """Says cheaply that something was committed, by whatever process and connection."""

    def version(self) -> object:
        """Return a value that differs from the last one where a commit came between."""

    def close(self) -> None:
        """Let go of what is held."""


class SqliteWatch:
    """Asks ``PRAGMA data_version`` of a connection that itself never writes: 5 µs.

    It answers for every other connection, so that this process's own writes are noticed too.
    """

    def __init__(self, database: Database) -> None:
        self._path = database.path
        self._connection = database.driver_connection()

    def version(self) -> object:
        """Return SQLite's own count. Raises `StoreError`."""
        try:
            return self._connection.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error as error:
            raise database_failure(self._path, error) from error

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
