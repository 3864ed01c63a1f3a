"""Records older than the settings allow are removed, by whichever worker comes to it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from valetkey.clock import Clock
from valetkey.store import DecisionLog, StoreError

DAY = 86_400.0
HOUR = 3_600.0

logger = logging.getLogger("valetkey.server")


async def keep_in_bounds(
    log: DecisionLog,
    clock: Clock,
    days: int,
    *,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Remove what is older than ``days``, now and each hour, until cancelled.

    It runs beside the event loop; a failure is logged and tried again in an hour.
    """
    while True:
        try:
            removed = await asyncio.to_thread(log.prune, clock() - days * DAY)
        except StoreError as error:
            logger.warning("old records could not be removed: %s", error.message)
        else:
            if removed:
                logger.info("%d records older than %d days removed", removed, days)
        await pause(HOUR)
