"""What every request leaves behind, whichever way it took: a record, and a line for its refusal."""

import asyncio
import logging
from concurrent.futures import Future
from dataclasses import dataclass
from traceback import format_tb

from valetkey.access import Event
from valetkey.errors import AwsError
from valetkey.server.wiring import Wiring
from valetkey.store import StoreError

logger = logging.getLogger("valetkey.server")
INTERNAL = "We encountered an internal error. Please try again."
LONGEST_LINE = 1000
UNAVAILABLE = "The request has failed due to a temporary failure of the server."


@dataclass(frozen=True, slots=True)
class Peer:
    """Where a request came from, and over what."""

    address: str | None
    secure: bool


def new_event(wiring: Wiring, peer: Peer) -> Event:
    """Begin the record of a request."""
    started = wiring.clock()
    return Event(request_id=wiring.request_id(started), time=started, source_ip=peer.address)


def failure_of(error: Exception, request_id: str) -> AwsError:
    """Return what the client is told of an error, whoever's fault it is."""
    if isinstance(error, AwsError):
        return error
    if isinstance(error, StoreError):
        logger.error("request %s failed: %s", request_id, error.message)
        return AwsError(
            "ServiceUnavailable", UNAVAILABLE, 503, reason=error.message, help=error.help
        )
    # Where it happened, and not its text: that may repeat what must not be logged.
    kind, places = type(error).__name__, "".join(format_tb(error.__traceback__))
    logger.error("request %s failed by a fault of ours: %s at\n%s", request_id, kind, places)
    return AwsError("InternalFailure", INTERNAL, 500, reason=kind)


async def keep(wiring: Wiring, event: Event) -> AwsError | None:
    """Hand an event to the log; where the log must not fail, wait until it is on disk.

    Returns what is answered instead where the answer may not go out unrecorded.
    """
    if event.wire_code is not None:
        logger.info(
            "%s %s:%s %s %s",
            event.request_id,
            event.service or "-",
            event.operation or "-",
            event.wire_code,
            _one_line(event.reason or ""),
        )
    fail_closed = wiring.settings.audit == "fail-closed"
    try:
        kept = await _append(wiring, event)
        if fail_closed:
            await asyncio.wrap_future(kept)
    except Exception as error:  # noqa: BLE001 - whatever it was, an unrecorded grant must not pass
        why = error.message if isinstance(error, StoreError) else type(error).__name__
        logger.error("record of request %s is lost: %s", event.request_id, why)  # noqa: TRY400
        if fail_closed:
            return AwsError("ServiceUnavailable", "The request could not be recorded.", 503)
    return None


async def _append(wiring: Wiring, event: Event) -> Future[None]:
    duration_us = int((wiring.clock() - event.time) * 1_000_000)
    record = event.to_record(duration_us)
    if wiring.log.has_room:
        return wiring.log.append(record, event.documents)
    # Records pile up, so handing over this one waits: for a while, and not at the others' expense.
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, wiring.log.append, record, event.documents)


def _one_line(text: str) -> str:
    """Return the first line of a text without signs that a terminal or a log reader obeys."""
    line = text.partition("\n")[0][:LONGEST_LINE]
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)
