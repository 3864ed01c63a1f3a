"""What the gateway costs: CPU a GiB by payload mode, small objects a second, added latency.

One run measures everything beside each other: straight at the store, through valetkey (one worker,
pinned to a core), through nginx's ``proxy_pass``, and through nginx with ``auth_request`` to
valetkey, where objects pass Python by. The store is a server of this file's own that keeps nothing
(its CPU is not counted): what is measured is the way, not a disk. Trust the ratios; a shared
machine's absolute figures move. Asserts nothing.
"""

import argparse
import asyncio
import contextlib
import hashlib
import http.client
import json
import multiprocessing
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httptools
import uvloop

from valetkey.clock import system_clock
from valetkey.credentials import seal_secret_key
from valetkey.server import Home, bootstrap
from valetkey.sigv4 import HttpRequest, Streaming, sign, sign_streaming
from valetkey.store import Store, UpstreamKeys, UpstreamRecord

SERVER_CORE, OTHER_CORE = 0, max(os.sched_getaffinity(0))
TICKS = os.sysconf("SC_CLK_TCK")
MIB = 1 << 20
LARGE = 64 * MIB
BUCKET = "bench-bucket"
REGION = "us-east-1"
ETAG = '"d41d8cd98f00b204e9800998ecf8427e"'


class Sink(asyncio.Protocol):
    """A store that keeps nothing: a PUT is counted and thrown away, a GET is of the asked size."""

    block = b"x" * (256 * 1024)

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.parser = httptools.HttpRequestParser(self)
        self.url = b""
        self.may_write = asyncio.Event()
        self.may_write.set()

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_begin(self) -> None:
        self.url = b""

    def on_url(self, url: bytes) -> None:
        self.url += url

    def pause_writing(self) -> None:
        self.may_write.clear()

    def resume_writing(self) -> None:
        self.may_write.set()

    def on_message_complete(self) -> None:
        method = self.parser.get_method()
        size = int(self.url.rpartition(b"-")[2]) if method == b"GET" else 0
        head = f"HTTP/1.1 200 OK\r\netag: {ETAG}\r\ncontent-length: {size}\r\n\r\n".encode()
        self.transport.write(head)
        if size:
            asyncio.get_running_loop().create_task(self._send(size))

    async def _send(self, size: int) -> None:
        while size > 0:
            await self.may_write.wait()
            piece = self.block[:size]
            self.transport.write(piece)
            size -= len(piece)


def serve_sink(port: int) -> None:
    os.sched_setaffinity(0, {OTHER_CORE})

    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", port)
        await server.serve_forever()

    uvloop.run(main())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.05)
    raise SystemExit(f"nothing listens on {port}")


def family(pid: int) -> list[int]:
    """Return a process and all below it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in family(int(child)))]


def cpu_of(pids: list[int]) -> float:
    """Return CPU seconds, user and system."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


@dataclass
class Way:
    """A way to the store: where it listens, whose CPU it costs, and what it is signed with."""

    name: str
    port: int
    pids: Callable[[], list[int]]
    key: dict[str, str]


@dataclass
class Bench:
    """Everything that runs."""

    folder: Path
    store: int
    ways: list[Way]


