"""The gateway without sockets before an upstream with them, which keeps all that it was sent."""

import asyncio
import urllib.parse
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

from gateway.matrix.plans import BUCKET, Key
from gateway.matrix.signing import Wire
from support.edge import ACCOUNT, Edge, credentials_of, open_edge
from support.federation import ROLE_NAME, done, exchange, federate
from support.served import serve
from support.tokens import token
from support.upstream_server import Exchange, ScriptedUpstream, Seen, scripted
from valetkey.credentials import seal_secret_key
from valetkey.server.app import Application
from valetkey.store import AWS_ACCOUNT, BucketRecord, UpstreamKeys, UpstreamRecord

ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",%s"Action":"s3:*","Resource":%s}]}'
UPSTREAM_KEY, UPSTREAM_SECRET = "AKIAUPSTREAM00000000", "canary-upstream-secret-key"
_LIST = b'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>'
_NO_TAGS = b"<Tagging><TagSet/></Tagging>"
_COPIED = b"<CopyObjectResult><ETag>&quot;e&quot;</ETag></CopyObjectResult>"
_BEGUN = b"<InitiateMultipartUploadResult><UploadId>ours</UploadId></InitiateMultipartUploadResult>"
_COMPLETED = (
    b"<CompleteMultipartUploadResult><ETag>&quot;e&quot;</ETag></CompleteMultipartUploadResult>"
)


class Said(NamedTuple):
    """An answer; status 0 is none at all."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes

    @property
    def code(self) -> str | None:
        try:
            root = ET.fromstring(self.body)
        except ET.ParseError:
            return None
        for element in root.iter():
            element.tag = element.tag.rpartition("}")[2]
        return root.findtext("Code") or root.findtext("./Error/Code")

    @property
    def short(self) -> str:
        return f"{self.status} {self.code or ''}".strip()


@dataclass
class Bench:
    """A gateway to ask, and its upstream to look at."""

    edge: Edge
    app: Application
    upstream: ScriptedUpstream
    key: Key

    async def ask(
        self, wire: Wire, *, cut: bool = False, piece: int = 4096, peer: str = "192.0.2.1"
    ) -> Said:
        """Send a request; with ``cut`` the client goes away before the end of the body."""
        body = [wire.body[at : at + piece] for at in range(0, len(wire.body), piece)] or [b""]
        if cut:
            body = body[:-1]
        target = wire.target
        path, _, query = target.partition("?")
        scope: dict[str, Any] = {
            "type": "http",
            "method": wire.method,
            "path": urllib.parse.unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(k.lower().encode(), v.encode("latin-1")) for k, v in wire.headers],
            "client": (peer, 50_000),
            "scheme": "https",
            "state": {},
        }
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            if not body:
                if cut:
                    return {"type": "http.disconnect"}
                return await asyncio.Event().wait()  # type: ignore[return-value] # never comes
            piece = body.pop(0)
            return {"type": "http.request", "body": piece, "more_body": cut or bool(body)}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        if not sent:
            return Said(0, {}, b"")
        start, *parts = sent
        whole = b"".join(part.get("body", b"") for part in parts)
        return Said(start["status"], dict(start["headers"]), whole)

    async def settled(self) -> Sequence[Seen]:
        """Return all that the upstream has seen, once what was under way has come."""
        await asyncio.sleep(0.05)
        return self.upstream.seen


async def record_all(exchange: Exchange) -> None:
    """Answer whatever it is as a store would that has done it."""
    seen = exchange.seen
    await exchange.read()
    if not seen.whole:
        exchange.hang_up()
        return
    target, etag = seen.target, 'ETag: "e"'
    if seen.method == b"GET":
        listing, tags = b"list-type=2" in target, b"tagging" in target
        await exchange.answer(body=_LIST if listing else _NO_TAGS if tags else b"the object")
    elif seen.method == b"POST":
        await exchange.answer("200 OK", _BEGUN if target.endswith(b"?uploads") else _COMPLETED)
    elif seen.header(b"x-amz-copy-source") is not None:
        await exchange.answer("200 OK", _COPIED)
    elif seen.method == b"DELETE":
        await exchange.answer("204 No Content")
    else:
        await exchange.answer("200 OK", b"", etag)


@asynccontextmanager
async def open_bench(folder: Path) -> AsyncIterator[Bench]:
    """Serve from a folder, with a role that may do all in S3 and a bucket open to everybody."""
    edge = open_edge(folder)
    try:
        async with scripted(record_all) as upstream:
            await federate(edge)
            await done(
                edge,
                "iam",
                "PutRolePolicy",
                RoleName=ROLE_NAME,
                PolicyName="all",
                PolicyDocument=ALL % ("", '"*"'),
            )
            edge.wiring.store.write(lambda tx: put_upstream(edge, tx, upstream.endpoint))
            session = credentials_of(await exchange(edge, token()))
            served = await serve(edge)
            key = Key(session["id"], session["secret"], session["token"], edge.now[0])
            yield Bench(edge, served.app, upstream, key)
    finally:
        await edge.close()


def put_upstream(edge: Edge, tx: Any, endpoint: str, **changes: Any) -> None:
    """Write the upstream, and a bucket of the account's that is open to everybody."""
    ring = edge.home.key_ring()
    sealed = seal_secret_key(UPSTREAM_SECRET, UPSTREAM_KEY, ring, lambda size: b"n" * size)
    given = {
        "account": ACCOUNT,
        "name": "store",
        "service": "s3",
        "endpoint": endpoint,
        "region": "us-east-1",
        "created": 0.0,
        "keys": UpstreamKeys(access_key_id=UPSTREAM_KEY, sealed_secret=sealed),
    }
    tx.put(UpstreamRecord(**{**given, **changes}))
    resource = f'["arn:aws:s3:::{BUCKET}","arn:aws:s3:::{BUCKET}/*"]'
    tx.put(
        BucketRecord(
            account=AWS_ACCOUNT,
            name=BUCKET,
            owner=ACCOUNT,
            upstream_account=ACCOUNT,
            upstream="store",
            created=0.0,
            region="us-east-1",
            policy=ALL % ('"Principal":"*",', resource),
        )
    )
