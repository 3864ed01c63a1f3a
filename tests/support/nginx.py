"""nginx with the project's own configuration, in a folder of the caller's.

``with nginx(folder, valetkey=URL, store=URL) as front:`` runs one until the block ends::

    front.endpoint     http://127.0.0.1:PORT, where clients talk to
    front.passed()     what went through, oldest first: method, target, status and to which
                       addresses (of `valetkey` or `store`, as HOST:PORT)
    front.errors       what nginx complained about

Nothing here is pytest's.
"""

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from support.ports import free_port
from support.processes import stop

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "nginx" / "valetkey.conf"
_PATIENCE = 20.0
_SEPARATOR = "\t"
_LOGGED = ("$request_method", "$request_uri", "$status", "$upstream_addr")


class Passed(NamedTuple):
    """One request as nginx logged it."""

    method: str
    target: str
    status: int
    addresses: tuple[str, ...]


@dataclass
class Nginx:
    """A running nginx."""

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
        """Return what was logged so far: a request is, once its answer is sent."""
        lines = (self.folder / "access.log").read_text("latin-1").splitlines()
        return [_read(line) for line in lines]


@contextmanager
def nginx(folder: Path, *, valetkey: str, store: str) -> Iterator[Nginx]:
    """Run nginx before a server and its store, which are named by their endpoints."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    site = folder / "valetkey.conf"
    site.write_text(pointed(CONFIGURATION.read_text(), port, valetkey=valetkey, store=store))
    main = folder / "nginx.conf"
    main.write_text(_main(folder, site))
    with (folder / "error.log").open("ab") as log:
        process = subprocess.Popen(
            [_program(), "-p", str(folder), "-c", str(main), "-e", str(folder / "error.log")],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    front = Nginx(folder, port, process)
    try:
        _wait(front)
        yield front
    finally:
        stop(process)


def pointed(text: str, port: int, *, valetkey: str, store: str) -> str:
    """Return the configuration with the addresses of a test's own in place of its examples."""
    for shown, meant in (
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("server 127.0.0.1:8080;", f"server {valetkey.removeprefix('http://')};"),
        ("server 127.0.0.1:8333;", f"server {store.removeprefix('http://')};"),
        ('"http://127.0.0.1:8333"', f'"{store}"'),
    ):
        if text.count(shown) != 1:
            raise AssertionError(f"the configuration has `{shown}` not once")
        text = text.replace(shown, meant)
    return text


def _program() -> str:
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    if found is None:
        raise AssertionError("nginx is not installed; Debian has it in the package nginx-light")
    return found


def _main(folder: Path, site: Path) -> str:
    # Only who is root may choose, and must: the packaged user can't see the folder.
    user = f"user {getpass.getuser()};" if os.geteuid() == 0 else ""
    temporary = "\n".join(
        f"    {name}_temp_path {folder / name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return f"""{user}
daemon off;
worker_processes 1;
pid {folder / "nginx.pid"};
lock_file {folder / "nginx.lock"};
events {{ worker_connections 256; }}
http {{
    log_format passed '{_SEPARATOR.join(_LOGGED)}';
    access_log {folder / "access.log"} passed;
{temporary}
    include {site};
}}
"""


def _wait(front: Nginx) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            with socket.create_connection(("127.0.0.1", front.port), timeout=5):
                return
        except OSError:
            if front.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"nginx does not start:\n{front.errors}") from None
            time.sleep(0.02)


def _read(line: str) -> Passed:
    method, target, status, addresses = line.split(_SEPARATOR)
    found = (address.strip() for part in addresses.split(":  ") for address in part.split(","))
    return Passed(method, target, int(status), tuple(each for each in found if each != "-"))
