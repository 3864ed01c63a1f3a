"""The log of decisions, in a database of its own: written in batches, read while it is written."""

import atexit
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import msgspec
from sqlalchemy import (
    ColumnElement,
    Row,
    Text,
    bindparam,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
)
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from valetkey.store.batch_writer import BatchWriter, Pace
from valetkey.store.database import BUSY_TIMEOUT, Database
from valetkey.store.errors import StoreError, UnreadableRecord
from valetkey.store.request_record import (
    FORMAT,
    MAX_TEXT,
    Outcome,
    RequestRecord,
    decode,
    encode,
    plain,
)
from valetkey.store.schema import DECISIONS_SCHEMA, documents, requests

_HOUR = 3600.0
_PRUNED_AT_ONCE = 2_000
_KEPT_COLUMNS = tuple(column for column in requests.columns if column.name != "sequence")
_KEPT_NAMES = tuple(column.name for column in _KEPT_COLUMNS)
_GIVEN = func.json_each(bindparam("rows", type_=Text)).table_valued("value")
# One statement for a whole batch: \`executemany\` would hand the interpreter's lock over and back
# for each row, at the expense of the thread that answers requests.
_KEEP_REQUESTS = insert(requests).from_select(
    _KEPT_NAMES,
    select(
        *(
            cast(func.json_extract(_GIVEN.c.value, f"$[{place}]"), column.type)
            for place, column in enumerate(_KEPT_COLUMNS)
        )
    ),
)
# NOTE: SQLite's dialect, as is `json_each` above; PostgreSQL's has its like.
_DOCUMENT = sqlite_insert(documents)
_KEEP_DOCUMENT = _DOCUMENT.on_conflict_do_update(
    index_elements=["sha256"],
    set_={"used": _DOCUMENT.excluded.used},
    where=_DOCUMENT.excluded.used > documents.c.used + _HOUR,
)
_NO_DOCUMENTS: Mapping[str, str] = {}


class _Entry(NamedTuple):
    row: tuple[str | float | None, ...]
    time: float
    documents: Mapping[str, str]


