"""Upstreams that know plain objects only, and overlook what else a request asks for.

Such a store takes `PUT /bucket/key?tagging` for the object itself and writes over it, answers
`GET /bucket/key?acl` with the object, and makes a conditional write without its condition. So what
it is not known to do is refused in its place, as S3 refuses what it does not have. Everything here
is a list of what may go on; whatever is on none of them does not.
"""

from typing import Final

from valetkey.gateway.model import Head
from valetkey.gateway.s3 import S3Error, S3Request
from valetkey.gateway.s3.errors import not_implemented
from valetkey.gateway.s3.header_names import CHECKSUMS, COPY_SOURCE, METADATA, SDK_ALGORITHM
from valetkey.store import UpstreamRecord

_HELP: Final = (
    "where the store does know it, set the upstream's `features` to `all`; `valetkey upstream test`"
    " tries that"
)
_MESSAGE: Final = "The store behind this server does not implement this functionality."
_LIST: Final = frozenset({"delimiter", "encoding-type", "max-keys", "prefix"})
_LIST_2: Final = frozenset({"continuation-token", "fetch-owner", "list-type", "start-after"})
_UPLOAD: Final = frozenset({"uploadId"})

OPERATIONS: Final = {
    "AbortMultipartUpload": _UPLOAD,
    "CompleteMultipartUpload": _UPLOAD,
    "CopyObject": frozenset[str](),
    "CreateBucket": frozenset[str](),
    "CreateMultipartUpload": frozenset({"uploads"}),
    "DeleteBucket": frozenset[str](),
    "DeleteObject": frozenset[str](),
    "DeleteObjects": frozenset({"delete"}),
    "GetBucketLocation": frozenset({"location"}),
    "GetObject": frozenset[str](),
    "HeadBucket": frozenset[str](),
    "HeadObject": frozenset[str](),
    "ListObjects": _LIST | {"marker"},
    "ListObjectsV2": _LIST | _LIST_2,
    "ListParts": _UPLOAD | {"max-parts", "part-number-marker"},
    "PostObject": frozenset[str](),
    "PutObject": frozenset[str](),
    "UploadPart": _UPLOAD | {"partNumber"},
}
"""What every store does, with the parameters that it takes notice of. `x-id` means nothing."""

READS: Final = frozenset({"GetObject", "HeadObject"})
_WRITE_CONDITIONS: Final = (b"if-match", b"if-none-match")
_DATES: Final = (b"if-modified-since", b"if-unmodified-since")
_HEADERS: Final = CHECKSUMS | {
    COPY_SOURCE,
    SDK_ALGORITHM,
    "x-amz-checksum-algorithm",
    "x-amz-checksum-mode",
    "x-amz-checksum-type",
    "x-amz-metadata-directive",
    "x-amz-mp-object-size",
}
_DEFAULTS: Final = {"x-amz-acl": "private", "x-amz-storage-class": "STANDARD"}
"""Headers that ask for no more than what is done without them."""


def check_known(upstream: UpstreamRecord, request: S3Request, head: Head) -> None:
    """Make sure that an upstream does all of a request. Raises S3Error ``NotImplemented``."""
    if upstream.features == "all":
        return
    name = request.operation.name
    taken = OPERATIONS.get(name)
    if taken is None:
        raise _lacking(upstream, f"{name} is not of plain objects")
    for parameter, _ in request.query:
        if parameter not in taken and parameter != "x-id":
            raise _lacking(upstream, f"{name} with `{parameter}` is not of plain objects")
    for header, value in request.headers.items():
        plain = header in _HEADERS or header.startswith(METADATA) or _DEFAULTS.get(header) == value
        if not plain:
            raise _overlooked(upstream, header)
    for raw in _conditions(name):
        if head.header(raw) is not None:
            raise _overlooked(upstream, raw.decode())


def _conditions(name: str) -> tuple[bytes, ...]:
    """Return the conditions that would be overlooked.

    A read that is not held back by one of them is harmless, and `if-match` is held to the answer.
    """
    return _DATES[1:] if name in READS else (*_WRITE_CONDITIONS, *_DATES)


def _lacking(upstream: UpstreamRecord, what: str) -> S3Error:
    reason = f"{what}, and upstream `{upstream.name}` knows no others"
    return S3Error("NotImplemented", _MESSAGE, reason=reason, help=_HELP)


def _overlooked(upstream: UpstreamRecord, header: str) -> S3Error:
    reason = f"upstream `{upstream.name}` knows plain objects only, and would overlook `{header}`"
    return not_implemented(header, reason=reason, help=_HELP)
