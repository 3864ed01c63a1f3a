"""Writes that are whole and durable, and a snapshot that is always the newest."""

import sqlite3
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec.structs import replace

from store.making import ACCOUNT, access_key, account, policy, role, secret, start, user
from valetkey.store import RoleRecord, Store, StoreBusy, StoreError


def names(store):
    return [record.name for record in store.directory().roles(ACCOUNT)]


def test_a_write_returns_what_the_change_returns(store):
    assert store.write(lambda tx: (tx.put(role()), "done")) == (None, "done")


def test_a_write_is_seen_at_once(store):
    for number in range(20):
        store.write(lambda tx, number=number: tx.put(role(f"r{number:02}")))
        assert names(store)[-1] == f"r{number:02}"


def test_nothing_new_is_the_same_snapshot(store):
    store.write(lambda tx: tx.put(role()))
    assert store.directory() is store.directory()
    store.write(lambda tx: tx.get(RoleRecord, ACCOUNT, "deploy"))
    assert store.directory() is store.directory()


class RefusedError(Exception):
    """What a change may raise."""


def test_an_exception_undoes_everything_and_is_raised_again(store):
    store.write(lambda tx: tx.put(role("before")))
    refused = RefusedError()

    def change(tx):
        tx.put(role("during"))
        tx.delete(role("before"))
        raise refused

    with pytest.raises(RefusedError) as raised:
        store.write(change)
    assert raised.value is refused
    assert names(store) == ["before"]
    store.write(lambda tx: tx.put(role("after")))
    assert names(store) == ["after", "before"]


def test_a_snapshot_never_changes(store):
    store.write(
        lambda tx: [
            tx.put(account()),
            tx.put(role()),
            tx.put(user(access_keys=(access_key("AKIA1"),))),
            tx.put(policy()),
            tx.put(secret()),
        ]
    )
    before = store.directory()
    said = everything(before)
    store.write(
        lambda tx: [
            tx.put(replace(role(), description="new")),
            tx.put(role("another")),
            tx.delete(user()),
            tx.delete(policy()),
            tx.delete(secret()),
            tx.put(account("1" * 12)),
        ]
    )
    after = store.directory()
    assert after is not before
    assert everything(after) != said
    assert everything(before) == said
    assert before.user_of_key("AKIA1") is not None
    assert after.user_of_key("AKIA1") is None


def everything(directory):
    return (
        directory.revision,
        directory.accounts(),
        directory.roles(ACCOUNT),
        directory.users(ACCOUNT),
        directory.policies(ACCOUNT),
        directory.secrets(ACCOUNT, "eu-central-1"),
    )


def test_two_stores_on_one_file_see_each_other(store, path):
    with Store.open(path) as other:
        assert names(other) == []
        store.write(lambda tx: tx.put(role("one")))
        assert names(other) == ["one"]
        other.write(lambda tx: tx.put(role("two")))
        assert names(store) == ["one", "two"]
        other.write(lambda tx: tx.delete(role("one")))
        assert names(store) == names(other) == ["two"]


def count_up(path, steps):
    process = start("count_up.py", path, steps)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors


def test_closing_one_store_does_not_drop_the_locks_of_another(store, path):
    # POSIX locks belong to a process: closing any handle of a file drops all that it holds there.
    # Then the next process to close the file believes itself the last and removes the log, while
    # this one goes on writing to it.
    store.write(lambda tx: tx.put(role("counter")))
    Store.open(path).close()
    count_up(path, 0)
    store.write(lambda tx: tx.put(role("counter", description="5")))
    count_up(path, 1)
    counter = store.directory().role(ACCOUNT, "counter")
    assert counter is not None
    assert counter.description == "6"


def test_an_older_state_put_in_the_files_place_is_read_anew(store, path, tmp_path):
    store.write(lambda tx: tx.put(role("first")))
    backup, live = sqlite3.connect(tmp_path / "backup.db"), sqlite3.connect(path)
    live.backup(backup)
    store.write(lambda tx: tx.put(role("second")))
    store.write(lambda tx: tx.delete(role("first")))
    assert names(store) == ["second"]
    backup.backup(live)
    backup.close()
    live.close()
    assert names(store) == ["first"]


def test_busy_is_an_error_of_its_own(path):
    with Store.open(path, busy_timeout=0.1) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy) as raised:
            store.write(lambda tx: tx.put(role()))
        assert raised.value.message == f"the database `{path}` is busy"
        assert names(store) == []  # reading goes on
        other.execute("ROLLBACK")
        other.close()
        store.write(lambda tx: tx.put(role()))
        assert names(store) == ["deploy"]


def test_a_thread_that_waits_too_long_is_told_so(path):
    with Store.open(path, busy_timeout=0.1) as store:
        writing, done = threading.Event(), threading.Event()

        def slow(tx):
            writing.set()
            done.wait(10)

        thread = threading.Thread(target=store.write, args=(slow,))
        thread.start()
        assert writing.wait(10)
        with pytest.raises(StoreBusy, match="another thread of this process is writing"):
            store.write(lambda tx: tx.put(role()))
        done.set()
        thread.join()


def test_a_change_within_a_change_is_an_error_and_not_a_deadlock(store):
    with pytest.raises(StoreError, match="a change can't start another one"):
        store.write(lambda tx: store.write(lambda inner: inner.put(role())))
    store.write(lambda tx: tx.put(role()))


def test_threads_may_write_and_read_at_once(store):
    def work(thread):
        for number in range(20):
            name = f"{thread}-{number}"
            store.write(lambda tx, name=name: tx.put(role(name)))
            assert store.directory().role(ACCOUNT, name) is not None

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))
    assert len(names(store)) == 80


def test_two_processes_lose_no_update(store, path):
    store.write(lambda tx: tx.put(role("counter")))
    counting = [start("count_up.py", path, 100) for _ in range(3)]
    for process in counting:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    counter = store.directory().role(ACCOUNT, "counter")
    assert counter is not None
    assert counter.description == "300"


def test_a_failing_database_gives_no_old_snapshot(store, path, damage):
    store.write(lambda tx: tx.put(role()))
    assert names(store) == ["deploy"]
    damage("DROP TABLE records")
    damage("UPDATE meta SET revision = revision + 1")
    for _ in range(2):
        with pytest.raises(StoreError, match="no such table"):
            store.directory()


def test_the_text_of_a_failure_does_not_carry_what_was_being_stored(store, damage):
    canary = "canary-4711"
    damage("DROP TABLE records")
    with pytest.raises(StoreError) as raised:
        store.write(lambda tx: tx.put(role(canary, description=canary)))
    assert canary not in "".join(traceback.format_exception(raised.value))