class DecisionLog:
    """An open log. Thread-safe; several processes may write to and read from one file."""

    def __init__(
        self, database: Database, *, fail_closed: bool = False, pace: Pace | None = None
    ) -> None:
        self._database = database
        self._writer = BatchWriter(self._write, fail_closed=fail_closed, pace=pace)
        # A process that ends without `close` still writes what it was handed.
        atexit.register(self._close_at_exit)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        create: bool = True,
        fail_closed: bool = False,
        busy_timeout: float = BUSY_TIMEOUT,
        pace: Pace | None = None,
    ) -> "DecisionLog":
        """Open the log in a file, made (mode 0600) if ``create``, migrated if older.

        Raises `StoreError`, `UnknownSchema`.
        """
        database = Database.open(path, DECISIONS_SCHEMA, create=create, busy_timeout=busy_timeout)
        return cls(database, fail_closed=fail_closed, pace=pace)

    def append(
        self, record: RequestRecord, documents: Mapping[str, str] = _NO_DOCUMENTS
    ) -> Future[None]:
        """Hand over a record, and the policy texts (by SHA-256) that its traces point into.

        The record is on disk when the future resolves; await `asyncio.wrap_future` of it where an
        answer must not go out before. With ``fail_closed`` the future raises `StoreError` where
        the record can't be written; without, it is tried until it can. Waits where the queue is
        full, then raises `StoreBusy`. Raises `UnfitRecord` for a time that is none.
        """
        self._database.check_usable()
        return self._writer.put(
            _Entry(
                _row(record),
                record.time,
                {sha256: plain(text) for sha256, text in documents.items()},
            )
        )

    def flush(self, timeout: float | None = None) -> None:
        """Return when every record handed over so far is settled. Raises `StoreError`."""
        self._writer.flush(timeout)

    @property
    def backlog(self) -> int:
        """Return how many records are not settled yet."""
        return self._writer.backlog

    @property
    def has_room(self) -> bool:
        """Return whether `append` would take a record without waiting."""
        return self._writer.has_room

    @property
    def fault(self) -> StoreError | None:
        """Return why the last batch could not be written, if it could not."""
        return self._writer.fault

    def find(self, request_id: str) -> RequestRecord | None:
        """Return the record of a request."""
        found = self._select(requests.c.request_id == request_id, limit=1)
        return found[0] if found else None

    def recent(
        self,
        limit: int = 100,
        *,
        outcome: Outcome | None = None,
        account: str | None = None,
        before: float | None = None,
    ) -> tuple[RequestRecord, ...]:
        """Return the newest records, newest first; ``before`` a time, to page through them."""
        conditions: list[ColumnElement[bool]] = []
        if outcome is not None:
            conditions.append(requests.c.outcome == outcome.value)
        if account is not None:
            conditions.append(requests.c.account == account)
        if before is not None:
            conditions.append(requests.c.time < before)
        return self._select(*conditions, limit=limit)

    def by_session(self, access_key_id: str, limit: int = 100) -> tuple[RequestRecord, ...]:
        """Return what was done with a session's key, and the request that opened the session."""
        made = requests.c.access_key_id == access_key_id
        opened = requests.c.issued_access_key_id == access_key_id
        return self._select(or_(made, opened), limit=limit)

    def by_job(
        self, job_id: str, limit: int = 100, *, issuer: str | None = None
    ) -> tuple[RequestRecord, ...]:
        """Return what a CI job did; job ids are unique within an issuer only."""
        conditions = [requests.c.job_id == job_id]
        if issuer is not None:
            conditions.append(requests.c.issuer == issuer)
        return self._select(*conditions, limit=limit)

    def by_resource(self, resource: str, limit: int = 100) -> tuple[RequestRecord, ...]:
        """Return who asked for a resource."""
        return self._select(requests.c.resource == _short(resource), limit=limit)

    def document(self, sha256: str) -> str | None:
        """Return the policy text that a trace points into."""
        with self._database.read() as connection:
            query = select(documents.c.text).where(documents.c.sha256 == sha256)
            return connection.execute(query).scalar()

    def prune(self, before: float) -> int:
        """Remove records older than a time, and texts that only they point into.

        Returns how many records went. Writers get their turn in between.
        """
        removed = 0
        while count := self._prune_some(before):
            removed += count
        with self._database.write() as connection:
            # `used` is up to an hour old.
            connection.execute(delete(documents).where(documents.c.used < before - _HOUR))
        return removed

    def close(self) -> None:
        """Write what is left and close. Raises `StoreError` where that fails."""
        atexit.unregister(self._close_at_exit)
        try:
            self._writer.close()
        finally:
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

    def _close_at_exit(self) -> None:
        if self._writer.backlog:
            self._writer.close()

    def _write(self, entries: Sequence[_Entry]) -> None:
        # Of a text that came with several records, the latest use counts.
        used = {
            sha: (entry.time, text) for entry in entries for sha, text in entry.documents.items()
        }
        with self._database.write() as connection:
            rows = [entry.row for entry in entries]
            connection.execute(_KEEP_REQUESTS, {"rows": msgspec.json.encode(rows).decode()})
            if used:
                connection.execute(
                    _KEEP_DOCUMENT,
                    [
                        {"sha256": sha, "used": time, "text": text}
                        for sha, (time, text) in used.items()
                    ],
                )

    def _prune_some(self, before: float) -> int:
        oldest = select(requests.c.sequence).where(requests.c.time < before).limit(_PRUNED_AT_ONCE)
        with self._database.write() as connection:
            return connection.execute(
                delete(requests).where(requests.c.sequence.in_(oldest))
            ).rowcount

    def _select(self, *conditions: ColumnElement[bool], limit: int) -> tuple[RequestRecord, ...]:
        query = (
            select(requests)
            .where(*conditions)
            .order_by(requests.c.time.desc(), requests.c.sequence.desc())
            .limit(limit)
        )
        with self._database.read() as connection:
            return tuple(_read(row) for row in connection.execute(query))


def _row(record: RequestRecord) -> tuple[str | float | None, ...]:
    """Return the values of the columns, in their order."""
    texts = {
        "request_id": record.request_id,
        "account": record.account,
        "resource": record.resource,
        "access_key_id": record.access_key_id,
        "issued_access_key_id": record.issued_access_key_id,
        "issuer": record.issuer,
        "job_id": record.job_id,
    }
    values = {
        **{name: None if text is None else _short(text) for name, text in texts.items()},
        "time": record.time,
        "outcome": record.outcome.value,
        "format": FORMAT,
        "body": encode(record).decode(),
    }
    return tuple(values[name] for name in _KEPT_NAMES)


def _short(text: str) -> str:
    # SQLite's texts end at a NUL.
    return plain(text[:MAX_TEXT]).replace("\0", "\\x00")


def _read(row: Row[Any]) -> RequestRecord:
    try:
        return decode(row.format, row.body)
    except UnreadableRecord as error:
        # One damaged row must neither hide the others nor be hidden itself.
        return RequestRecord(
            request_id=row.request_id,
            time=row.time,
            service="",
            operation="",
            outcome=Outcome.FAILED,
            status=0,
            account=row.account,
            reason=error.message,
        )
