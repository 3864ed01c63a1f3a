"""Where the steps of a probe work: an upstream, a bucket at it, and a prefix of their own."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from valetkey.clock import Clock
from valetkey.gateway.model import Headers
from valetkey.gateway.upstream.lookups import Whole, fetch
from valetkey.gateway.upstream.message import UpstreamRequest
from valetkey.gateway.upstream.upstreams import Upstreams
from valetkey.outbound import GuardedClient
from valetkey.store import UpstreamRecord

_CODE: Final = re.compile(rb"<Code>([A-Za-z0-9.]{1,80})</Code>")


class Lacking(Exception):
    """The upstream does not do this; the text says what it did in place of it."""


class NotTried(Exception):
    """A step was left out; the text says why."""


@dataclass(slots=True)
class Bench:
    """One probe under way.

    ``own`` says that the bucket is made for it, ``opened`` that it is there.
    """

    upstreams: Upstreams
    client: GuardedClient
    record: UpstreamRecord
    clock: Clock
    bucket: str
    prefix: str
    own: bool
    opened: bool = False
    kept: set[str] = field(default_factory=set)

    def path(self, key: str | None = None) -> bytes:
        """Return the path of the bucket, or of an object under the probe's prefix."""
        rest = "" if key is None else f"/{self.key(key)}"
        return f"/{self.bucket}{rest}".encode("ascii")

    def key(self, name: str) -> str:
        """Return an object's whole key."""
        return f"valetkey-probe/{self.prefix}/{name}"

    async def ask_raw(
        self, record: UpstreamRecord, method: str, path: bytes, query: bytes = b"", **more: Any
    ) -> Whole:
        """Send a request with a record that may differ from the upstream's own."""
        return await fetch(self.upstreams, record, UpstreamRequest(method, path, query, **more))

    async def ask(
        self,
        method: str,
        key: str | None = None,
        query: bytes = b"",
        *,
        record: UpstreamRecord | None = None,
        headers: Headers = (),
        **more: Any,
    ) -> Whole:
        """Send a request about the bucket, or about an object in it."""
        if key is not None and method == "PUT":
            self.kept.add(key)
        path = self.path(key)
        return await self.ask_raw(
            record or self.record, method, path, query, headers=headers, **more
        )


Step = Callable[[Bench], Awaitable[str]]
"""Tries something, and returns what was seen of it. Raises :class:`Lacking`."""


def want(said: Whole, *statuses: int) -> Whole:
    """Return the answer, or raise :class:`Lacking` for one with another status."""
    if said.status in statuses:
        return said
    code = _CODE.search(said.body)
    shown = f" `{code[1].decode('ascii')}`" if code else ""
    wanted = " or ".join(map(str, statuses))
    raise Lacking(f"answers {said.status}{shown}, wanted {wanted}")


def want_body(said: Whole, body: bytes) -> None:
    """Raise :class:`Lacking` unless the answer is that object."""
    if said.body != body:
        raise Lacking(f"gives back {len(said.body)} other bytes than the {len(body)} put there")
