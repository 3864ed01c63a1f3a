"""Acknowledged means durable: writers are killed at random moments, again and again."""

import os
import random
import signal

import pytest

from store.making import ACCOUNT, start
from valetkey.store import DecisionLog, Store

ROUNDS = 5


def storm_until_killed(program, path, tag):
    """Run a storm, kill it by its own id in the midst, and return what it had acknowledged."""
    process = start(program, path, tag)
    wanted = random.randint(1, 150)
    acknowledged = [process.stdout.readline().strip() for _ in range(wanted)]
    os.kill(process.pid, signal.SIGKILL)
    rest, errors = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, errors
    # The last line may have been cut off by the death: it counts only if it was ended.
    acknowledged += [line.strip() for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    assert all(acknowledged), errors
    return acknowledged


@pytest.mark.parametrize("writers", [1, 2])
def test_every_acknowledged_write_survives_a_kill(path, writers):
    acknowledged = []
    Store.open(path).close()
    for attempt in range(ROUNDS):
        bystander = start("storm_store.py", path, f"by{attempt}") if writers == 2 else None
        acknowledged += storm_until_killed("storm_store.py", path, f"s{attempt}")
        if bystander is not None:
            os.kill(bystander.pid, signal.SIGKILL)
            acknowledged += bystander.communicate(timeout=60)[0].split("\n")[:-1]
        with Store.open(path) as store:
            directory = store.directory()
            assert directory.unreadable == ()
            there = {record.name for record in directory.roles(ACCOUNT)}
            assert set(acknowledged) <= there
    assert len(acknowledged) >= ROUNDS


def test_every_acknowledged_record_of_the_log_survives_a_kill(tmp_path):
    path = tmp_path / "decisions.db"
    acknowledged = []
    for attempt in range(ROUNDS):
        acknowledged += storm_until_killed("storm_log.py", path, f"s{attempt}")
        with DecisionLog.open(path) as log:
            assert [lost for lost in acknowledged if log.find(lost) is None] == []
    assert len(acknowledged) >= ROUNDS
