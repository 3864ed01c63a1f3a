"""What stands behind the gateway in the demonstration: a real store, and an EC2-shaped API."""

import http.client
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from valetkey.cli.demonstration.parts import PartFailed, Parts, free_port

STORE_SECONDS = 40.0
ACCESS_KEY_ID = "STOREKEY000000000001"
_SERVERS = ("master", "volume", "filer", "s3")


@dataclass(frozen=True)
class Backend:
    """Something that the gateway forwards to, and what it is reached with."""

    endpoint: str
    access_key_id: str
    secret_key: str


def start_store(parts: Parts) -> Backend:
    """Start SeaweedFS; return when it takes data. Raises ``PartFailed``."""
    folder = parts.folder / "store"
    (folder / "data").mkdir(parents=True, exist_ok=True)
    secret = _secret(folder / "s3.json")
    ports = {name: free_port() for server in _SERVERS for name in (server, f"{server}.grpc")}
    parts.start(
        "store",
        ["weed", "-logtostderr", "server", *weed_options(folder, ports, "store/")],
        ports["s3"],
    )
    deadline = time.monotonic() + STORE_SECONDS
    while not _takes_data(ports["master"]):
        if time.monotonic() > deadline:
            raise PartFailed("the store starts, and takes no data", help=str(parts.log("store")))
        time.sleep(0.1)
    return Backend(f"http://127.0.0.1:{ports['s3']}", ACCESS_KEY_ID, secret)


def start_compute(parts: Parts) -> Backend:
    """Start moto's server, an EC2 that runs nothing; it takes any credentials."""
    port = free_port()
    parts.start("compute", ["moto_server", "-H", "127.0.0.1", "-p", str(port)], port)
    return Backend(f"http://127.0.0.1:{port}", "COMPUTEKEY0000000001", secrets.token_urlsafe(30))


def _secret(config: Path) -> str:
    """Return the store's secret key: of an earlier run, or made now."""
    if not config.exists():
        keys = [{"accessKey": ACCESS_KEY_ID, "secretKey": secrets.token_urlsafe(30)}]
        rights = ["Admin", "Read", "Write", "List", "Tagging"]
        identities = [{"name": "valetkey", "credentials": keys, "actions": rights}]
        config.touch(mode=0o600)
        config.write_text(json.dumps({"identities": identities}))
    found: str = json.loads(config.read_text())["identities"][0]["credentials"][0]["secretKey"]
    return found


def _takes_data(master_port: int) -> bool:
    # The S3 side answers before there is a volume that takes data.
    connection = http.client.HTTPConnection("127.0.0.1", master_port, timeout=2)
    try:
        connection.request("GET", "/dir/assign")
        return b'"fid"' in connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def weed_options(folder: Path, ports: Mapping[str, int], sockets: str = "") -> list[str]:
    """Return the options of ``weed server`` for a store in a folder, on loopback alone.

    ``sockets`` is the folder for its sockets, seen from where it is started, with a slash.
    """
    options = {
        "dir": str(folder / "data"),
        "ip": "127.0.0.1",
        "ip.bind": "127.0.0.1",
        "filer": "true",
        "s3": "true",
        "s3.config": str(folder / "s3.json"),
        # Seen from there, as the name of a socket may have 107 bytes.
        "s3.localSocket": f"{sockets}s3.sock",
        "filer.localSocket": f"{sockets}filer.sock",
        "s3.port.iceberg": "0",
        "s3.port.lance": "0",
        "master.electionTimeout": "500ms",
        "master.telemetry": "false",
        "master.volumePreallocate": "false",
        "master.volumeSizeLimitMB": "1024",
        "volume.max": "100",
        "volume.preStopSeconds": "0",
        "s3.autoCreateBucket": "false",
    }
    options |= {f"{name}.port": str(ports[name]) for name in _SERVERS}
    options |= {f"{name}.port.grpc": str(ports[f"{name}.grpc"]) for name in _SERVERS}
    return [f"-{name}={value}" for name, value in options.items()]
