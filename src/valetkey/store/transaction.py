"""Reads and writes of one transaction, which sees its own."""

from typing import TypeVar

from sqlalchemy import Connection, bindparam, insert, select, update

from valetkey.store.codec import FORMAT, decode, encode
from valetkey.store.errors import StoreError
from valetkey.store.records import Record
from valetkey.store.schema import meta, records

R = TypeVar("R", bound=Record)

# Built once: making a statement costs more than running it.
_NAME = (
    records.c.kind == bindparam("of_kind"),
    records.c.account == bindparam("of_account"),
    records.c.key == bindparam("of_key"),
)
_LIVE = select(records.c.account, records.c.key, records.c.format, records.c.body).where(
    records.c.deleted.is_(False)
)
_GET = _LIVE.where(*_NAME)
_SCAN = _LIVE.where(records.c.kind == bindparam("of_kind"))
_SCAN_ACCOUNT = _SCAN.where(records.c.account == bindparam("of_account"))
_UPDATE = (
    update(records)
    .where(*_NAME)
    .values(
        revision=bindparam("new_revision"),
        deleted=bindparam("new_deleted"),
        format=bindparam("new_format"),
        body=bindparam("new_body"),
    )
)
_INSERT = insert(records)
_NEXT_REVISION = update(meta).values(revision=meta.c.revision + 1).returning(meta.c.revision)


class Transaction:
    """What a change works on. It ends with the call of the change, and is of no use after it."""

    def __init__(self, connection: Connection) -> None:
        self._connection: Connection | None = connection
        self._revision: int | None = None

    def get(self, record_type: type[R], account: str, key: str) -> R | None:
        """Return a record, or None where there is none.

        ``key`` is the record's key, or a name that differs from it in case only. Raises
        `UnreadableRecord`: a damaged record is there, whatever it says.
        """
        key = record_type.key_of(key)
        row = self._open.execute(_GET, _name(record_type, account, key)).one_or_none()
        return None if row is None else decode(record_type, account, key, row.format, row.body)

    def scan(self, record_type: type[R], account: str | None = None) -> tuple[R, ...]:
        """Return an account's records of a type, or everyone's, sorted by account and key.

        Raises `UnreadableRecord`.
        """
        query = _SCAN if account is None else _SCAN_ACCOUNT
        name = {"of_kind": record_type.kind, "of_account": account}
        rows = self._open.execute(query, name).all()
        found = (decode(record_type, row.account, row.key, row.format, row.body) for row in rows)
        # Not sorted by the database: engines differ in how they order text.
        return tuple(sorted(found, key=lambda record: (record.account, record.key)))

    def put(self, record: Record) -> None:
        """Keep a record, in place of the one with the same type, account and key.

        Raises `UnfitRecord` where it could not be read back.
        """
        self._keep(type(record), record.account, record.key, encode(record), deleted=False)

    def delete(self, record: Record) -> bool:
        """Remove a record; return whether it was there."""
        return self.discard(type(record), record.account, record.key)

    def discard(self, record_type: type[Record], account: str, key: str) -> bool:
        """Remove a record by name, also one that can't be read; return whether it was there."""
        key = record_type.key_of(key)
        row = self._open.execute(_GET, _name(record_type, account, key)).one_or_none()
        if row is None:
            return False
        self._keep(record_type, account, key, b"", deleted=True)
        return True

    def close(self) -> None:
        """End it: every later use raises `StoreError`."""
        self._connection = None

    @property
    def _open(self) -> Connection:
        if self._connection is None:
            raise StoreError("this transaction has ended")
        return self._connection

    def _keep(
        self, record_type: type[Record], account: str, key: str, body: bytes, *, deleted: bool
    ) -> None:
        values = {
            "revision": self._new_revision(),
            "deleted": deleted,
            "format": FORMAT,
            "body": body,
        }
        new = {f"new_{column}": value for column, value in values.items()}
        changed = self._open.execute(_UPDATE, {**_name(record_type, account, key), **new})
        if changed.rowcount == 0:
            # No other writer comes between: the revision's row is locked by now.
            name = {"kind": record_type.kind, "account": account, "key": key}
            self._open.execute(_INSERT, {**name, **values})

    def _new_revision(self) -> int:
        if self._revision is None:
            self._revision = self._open.execute(_NEXT_REVISION).scalar_one()
        return self._revision


def _name(record_type: type[Record], account: str, key: str) -> dict[str, str]:
    return {"of_kind": record_type.kind, "of_account": account, "of_key": key}
