"""The server as a process: start, stop, workers, TLS, and what it says when it can't start."""

import http.client
import os
import signal
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

import boto3
import pytest
import trustme
from botocore.config import Config

from support.edge import ACCOUNT
from support.processes import Ended, environment, run
from support.running import Running, answers, prepared, running

FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
WHO = b"Action=GetCallerIdentity&Version=2011-06-15"


def boto(server: Running, service: str) -> Any:
    """Return a client that has nothing from its environment."""
    return boto3.client(
        service,
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id=server.admin.access_key_id,
        aws_secret_access_key=server.admin.secret_key,
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=10),
    )


def test_sigterm_lets_requests_under_way_finish(tmp_path: Path):
    with running(tmp_path) as server:
        assert server.process is not None
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as under_way:
            head = b"POST / HTTP/1.1\r\nHost: h\r\n" + FORM + b"Content-Length: %d\r\n\r\n"
            under_way.sendall(head % len(WHO) + WHO[:10])
            time.sleep(0.1)
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            assert server.process.poll() is None, "it waits for the request"
            with pytest.raises(OSError, match=r"refused|reset"):
                socket.create_connection(("127.0.0.1", server.port), timeout=5).close()
            under_way.sendall(WHO[10:])
            said = b""
            while chunk := under_way.recv(65_536):
                said += chunk
        answer = answers(said)[0]
        assert (answer.status, answer.code) == (403, "MissingAuthenticationToken")
        assert answer.headers[b"connection"] == b"close"
        assert server.process.wait(15) == 0
        server.process = None
        record = server.records([answer.request_id])[0]
        assert record is not None, "the record of the last request is kept, too"
        assert "Traceback" not in server.logged


def test_an_idle_connection_does_not_hold_it_up(tmp_path: Path):
    with (
        running(tmp_path) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as idle,
    ):
        idle.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        assert idle.recv(65_536)
        started = time.monotonic()
        server.stop()
        assert time.monotonic() - started < 5


def test_any_worker_knows_at_once_what_another_was_told(tmp_path: Path):
    """A role is made and assumed, each on a connection of its own: whichever worker takes it."""
    with running(tmp_path, "--workers", "2") as server:
        iam, sts = boto(server, "iam"), boto(server, "sts")
        document = (
            '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
            f'"Principal":{{"AWS":"arn:aws:iam::{ACCOUNT}:root"}}}}]}}'
        )
        for number in range(10):
            name = f"role-{number}"
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
            for _ in range(3):
                close_all(sts)
                given = sts.assume_role(
                    RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{name}", RoleSessionName="job"
                )
                assert given["Credentials"]["AccessKeyId"].startswith("ASIA")
            close_all(iam)
            iam.delete_role(RoleName=name)
            close_all(sts)
            with pytest.raises(sts.exceptions.ClientError, match="AccessDenied"):
                sts.assume_role(
                    RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{name}", RoleSessionName="job"
                )
        assert server.process is not None
        assert len(children(server.process.pid)) >= 2
        parent = server.process.pid
        assert server.stop() == 0
        assert children(parent) == []
        assert "Traceback" not in server.logged


def close_all(client: Any) -> None:
    """Let the next call make a connection of its own, which any worker may take."""
    client._endpoint.http_session.close()


def children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except FileNotFoundError:
        return []
    return [int(word) for word in text.split()]


def test_health_and_readiness(tmp_path: Path):
    with running(tmp_path) as server:
        health = server.ask("GET /_valetkey/healthz HTTP/1.1")
        assert (health.status, health.json) == (200, {"status": "ok"})
        ready = server.ask("GET /_valetkey/readyz HTTP/1.1")
        assert (ready.status, ready.json) == (200, {"status": "ready", "problems": 0})
        assert health.headers[b"content-type"] == b"application/json"
        said = server.talk(
            b"HEAD /_valetkey/healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", end=False
        )
        assert said.startswith(b"HTTP/1.1 200 ")
        assert said.endswith(b"\r\n\r\n")
        assert b"uvicorn" not in said.lower()


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[str, str, str]:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1", "localhost")
    paths = [tmp_path / name for name in ("ca.pem", "cert.pem", "key.pem")]
    authority.cert_pem.write_to_path(paths[0])
    for blob in issued.cert_chain_pems:
        blob.write_to_path(paths[1], append=True)
    issued.private_key_pem.write_to_path(paths[2])
    ca, chain, key = map(str, paths)
    return ca, chain, key


def test_it_serves_over_tls(tmp_path: Path, certificate: tuple[str, str, str]):
    ca, chain, key = certificate
    server = prepared(tmp_path)
    server.start("--tls-cert", chain, "--tls-key", key, ca=ca)
    try:
        context = ssl.create_default_context(cafile=ca)
        connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=context)
        connection.request("POST", "/", WHO, {"Content-Type": "application/x-www-form-urlencoded"})
        assert connection.getresponse().status == 403
        connection.close()
        # Neither old protocols nor plain HTTP.
        assert b"HTTP/1.1 2" not in server.talk(b"GET /_valetkey/healthz HTTP/1.1\r\n\r\n")
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.load_verify_locations(ca)
        old.set_ciphers("ALL:@SECLEVEL=0")
        with pytest.warns(DeprecationWarning, match="TLSv1_1 is deprecated"):
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        plain = socket.create_connection(("127.0.0.1", server.port), timeout=5)
        with plain, pytest.raises((ssl.SSLError, ConnectionError)):
            old.wrap_socket(plain, server_hostname="127.0.0.1")
    finally:
        server.stop()
    assert "Traceback" not in server.logged


