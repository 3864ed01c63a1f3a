"""What can be asked, who can sign it and how its body can be declared: the cells of the matrix.

A :class:`Plan` is a request that is right until somebody changes it; :func:`build` puts it onto
the wire. What is changed before that is signed as if it were right.
"""

import base64
import hashlib
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from gateway.matrix.signing import ECDSA, EMPTY, HMAC, Framed, Pairs, Signer, Wire, framed

HOST = "gateway.example"
BUCKET, PRIVATE = "matrix-public", "matrix-private"
KEY = "dir/some%20key"
OBJECT = bytes(range(256)) * 40
"""10240 bytes: a chunk of the least size that S3 takes, and a rest."""
SIZES = [8192, 2048]


class Auth(StrEnum):
    """Where the signature stands; 4A is that for a set of regions."""

    HEADER = "header"
    QUERY = "query"
    HEADER_4A = "header 4A"
    QUERY_4A = "query 4A"
    BOTH = "both"
    NEITHER = "neither"

    @property
    def in_header(self) -> bool:
        return self in (Auth.HEADER, Auth.HEADER_4A, Auth.BOTH)

    @property
    def in_query(self) -> bool:
        return self in (Auth.QUERY, Auth.QUERY_4A, Auth.BOTH)

    @property
    def algorithm(self) -> str:
        return ECDSA if self in (Auth.HEADER_4A, Auth.QUERY_4A) else HMAC


class Mode(StrEnum):
    """What ``x-amz-content-sha256`` says."""

    ABSENT = "absent"
    HASH = "a hash"
    UNSIGNED = "UNSIGNED-PAYLOAD"
    HMAC = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
    HMAC_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
    ECDSA = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"
    ECDSA_TRAILER = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER"
    UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

    @property
    def chunked(self) -> bool:
        return self.startswith("STREAMING-")

    @property
    def signed_chunks(self) -> bool:
        return self.startswith("STREAMING-AWS4-")

    @property
    def trailers(self) -> bool:
        return self.endswith("-TRAILER")

    @property
    def algorithm(self) -> str | None:
        if not self.signed_chunks:
            return None
        return ECDSA if "ECDSA" in self else HMAC


class Target(NamedTuple):
    """An operation as a request line; ``headers`` make it what it is, ``body`` is an object's."""

    method: str
    path: str
    query: Pairs
    headers: Pairs
    body: bytes


TARGETS = {
    "PutObject": Target("PUT", f"/{BUCKET}/{KEY}", [], [], OBJECT),
    "UploadPart": Target(
        "PUT", f"/{BUCKET}/{KEY}", [("partNumber", "1"), ("uploadId", "an-upload")], [], OBJECT
    ),
    "CopyObject": Target(
        "PUT", f"/{BUCKET}/copy", [], [("x-amz-copy-source", f"/{BUCKET}/{KEY}")], b""
    ),
    "GetObject": Target("GET", f"/{BUCKET}/{KEY}", [], [], b""),
    "ListObjectsV2": Target("GET", f"/{BUCKET}", [("list-type", "2"), ("prefix", "dir/")], [], b""),
}


class Cell(NamedTuple):
    """One field of the matrix."""

    operation: str
    auth: Auth
    mode: Mode

    @property
    def signed(self) -> bool:
        return self.auth is not Auth.NEITHER

    @property
    def stores(self) -> bool:
        return bool(TARGETS[self.operation].body)


CELLS = [Cell(operation, auth, mode) for operation in TARGETS for auth in Auth for mode in Mode]


class Key(NamedTuple):
    """Temporary credentials, and the time at which they are used."""

    id: str
    secret: str
    token: str
    now: float


