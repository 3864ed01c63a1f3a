"""The server without its sockets: real wiring on a folder of the test's, with a clock to turn."""

import hashlib
import secrets
import urllib.parse
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import msgspec

from valetkey.access import CredentialKeys
from valetkey.api.operation import Services
from valetkey.credentials import SessionCache
from valetkey.oidc import KeySet, KeysUnavailable, ProviderKeys
from valetkey.outbound import GuardedClient
from valetkey.server import Admin, Home, bootstrap
from valetkey.server.edge import answer
from valetkey.server.record import Peer
from valetkey.server.run import open_gateway
from valetkey.server.wiring import Wiring
from valetkey.settings import Settings
from valetkey.sigv4 import HttpRequest, SigningKeyCache, sign
from valetkey.store import DecisionLog, RequestRecord, Store
from valetkey.wire import WireRequest, WireResponse, load_services

ACCOUNT = "111122223333"
VERSIONS = {"sts": "2011-06-15", "iam": "2010-05-08"}


class CannedKeys:
    """A key source that holds what a test gave it, by issuer."""

    def __init__(self) -> None:
        self.sets: dict[str, KeySet] = {}
        self.fetched: list[str] = []

    def cached(self, provider: ProviderKeys, kid: str | None) -> KeySet | None:
        return self.sets.get(provider.issuer)

    async def fetch(self, provider: ProviderKeys, kid: str | None) -> KeySet:
        self.fetched.append(provider.issuer)
        raise KeysUnavailable(reason=f"`{provider.issuer}` is down")

    async def close(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True)
class Answer:
    """An answer with its body understood."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes

    @property
    def xml(self) -> ET.Element:
        root = ET.fromstring(self.body)
        for element in root.iter():
            element.tag = element.tag.rpartition("}")[2]
        return root

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    def text(self, path: str) -> str | None:
        return self.xml.findtext(path)

    @property
    def code(self) -> str | None:
        if self.body.startswith(b"{"):
            return str(self.json.get("__type")).rpartition("#")[2]
        return self.text("./Error/Code")

    @property
    def message(self) -> str | None:
        if self.body.startswith(b"{"):
            return self.json.get("message", self.json.get("Message"))
        return self.text("./Error/Message")

    @property
    def request_id(self) -> str:
        return self.headers[b"x-amzn-requestid"].decode()


@dataclass
class Edge:
    """A server to ask."""

    home: Home
    admin: Admin
    wiring: Wiring
    source: CannedKeys
    now: list[float] = field(default_factory=lambda: [1_800_000_000.0])

    async def raw(self, request: WireRequest, peer: Peer | None = None) -> Answer:
        response: WireResponse = await answer(
            self.wiring, request, peer or Peer("192.0.2.1", secure=True)
        )
        return Answer(response.status, dict(response.headers), response.body)

    async def query(
        self, service: str, action: str, *, key: Any = ..., **parameters: Any
    ) -> Answer:
        """Ask a query service, signed by the administrator, by ``key``, or (None) by nobody."""
        form = {"Action": action, "Version": VERSIONS[service], **flat(parameters)}
        body = urllib.parse.urlencode(form).encode()
        headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
        return await self.send(service, headers, body, key)

    async def target(self, name: str, *, key: Any = ..., **parameters: Any) -> Answer:
        """Ask Secrets Manager."""
        headers = {
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": f"secretsmanager.{name}",
        }
        return await self.send("secretsmanager", headers, msgspec.json.encode(parameters), key)

    async def send(
        self, service: str, headers: Mapping[str, str], body: bytes, key: Any = ...
    ) -> Answer:
        return await self.raw(self.request(service, headers, body, key))

    def request(
        self, service: str, headers: Mapping[str, str], body: bytes, key: Any = ...
    ) -> WireRequest:
        """Return a request, signed as :meth:`query` says."""
        plain = {"host": "valetkey.example", **headers}
        http = tuple((name.encode(), value.encode()) for name, value in plain.items())
        if key is not None:
            http = self.signed(service, http, body, key)
        return WireRequest("POST", b"/", b"", http, body)

    def signed(
        self, service: str, headers: tuple[tuple[bytes, bytes], ...], body: bytes, key: Any
    ) -> tuple[tuple[bytes, bytes], ...]:
        if key is ...:
            key = {"id": self.admin.access_key_id, "secret": self.admin.secret_key}
        digest = hashlib.sha256(body).hexdigest()
        request = HttpRequest("POST", b"/", b"", headers, digest)
        return sign(
            request,
            access_key_id=key["id"],
            secret_key=key["secret"],
            session_token=key.get("token"),
            region="us-east-1",
            service=service,
            now=self.now[0],
        ).headers

    def record(self, answered: Answer) -> RequestRecord:
        """Return what was kept of a request."""
        self.wiring.log.flush()
        found = self.wiring.log.find(answered.request_id)
        assert found is not None
        return found

    async def close(self) -> None:
        await self.wiring.close()


def flat(parameters: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Write nested parameters as the query protocol does."""
    result: dict[str, str] = {}
    for name, value in parameters.items():
        if isinstance(value, dict):
            result.update(flat(value, f"{prefix}{name}."))
        elif isinstance(value, list):
            members = {f"{name}.member.{i}": item for i, item in enumerate(value, 1)}
            result.update(flat(members, prefix))
        else:
            written = str(value).lower() if isinstance(value, bool) else str(value)
            result[prefix + name] = written
    return result


def credentials_of(answered: Answer) -> dict[str, str]:
    """Return the key that an AssumeRole call answered, to sign with."""
    found = answered.xml.find(".//Credentials")
    assert found is not None, answered.body
    return {
        "id": found.findtext("AccessKeyId", ""),
        "secret": found.findtext("SecretAccessKey", ""),
        "token": found.findtext("SessionToken", ""),
    }


async def no_thumbprint(url: str) -> str:
    """Stand for an issuer that is not there."""
    raise KeysUnavailable(reason=f"`{url}` is down")


def open_edge(
    folder: Path,
    *,
    settings: Settings | None = None,
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> Edge:
    """Return a server on a folder, with its first state made."""
    now = [1_800_000_000.0]
    home = Home(folder / "home")
    admin = bootstrap(home, ACCOUNT, lambda: now[0])
    source = CannedKeys()
    settings = settings or Settings()
    store = Store.open(home.database)
    keys = CredentialKeys(home.key_ring(), SessionCache(), SigningKeyCache())
    writer = ThreadPoolExecutor(1)
    client = GuardedClient()
    wiring = Wiring(
        settings=settings,
        source=source,
        wire=load_services(folder.parent / "wire-cache"),
        store=store,
        gateway=open_gateway(home, settings, client, store, keys=keys, writer=writer),
        log=DecisionLog.open(home.decision_log, fail_closed=settings.audit == "fail-closed"),
        services=Services(
            keys=keys,
            source=source,
            random=random,
            thumbprint=no_thumbprint,
            leeway=settings.clock_leeway_seconds,
            max_token_chars=settings.max_token_bytes,
            required_trust_claims=settings.required_trust_claims,
        ),
        clock=lambda: now[0],
        writer=writer,
    )
    return Edge(home, admin, wiring, source, now)
