"""Appends records without end, fail-closed, and prints the id of each once it is acknowledged."""

import sys
import threading
from itertools import count
from pathlib import Path

from valetkey.store import DecisionLog, Outcome, RequestRecord

log = DecisionLog.open(Path(sys.argv[1]), fail_closed=True)
in_flight = threading.Semaphore(20)


def acknowledged(request_id: str) -> None:
    print(request_id, flush=True)
    in_flight.release()


for number in count():
    in_flight.acquire()
    record = RequestRecord(
        request_id=f"{sys.argv[2]}-{number}",
        time=float(number),
        service="sts",
        operation="GetCallerIdentity",
        outcome=Outcome.GRANTED,
        status=200,
    )
    log.append(record).add_done_callback(
        lambda future, name=record.request_id: future.exception() or acknowledged(name)
    )
