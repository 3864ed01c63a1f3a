"""The compiled form of a service model: small, immutable, and all that the protocols need."""

from typing import Literal

from msgspec import Struct

Kind = Literal[
    "structure", "list", "map", "string", "integer", "long", "float", "double", "boolean",
    "blob", "timestamp", "document",
]  # fmt: skip
Protocol = Literal["query", "json"]
TimestampFormat = Literal["iso8601", "rfc822", "unixTimestamp"]


class Member(Struct, frozen=True, array_like=True):
    """A use of a shape: in a structure, as a list's element, or as a map's key or value.

    ``name`` is what our code says, ``wire`` what the request and the answer say.
    """

    name: str
    wire: str
    shape: str
    flattened: bool = False
    timestamp: TimestampFormat | None = None


class Shape(Struct, frozen=True, array_like=True):
    """A type with its constraints. ``least`` and ``most`` bound a number or a length."""

    kind: Kind
    members: tuple[Member, ...] = ()
    """A structure's members; a list's element; a map's key and value."""
    required: tuple[str, ...] = ()
    least: int | float | None = None
    most: int | float | None = None
    pattern: str | None = None
    enum: tuple[str, ...] = ()
    sensitive: bool = False
    union: bool = False


class Operation(Struct, frozen=True, array_like=True):
    """An operation. ``unsigned`` ones are called without credentials (the model says so)."""

    name: str
    input: str | None
    output: str | None
    wrapper: str | None
    unsigned: bool


class ErrorShape(Struct, frozen=True, array_like=True):
    """A modelled error: its code on the wire, its status, the member that holds the message."""

    code: str
    status: int
    message: str | None


class ServiceTable(Struct, frozen=True, array_like=True):
    """All of one service."""

    name: str
    signing_name: str
    version: str
    protocol: Protocol
    namespace: str
    target_prefix: str
    json_version: str
    operations: dict[str, Operation]
    shapes: dict[str, Shape]
    errors: dict[str, ErrorShape]
    """By code."""


class Bundle(Struct, frozen=True, array_like=True):
    """What the cache file holds, and from which botocore and by which form of tables."""

    form: int
    botocore: str
    services: tuple[ServiceTable, ...]
