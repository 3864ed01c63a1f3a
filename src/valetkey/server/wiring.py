"""Settings become the parts that requests are served with, one set a worker process."""

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from valetkey.api.operation import Services
from valetkey.clock import Clock, system_clock
from valetkey.gateway import Gateway
from valetkey.outbound import DiscoveredKeys
from valetkey.settings import Settings
from valetkey.store import DecisionLog, Store
from valetkey.wire import Services as WireServices


def new_request_id(now: float) -> str:
    """Return a UUID of version 7 (RFC 9562): ids that rise with time keep the log's index small."""
    number = int(now * 1000) << 80 | int.from_bytes(secrets.token_bytes(10))
    text = f"{number:032x}"
    variant = "89ab"[number >> 62 & 3]
    return f"{text[:8]}-{text[8:12]}-7{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"


@dataclass(slots=True)
class Wiring:
    """The parts of one worker process."""

    settings: Settings
    wire: WireServices
    store: Store
    log: DecisionLog
    services: Services
    source: DiscoveredKeys
    gateway: Gateway
    clock: Clock = system_clock
    request_id: Callable[[float], str] = new_request_id
    writer: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="valetkey-writer")
    )

    async def close(self) -> None:
        """Let go of everything; records still in memory reach the disk."""
        await self.source.close()
        await self.gateway.close()
        self.writer.shutdown()
        self.log.close()
        self.store.close()
