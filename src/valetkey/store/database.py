"""A SQLite file as valetkey uses one: private, durable, migrated, shared between processes."""

import os
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError

from valetkey.store.errors import StoreError, database_failure
from valetkey.store.migrate import is_current, migrate
from valetkey.store.schema import Schema

BUSY_TIMEOUT = 5.0
"""Seconds to wait for other writers, unless told otherwise."""

_MIGRATION_TIMEOUT = 60.0
_PRIVATE = 0o600
_PRAGMAS = (
    "PRAGMA synchronous=FULL",  # acknowledged means on disk, also after power loss
    "PRAGMA foreign_keys=ON",
    "PRAGMA trusted_schema=OFF",  # a database from elsewhere runs no functions of its own
)


class Database:
    """An open database file. Thread-safe; not to be carried over a fork."""

    def __init__(self, path: Path, engine: Engine) -> None:
        self.path = path
        self._engine = engine
        self._process = os.getpid()
        self._closed = False

    @classmethod
    def open(
        cls, path: Path, schema: Schema, *, create: bool, busy_timeout: float = BUSY_TIMEOUT
    ) -> "Database":
        """Open the file, made if ``create``, at the schema's head.

        Raises `StoreError` where it can't be used, `UnknownSchema` where it is too new.
        """
        path = path.absolute()
        _make_private(path, create=create)
        engine = _engine(path, busy_timeout)
        try:
            with _translated(path):
                _bring_up(engine, path, schema)
        except BaseException:
            engine.dispose()
            raise
        return cls(path, engine)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that sees one state of the database throughout."""
        self.check_usable()
        with _translated(self.path), _transaction(self._engine, "BEGIN") as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction under the write lock; on leaving it, what it did is on disk.

        Raises `StoreBusy` where the lock is not had in time.
        """
        self.check_usable()
        with _translated(self.path), _transaction(self._engine, "BEGIN IMMEDIATE") as connection:
            yield connection

    def driver_connection(self) -> sqlite3.Connection:
        """Return a new connection of the driver's own, which the caller closes."""
        self.check_usable()
        try:
            return _connect(self.path, BUSY_TIMEOUT)
        except sqlite3.Error as error:
            raise database_failure(self.path, error) from error

    def check_usable(self) -> None:
        """Raise `StoreError` after `close`, and in a process that was forked off.

        SQLite's locks do not survive a fork: both processes would believe to hold them.
        """
        if self._closed:
            raise StoreError(f"the database `{self.path}` was closed")
        if os.getpid() != self._process:
            raise StoreError(
                f"the database `{self.path}` was opened by another process",
                help="open it after the fork",
            )

    def close(self) -> None:
        """Close all connections; a second call does nothing."""
        self._closed = True
        self._engine.dispose()


def _make_private(path: Path, *, create: bool) -> None:
    # NOTE: an existing file is not opened here. Closing it would drop the locks that other
    # connections of this process hold on it (POSIX locks belong to a process, not to a handle).
    try:
        if create and not path.exists():
            with suppress(FileExistsError):
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _PRIVATE))
        for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            if name is path or name.exists():
                mode = stat.S_IMODE(name.stat().st_mode)
                if mode & ~_PRIVATE:
                    name.chmod(_PRIVATE)
    except OSError as error:
        raise StoreError(
            f"can't use `{path}`: {(error.strerror or 'no such file').lower()}",
            help="`valetkey init` makes the state; `--home` says where it is",
        ) from error


def _engine(path: Path, busy_timeout: float) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        creator=lambda: _connect(path, busy_timeout),
        hide_parameters=True,  # the text of an error must not carry what was being stored
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        how = connection.get_execution_options().get("begin", "BEGIN")
        connection.exec_driver_sql(how)

    return engine


def _connect(path: Path, busy_timeout: float) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path,
        timeout=busy_timeout,
        isolation_level=None,  # transactions begin when we say so
        check_same_thread=False,  # the pool hands a connection to one thread at a time
    )
    try:
        _enter_wal(connection, busy_timeout)
        for pragma in _PRAGMAS:
            connection.execute(pragma)
    except BaseException:
        connection.close()
        raise
    return connection


def _enter_wal(connection: sqlite3.Connection, busy_timeout: float) -> None:
    # The switch of a new file to WAL does not wait for locks as other statements do, and several
    # workers may start on a new file at once.
    deadline = time.monotonic() + busy_timeout
    while True:
        try:
            mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            if mode != "wal":
                raise sqlite3.OperationalError("no write-ahead log on this file system")
            return


def _bring_up(engine: Engine, path: Path, schema: Schema) -> None:
    with _transaction(engine, "BEGIN") as connection:
        if is_current(connection, schema, path):
            return
    patient = _engine(path, _MIGRATION_TIMEOUT)
    try:
        with _transaction(patient, "BEGIN IMMEDIATE") as connection:
            migrate(connection, schema, path)
    finally:
        patient.dispose()


@contextmanager
def _transaction(engine: Engine, begin: str) -> Iterator[Connection]:
    with engine.connect() as plain:
        connection = plain.execution_options(begin=begin)
        with connection.begin():
            yield connection


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise database_failure(path, getattr(error, "orig", None) or error) from error
    except sqlite3.Error as error:
        raise database_failure(path, error) from error
