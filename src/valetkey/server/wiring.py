"""Settings become the parts that requests are served with, one set a worker process."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from valetkey.api.operation import Services
from valetkey.clock import Clock, system_clock
from valetkey.outbound import DiscoveredKeys
from valetkey.settings import Settings
from valetkey.store import DecisionLog, Store
from valetkey.wire import Services as WireServices


def new_request_id() -> str:
    """Return a request id as AWS's look: a random UUID."""
    return str(uuid.uuid4())


@dataclass(slots=True)
class Wiring:
    """The parts of one worker process."""

    settings: Settings
    wire: WireServices
    store: Store
    log: DecisionLog
    services: Services
    source: DiscoveredKeys
    clock: Clock = system_clock
    request_id: Callable[[], str] = new_request_id
    writer: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="valetkey-writer")
    )

    async def close(self) -> None:
        """Let go of everything; records still in memory reach the disk."""
        await self.source.close()
        self.writer.shutdown()
        self.log.close()
        self.store.close()
