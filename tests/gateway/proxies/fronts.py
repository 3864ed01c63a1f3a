"""The running gateway as clients see it from the other side of a front proxy."""

import http.client
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote
from xml.etree import ElementTree as ET

from support.envoy import Envoy
from support.gateway_running import ALL, REGION, GatewayRunning
from support.nginx import Nginx
from valetkey.server import Home
from valetkey.sigv4 import HttpRequest, sign
from valetkey.store import DecisionLog, RequestRecord

HASHED = "hashed-artifacts"
"""A bucket of an upstream of which valetkey is told that it holds bodies to their hashes."""

DIRECT, STREAM = "straight to the store", "through valetkey's stream"
_PATIENCE = 20.0
Pairs = Iterable[tuple[str, str]]


class Heard(NamedTuple):
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str | None:
        return ET.fromstring(self.body).findtext("Code")

    @property
    def request_id(self) -> str:
        return self.headers["x-amz-request-id"]


@dataclass
class Front(GatewayRunning):
    """A gateway behind a proxy: ``client`` and ``run`` go through that."""

    proxy: Nginx | Envoy = field(kw_only=True)

    @property
    def endpoint(self) -> str:
        return self.proxy.endpoint

    def env(self, role: str = ALL, **more: str) -> dict[str, str]:
        return super().env(role, AWS_ENDPOINT_URL=self.endpoint, **more)

    @property
    def host(self) -> str:
        return self.endpoint.removeprefix("http://")

    def signed(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | None = None,
        *,
        payload: str = "UNSIGNED-PAYLOAD",
        role: str = ALL,
    ) -> list[tuple[str, str]]:
        """Return headers signed as a role, with exactly this target."""
        granted = self.credentials(role)
        given = {"host": self.host, "x-amz-content-sha256": payload, **(headers or {})}
        path, _, query = target.partition("?")
        pairs = tuple((name.encode(), value.encode()) for name, value in given.items())
        made = sign(
            HttpRequest(method, path.encode(), query.encode(), pairs, ""),
            access_key_id=granted["AccessKeyId"],
            secret_key=granted["SecretAccessKey"],
            session_token=granted["SessionToken"],
            region=REGION,
            service="s3",
            now=time.time(),
        )
        return [(name.decode(), value.decode()) for name, value in made.headers]

    def raw(self, method: str, target: str, headers: Pairs, body: bytes = b"") -> Heard:
        """Send a request as it is, byte for byte."""
        connection = http.client.HTTPConnection(self.host, timeout=60)
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            lowered = {name.lower(): value for name, value in answer.getheaders()}
            return Heard(answer.status, lowered, answer.read())
        finally:
            connection.close()

    def records_of(self, part: str, count: int) -> list[RequestRecord]:
        """Return the records whose resource has a part, oldest first, once there are so many."""
        with DecisionLog.open(Home(self.site.home).decision_log, create=False) as log:
            return self._until(
                lambda: [
                    one for one in log.recent(limit=300)[::-1] if part in (one.resource or "")
                ],
                count,
            )

    def addresses(self, part: str, count: int) -> list[str]:
        """Return to which address each request went whose target has a part, oldest first."""
        found = self._until(
            lambda: [one for one in self.proxy.passed() if part in one.target], count
        )
        return [one.addresses[-1] for one in found]

    def ways(self, key: str, count: int) -> list[str]:
        """Return which way each request about a key took; the proxy and the records must agree."""
        store = self.store.endpoint.removeprefix("http://")
        addresses = self.addresses(quote(key), count)
        passed = [DIRECT if address == store else STREAM for address in addresses]
        records = self.records_of(key, count)
        kept = [DIRECT if one.details.get("way") == "front proxy" else STREAM for one in records]
        assert len(kept) == len(passed) == count
        assert kept == passed
        return passed

    def _until(self, look: Callable[[], list[Any]], count: int) -> list[Any]:
        deadline = time.monotonic() + _PATIENCE
        while len(found := look()) < count:
            assert time.monotonic() < deadline, f"{len(found)} of {count}: {found}"
            time.sleep(0.02)
        return found


def front_of(gateway: GatewayRunning, proxy: Nginx | Envoy) -> Front:
    """Return what is seen of a gateway through a proxy."""
    return Front(gateway.site, gateway.store, gateway.granted, proxy=proxy)


def whole(answer: Any) -> bytes:
    """Return the body of a client's answer."""
    with answer["Body"] as stream:
        return bytes(stream.read())
