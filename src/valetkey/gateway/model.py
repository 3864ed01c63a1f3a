"""The values that the gateway's parts speak in: what came, what is asked, what goes out."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from msgspec import Struct

Headers = tuple[tuple[bytes, bytes], ...]
"""Names in lower case, in the order received."""

Context = Mapping[str, str | tuple[str, ...]]
"""Condition keys and their values; a tuple is a multi-valued key."""


class Head(Struct, frozen=True):
    """A request without its body, as it came over the wire: nothing in it is decoded.

    ``raw_path`` is the path without the query, ``raw_query`` the query without its ``?``.
    """

    method: str
    raw_path: bytes
    raw_query: bytes
    headers: Headers

    def header(self, name: bytes) -> str | None:
        """Return the first value of a header, blanks trimmed; None where it is not there."""
        for key, value in self.headers:
            if key == name:
                return value.decode("latin-1").strip()
        return None


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request whose body has not been read: asking for it is what makes the client send it."""

    head: Head
    body: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class Question:
    """One action on one resource that must be allowed before the request goes on.

    ``context`` holds the service's own condition keys; the global ones are added by ``access``.
    ``bucket`` names the S3 bucket that is asked about (its owner's account and its policy bear on
    the answer). ``existing_tags`` tells that ``s3:ExistingObjectTag/…`` (or ``aws:ResourceTag/…``)
    must be looked up where a policy asks for it.
    """

    action: str
    resource: str
    context: Context = field(default_factory=dict)
    bucket: str | None = None
    existing_tags: bool = False


class Answer(NamedTuple):
    """An answer: ``body`` is whole, or a stream that is read as fast as the client takes it."""

    status: int
    headers: Headers
    body: bytes | AsyncIterator[bytes] = b""


async def close(answer: Answer) -> None:
    """Let go of an answer that nobody reads to its end: of the upstream's connection behind it."""
    aclose = getattr(answer.body, "aclose", None)
    if aclose is not None:
        await aclose()
