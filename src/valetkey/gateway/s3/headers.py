"""The headers of an S3 request: those that say what is done, each with one value."""

from collections.abc import Iterator
from typing import Final

from valetkey.gateway.model import Head, Headers
from valetkey.gateway.s3.errors import S3Error, invalid_argument, not_implemented
from valetkey.gateway.s3.header_names import (
    CHECKSUMS,
    COPY_SOURCE,
    HANDLED,
    METADATA,
    REFUSED,
    RENAME_SOURCE,
    SDK_ALGORITHM,
)
from valetkey.gateway.s3.operation import Operation
from valetkey.gateway.s3.operations import OPERATIONS
from valetkey.gateway.s3.request import S3Request
from valetkey.gateway.s3.tags import header_tags, written_header

STANDARD: Final = frozenset(
    {
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-md5",
        "content-type",
        "expires",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-unmodified-since",
        "range",
    }
)
"""The headers of HTTP that S3 acts on. All others end here: they are about the way to valetkey."""

_STANDARD: Final = frozenset(name.encode() for name in STANDARD)
_ONCE: Final = STANDARD | {"content-length", "host", "origin", "transfer-encoding"}
_AMZ: Final = "x-amz-"
_ENDS_HERE: Final = HANDLED.union(*(row.headers for row in OPERATIONS.values()))
_SOURCES: Final = frozenset({COPY_SOURCE, RENAME_SOURCE})
_FRAMING: Final = "aws-chunked"


def amz_headers(head: Head, hoisted: dict[str, str]) -> dict[str, str]:
    """Return every ``x-amz-*`` header by name in lower case, with those of a presigned query.

    Raises S3Error for a header that is given twice, in one place or in two. Lines of one metadata
    header are joined by a comma, as S3 does and as they are signed.
    """
    found: dict[str, str] = {}
    seen: set[str] = set()
    for raw_name, raw_value in head.headers:
        name = raw_name.decode("latin-1").lower()
        if name in _ONCE:
            _first(seen, name)
            _clean(name, raw_value.decode("latin-1"))
        if not name.startswith(_AMZ):
            continue
        value = raw_value.decode("utf-8", "surrogateescape").strip()
        if name in found and not name.startswith(METADATA):
            raise _twice(name)
        found[name] = f"{found[name]},{value}" if name in found else value
    for name, value in hoisted.items():
        if name in found:
            raise _twice(name)
        found[name] = value.strip()
    return found


def own_headers(headers: dict[str, str], operation: Operation) -> dict[str, str]:
    """Return the headers that the operation has; raises S3Error for what can't be left out.

    A header that other operations have ends here, as S3 takes no notice of it. One that none has
    is refused, as it could mean something to the upstream, and so is the source of a copy where
    none is made.
    """
    own = {}
    for name, value in headers.items():
        if name.startswith(METADATA):
            if operation.body == "payload" or operation.name in _WITH_METADATA:
                own[name] = _clean(name, value)
        elif name in operation.headers or name == operation.source:
            own[name] = _text(name, value)
        elif name in REFUSED:
            raise not_implemented(name, reason=f"header `{name}`: {REFUSED[name]}")
        elif name in _SOURCES or name not in _ENDS_HERE:
            raise not_implemented(
                name, reason=f"{operation.name} has no header `{name}` that valetkey knows"
            )
    return own


_WITH_METADATA: Final = frozenset({"CopyObject", "CreateMultipartUpload"})


def upstream_headers(head: Head, request: S3Request, *, body_replaced: bool = False) -> Headers:
    """Return the headers that go on to the upstream, before they are signed.

    ``content-length`` and how the payload is signed are the sender's. With ``body_replaced`` the
    digests of the client's body stay behind, as another body is sent.
    """
    own = [
        (name.encode("ascii"), _written(name, value, request))
        for name, value in request.headers.items()
        if not _stays_behind(name, request, body_replaced=body_replaced)
    ]
    return (*_standard_headers(head, request, body_replaced=body_replaced), *own)


def _standard_headers(
    head: Head, request: S3Request, *, body_replaced: bool
) -> Iterator[tuple[bytes, bytes]]:
    names = _STANDARD - {b"content-md5"} if body_replaced else _STANDARD
    if request.operation.method == "POST" and request.operation.body == "document":
        # The type tells some stores a form from a document, whatever else the request says.
        names -= {b"content-type"}
        yield b"content-type", b"application/xml"
    for raw_name, raw_value in head.headers:
        name = raw_name.lower()
        if name in names:
            value = _unframed(raw_value) if name == b"content-encoding" else raw_value.strip()
            if value:
                yield name, value


def _stays_behind(name: str, request: S3Request, *, body_replaced: bool) -> bool:
    if name == SDK_ALGORITHM:
        # S3 refuses the name of an algorithm without its value, which may have been in a trailer
        # that ends here.
        return body_replaced or CHECKSUMS.isdisjoint(request.headers)
    return body_replaced and name in CHECKSUMS


def _written(name: str, value: str, request: S3Request) -> bytes:
    if name == COPY_SOURCE and request.copy_source is not None:
        return request.copy_source.header()
    if name == "x-amz-tagging":
        return written_header(header_tags(value))
    return value.encode("utf-8", "surrogateescape")


def _unframed(value: bytes) -> bytes:
    """Return a ``Content-Encoding`` without ``aws-chunked``, which valetkey has taken off."""
    codings = (coding.strip() for coding in value.split(b","))
    return b",".join(each for each in codings if each.lower() != _FRAMING.encode())


def _first(seen: set[str], name: str) -> None:
    if name in seen:
        raise _twice(name)
    seen.add(name)


def _twice(name: str) -> S3Error:
    return S3Error(
        "InvalidRequest",
        f"The header {name} must be given at most once.",
        reason=f"the header `{name}` is given more than once",
    )


def _text(name: str, value: str) -> str:
    clean = _clean(name, value)
    if any("\ud800" <= letter <= "\udfff" for letter in clean):
        raise invalid_argument(
            "Header values must be UTF-8.", name, "", reason=f"header `{name}` is no UTF-8"
        )
    return clean


def _clean(name: str, value: str) -> str:
    if any((letter < " " and letter != "\t") or letter == "\x7f" for letter in value):
        raise invalid_argument(
            "Header values must not hold control characters.",
            name,
            "",
            reason=f"header `{name}` holds a control character",
        )
    return value
