"""A proxy's part, in process: what nginx and Envoy ask of a signed request, and what they read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from support.edge import ACCOUNT, Edge
from support.edge import Answer as Answered
from support.served import Served, serve
from valetkey.credentials import seal_secret_key
from valetkey.sigv4 import HttpRequest, sign
from valetkey.store import AWS_ACCOUNT, BucketRecord, RequestRecord, UpstreamKeys, UpstreamRecord

PROXY = ("127.0.0.1", 40_000)
ENDPOINT = "http://127.0.0.1:8333"
UPSTREAM_KEY, UPSTREAM_SECRET = "AKIAUPSTREAM00000000", "upstream-secret-never-shown"
HOST = "s3.example"
OPEN_BUCKET = "open"
"""A bucket from which everybody may read, and which nobody else may list."""

_READ = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",'
    '"Action":"s3:GetObject","Resource":"arn:aws:s3:::open/*"}]}'
)


def put_store(edge: Edge, **changes: Any) -> None:
    """Write the upstream, and the bucket that is open."""
    ring = edge.home.key_ring()
    sealed = seal_secret_key(UPSTREAM_SECRET, UPSTREAM_KEY, ring, lambda size: b"n" * size)
    given = {
        "account": ACCOUNT,
        "name": "store",
        "service": "s3",
        "endpoint": ENDPOINT,
        "region": "us-east-1",
        "created": 0.0,
        "keys": UpstreamKeys(access_key_id=UPSTREAM_KEY, sealed_secret=sealed),
    }
    bucket = BucketRecord(
        account=AWS_ACCOUNT,
        name=OPEN_BUCKET,
        owner=ACCOUNT,
        upstream_account=ACCOUNT,
        upstream="store",
        created=0.0,
        region="us-east-1",
        policy=_READ,
    )
    edge.wiring.store.write(
        lambda tx: (tx.put(UpstreamRecord(**{**given, **changes})), tx.put(bucket))
    )


async def ask_of(edge: Edge) -> "Asking":
    """Return a server to ask; what it has recorded so far does not count."""
    edge.wiring.log.flush()
    before = frozenset(record.request_id for record in edge.wiring.log.recent(limit=1000))
    return Asking(edge, await serve(edge), before)


def code_of(answered: Answered) -> str | None:
    """Return the code of an error of S3's."""
    return answered.xml.findtext("Code")


@dataclass
class Asking:
    """A server that proxies ask."""

    edge: Edge
    served: Served
    before: frozenset[str] = frozenset()

    def head(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | None = None,
        *,
        payload: str | None = "UNSIGNED-PAYLOAD",
        signed: bool = True,
        region_set: str | None = None,
    ) -> dict[str, str]:
        """Return a client's headers, signed by the administrator."""
        given = {"host": HOST, **(headers or {})}
        if payload is not None and (signed or "x-amz-content-sha256" in given):
            given.setdefault("x-amz-content-sha256", payload)
        if not signed:
            return given
        path, _, query = target.partition("?")
        pairs = tuple((name.encode(), value.encode("latin-1")) for name, value in given.items())
        request = HttpRequest(method, path.encode(), query.encode(), pairs, "")
        made = sign(
            request,
            access_key_id=self.edge.admin.access_key_id,
            secret_key=self.edge.admin.secret_key,
            region="us-east-1",
            service="s3",
            now=self.edge.now[0],
            region_set=region_set,
        )
        return {name.decode(): value.decode("latin-1") for name, value in made.headers}

    async def nginx(
        self, method: str, target: str, headers: Mapping[str, str], **more: Any
    ) -> Answered:
        """Ask as nginx does, with the head of a client's request."""
        asked = {
            **{name: value for name, value in headers.items() if name != "content-length"},
            "x-original-method": method,
            "x-original-uri": target,
        }
        if "content-length" in headers:
            asked["x-original-content-length"] = headers["content-length"]
        return await self._ask("GET", "/_valetkey/authorize", asked, **more)

    async def envoy(
        self, method: str, target: str, headers: Mapping[str, str], **more: Any
    ) -> Answered:
        """Ask as Envoy does: the request as it is behind our path, and no length but its own."""
        asked = {**headers, "content-length": "0"}
        if "content-length" in headers:
            asked["x-original-content-length"] = headers["content-length"]
        return await self._ask(method, f"/_valetkey/authorize{target}", asked, **more)

    async def _ask(
        self, method: str, target: str, headers: Mapping[str, str], **more: Any
    ) -> Answered:
        return await self.served.ask(
            method, target, headers=headers, **{"client": PROXY, "scheme": "http", **more}
        )

    def records(self) -> tuple[RequestRecord, ...]:
        """Return what was kept since this began, newest first."""
        self.edge.wiring.log.flush()
        kept = self.edge.wiring.log.recent(limit=1000)
        return tuple(record for record in kept if record.request_id not in self.before)
