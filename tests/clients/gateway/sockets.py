"""How many sockets a server holds, and patience until they are let go."""

import time
from pathlib import Path

from support.gateway_running import GatewayRunning

PATIENCE = 20.0


def held_sockets(gateway: GatewayRunning) -> int:
    """Return how many sockets the server's process has open."""
    folder = Path("/proc") / str(gateway.site.processes["server"].pid) / "fd"
    return sum(_target(entry).startswith("socket:") for entry in folder.iterdir())


def settled_sockets(gateway: GatewayRunning, at_most: int) -> int:
    """Wait until no more than so many are open, or patience ends; return how many there are."""
    deadline = time.monotonic() + PATIENCE
    while (held := held_sockets(gateway)) > at_most and time.monotonic() < deadline:
        time.sleep(0.05)
    return held


def _target(entry: Path) -> str:
    try:
        return str(entry.readlink())
    except FileNotFoundError:  # closed while the folder was read
        return ""