def fails(server: Running, *more: str, **env: str) -> Ended:
    """Run the server, which is to end by itself, soon, with words and without a traceback."""
    started = time.monotonic()
    ended = run(server.words(*more), environment(server.folder, **env))
    assert time.monotonic() - started < 15
    assert ended.code not in (0, None)
    assert "Traceback" not in ended.all
    assert ended.output == ""
    return ended


BROKEN = {
    "unknown name": ("listn = 'x'\n", "listn"),
    "no TOML": ("listen = \n", "valetkey.toml"),
    "out of bounds": ("workers = 0\n", "workers"),
    "no certificate there": ("tls_cert = '/nowhere'\ntls_key = '/nowhere'\n", "/nowhere"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_settings_that_can_t_be_read(tmp_path: Path, broken: str):
    text, named = BROKEN[broken]
    server = prepared(tmp_path, settings=text)
    ended = fails(server)
    assert ended.code == 1
    assert named in ended.errors


def test_a_settings_file_that_is_not_there(tmp_path: Path):
    ended = fails(prepared(tmp_path), "--config", str(tmp_path / "nowhere.toml"))
    assert "nowhere.toml" in ended.errors


def test_settings_that_are_no_text(tmp_path: Path):
    server = prepared(tmp_path)
    server.home.settings_file.write_bytes(b"\xff\xfe\x00")
    assert "valetkey.toml" in fails(server).errors


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_that_is_taken(tmp_path: Path, workers: str):
    server = prepared(tmp_path)
    with socket.create_server(("127.0.0.1", server.port)):
        ended = fails(server, "--workers", workers)
    assert "address already in use" in ended.errors.lower()


def test_a_home_without_its_key_ring(tmp_path: Path):
    server = prepared(tmp_path)
    server.home.key_ring_file.unlink()
    ended = fails(server)
    assert "valetkey init" in ended.errors
    assert not server.home.key_ring_file.exists()


def test_a_key_ring_that_can_t_be_read(tmp_path: Path):
    server = prepared(tmp_path)
    server.home.key_ring_file.write_bytes(b"nonsense")
    ended = fails(server)
    assert "key ring" in ended.errors.lower()


@pytest.mark.parametrize(("name", "workers"), [("state.db", "1"), ("records.db", "2")])
def test_a_database_that_is_none(tmp_path: Path, name: str, workers: str):
    server = prepared(tmp_path)
    for suffix in ("-wal", "-shm"):
        (server.home.path / f"{name}{suffix}").unlink(missing_ok=True)
    (server.home.path / name).write_bytes(b"nonsense" * 1000)
    ended = fails(server, "--workers", workers)
    assert name in ended.errors
    assert "backup" in ended.errors


def test_a_home_that_was_never_made(tmp_path: Path):
    server = prepared(tmp_path)
    words = ["valetkey", "serve", "--home", str(tmp_path / "nowhere"), "--listen", "127.0.0.1:0"]
    ended = run(words, environment(tmp_path))
    assert ended.code == 1
    assert "valetkey init" in ended.errors
    assert not (tmp_path / "nowhere").exists()
    assert server.process is None


def test_a_worker_that_dies_is_replaced(tmp_path: Path):
    with running(tmp_path, "--workers", "2") as server:
        assert server.process is not None
        workers = children(server.process.pid)
        victim = next(pid for pid in workers if serves(pid))
        os.kill(victim, signal.SIGKILL)
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            if server.ask("GET /_valetkey/healthz HTTP/1.1").status == 200:
                alive = [pid for pid in children(server.process.pid) if serves(pid)]
                if victim not in alive and len(alive) >= 2:
                    break
            time.sleep(0.1)
        else:
            raise AssertionError("no worker took the place of the one that died")


def serves(pid: int) -> bool:
    """Tell a worker from the helper process that Python's multiprocessing has besides."""
    try:
        return b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def test_a_second_server_of_one_home_serves_the_same_state(tmp_path: Path):
    with running(tmp_path) as first:
        second = Running(tmp_path, first.admin)
        second.start()
        try:
            boto(first, "iam").create_user(UserName="made-by-the-first")
            found = boto(second, "iam").get_user(UserName="made-by-the-first")
            assert found["User"]["UserName"] == "made-by-the-first"
        finally:
            second.stop()


def test_many_clients_at_once(tmp_path: Path):
    with running(tmp_path) as server:
        statuses: list[int] = []

        def ask() -> None:
            statuses.extend(server.ask("GET / HTTP/1.1").status for _ in range(10))

        threads = [threading.Thread(target=ask) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert statuses == [400] * 200
