"""CPU microseconds a request: AssumeRoleWithWebIdentity and GetCallerIdentity on one worker.

Beside them, measured in the same run: (a) the cryptography alone that each call needs, and (b)
moto's server on the same calls (it verifies neither tokens nor signatures). Trust the ratios; a
shared machine's absolute figures move. Asserts nothing.
"""

import argparse
import base64
import hashlib
import hmac
import http.client
import json
import os
import secrets
import selectors
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

from valetkey.sigv4 import HttpRequest, sign

ACCOUNT = "111122223333"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/bench"
AUDIENCE = "https://valetkey.example"
SERVER_CORE, CLIENT_CORE = 0, max(os.sched_getaffinity(0))
TICKS = os.sysconf("SC_CLK_TCK")


def b64u(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Issuer:
    """A JWKS on loopback and tokens of GitLab's size."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(65537, 2048)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                numbers = issuer.key.public_key().public_numbers()
                jwk = {
                    "kty": "RSA",
                    "kid": "k",
                    "use": "sig",
                    "alg": "RS256",
                    "n": b64u(numbers.n.to_bytes(256)),
                    "e": "AQAB",
                }
                documents = {
                    "/.well-known/openid-configuration": {
                        "issuer": issuer.url,
                        "jwks_uri": f"{issuer.url}/keys",
                    },
                    "/keys": {"keys": [jwk]},
                }
                body = json.dumps(documents[self.path]).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                return

        return Handler

    def token(self) -> str:
        now = int(time.time())
        claims = {f"claim_{i:02}": "a-value-of-some-length" for i in range(30)}
        claims |= {
            "jti": secrets.token_hex(16),
            "iss": self.url,
            "iat": now,
            "nbf": now - 5,
            "exp": now + 3600,
            "sub": "project_path:acme/payments:ref_type:branch:ref:main",
            "aud": AUDIENCE,
        }
        header = {"kid": "k", "typ": "JWT", "alg": "RS256"}
        # Compact, as GitLab writes it.
        parts = (json.dumps(part, separators=(",", ":")).encode() for part in (header, claims))
        signed = ".".join(map(b64u, parts))
        return f"{signed}.{b64u(self.key.sign(signed.encode(), padding.PKCS1v15(), SHA256()))}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def program(arguments: list[str], port: int, **environment: str) -> Iterator[int]:
    """Run a server on one core until the block ends."""
    process = subprocess.Popen(
        arguments,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )
    os.sched_setaffinity(process.pid, {SERVER_CORE})
    try:
        for _ in range(400):
            try:
                socket.create_connection(("127.0.0.1", port), 0.1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Client:
    """Requests over one connection that stays open."""

    def __init__(self, port: int) -> None:
        self.host = f"127.0.0.1:{port}"
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def send(self, body: bytes, headers: dict[str, str]) -> bytes:
        self.connection.request("POST", "/", body, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status != http.HTTPStatus.OK:
            raise SystemExit(f"{answer.status}: {content!r}")
        return content

    def form(self, **parameters: str) -> tuple[bytes, dict[str, str]]:
        body = urllib.parse.urlencode(parameters).encode()
        return body, {"host": self.host, "content-type": "application/x-www-form-urlencoded"}

    def signed(self, service: str, key: tuple[str, str], **parameters: str):
        body, headers = self.form(**parameters)
        request = HttpRequest(
            "POST",
            b"/",
            b"",
            tuple((k.encode(), v.encode()) for k, v in headers.items()),
            hashlib.sha256(body).hexdigest(),
        )
        made = sign(
            request,
            access_key_id=key[0],
            secret_key=key[1],
            region="us-east-1",
            service=service,
            now=time.time(),
        )
        return body, {k.decode(): v.decode() for k, v in made.headers}


def measure(pid: int, requests: int, call: Callable[[], bytes]) -> float:
    """Return CPU microseconds of a process a call, one call after the other."""
    for _ in range(max(20, requests // 10)):
        call()
    before = cpu_seconds(pid)
    for _ in range(requests):
        call()
    return (cpu_seconds(pid) - before) / requests * 1e6


def measure_loaded(pid: int, port: int, request: bytes, requests: int) -> float:
    """Return CPU microseconds of a process a request, eight connections at once."""
    drive(port, request, max(500, requests // 3))
    before = cpu_seconds(pid)
    drive(port, request, requests)
    return (cpu_seconds(pid) - before) / requests * 1e6


def drive(port: int, request: bytes, total: int, connections: int = 8) -> None:
    """Send one request again and again on connections that stay open."""
    selector = selectors.DefaultSelector()
    pending: dict[socket.socket, bytes] = {}
    for _ in range(connections):
        connection = socket.create_connection(("127.0.0.1", port))
        selector.register(connection, selectors.EVENT_READ)
        connection.sendall(request)
        pending[connection] = b""
    sent, done = connections, 0
    while done < sent:
        for key, _ in selector.select():
            connection = key.fileobj
            received = connection.recv(65536)
            answer = pending[connection] + received
            if not received or not whole(answer):
                pending[connection] = answer
                continue
            if not answer.startswith(b"HTTP/1.1 200"):
                raise SystemExit(answer.decode())
            done, pending[connection] = done + 1, b""
            if sent < total:
                connection.sendall(request)
                sent += 1
    for connection in pending:
        connection.close()


def whole(answer: bytes) -> bool:
    head, blank, body = answer.partition(b"\r\n\r\n")
    length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
    return bool(blank) and len(body) >= int(length)


def raw(made: tuple[bytes, dict[str, str]]) -> bytes:
    """Return a request as it goes over the wire."""
    body, headers = made
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST / HTTP/1.1\r\n{lines}content-length: {len(body)}\r\n\r\n".encode() + body


def set_up(client: Client, key: tuple[str, str], issuer: Issuer) -> None:
    """Register the issuer and make the role, over the wire."""
    host = issuer.url.removeprefix("http://")
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{host}"
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": provider},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringEquals": {
                        f"{host}:sub": "project_path:acme/payments:ref_type:branch:ref:main",
                        f"{host}:aud": AUDIENCE,
                    }
                },
            }
        ],
    }
    common = {"Version": "2010-05-08"}
    made = client.signed(
        "iam",
        key,
        Action="CreateOpenIDConnectProvider",
        Url=issuer.url,
        **{"ClientIDList.member.1": AUDIENCE, "ThumbprintList.member.1": "a" * 40},
        **common,
    )
    client.send(*made)
    made = client.signed(
        "iam",
        key,
        Action="CreateRole",
        RoleName="bench",
        AssumeRolePolicyDocument=json.dumps(trust),
        **common,
    )
    client.send(*made)


def assume(client: Client, issuer: Issuer) -> tuple[bytes, dict[str, str]]:
    return client.form(
        Action="AssumeRoleWithWebIdentity",
        Version="2011-06-15",
        RoleArn=ROLE_ARN,
        RoleSessionName="bench",
        WebIdentityToken=issuer.token(),
    )


def valetkey_figures(requests: int, issuer: Issuer) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        home = f"{folder}/home"
        main = [sys.executable, "-m", "valetkey"]
        printed = subprocess.run(
            [*main, "init", "--home", home, "--account-id", ACCOUNT],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        exports = dict(line.split()[1].split("=", 1) for line in printed.splitlines()[:2])
        key = (exports["AWS_ACCESS_KEY_ID"], exports["AWS_SECRET_ACCESS_KEY"])
        port = free_port()
        serve = [*main, "serve", "--home", home, "--listen", f"127.0.0.1:{port}"]
        with program(serve, port, VALETKEY_ALLOW_LOOPBACK_ISSUERS="true") as pid:
            client = Client(port)
            set_up(client, key, issuer)
            token_request = raw(assume(client, issuer))
            # SDKs sign each request anew; a signed one is good for minutes.
            identity = raw(
                client.signed("sts", key, Action="GetCallerIdentity", Version="2011-06-15")
            )
            return {
                "AssumeRoleWithWebIdentity": measure_loaded(pid, port, token_request, requests),
                "GetCallerIdentity": measure_loaded(pid, port, identity, requests),
            }


def moto_figures(requests: int, issuer: Issuer) -> dict[str, float]:
    port = free_port()
    serve = [str(Path(sys.executable).parent / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    with program(serve, port) as pid:
        client = Client(port)
        key = ("AKIAEXAMPLE000000000", "x")
        token_request = assume(client, issuer)
        identity = client.signed("sts", key, Action="GetCallerIdentity", Version="2011-06-15")
        return {
            "AssumeRoleWithWebIdentity": measure(
                pid, requests, lambda: client.send(*token_request)
            ),
            "GetCallerIdentity": measure(pid, requests, lambda: client.send(*identity)),
        }


def cryptography_figures(issuer: Issuer) -> dict[str, float]:
    """The primitives alone, as often as each call needs them."""
    public, token = issuer.key.public_key(), issuer.token()
    signed, _, signature = token.rpartition(".")
    data = signed.encode()
    raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    cipher, nonce, plain = AESGCM(secrets.token_bytes(32)), secrets.token_bytes(12), bytes(1500)

    def token_exchange() -> None:
        public.verify(raw, data, padding.PKCS1v15(), SHA256())
        cipher.encrypt(nonce, plain, b"")
        hmac.digest(b"k" * 32, b"salt", "sha256")
        hashlib.sha256(data).digest()

    def signature_check() -> None:
        key = b"k" * 32
        for _ in range(5):
            key = hmac.digest(key, b"20260101", "sha256")
        hashlib.sha256(data).digest()

    return {
        "AssumeRoleWithWebIdentity": cpu_of(token_exchange),
        "GetCallerIdentity": cpu_of(signature_check),
    }


def cpu_of(call: Callable[[], None], rounds: int = 3000) -> float:
    for _ in range(200):
        call()
    before = time.process_time()
    for _ in range(rounds):
        call()
    return (time.process_time() - before) / rounds * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=3000)
    parser.add_argument("--moto-requests", type=int, default=300)
    options = parser.parse_args()
    os.sched_setaffinity(0, {CLIENT_CORE})
    issuer = Issuer()
    crypto = cryptography_figures(issuer)
    ours = valetkey_figures(options.requests, issuer)
    moto = moto_figures(options.moto_requests, issuer)
    heads = f"{'valetkey':>10}{'crypto':>9}{'moto':>9}{'to crypto':>11}{'moto to':>9}"
    print(f"{'CPU µs a request':28}{heads}")
    for name, figure in ours.items():
        print(
            f"{name:28}{figure:>10.0f}{crypto[name]:>9.0f}{moto[name]:>9.0f}"
            f"{figure / crypto[name]:>11.1f}{moto[name] / figure:>9.1f}"
        )


if __name__ == "__main__":
    main()
