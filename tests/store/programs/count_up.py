"""Counts a role's description up, one write a step: read, add one, put."""

import sys
from pathlib import Path

from msgspec.structs import replace

from valetkey.store import RoleRecord, Store, Transaction


def step(tx: Transaction) -> None:
    record = tx.get(RoleRecord, "123456789012", "counter")
    assert record is not None
    tx.put(replace(record, description=str(int(record.description or "0") + 1)))


with Store.open(Path(sys.argv[1]), busy_timeout=60) as store:
    for _ in range(int(sys.argv[2])):
        store.write(step)
