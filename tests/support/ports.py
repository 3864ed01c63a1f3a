"""Ports of loopback: one to listen on, and one that surely refuses."""

import os
import re
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_EPHEMERAL: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST: Final = 10_000
_given: Final[set[int]] = set()


def free_port() -> int:
    """Return a port that nobody listens on, and that nobody is handed before it is used.

    It lies below the ports that the system gives to whoever asks for any, and each of several
    test processes has its own share of them.
    """
    share, shares = _share()
    first = int(_EPHEMERAL.read_text().split()[0]) if _EPHEMERAL.exists() else 32_768
    lowest = _LOWEST // shares
    while True:
        port = (lowest + secrets.randbelow(first // shares - lowest)) * shares + share
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in _given:
            _given.add(port)
            return port


@contextmanager
def refusing_port() -> Iterator[int]:
    """Hold a port on which nobody listens: whoever dials it is refused."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def _share() -> tuple[int, int]:
    worker = re.fullmatch(r"gw(\d+)", os.environ.get("PYTEST_XDIST_WORKER", ""))
    shares = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    return (int(worker[1]) if worker else 0), shares
