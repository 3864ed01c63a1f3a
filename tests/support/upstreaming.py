"""Records of upstreams and the way to them, for tests that send something."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from valetkey.clock import Clock, system_clock
from valetkey.gateway.upstream import UpstreamLimits, UpstreamRequest, Upstreams
from valetkey.outbound import GuardedClient
from valetkey.store import UpstreamKeys, UpstreamRecord

ACCESS_KEY_ID = "AKIAUPSTREAM"
SECRET_KEY = "upstream-secret-never-shown"
QUICK = UpstreamLimits(connect_seconds=5.0, queue_seconds=5.0, idle_seconds=0.2)


class Heard(NamedTuple):
    """An answer, read to its end."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes
    content_length: int | None


@dataclass
class Names:
    """A resolver that knows what it is told, and keeps what it was asked."""

    known: dict[str, list[str]]
    asked: list[str] = field(default_factory=list)

    async def __call__(self, host: str, _port: int) -> Sequence[str]:
        self.asked.append(host)
        if host not in self.known:
            raise OSError(-2, "Name or service not known")
        return self.known[host]


def record(endpoint: str, **changes: Any) -> UpstreamRecord:
    """Return the record of an S3 upstream with keys."""
    keys = UpstreamKeys(access_key_id=ACCESS_KEY_ID, sealed_secret=SECRET_KEY.encode())
    given = {"service": "s3", "region": "us-east-1", "keys": keys, "name": "store"}
    return UpstreamRecord(
        **{"account": "001122334455", "created": 0.0, "endpoint": endpoint, **given, **changes}
    )


def open_secret(keys: UpstreamKeys) -> str:
    """Open a secret key that the tests did not seal."""
    return keys.sealed_secret.decode()


@asynccontextmanager
async def opened(
    client: GuardedClient | None = None,
    *,
    clock: Clock = system_clock,
    limits: UpstreamLimits | None = None,
) -> AsyncIterator[Upstreams]:
    """Open the way to upstreams, and see at its end that no connection is left."""
    upstreams = Upstreams(client or GuardedClient(), open_secret, clock=clock, limits=limits)
    try:
        yield upstreams
    finally:
        await upstreams.close()
        await asyncio.sleep(0)
        assert upstreams.open_connections() == 0


async def ask(upstreams: Upstreams, to: UpstreamRecord, *words: Any, **more: Any) -> Heard:
    """Send a request and read its answer to the end; the words are ``UpstreamRequest``'s."""
    async with upstreams.send(to, UpstreamRequest(*words, **more)) as answer:
        body = await answer.read(1 << 30)
        return Heard(answer.status, dict(answer.headers), body, answer.content_length)


async def pieces(given: Iterable[bytes], then: BaseException | None = None) -> AsyncIterator[bytes]:
    """Yield pieces as a client sends them, and raise at the end if told to."""
    for piece in given:
        await asyncio.sleep(0)
        yield piece
    if then is not None:
        raise then


async def until(true: Any) -> None:
    """Wait until something comes true."""
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110 - what is waited for is no task of ours
            await asyncio.sleep(0.005)
