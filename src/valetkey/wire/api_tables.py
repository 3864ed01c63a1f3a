"""The compiled form of any AWS service's requests: what tells an operation, and its input.

Smaller than :mod:`valetkey.wire.tables` in one way (no outputs, no constraints), larger in
another: every protocol's names and places are here, for services that are only passed on.
"""

from typing import Literal

from msgspec import Struct

ApiKind = Literal[
    "structure", "list", "map", "string", "integer", "long", "float", "double", "boolean",
    "blob", "timestamp", "document",
]  # fmt: skip
ApiProtocol = Literal["query", "ec2", "json", "rest-json", "rest-xml", "smithy-rpc-v2-cbor"]
Location = Literal["", "uri", "querystring", "header", "headers", "statusCode"]


class ApiMember(Struct, frozen=True, array_like=True):
    """A use of a shape. ``wire`` and ``query`` are the names that the model gives, if any.

    ``query`` is EC2's own second name. ``attribute`` tells that XML has it as an attribute.
    """

    name: str
    shape: str
    wire: str = ""
    query: str = ""
    location: Location = ""
    flattened: bool = False
    attribute: bool = False


class ApiShape(Struct, frozen=True, array_like=True):
    """A type. ``payload`` names the member that is the whole body."""

    kind: ApiKind
    members: tuple[ApiMember, ...] = ()
    """A structure's members; a list's element; a map's key and value."""
    payload: str = ""
    stream: bool = False
    """The body is passed on as it comes: an event stream."""
    flattened: bool = False


class ApiOperation(Struct, frozen=True, array_like=True):
    """An operation: ``uri`` is its template, with literal query parameters after a ``?``.

    ``compressed`` tells that its body may be compressed with gzip.
    """

    name: str
    method: str
    uri: str
    input: str | None
    unsigned: bool
    compressed: bool


class ApiEntry(Struct, frozen=True, array_like=True):
    """One service of botocore's at one version, as its model's head has it."""

    name: str
    version: str
    api_version: str
    signing_name: str
    protocols: tuple[ApiProtocol, ...]
    target_prefix: str
    json_version: str
    namespace: str
    query_compatible: bool


class ApiTable(Struct, frozen=True, array_like=True):
    """All of one service that a request can say; shapes are those of inputs only."""

    entry: ApiEntry
    operations: dict[str, ApiOperation]
    shapes: dict[str, ApiShape]
    errors: dict[str, int]
    """The modelled errors: status by code."""
