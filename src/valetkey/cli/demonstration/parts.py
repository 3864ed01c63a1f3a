"""The parts that the demonstration runs: programs of their own, ended by it and by nobody else."""

import http.client
import os
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
STOP_SECONDS = 10.0
RUN_SECONDS = 120.0

PASSED_ON = ("HOME", "LANG", "LC_ALL", "TERM", "TMPDIR", "PATH", "SSL_CERT_FILE")


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
        """Return both streams."""
        return self.output + self.errors


@dataclass
class Parts:
    """Programs run in one folder and one environment."""

    folder: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, name: str, arguments: Sequence[str], port: int) -> None:
        """Start a program that serves on a port; return when it does. Raises ``PartFailed``."""
        log = self.folder / f"{name}.log"
        with log.open("wb") as stream:
            process = subprocess.Popen(  # noqa: S603 - our own commands
                arguments,
                stdout=stream,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=self.environment({}),
                start_new_session=True,
            )
        self.running.append(process)
        deadline = time.monotonic() + START_SECONDS
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise PartFailed(f"`{name}` did not start", help=f"see {log}")
            time.sleep(0.05)

    def run(self, arguments: Sequence[str], extra: Mapping[str, str]) -> Done:
        """Run a program to its end."""
        process = subprocess.run(  # noqa: S603 - our own commands
            arguments,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            env=self.environment(extra),
            timeout=RUN_SECONDS,
            check=False,
        )
        return Done(
            process.returncode,
            process.stdout.decode(errors="replace"),
            process.stderr.decode(errors="replace"),
        )

    def environment(self, extra: Mapping[str, str]) -> dict[str, str]:
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
            **extra,
        }

    def stop(self) -> None:
        """End what was started here, politely first."""
        for process in self.running:
            process.terminate()
        for process in self.running:
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running.clear()


def valetkey_program() -> list[str]:
    """Return the words that run this very program."""
    return [sys.executable, "-m", "valetkey"]


def aws_program() -> str:
    """Return the aws CLI beside our interpreter, or on the PATH. Raises ``PartFailed``."""
    beside = Path(sys.executable).parent / "aws"
    found = str(beside) if beside.exists() else shutil.which("aws")
    if found is None:
        raise PartFailed(
            "the aws CLI is not installed", help="pip install awscli, or use `make demo`"
        )
    return found


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
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
    finally:
        connection.close()
