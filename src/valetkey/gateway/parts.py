"""What the gateway works with, one set a worker process."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from valetkey.access import CredentialKeys
from valetkey.gateway.upstream import Upstreams
from valetkey.store import Transaction
from valetkey.wire.catalogue import Catalogue

DEFAULT_DOMAINS = ("localhost",)


class Write(Protocol):
    """Runs a change in a transaction and returns its result once it is on disk."""

    def __call__(self, change: Callable[[Transaction], Any], /) -> Awaitable[Any]:
        """Run a change off the event loop."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The way to credentials, upstreams, the store and the models, and a few settings.

    ``region`` is what a request is for that names none. Under ``domains`` the first label of a
    host is a bucket. ``max_body_bytes`` bounds the bodies of APIs other than S3.
    """

    keys: CredentialKeys
    upstreams: Upstreams
    write: Write
    catalogue: Catalogue
    region: str = "us-east-1"
    domains: tuple[str, ...] = DEFAULT_DOMAINS
    max_body_bytes: int = 16_777_216