def pinned(words: list[str], env: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as stream:
        process = subprocess.Popen(words, env={**os.environ, **env}, stdout=stream, stderr=stream)
    os.sched_setaffinity(process.pid, {SERVER_CORE})
    return process


NGINX = """
daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid;
error_log {folder}/nginx.err; events {{ worker_connections 1024; }}
http {{
  access_log off; client_max_body_size 0; client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;
  scgi_temp_path {folder}/s; merge_slashes off;
  upstream store {{ server 127.0.0.1:{store}; keepalive 32; }}
  upstream valetkey {{ server 127.0.0.1:{valetkey}; keepalive 32; }}
  proxy_http_version 1.1; proxy_set_header Connection "";
  proxy_request_buffering off; proxy_max_temp_file_size 0;
  server {{ listen 127.0.0.1:{plain}; location / {{ proxy_pass http://store; }} }}
  server {{
    listen 127.0.0.1:{asking};
    location / {{
      auth_request /_ask;
      auth_request_set $target $upstream_http_x_valetkey_target;
      auth_request_set $authorization $upstream_http_authorization;
      auth_request_set $date $upstream_http_x_amz_date;
      auth_request_set $hash $upstream_http_x_amz_content_sha256;
      auth_request_set $token $upstream_http_x_amz_security_token;
      auth_request_set $host_name $upstream_http_x_valetkey_host;
      proxy_set_header Connection "";
      proxy_set_header Host $host_name;
      proxy_set_header Authorization $authorization;
      proxy_set_header X-Amz-Date $date;
      proxy_set_header X-Amz-Content-Sha256 $hash;
      proxy_set_header X-Amz-Security-Token $token;
      proxy_pass http://store$target;
    }}
    location = /_ask {{
      internal;
      proxy_pass http://valetkey/_valetkey/authorize;
      proxy_pass_request_body off;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header Content-Length "";
      proxy_set_header X-Original-Method $request_method;
      proxy_set_header X-Original-URI $request_uri;
      proxy_set_header X-Original-Content-Length $content_length;
    }}
  }}
}}
"""


@contextlib.contextmanager
def running() -> Iterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="valetkey-bench-") as name:
        folder = Path(name)
        store, valetkey, plain, asking = (free_port() for _ in range(4))
        sink = multiprocessing.get_context("spawn").Process(target=serve_sink, args=(store,))
        sink.start()
        started: list[subprocess.Popen[bytes]] = []
        try:
            wait_for(store)
            key = prepare(folder, store)
            home = {"VALETKEY_HOME": str(folder / "home")}
            words = [sys.executable, "-m", "valetkey", "serve", "--listen", f"127.0.0.1:{valetkey}"]
            started.append(pinned(words, home, folder / "valetkey.log"))
            wait_for(valetkey)
            config = folder / "nginx.conf"
            config.write_text(
                NGINX.format(
                    folder=folder, store=store, valetkey=valetkey, plain=plain, asking=asking
                )
            )
            started.append(
                pinned(["nginx", "-c", str(config), "-p", str(folder)], {}, folder / "n")
            )
            wait_for(asking)
            server, proxy = (process.pid for process in started)
            own = {"id": "UPSTREAM", "secret": "upstream-secret"}
            yield Bench(
                folder,
                store,
                [
                    Way("straight", store, list, own),
                    Way("nginx proxy_pass", plain, lambda: [proxy], own),
                    Way("nginx + authorize", asking, lambda: [proxy, *family(server)], key),
                    Way("valetkey", valetkey, lambda: family(server), key),
                ],
            )
        finally:
            for process in started:
                process.terminate()
                process.wait()
            sink.terminate()
            sink.join()


def prepare(folder: Path, store: int) -> dict[str, str]:
    """Make a home with an upstream, and a role session as a job has it; return its key."""
    home = Home(folder / "home")
    admin = bootstrap(home, "111122223333", system_clock)
    ring = home.key_ring()
    sealed = seal_secret_key("upstream-secret", "UPSTREAM", ring, secrets.token_bytes)
    record = UpstreamRecord(
        account=admin.account,
        name="bench",
        service="s3",
        endpoint=f"http://127.0.0.1:{store}",
        region=REGION,
        created=system_clock(),
        keys=UpstreamKeys(access_key_id="UPSTREAM", sealed_secret=sealed),
        payload="hashed",
    )
    with Store.open(home.database) as opened:
        opened.write(lambda tx: tx.put(record))
    return {"id": admin.access_key_id, "secret": admin.secret_key}


Body = Callable[[], Iterator[bytes]]


def blocks(size: int) -> Iterator[bytes]:
    block = b"y" * (256 * 1024)
    while size > 0:
        yield block[:size]
        size -= len(block)


def signed(way: Way, method: str, path: str, payload: str, *more: tuple[bytes, bytes]) -> Any:
    headers = (
        (b"host", f"127.0.0.1:{way.port}".encode()),
        (b"x-amz-content-sha256", payload.encode()),
        *more,
    )
    return sign(
        HttpRequest(method, path.encode(), b"", headers, payload),
        access_key_id=way.key["id"],
        secret_key=way.key["secret"],
        region=REGION,
        service="s3",
        now=time.time(),
    )


