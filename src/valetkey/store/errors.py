"""How the store fails.

::

    ValetkeyError
    └── StoreError               the database can't be used, or not like this
        ├── StoreBusy            others held the write lock longer than the patience given
        ├── UnknownSchema        written by a newer valetkey, or not by valetkey at all
        ├── UnfitRecord          this value could not be read back, so it is not kept
        └── UnreadableRecord     a kept value can't be read: never a grant, never "not there"
"""

import sqlite3
from pathlib import Path

from valetkey.errors import ValetkeyError


class StoreError(ValetkeyError):
    """The database can't be used, or not like this."""

    code = "store"


class StoreBusy(StoreError):
    """Others held the write lock for longer than the patience given; nothing was changed."""

    code = "store-busy"


class UnknownSchema(StoreError):
    """The database was written by a newer valetkey, or not by valetkey at all."""

    code = "store-schema"


class UnfitRecord(StoreError):
    """A value that could not be read back as it is; it is refused before it is kept."""

    code = "store-unfit"


class UnreadableRecord(StoreError):
    """A kept value that can't be read. It is neither a grant nor the same as absence."""

    code = "store-unreadable"


_WORDS = {
    sqlite3.SQLITE_FULL: ("the disk is full", "make room on the disk"),
    sqlite3.SQLITE_READONLY: ("the file can't be written", "check owner and mode of the file"),
    sqlite3.SQLITE_CANTOPEN: ("the file can't be opened", "check owner and mode of its folder"),
    sqlite3.SQLITE_CORRUPT: ("the file is damaged", "restore it from a backup"),
    sqlite3.SQLITE_NOTADB: ("the file is no database", "restore it from a backup"),
    sqlite3.SQLITE_IOERR: ("the disk failed to read or write", "look at the system's log"),
}


def database_failure(path: Path, error: BaseException | None) -> StoreError:
    """Return what to tell an operator about a failure of the driver at ``path``."""
    # SQLite's extended codes keep the primary one in their low byte.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return StoreBusy(
            f"the database `{path}` is busy",
            help="try again; a backup or another program may hold its lock",
        )
    words, remedy = _WORDS.get(code, (f"the database failed: {error}", None))
    return StoreError(f"can't use `{path}`: {words}", help=remedy)
