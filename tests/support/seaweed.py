"""SeaweedFS as an S3 store of a test's own: a real upstream that checks signatures and keeps data.

``with seaweed(folder) as store:`` runs one until the block ends; it is up in two or three
seconds. The store has one access key with all rights::

    store.endpoint             http://127.0.0.1:PORT, which takes path-style requests
    store.access_key_id        and store.secret_key, store.region
    store.client()             a boto3 S3 client of that key's, straight at the store
    store.make_bucket("name")  a bucket; the name is handed back
    store.kill()               as a crash would; store.start() brings it back with its data
    store.log                  what the program printed

Nothing here is pytest's. The fixture ``seaweed_store``, one store a test session, stands in
``support.seaweed_fixtures``: a folder's conftest takes it from there.
"""

import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import botocore.session
from botocore.config import Config

from support.ports import free_port
from support.processes import environment, program
from valetkey.cli.demonstration.backends import weed_options

ACCESS_KEY_ID = "UPSTREAMKEYEXAMPLE00"
SECRET_KEY = "upstream-secret-key-of-the-tests-only"
REGION = "us-east-1"
_PATIENCE = 40.0
_SERVERS = ("master", "volume", "filer", "s3")


@dataclass
class Seaweed:
    """A store in a folder. ``start`` and ``kill`` may follow each other: data and ports stay."""

    folder: Path
    ports: dict[str, int]
    access_key_id: str = ACCESS_KEY_ID
    secret_key: str = field(default=SECRET_KEY, repr=False)
    region: str = REGION
    process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.ports['s3']}"

    @property
    def log(self) -> str:
        return (self.folder / "seaweed.log").read_text()

    def start(self) -> None:
        """Start the store, and wait until it answers."""
        (self.folder / "data").mkdir(exist_ok=True)
        (self.folder / "s3.json").write_text(json.dumps(_identities(self)))
        with (self.folder / "seaweed.log").open("ab") as log:
            self.process = subprocess.Popen(
                program(["weed", "-logtostderr", "server", *weed_options(self.folder, self.ports)]),
                env=environment(self.folder),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait()
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """End the store at once, as a crash would: a polite end takes it 15 seconds."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def client(self, **settings: Any) -> Any:
        """Return an S3 client; ``settings`` are botocore's ``Config``."""
        wanted: dict[str, Any] = {
            "s3": {"addressing_style": "path"},
            "retries": {"max_attempts": 1},
            **settings,
        }
        return botocore.session.Session().create_client(
            "s3",
            region_name=self.region,
            endpoint_url=self.endpoint,
            aws_access_key_id=self.access_key_id,
            aws_secret_access_key=self.secret_key,
            config=Config(**wanted),
        )

    def make_bucket(self, name: str) -> str:
        """Make a bucket and return its name."""
        self.client().create_bucket(Bucket=name)
        return name

    def _wait(self) -> None:
        assert self.process is not None
        deadline = time.monotonic() + _PATIENCE
        assign = f"http://127.0.0.1:{self.ports['master']}/dir/assign"
        # The gateway answers before there is a volume that takes data.
        while not (_answers(f"{self.endpoint}/") and b'"fid"' in _body(assign)):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"SeaweedFS does not start:\n{self.log[-4000:]}")
            time.sleep(0.05)


@contextmanager
def seaweed(folder: Path, port: Callable[[], int] = free_port) -> Iterator[Seaweed]:
    """Run a store in a folder; ``port`` is asked for the ports to listen on."""
    names = [*_SERVERS, *(f"{name}.grpc" for name in _SERVERS)]
    store = Seaweed(folder, {name: port() for name in names})
    store.start()
    try:
        yield store
    finally:
        store.kill()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except urllib.error.HTTPError:
        return True  # unsigned, so refused: by a store that is there
    except OSError:
        return False


def _body(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bytes(answer.read())
    except OSError:
        return b""


def _identities(store: Seaweed) -> dict[str, Any]:
    keys = [{"accessKey": store.access_key_id, "secretKey": store.secret_key}]
    rights = ["Admin", "Read", "Write", "List", "Tagging"]
    return {"identities": [{"name": "upstream", "credentials": keys, "actions": rights}]}
