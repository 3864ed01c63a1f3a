"""A server process of a test's own, and talk with it byte by byte."""

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from support.edge import ACCOUNT, Answer
from support.ports import free_port
from support.processes import environment, start, stop, wait_until_answers
from valetkey.clock import system_clock
from valetkey.server import Admin, Home, bootstrap
from valetkey.store import DecisionLog, RequestRecord

PATIENCE = 20.0


@dataclass
class Running:
    """A server process and its home."""

    folder: Path
    admin: Admin
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def home(self) -> Home:
        return Home(self.folder / "home")

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def logged(self) -> str:
        return self.log.read_text()

    def words(self, *more: str) -> list[str]:
        listen = f"127.0.0.1:{self.port}"
        return ["valetkey", "serve", "--home", str(self.home.path), "--listen", listen, *more]

    def start(self, *more: str, ca: str = "") -> None:
        self.process = start(self.words(*more), environment(self.folder), self.log)
        scheme = "https" if ca else "http"
        url = f"{scheme}://127.0.0.1:{self.port}/_valetkey/readyz"
        wait_until_answers(url, self.process, self.log, ca)

    def stop(self) -> int:
        assert self.process is not None
        code = stop(self.process)
        self.process = None
        return code

    def talk(self, *pieces: bytes, end: bool = True) -> bytes:
        """Send pieces and return all that comes back; with ``end`` nothing more is to be sent."""
        return talk(self.port, *pieces, end=end)

    def ask(self, head: str, *headers: str, body: bytes = b"") -> Answer:
        """Ask one request on a connection of its own."""
        lines = [head, f"Host: 127.0.0.1:{self.port}", "Connection: close", *headers]
        if body and not any(h.lower().startswith(("content-len", "transfer")) for h in headers):
            lines.append(f"Content-Length: {len(body)}")
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        return answers(self.talk(head + body, end=False))[0]

    def records(self, ids: Sequence[str]) -> list[RequestRecord | None]:
        """Return what the server kept of requests; it may be a batch behind, so wait for it."""
        log = DecisionLog.open(self.home.decision_log, create=False)
        deadline = time.monotonic() + PATIENCE
        try:
            while True:
                kept = [log.find(request_id) for request_id in ids]
                if None not in kept or time.monotonic() > deadline:
                    return kept
                time.sleep(0.02)
        finally:
            log.close()


def talk(port: int, *pieces: bytes, end: bool = True) -> bytes:
    """Send pieces to a port of loopback and return all that comes back until it is closed."""
    received = bytearray()
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        # A server that has heard enough hangs up; what it said is still to be read.
        with contextlib.suppress(OSError):
            for piece in pieces:
                connection.sendall(piece)
            if end:
                connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionError):
            while chunk := connection.recv(65_536):
                received += chunk
    return bytes(received)


def answers(said: bytes) -> list[Answer]:
    """Read HTTP answers that follow each other."""
    found = []
    while said:
        head, _, rest = said.partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        pairs = (line.split(b": ", 1) for line in lines)
        headers = {name.lower(): value for name, value in pairs}
        length = int(headers.get(b"content-length", b"0"))
        status = int(first.split(b" ")[1])
        found.append(Answer(status, headers, rest[:length]))
        said = rest[length:] if status >= 200 else rest
    return found


@contextmanager
def running(folder: Path, *more: str, settings: str = "") -> Iterator[Running]:
    """Make a home, start a server on it, and end it."""
    server = prepared(folder, settings)
    server.start(*more)
    try:
        yield server
    finally:
        if server.process is not None:
            server.stop()


def prepared(folder: Path, settings: str = "") -> Running:
    """Return a server that is not started."""
    home = Home(folder / "home")
    admin = bootstrap(home, ACCOUNT, system_clock)
    if settings:
        home.settings_file.write_text(settings)
    return Running(folder, admin)
