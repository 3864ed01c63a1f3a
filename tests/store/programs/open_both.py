"""Opens a store and a log in a folder, and writes once to each."""

import sys
from pathlib import Path

from valetkey.store import AccountRecord, DecisionLog, Outcome, RequestRecord, Store

folder = Path(sys.argv[1])
with Store.open(folder / "valetkey.db", busy_timeout=60) as store:
    store.write(lambda tx: tx.put(AccountRecord(account=sys.argv[2], created=1.0)))
with DecisionLog.open(folder / "decisions.db", busy_timeout=60) as log:
    log.append(
        RequestRecord(
            request_id=sys.argv[2],
            time=1.0,
            service="sts",
            operation="GetCallerIdentity",
            outcome=Outcome.GRANTED,
            status=200,
        )
    )