class Client:
    """One connection of a raw client: its own cost must not hide what is measured."""

    def __init__(self, way: Way) -> None:
        self.way = way
        self.http = http.client.HTTPConnection("127.0.0.1", way.port, timeout=120)

    def ask(self, made: Any, body: Iterator[bytes] | None = None, length: int = 0) -> int:
        self.http.putrequest(
            made.method, made.raw_path.decode(), skip_host=True, skip_accept_encoding=True
        )
        for name, value in made.headers:
            self.http.putheader(name.decode(), value.decode())
        if length:
            self.http.putheader("content-length", str(length))
        self.http.endheaders()
        with contextlib.suppress(OSError):  # why it hung up stands in the answer
            for piece in body or ():
                self.http.send(piece)
        answer = self.http.getresponse()
        read = 0
        while piece := answer.read(MIB):
            read += len(piece)
        if answer.status != 200:
            raise SystemExit(f"{self.way.name}: {answer.status} {answer.reason}")
        return read

    def get(self, size: int) -> None:
        made = signed(self.way, "GET", f"/{BUCKET}/object-{size}", hashlib.sha256(b"").hexdigest())
        assert self.ask(made) == size

    def put(self, size: int, mode: str) -> None:
        path = f"/{BUCKET}/object-{size}"
        if mode == "hash":
            made = signed(self.way, "PUT", path, hashlib.sha256(b"y" * size).hexdigest())
            self.ask(made, blocks(size), size)
        elif mode == "unsigned":
            self.ask(signed(self.way, "PUT", path, "UNSIGNED-PAYLOAD"), blocks(size), size)
        else:
            self._put_chunked(path, size)

    def _put_chunked(self, path: str, size: int) -> None:
        host = (b"host", f"127.0.0.1:{self.way.port}".encode())
        stream = sign_streaming(
            HttpRequest("PUT", path.encode(), b"", (host,), Streaming.HMAC.value),
            mode=Streaming.HMAC,
            decoded_length=size,
            access_key_id=self.way.key["id"],
            secret_key=self.way.key["secret"],
            region=REGION,
            now=time.time(),
        )
        writer = stream.writer

        def body() -> Iterator[bytes]:
            for block in blocks(size):
                yield b"".join(writer.feed(block))
            yield b"".join(writer.finish())

        self.ask(stream.request, body())


def per_gib(way: Way, work: Callable[[], None], size: int, rounds: int) -> float:
    work()
    before = cpu_of(way.pids())
    for _ in range(rounds):
        work()
    return (cpu_of(way.pids()) - before) / (rounds * size) * (1 << 30)


def large(bench: Bench, rounds: int) -> None:
    print(f"\nCPU seconds a GiB, objects of {LARGE // MIB} MiB")
    rows: list[tuple[str, Callable[[Client], Callable[[], None]], tuple[str, ...]]] = [
        ("GET", lambda c: lambda: c.get(LARGE), ()),
        ("PUT unsigned", lambda c: lambda: c.put(LARGE, "unsigned"), ()),
        ("PUT literal hash", lambda c: lambda: c.put(LARGE, "hash"), ()),
        ("PUT signed chunks", lambda c: lambda: c.put(LARGE, "chunked"), ("nginx + authorize",)),
    ]
    ways = bench.ways[1:]
    print(f"{'':20}" + "".join(f"{way.name:>20}" for way in ways) + "   valetkey / nginx")
    for name, work, without in rows:
        costs: dict[str, float] = {}
        for way in ways:
            if way.name not in without:
                costs[way.name] = per_gib(way, work(Client(way)), LARGE, rounds)
        cells = "".join(f"{costs[w.name]:20.2f}" if w.name in costs else f"{'-':>20}" for w in ways)
        ratio = costs["valetkey"] / costs["nginx proxy_pass"] if costs["nginx proxy_pass"] else 0
        print(f"{name:20}{cells}   {ratio:.1f}")


def small(bench: Bench, seconds: float) -> None:
    print("\n1 KiB objects, one client after the other's answer")
    columns = (("req/s", 8), ("p50 ms", 9), ("p99 ms", 9), ("+p50", 8), ("+p99", 8))
    columns = (*columns, ("CPU µs", 9), ("a core", 8))
    print(f"{'':34}" + "".join(f"{title:>{width}}" for title, width in columns))
    for name, work in (
        ("GET", lambda client: client.get(1024)),
        ("PUT unsigned", lambda client: client.put(1024, "unsigned")),
    ):
        base: tuple[float, float] | None = None
        for way in bench.ways:
            client = Client(way)
            for _ in range(50):
                work(client)
            before, times = cpu_of(way.pids()), []
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                started = time.perf_counter()
                work(client)
                times.append(time.perf_counter() - started)
            cost = (cpu_of(way.pids()) - before) / len(times)
            p50, p99 = (
                statistics.median(times) * 1000,
                statistics.quantiles(times, n=100)[98] * 1000,
            )
            base = base or (p50, p99)
            core = f"{1 / cost:8.0f}" if cost else f"{'-':>8}"
            print(
                f"{name + ', ' + way.name:34}{len(times) / seconds:8.0f}{p50:9.2f}{p99:9.2f}"
                f"{p50 - base[0]:8.2f}{p99 - base[1]:8.2f}{cost * 1e6:9.0f}{core}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=8, help="large objects a cell")
    parser.add_argument("--seconds", type=float, default=4.0, help="small objects a cell")
    given = parser.parse_args()
    os.sched_setaffinity(0, {OTHER_CORE})
    with running() as bench:
        large(bench, given.rounds)
        small(bench, given.seconds)
        print(json.dumps({"nginx": nginx_version(), "python": sys.version.split()[0]}))


def nginx_version() -> str:
    done = subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=True)
    return done.stderr.strip().rpartition("/")[2]


if __name__ == "__main__":
    main()
