"""Envoy with the project's own configuration, in a folder of the caller's.

``with envoy(folder, valetkey=URL, store=URL) as front:`` runs one until the block ends; what it
hands out is like the nginx of ``support.nginx``. Nothing here is pytest's.
"""

import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from support.nginx import Passed
from support.ports import free_port
from support.processes import environment, program, stop

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "envoy" / "envoy.yaml"
_PATIENCE = 30.0
_LOGGED = (
    "%REQ(:METHOD)%",
    "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%",
    "%RESPONSE_CODE%",
    "%UPSTREAM_HOST%",
)


@dataclass
class Envoy:
    """A running Envoy."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def errors(self) -> str:
        return (self.folder / "error.log").read_text()

    def passed(self) -> list[Passed]:
        """Return what was logged so far; the target is the one that went on."""
        path = self.folder / "access.log"
        lines = path.read_text("latin-1").splitlines() if path.exists() else ()
        return [_read(line) for line in lines]


@contextmanager
def envoy(folder: Path, *, valetkey: str, store: str) -> Iterator[Envoy]:
    """Run Envoy before a server and its store, which are named by their endpoints."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    made = pointed(configuration(), port, valetkey=valetkey, store=store)
    _manager(made)["access_log"] = [_access_log(folder)]
    (folder / "envoy.json").write_text(json.dumps(made))
    words = [
        "envoy",
        "--file-flush-interval-msec",
        "50",
        "-c",
        str(folder / "envoy.json"),
        "--concurrency",
        "1",
        "-l",
        "warning",
    ]
    with (folder / "error.log").open("ab") as log:
        process = subprocess.Popen(
            program([*words, "--disable-hot-restart"]),
            env=environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    front = Envoy(folder, port, process)
    try:
        _wait(front)
        yield front
    finally:
        stop(process)


def configuration() -> Any:
    """Return the project's configuration as plain values."""
    return YAML(typ="safe").load(CONFIGURATION.read_text())


def pointed(made: Any, port: int, *, valetkey: str, store: str) -> Any:
    """Return a configuration with the addresses of a test's own in place of its examples."""
    text = json.dumps(made)
    for shown, meant in (
        (
            '"address": "0.0.0.0", "port_value": 80}',
            f'"address": "127.0.0.1", "port_value": {port}}}',
        ),
        ('"port_value": 8080}', f'"port_value": {valetkey.rpartition(":")[2]}}}'),
        ('"port_value": 8333}', f'"port_value": {store.rpartition(":")[2]}}}'),
        ('"http://127.0.0.1:8333"', f'"{store}"'),
    ):
        if text.count(shown) != 1:
            raise AssertionError(f"the configuration has `{shown}` not once")
        text = text.replace(shown, meant)
    return json.loads(text)


def _manager(made: Any) -> Any:
    [listener] = made["static_resources"]["listeners"]
    return listener["filter_chains"][0]["filters"][0]["typed_config"]


def _access_log(folder: Path) -> dict[str, Any]:
    kind = "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog"
    line = {"text_format_source": {"inline_string": "\t".join(_LOGGED) + "\n"}}
    return {
        "name": "envoy.access_loggers.file",
        "typed_config": {"@type": kind, "path": str(folder / "access.log"), "log_format": line},
    }


def _wait(front: Envoy) -> None:
    deadline = time.monotonic() + _PATIENCE
    # It answers this itself, once it knows its clusters.
    while not _answers(f"{front.endpoint}/_valetkey/"):
        if front.process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"Envoy does not start:\n{front.errors[-4000:]}")
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        with error:
            return error.code == 404
    except OSError:
        return False


def _read(line: str) -> Passed:
    method, target, status, address = line.split("\t")
    return Passed(method, target, int(status), () if address == "-" else (address,))
