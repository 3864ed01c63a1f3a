"""Signature Version 4 and 4A as AWS writes them down, for requests that are right and that are not.

Apart from the key pair of 4A nothing here is valetkey's: scope, date, terminator, list of signed
headers and the signatures of chunks may each be another one than they ought to be.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from urllib.parse import quote

from valetkey.sigv4.keys import ecdsa_signer

EMPTY = hashlib.sha256(b"").hexdigest()
HMAC, ECDSA = "AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"

Pairs = list[tuple[str, str]]


@dataclass
class Wire:
    """A request as it goes over the wire: names and values of the query are not encoded yet."""

    method: str
    path: str
    query: Pairs = field(default_factory=list)
    headers: Pairs = field(default_factory=list)
    body: bytes = b""

    @property
    def target(self) -> str:
        return f"{self.path}?{encoded(self.query)}" if self.query else self.path

    def header(self, name: str) -> str | None:
        return next((value for found, value in self.headers if found == name), None)

    def set_header(self, name: str, value: str | None) -> None:
        """Put one value in place of all; None takes the header out."""
        self.headers = [pair for pair in self.headers if pair[0] != name]
        if value is not None:
            self.headers.append((name, value))

    def set_parameter(self, name: str, value: str | None) -> None:
        self.query = [pair for pair in self.query if pair[0] != name]
        if value is not None:
            self.query.append((name, value))

    def parameter(self, name: str) -> str:
        return next(value for found, value in self.query if found == name)


@dataclass
class Signer:
    """Who signs, for when and where; each part can be made a wrong one."""

    key_id: str
    secret: str = field(repr=False)
    token: str | None = field(repr=False)
    amz_date: str
    scope_date: str
    region: str = "us-east-1"
    service: str = "s3"
    terminator: str = "aws4_request"
    algorithm: str = HMAC
    region_set: str = "us-east-1"
    expires: str = "60"
    leave_out: frozenset[str] = frozenset()
    """Headers that are there and that the signature does not cover."""
    absent: tuple[str, ...] = ()
    """Headers that it says it covers and that are not there."""
    credential: str | None = None

    @property
    def scope(self) -> str:
        region = () if self.algorithm == ECDSA else (self.region,)
        return "/".join((self.scope_date, *region, self.service, self.terminator))

    def sign(self, text: str) -> str:
        if self.algorithm == ECDSA:
            return ecdsa_signer(self.secret, self.key_id).sign(text.encode())
        key = f"AWS4{self.secret}".encode()
        for part in (self.scope_date, self.region, self.service, self.terminator):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.digest(key, text.encode(), "sha256").hex()

    def sign_header(self, wire: Wire, payload: str) -> str:
        """Sign in the header and return the signature."""
        wire.set_header("x-amz-date", self.amz_date)
        if self.token is not None:
            wire.set_header("x-amz-security-token", self.token)
        if self.algorithm == ECDSA:
            wire.set_header("x-amz-region-set", self.region_set)
        names = self._names(wire)
        signature = self.sign(self._to_sign(wire, names, payload))
        credential = self.credential or f"{self.key_id}/{self.scope}"
        said = f"{self.algorithm} Credential={credential}, SignedHeaders={';'.join(names)}"
        wire.headers.append(("authorization", f"{said}, Signature={signature}"))
        return signature

    def sign_query(self, wire: Wire, payload: str) -> str:
        """Sign in the query and return the signature."""
        names = self._names(wire)
        wire.query += [
            ("X-Amz-Algorithm", self.algorithm),
            ("X-Amz-Credential", self.credential or f"{self.key_id}/{self.scope}"),
            ("X-Amz-Date", self.amz_date),
            ("X-Amz-Expires", self.expires),
            ("X-Amz-SignedHeaders", ";".join(names)),
        ]
        if self.token is not None:
            wire.query.append(("X-Amz-Security-Token", self.token))
        if self.algorithm == ECDSA:
            wire.query.append(("X-Amz-Region-Set", self.region_set))
        signature = self.sign(self._to_sign(wire, names, payload))
        wire.query.append(("X-Amz-Signature", signature))
        return signature

    def _names(self, wire: Wire) -> list[str]:
        there = {name for name, _ in wire.headers} - {"authorization"} - self.leave_out
        return sorted(there | set(self.absent))

    def _to_sign(self, wire: Wire, names: list[str], payload: str) -> str:
        lines = [f"{name}:{wire.header(name) or ''}\n" for name in names]
        pairs = sorted((quote(k, safe="-_.~"), quote(v, safe="-_.~")) for k, v in wire.query)
        query = "&".join(f"{name}={value}" for name, value in pairs)
        canonical = "\n".join(
            (wire.method, wire.path, query, "".join(lines), ";".join(names), payload)
        )
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        return f"{self.algorithm}\n{self.amz_date}\n{self.scope}\n{digest}"


def encoded(pairs: Pairs) -> str:
    return "&".join(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in pairs)


@dataclass
class Frame:
    """A chunk: what stands before its data, and behind it."""

    size: str
    extension: str
    data: bytes
    end: bytes = b"\r\n"

    @property
    def raw(self) -> bytes:
        return f"{self.size}{self.extension}\r\n".encode() + self.data + self.end


@dataclass
class Framed:
    """A body in chunks; the last one is empty and the trailers follow it."""

    frames: list[Frame]
    trailers: Pairs

    @property
    def raw(self) -> bytes:
        lines = "".join(f"{name}:{value}\r\n" for name, value in self.trailers)
        return b"".join(frame.raw for frame in self.frames) + lines.encode() + b"\r\n"


def framed(
    body: bytes, sizes: list[int], trailers: Pairs, signer: Signer | None, seed: str
) -> Framed:
    """Return a body in chunks of these sizes, each chunk signed where there is a signer."""
    pieces, start = [], 0
    for size in sizes:
        pieces.append(body[start : start + size])
        start += size
    frames = []
    for piece in (*pieces, b""):
        extension = ""
        if signer is not None:
            seed = signer.sign(_chunk_string(signer, seed, piece))
            extension = f";chunk-signature={seed}"
        # What follows the empty chunk are the trailers, and the line end behind them.
        end = b"\r\n" if piece else b""
        frames.append(Frame(f"{len(piece):x}", extension, piece, end))
    trailers = list(trailers)
    if signer is not None and trailers:
        canonical = "".join(f"{name}:{value}\n" for name, value in trailers)
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        text = f"{signer.algorithm}-TRAILER\n{signer.amz_date}\n{signer.scope}\n{seed}\n{digest}"
        trailers.append(("x-amz-trailer-signature", signer.sign(text)))
    return Framed(frames, trailers)


def _chunk_string(signer: Signer, previous: str, piece: bytes) -> str:
    digest = hashlib.sha256(piece).hexdigest()
    return (
        f"{signer.algorithm}-PAYLOAD\n{signer.amz_date}\n{signer.scope}\n{previous}\n"
        f"{EMPTY}\n{digest}"
    )
