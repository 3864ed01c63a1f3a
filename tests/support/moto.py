"""moto's server as a process: an upstream that is none of ours, and what has reached it."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.ports import free_port
from support.processes import ACCOUNT, environment, start, stop, wait_until_answers

_REQUEST = re.compile(r'"[A-Z]+ \S* HTTP/1\.[01]" [0-9]{3} ')
_CONTROL = "/moto-api/"


@dataclass
class Moto:
    """moto's server in a folder: what it logs and records, it writes there."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it; :meth:`wait` for it."""
        env = environment(
            self.folder,
            MOTO_ACCOUNT_ID=ACCOUNT,
            MOTO_EC2_LOAD_DEFAULT_AMIS="false",
            MOTO_ENABLE_RECORDING="true",
            MOTO_RECORDER_FILEPATH=str(self._recording),
        )
        words = ["moto_server", "-H", "127.0.0.1", "-p", str(self.port)]
        self.process = start(words, env, self._log, cwd=self.folder)

    def wait(self) -> None:
        assert self.process is not None
        wait_until_answers(f"{self.endpoint}{_CONTROL}", self.process, self._log)

    def stop(self) -> None:
        assert self.process is not None
        stop(self.process)

    def count(self) -> int:
        """Return how many requests have come, by the server's own log."""
        lines = self._log.read_text().splitlines()
        return sum(bool(_REQUEST.search(line)) and _CONTROL not in line for line in lines)

    def recorded(self) -> list[dict[str, Any]]:
        """Return the requests that moto took for one of its services."""
        return [json.loads(line) for line in self._recording.read_text().splitlines()]

    @contextmanager
    def untouched(self, *but: str) -> Iterator[None]:
        """See that no request comes while the block lasts, ``but`` for these operations."""
        before, recorded = self.count(), len(self.recorded())
        yield
        asked = [str(one) for one in self.recorded()[recorded:]]
        passed_over = sum(any(name in one for name in but) for one in asked)
        assert self.count() - before == passed_over

    @property
    def _log(self) -> Path:
        return self.folder / "moto.log"

    @property
    def _recording(self) -> Path:
        return self.folder / "recording"
