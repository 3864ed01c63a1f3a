"""The state of valetkey: durable writes, and the snapshot that requests read."""

import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy import Connection, bindparam, select

from valetkey.store.codec import decode_kind
from valetkey.store.compiled import Compiler, Problem
from valetkey.store.database import BUSY_TIMEOUT, Database
from valetkey.store.directory import Change, Directory
from valetkey.store.errors import StoreBusy, StoreError, UnreadableRecord
from valetkey.store.schema import RECORDS_SCHEMA, meta, records
from valetkey.store.shelf import Name
from valetkey.store.transaction import Transaction
from valetkey.store.watch import ChangeWatch, SqliteWatch

T = TypeVar("T")

# Built once: making a statement costs more than running it.
_REVISION = select(meta.c.revision)
_CHANGES = select(
    records.c.kind,
    records.c.account,
    records.c.key,
    records.c.deleted,
    records.c.format,
    records.c.body,
).where(records.c.revision > bindparam("since"))


class Store:
    """An open store. Thread-safe; a process opens its own after it was forked."""

    def __init__(self, database: Database, watch: ChangeWatch, busy_timeout: float) -> None:
        self._database = database
        self._watch = watch
        self._busy_timeout = busy_timeout
        self._writing = threading.Lock()
        self._writer: int | None = None
        self._refreshing = threading.Lock()
        self._seen: object = None
        self._compiler = Compiler()
        self._directory = Directory(self._compiler)

    @classmethod
    def open(
        cls, path: Path, *, create: bool = True, busy_timeout: float = BUSY_TIMEOUT
    ) -> "Store":
        """Open the store in a file, made (mode 0600) if ``create``, migrated if older.

        ``busy_timeout``: seconds to wait for other writers. Raises `StoreError`, `UnknownSchema`.
        """
        database = Database.open(path, RECORDS_SCHEMA, create=create, busy_timeout=busy_timeout)
        return cls(database, SqliteWatch(database), busy_timeout)

    def write(self, change: Callable[[Transaction], T]) -> T:
        """Run a change under the write lock and return its result once it is on disk.

        An exception of the change undoes all of it and is raised again. Raises `StoreBusy` where
        others hold the lock too long, `StoreError` where the database fails or a change writes.
        """
        if self._writer == threading.get_ident():
            raise StoreError("a change can't start another one: use its transaction")
        if not self._writing.acquire(timeout=self._busy_timeout):
            raise StoreBusy("another thread of this process is writing", help="try again")
        try:
            self._writer = threading.get_ident()
            return self._write(change)
        finally:
            self._writer = None
            self._writing.release()

    def directory(self) -> Directory:
        """Return the newest snapshot: 5 µs where nothing was committed since the last call.

        Raises `StoreError` where the database can't be asked: an old snapshot might grant what
        was taken away.
        """
        with self._refreshing:
            self._database.check_usable()
            # Asked before the rows are read: a commit in between is seen again the next time.
            version = self._watch.version()
            if version != self._seen:
                with self._database.read() as connection:
                    self._directory = self._newer(connection)
                self._seen = version
            return self._directory

    def close(self) -> None:
        """Close it; snapshots already handed out stay usable."""
        with self._writing, self._refreshing:
            self._watch.close()
            self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _write(self, change: Callable[[Transaction], T]) -> T:
        with self._database.write() as connection:
            transaction = Transaction(connection)
            try:
                return change(transaction)
            finally:
                transaction.close()

    def _newer(self, connection: Connection) -> Directory:
        known = self._directory
        revision = connection.execute(_REVISION).scalar_one()
        if revision == known.revision:
            return known
        if revision < known.revision:
            # An older state was put in the file's place: nothing known of it holds any more.
            known = Directory(self._compiler)
        return known.changed(revision, _changes(connection, known.revision))


def _changes(connection: Connection, since: int) -> dict[str, dict[Name, Change]]:
    changes: dict[str, dict[Name, Change]] = {}
    rows = connection.execute(_CHANGES, {"since": since})
    for kind, account, key, deleted, body_format, body in rows:
        row: Change = None
        if not deleted:
            try:
                row = decode_kind(kind, account, key, body_format, body)
            except UnreadableRecord as error:
                row = Problem(kind, account, key, error.message, error.help, error)
        changes.setdefault(kind, {})[account, key] = row
    return changes
