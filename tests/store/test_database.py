"""A database file: private, durable, and honest about what is wrong with it."""

import os
import sqlite3
import stat
from pathlib import Path

import pytest

from store.making import account, start
from valetkey.store import Store, StoreBusy, StoreError, UnknownSchema
from valetkey.store.database import Database
from valetkey.store.errors import database_failure
from valetkey.store.schema import RECORDS_SCHEMA


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_files_are_private_whatever_the_umask(path, umask):
    before = os.umask(umask)
    try:
        with Store.open(path) as store:
            store.write(lambda tx: tx.put(account()))
            names = sorted(file.name for file in path.parent.iterdir())
            assert names == ["valetkey.db", "valetkey.db-shm", "valetkey.db-wal"]
            assert {mode(file) for file in path.parent.iterdir()} == {0o600}
    finally:
        os.umask(before)


def test_an_existing_file_becomes_private(path):
    Store.open(path).close()
    path.chmod(0o644)
    with Store.open(path):
        assert mode(path) == 0o600


def test_pragmas(path):
    database = Database.open(path, RECORDS_SCHEMA, create=True, busy_timeout=1.5)
    with database.read() as connection:
        got = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    database.close()
    assert got == {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "foreign_keys": 1,
        "busy_timeout": 1500,
    }


@pytest.mark.parametrize("name", ["a b.db", "100%.db", "a;b:c?d#e.db", "file:x.db", "ünï.db"])
def test_any_file_name_will_do(tmp_path, name):
    with Store.open(tmp_path / name) as store:
        store.write(lambda tx: tx.put(account()))
        assert len(store.directory().accounts()) == 1
    assert (tmp_path / name).is_file()


def test_without_create_a_missing_file_is_an_error_with_a_remedy(path):
    with pytest.raises(StoreError) as raised:
        Store.open(path, create=False)
    assert raised.value.message == f"can't use `{path}`: no such file or directory"
    assert "valetkey init" in raised.value.help
    assert not path.exists()


def test_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises(StoreError, match="no such file or directory"):
        Store.open(tmp_path / "absent" / "valetkey.db")


def test_a_file_that_is_no_database_is_refused_and_left_alone(path):
    path.write_bytes(b"not a database, but longer than the header of one" * 100)
    before = path.read_bytes()
    with pytest.raises(StoreError) as raised:
        Store.open(path)
    assert raised.value.message == f"can't use `{path}`: the file is no database"
    assert path.read_bytes() == before


def test_a_database_of_something_else_is_refused(path):
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs (a)")
    other.close()
    with pytest.raises(UnknownSchema, match="a database of something else"):
        Store.open(path)


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (sqlite3.SQLITE_BUSY, StoreBusy, "is busy"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, StoreBusy, "is busy"),
        (sqlite3.SQLITE_LOCKED, StoreBusy, "is busy"),
        (sqlite3.SQLITE_FULL, StoreError, "the disk is full"),
        (sqlite3.SQLITE_READONLY, StoreError, "the file can't be written"),
        (sqlite3.SQLITE_CORRUPT, StoreError, "the file is damaged"),
        (sqlite3.SQLITE_NOTADB, StoreError, "the file is no database"),
        (sqlite3.SQLITE_IOERR_FSYNC, StoreError, "the disk failed to read or write"),
        (sqlite3.SQLITE_CANTOPEN, StoreError, "the file can't be opened"),
        (sqlite3.SQLITE_ERROR, StoreError, "the database failed: words of the driver"),
    ],
)
def test_failures_of_the_driver_are_told_apart(code, kind, words):
    error = sqlite3.OperationalError("words of the driver")
    error.sqlite_errorcode = code
    failure = database_failure(Path("/x"), error)
    assert type(failure) is kind
    assert words in failure.message


def test_after_close_it_is_of_no_use(path):
    store = Store.open(path)
    store.close()
    with pytest.raises(StoreError, match="was closed"):
        store.directory()
    with pytest.raises(StoreError, match="was closed"):
        store.write(lambda tx: tx.put(account()))


def test_a_forked_process_is_refused(store, monkeypatch):
    monkeypatch.setattr("os.getpid", lambda: -1)
    with pytest.raises(StoreError) as raised:
        store.directory()
    assert raised.value.help == "open it after the fork"


def test_several_processes_may_open_a_new_file_at_once(tmp_path):
    accounts = [f"{number:012}" for number in range(6)]
    started = [start("open_both.py", tmp_path, account_id) for account_id in accounts]
    for process in started:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    with Store.open(tmp_path / "valetkey.db", create=False) as store:
        assert [record.account for record in store.directory().accounts()] == accounts
