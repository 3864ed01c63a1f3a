"""What of a client's request goes on to the upstream: the target as it is, and most headers.

Pure. The path and the query leave byte for byte as they came, but for the client's signature;
so what can't be written onto the wire unchanged is refused here (RFC 9112, section 3.2).
"""

import re
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

from yarl import URL

from valetkey.gateway.model import Headers
from valetkey.gateway.s3.errors import S3Error, invalid_uri
from valetkey.outbound.destination import Destination

_UNSENDABLE: Final = re.compile(rb"[\x00-\x20#\x7f]")
_HOST_BUCKET: Final = re.compile(rb"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_OF_THE_CONNECTION: Final = frozenset(
    (
        b"connection",
        b"expect",
        b"http2-settings",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    )
)
"""Hop-by-hop headers (RFC 9110, section 7.6.1), and what asks for them."""

_OURS: Final = frozenset(
    (
        b"authorization",
        b"content-length",
        b"cookie",
        b"forwarded",
        b"host",
        b"origin",
        b"user-agent",
        b"via",
        b"x-amz-content-sha256",
        b"x-amz-date",
        b"x-amz-decoded-content-length",
        b"x-amz-region-set",
        b"x-amz-security-token",
        b"x-amz-trailer",
        b"x-real-ip",
    )
)
"""Headers that signing and sending set anew, and what is between the client and us."""

_SIGNATURE: Final = frozenset(
    (
        b"x-amz-algorithm",
        b"x-amz-content-sha256",
        b"x-amz-credential",
        b"x-amz-date",
        b"x-amz-expires",
        b"x-amz-region-set",
        b"x-amz-security-token",
        b"x-amz-signature",
        b"x-amz-signedheaders",
    )
)


class Target(NamedTuple):
    """Where a request goes: the connection's own URL, and the authority in its Host header."""

    url: URL
    raw_path: bytes
    raw_query: bytes
    host: bytes


def target(
    destination: Destination, raw_path: bytes, raw_query: bytes, *, path_style: bool
) -> Target:
    """Return where a request goes, with the client's signature taken out of the query.

    In host style the bucket moves from the path into the Host header; the connection, and the
    name that TLS verifies, stay the endpoint's own, so that one certificate is enough. A bucket
    that can't be part of a host name stays in the path. Raises
    :class:`~valetkey.gateway.s3.errors.S3Error` for a target that can't be sent as it is.
    """
    query = without_signature(raw_query)
    host = destination.origin.partition("://")[2].encode("ascii")
    if not path_style:
        bucket, slash, key = raw_path[1:].partition(b"/")
        name = unquote_to_bytes(bucket)
        if _HOST_BUCKET.fullmatch(name):
            raw_path, host = slash + key if slash else b"/", name + b"." + host
    url = URL.build(
        scheme=destination.scheme,
        authority=destination.origin.partition("://")[2],
        path=_text(raw_path) if raw_path.startswith(b"/") else _refuse(raw_path),
        query_string=_text(query),
        encoded=True,
    )
    return Target(url, raw_path, query, host)


def without_signature(raw_query: bytes) -> bytes:
    """Return a query without the parameters of a presigned request; the rest stays as it is."""
    if b"-" not in raw_query and b"%" not in raw_query:
        return raw_query
    pieces = raw_query.split(b"&")
    kept = [piece for piece in pieces if _name(piece) not in _SIGNATURE]
    return raw_query if len(kept) == len(pieces) else b"&".join(kept)


def forwarded_headers(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Return the headers that go on: not the connection's, not those of the client's signature.

    The body goes on unframed, so ``aws-chunked`` goes from its encodings. Raises
    :class:`~valetkey.gateway.s3.errors.S3Error` for a value that is not UTF-8.
    """
    named = _named_by_connection(headers)
    kept = []
    for name, value in headers:
        if name in _OF_THE_CONNECTION or name in _OURS or name in named:
            continue
        if name.startswith(b"x-forwarded-"):
            continue
        if name == b"content-encoding":
            value = _without_chunked(value)  # noqa: PLW2901 - the value goes on in this form
            if not value:
                continue
        kept.append((name, _checked(name, value)))
    return _without_idle_algorithm(kept)


def end_to_end(headers: Headers) -> Headers:
    """Return headers without those of the connection and those that it names."""
    named = _named_by_connection(headers)
    return tuple(
        (name, value)
        for name, value in headers
        if name not in _OF_THE_CONNECTION and name not in named
    )


def _name(piece: bytes) -> bytes:
    return unquote_to_bytes(piece.partition(b"=")[0]).lower()


def _text(raw: bytes) -> str:
    if _UNSENDABLE.search(raw):
        _refuse(raw)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return _refuse(raw)


def _refuse(raw: bytes) -> str:
    shown = raw[:200].decode("utf-8", "backslashreplace")
    raise invalid_uri(
        shown,
        reason=f"`{shown}` can't be sent on byte for byte",
        help="percent-encode the key as UTF-8",
    )


def _checked(name: bytes, value: bytes) -> bytes:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        shown = name.decode("latin-1")
        raise S3Error(
            "InvalidRequest", reason=f"the value of header `{shown}` is not UTF-8"
        ) from None
    return value


def _named_by_connection(headers: Headers) -> frozenset[bytes]:
    values = [value for name, value in headers if name == b"connection"]
    if not values:
        return frozenset()
    return frozenset(word.strip().lower() for word in b",".join(values).split(b","))


def _without_chunked(value: bytes) -> bytes:
    if b"aws-chunked" not in value.lower():
        return value
    words = (word.strip() for word in value.split(b","))
    return b",".join(word for word in words if word.lower() != b"aws-chunked")


def _without_idle_algorithm(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    # The checksum came in a trailer and was verified there; S3 refuses an algorithm alone.
    if any(name.startswith(b"x-amz-checksum-") for name, _ in headers):
        return headers
    return [pair for pair in headers if pair[0] != b"x-amz-sdk-checksum-algorithm"]
