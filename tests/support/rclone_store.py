"""``rclone serve s3``: a store that takes much and understands less, for tests of what is refused.

``with rclone_store(folder) as endpoint:`` serves a folder of its own; the keys are those of every
`Seaweed`. Nothing here is pytest's.
"""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.ports import free_port
from support.processes import environment, start, stop
from support.seaweed import ACCESS_KEY_ID, SECRET_KEY

_PATIENCE = 20.0


@contextmanager
def rclone_store(folder: Path) -> Iterator[str]:
    """Serve buckets below a folder, and hand out the endpoint."""
    port = free_port()
    (folder / "served").mkdir()
    words = ["rclone", "serve", "s3", "--addr", f"127.0.0.1:{port}", str(folder / "served")]
    keys = ["--auth-key", f"{ACCESS_KEY_ID},{SECRET_KEY}"]
    env = environment(folder, RCLONE_CONFIG=str(folder / "none.conf"))
    process = start([*words, *keys], env, folder / "rclone.log")
    try:
        _wait(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(process)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
