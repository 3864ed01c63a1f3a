"""The parts that the demonstration runs: programs of their own, ended by it and by nobody else."""

import contextlib
import http.client
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from valetkey.errors import ValetkeyError

START_SECONDS = 20.0
STOP_SECONDS = 15.0
RUN_SECONDS = 120.0
LAST_LINES = 15
PORTS = range(10_240, 16_384)

# PYTHONPATH, because the parts must be this very valetkey.
PASSED_ON = ("HOME", "LANG", "LC_ALL", "TERM", "TMPDIR", "PATH", "PYTHONPATH", "NO_COLOR")
_PAINT = re.compile(r"\x1b\[[0-9;]*m")


class PartFailed(ValetkeyError):
    """A part did not start, or is not there."""

    code = "demo"


@dataclass(frozen=True)
class Done:
    """What a program printed, and how it ended."""

    code: int
    output: str
    errors: str

    @property
    def all(self) -> str:
        """Return both streams, as they were painted."""
        return self.output + self.errors

    @property
    def words(self) -> str:
        """Return both streams without colour."""
        return _PAINT.sub("", self.all)


@dataclass
class Parts:
    """Programs run in one folder and one environment."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.environment = {**_own_environment(), **self.environment}

    def log(self, name: str) -> Path:
        """Return the file that a part which serves writes to."""
        return self.folder / f"{name}.log"

    def start(self, name: str, words: Sequence[str], port: int) -> None:
        """Start a program that serves on a port; return when it does. Raises ``PartFailed``."""
        if _listens(port):
            raise PartFailed(
                f"port `{port}`, which `{name}` needs, is taken",
                help="end what listens there, or name another --home",
            )
        with self.log(name).open("wb") as stream:
            process = subprocess.Popen(  # noqa: S603 - our own commands
                _program(words),
                stdout=stream,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                env=self.environment,
                start_new_session=True,
            )
        self.running[name] = process
        deadline = time.monotonic() + START_SECONDS
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise PartFailed(f"`{name}` did not start: {self._last_words(name)}")
            time.sleep(0.05)

    def _last_words(self, name: str) -> str:
        return " | ".join(self.log(name).read_text(errors="replace").splitlines()[-LAST_LINES:])

    def run(self, words: Sequence[str], extra: Mapping[str, str] | None = None) -> Done:
        """Run a program to its end; it is ended with us, if we are told to end."""
        process = subprocess.Popen(  # noqa: S603 - our own commands
            _program(words),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            cwd=self.folder,
            env={**self.environment, **(extra or {})},
        )
        try:
            output, errors = process.communicate(timeout=RUN_SECONDS)
        except BaseException:
            _end(process)
            raise
        return Done(process.returncode, _text(output), _text(errors))

    def stop(self) -> None:
        """End what was started here, politely first."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            _end(process)
        self.running.clear()

    def wait(self) -> str:
        """Wait until a part ends by itself; return which."""
        while True:
            for name, process in self.running.items():
                if process.poll() is not None:
                    return name
            time.sleep(0.2)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.communicate(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def _own_environment() -> dict[str, str]:
    """Return an environment that no setting of the person's own aws CLI leaks into."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    own_programs = str(Path(sys.executable).parent)
    return {
        **kept,
        "PATH": f"{own_programs}:{kept.get('PATH', os.defpath)}",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
    }


def _program(words: Sequence[str]) -> list[str]:
    """Return what runs ``valetkey …``, or a program beside it. Raises ``PartFailed``."""
    if words[0] == "valetkey":
        return [sys.executable, "-m", *words]
    beside = Path(sys.executable).parent / words[0]
    found = str(beside) if beside.exists() else shutil.which(words[0])
    if found is None:
        raise PartFailed(
            f"`{words[0]}` is not installed",
            help="`pip install 'valetkey[demo]'`, or use `make demo`",
        )
    return [found, *words[1:]]


def _text(printed: bytes) -> str:
    return printed.decode(errors="replace")


def free_port() -> int:
    """Return a port that nobody listens on just now.

    Not one that the system gives out to whoever connects somewhere: such a one may be taken
    before the part that is to listen on it has started.
    """
    while True:
        port = secrets.choice(PORTS)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.2):
            return True
    except OSError:
        return False


def ready(port: int) -> bool:
    """Tell whether the server says that it is ready."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/_valetkey/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
