"""Writes roles without end, and prints the name of each once its write was acknowledged."""

import sys
from itertools import count
from pathlib import Path

from valetkey.store import RoleRecord, Store

store = Store.open(Path(sys.argv[1]))
for number in count():
    record = RoleRecord(
        account="123456789012",
        name=f"{sys.argv[2]}-{number}",
        path="/",
        id=f"AROA{number}",
        trust_policy="{}" * (number % 700),
        created=1.0,
    )
    store.write(lambda tx, record=record: tx.put(record))
    print(record.name, flush=True)
