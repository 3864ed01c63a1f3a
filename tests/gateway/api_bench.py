"""APIs other than S3 through a gateway without sockets, before a scripted upstream."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from support.edge import ACCOUNT, Edge, credentials_of, open_edge
from support.federation import ROLE_NAME, done, exchange, federate
from support.signing import HOST, signed
from support.tokens import token
from support.upstream_server import Exchange, ScriptedUpstream, Seen, scripted
from support.upstreaming import pieces
from valetkey.access import Event
from valetkey.credentials import seal_secret_key
from valetkey.gateway import Head, Incoming
from valetkey.server.record import Peer, new_event
from valetkey.store import UpstreamKeys, UpstreamRecord
from valetkey.wire import WireRequest

KEY_ID, SECRET = "AKIAUPSTREAM00000000", "canary-upstream-secret-key"
REGION = "us-east-1"
INSTANCE = "i-0123456789abcdef0"
STOP = urlencode(
    {"Action": "StopInstances", "Version": "2016-11-15", "InstanceId.1": INSTANCE}
).encode()
STOPPED = b"<StopInstancesResponse><instancesSet/></StopInstancesResponse>"


class Told(NamedTuple):
    """An answer, read to its end, and what is recorded of the request."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes
    event: Event


@dataclass
class Bench:
    """A gateway to ask, and its upstream to look at."""

    edge: Edge
    upstream: ScriptedUpstream
    key: dict[str, str]

    async def allow(self, *statements: Mapping[str, Any]) -> None:
        """Give the role these statements and no others."""
        text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        names = {"RoleName": ROLE_NAME, "PolicyName": "own"}
        await done(self.edge, "iam", "PutRolePolicy", PolicyDocument=text, **names)

    def put(self, service: str, endpoint: str | None = None, **changes: Any) -> None:
        """Write an upstream."""
        ring = self.edge.home.key_ring()
        sealed = seal_secret_key(SECRET, KEY_ID, ring, lambda size: b"n" * size)
        given = {
            "account": ACCOUNT,
            "name": service,
            "service": service,
            "endpoint": endpoint or self.upstream.endpoint,
            "region": "*",
            "created": 0.0,
            "keys": UpstreamKeys(access_key_id=KEY_ID, sealed_secret=sealed),
        }
        self.edge.wiring.store.write(lambda tx: tx.put(UpstreamRecord(**{**given, **changes})))

    async def ask(
        self,
        service: str,
        body: bytes = b"",
        *headers: tuple[bytes, bytes],
        target: str = "/",
        method: str = "POST",
        region: str = REGION,
        after: tuple[tuple[bytes, bytes], ...] = (),
    ) -> Told:
        """Send a request of the role's; headers that come ``after`` are not signed."""
        path, _, query = target.partition("?")
        plain = WireRequest(method, path.encode(), query.encode(), (HOST, *headers), body)
        made = signed(self.edge, plain, service=service, region=region, key=self.key)
        head = Head(made.method, made.path, made.query, (*made.headers, *after))
        wiring = self.edge.wiring
        event = new_event(wiring, Peer("192.0.2.1", secure=True))
        incoming = Incoming(head, pieces(body[at : at + 1000] for at in range(0, len(body), 1000)))
        answer = await wiring.gateway.answer(incoming, event, wiring.store.directory(), secure=True)
        said = answer.body if isinstance(answer.body, bytes) else b""
        if not isinstance(answer.body, bytes):
            said = b"".join([piece async for piece in answer.body])
        return Told(answer.status, dict(answer.headers), said, event)

    def did(self) -> list[Seen]:
        """Return what reached the upstream and was no question of ours."""
        return [one for one in self.upstream.seen if not is_question(one)]


def is_question(seen: Seen) -> bool:
    target = seen.header(b"x-amz-target") or b""
    return b"Action=DescribeTags" in seen.body or b".Describe" in target or b".List" in target


@asynccontextmanager
async def opened(folder: Path, script: Any = None) -> AsyncIterator[Bench]:
    edge = open_edge(folder)
    try:
        async with scripted(script) as upstream:
            await federate(edge)
            yield Bench(edge, upstream, credentials_of(await exchange(edge, token())))
    finally:
        await edge.close()


def allow(action: Any, resource: Any = "*", **condition: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition}


def deny(action: Any, resource: Any = "*", **condition: Any) -> dict[str, Any]:
    return allow(action, resource, **condition) | {"Effect": "Deny"}


def answering(body: bytes, status: str = "200 OK", *headers: str) -> Any:
    async def script(under_way: Exchange) -> None:
        await under_way.read()
        await under_way.answer(status, body, *headers)

    return script


def tagging(tags: bytes, status: str = "200 OK", **more: Any) -> Any:
    """Return a script that answers the question for tags so, and stops instances."""

    async def script(under_way: Exchange) -> None:
        await under_way.read()
        if is_question(under_way.seen):
            await under_way.answer(status, tags, **more)
        else:
            await under_way.answer(body=STOPPED)

    return script


def tags_of(*tags: tuple[str, str], of: str = INSTANCE, more: str = "") -> bytes:
    items = "".join(
        f"<item><resourceId>{of}</resourceId><resourceType>instance</resourceType>"
        f"<key>{key}</key><value>{value}</value></item>"
        for key, value in tags
    )
    inner = f"<requestId>1</requestId><tagSet>{items}</tagSet>{more}"
    return f"<DescribeTagsResponse>{inner}</DescribeTagsResponse>".encode()


def target(operation: str) -> tuple[tuple[bytes, bytes], ...]:
    name = f"DynamoDB_20120810.{operation}".encode()
    return (b"content-type", b"application/x-amz-json-1.0"), (b"x-amz-target", name)