@dataclass
class Plan:
    """A request to be: right as it is made, and whatever a spoil makes of it."""

    cell: Cell
    signer: Signer
    now: float
    wire: Wire
    body: bytes
    declared: str | None
    sizes: list[int]
    decoded_length: str | None
    trailer: str | None = None
    trailers: Pairs = field(default_factory=list)
    length: int | None = None
    edits: list[Callable[[Framed], None]] = field(default_factory=list)
    after: list[Callable[[Wire], None]] = field(default_factory=list)
    cut: bool = False
    encoding: str = "aws-chunked"

    def header(self, name: str, value: str | None) -> None:
        """Set a header before the request is signed."""
        self.wire.set_header(name, value)


def plan(cell: Cell, key: Key, body: bytes | None = None, sizes: list[int] | None = None) -> Plan:
    """Return the right request of a cell."""
    target = TARGETS[cell.operation]
    body = target.body if body is None else body
    sizes = sizes or (SIZES if body else [])
    wire = Wire(target.method, target.path, list(target.query), [("host", HOST), *target.headers])
    made = Plan(
        cell,
        signer_of(key, cell.auth.algorithm),
        key.now,
        wire,
        body,
        declared_for(cell.mode, body),
        sizes,
        str(len(body)) if cell.mode.chunked else None,
    )
    if cell.mode.trailers:
        made.trailer = "x-amz-checksum-crc32"
        made.trailers = [("x-amz-checksum-crc32", crc32(body))]
    return made


def signer_of(key: Key, algorithm: str) -> Signer:
    date = amz_date(key.now)
    return Signer(key.id, key.secret, key.token, date, date[:8], algorithm=algorithm)


def declared_for(mode: Mode, body: bytes) -> str | None:
    if mode is Mode.ABSENT:
        return None
    return hashlib.sha256(body).hexdigest() if mode is Mode.HASH else str(mode)


def amz_date(seconds: float) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))


def crc32(body: bytes) -> str:
    return base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()


def build(made: Plan) -> Wire:
    """Put a plan onto the wire: headers, signature, body, and what comes after."""
    wire, cell = made.wire, made.cell
    if made.declared is not None:
        wire.set_header("x-amz-content-sha256", made.declared)
    if cell.mode.chunked:
        wire.set_header("content-encoding", made.encoding)
        wire.set_header("x-amz-decoded-content-length", made.decoded_length)
    if made.trailer is not None:
        wire.set_header("x-amz-trailer", made.trailer)
    seed = _sign(made)
    wire.body = made.body
    if cell.mode.chunked:
        signer = made.signer if cell.mode.signed_chunks else None
        chunks = framed(made.body, made.sizes, made.trailers, signer, seed)
        for edit in made.edits:
            edit(chunks)
        wire.body = chunks.raw
    length = len(wire.body) if made.length is None else made.length
    if wire.method != "GET" or wire.body:
        # Behind the signature, because it depends on the frames and they depend on it.
        wire.headers.append(("content-length", str(length)))
    for change in made.after:
        change(wire)
    return wire


def _sign(made: Plan) -> str:
    auth, wire, signer = made.cell.auth, made.wire, made.signer
    payload = made.declared or "UNSIGNED-PAYLOAD"
    seed = EMPTY
    if auth.in_query:
        seed = signer.sign_query(wire, payload)
    if auth.in_header:
        seed = signer.sign_header(wire, made.declared or EMPTY)
    return seed


def base_refusal(cell: Cell) -> str | None:
    """Return what S3 says to a cell with nothing wrong but itself; None where it takes it."""
    auth, mode = cell.auth, cell.mode
    if auth is Auth.BOTH:
        return "400 InvalidArgument"
    if auth.in_header and mode is Mode.ABSENT:
        return "400 InvalidRequest"
    if auth.in_query and mode.chunked:
        # S3 takes the name of the mode for a hash, which no body has.
        return "400 XAmzContentSHA256Mismatch"
    if auth.in_header and mode.algorithm not in (None, auth.algorithm):
        return "400 InvalidRequest"
    if auth is Auth.NEITHER and mode.signed_chunks:
        return "400 InvalidRequest"
    return None
