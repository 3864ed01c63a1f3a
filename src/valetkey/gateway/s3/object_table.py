"""The operations on objects, and those that come without a bucket of their own.

Actions follow the Service Authorization Reference, *Actions defined by Amazon S3*, and the
permissions that the API Reference names for each operation. ``DeleteObjects`` and ``PostObject``
are here too: their path names a bucket, what they do is done to objects.
"""

from typing import Final

from valetkey.gateway.s3.header_names import (
    BYPASS,
    CHECKSUMS,
    COPY_SOURCE,
    COPYING,
    CREATION,
    CUSTOMER_KEY,
    DOCUMENT,
    RENAME_SOURCE,
)
from valetkey.gateway.s3.object_properties import OBJECT_PROPERTIES
from valetkey.gateway.s3.operation import AnsweredBy, Level, Operation

_VERSION: Final = frozenset({"versionId"})
_BYPASS: Final = frozenset({BYPASS})
_OVERRIDES: Final = frozenset(
    f"response-{name}"
    for name in (
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-type",
        "expires",
    )
)
_READ: Final = CUSTOMER_KEY | {"x-amz-checksum-mode"}


_READING: Final = (
    Operation(
        name="GetObject",
        method="GET",
        level=Level.OBJECT,
        actions=("s3:GetObject",),
        versioned=("s3:GetObjectVersion",),
        parameters=_VERSION | _OVERRIDES | {"partNumber"},
        headers=_READ,
    ),
    Operation(
        name="HeadObject",
        method="HEAD",
        level=Level.OBJECT,
        actions=("s3:GetObject",),
        versioned=("s3:GetObjectVersion",),
        parameters=_VERSION | _OVERRIDES | {"partNumber"},
        headers=_READ,
    ),
    Operation(
        name="GetObjectAttributes",
        method="GET",
        level=Level.OBJECT,
        marker="attributes",
        actions=("s3:GetObject", "s3:GetObjectAttributes"),
        versioned=("s3:GetObjectVersion", "s3:GetObjectVersionAttributes"),
        parameters=_VERSION,
        headers=CUSTOMER_KEY
        | {"x-amz-max-parts", "x-amz-object-attributes", "x-amz-part-number-marker"},
    ),
    Operation(
        name="SelectObjectContent",
        method="POST",
        level=Level.OBJECT,
        marker="select",
        selects={"select-type": "2"},
        actions=("s3:GetObject",),
        headers=CUSTOMER_KEY | DOCUMENT,
        body="document",
    ),
)

_WRITING: Final = (
    Operation(
        name="PutObject",
        method="PUT",
        level=Level.OBJECT,
        actions=("s3:PutObject",),
        headers=CREATION | DOCUMENT,
        body="payload",
    ),
    Operation(
        name="PostObject",
        method="POST",
        level=Level.BUCKET,
        actions=("s3:PutObject",),
        body="payload",
    ),
    Operation(
        name="CopyObject",
        method="PUT",
        level=Level.OBJECT,
        source=COPY_SOURCE,
        actions=("s3:PutObject",),
        headers=CREATION
        | COPYING
        | {"x-amz-checksum-algorithm", "x-amz-metadata-directive", "x-amz-tagging-directive"},
    ),
    Operation(
        name="DeleteObject",
        method="DELETE",
        level=Level.OBJECT,
        actions=("s3:DeleteObject",),
        versioned=("s3:DeleteObjectVersion",),
        parameters=_VERSION,
        headers=_BYPASS | {"x-amz-if-match-last-modified-time", "x-amz-if-match-size", "x-amz-mfa"},
    ),
    Operation(
        name="DeleteObjects",
        method="POST",
        level=Level.BUCKET,
        marker="delete",
        actions=("s3:DeleteObject",),
        versioned=("s3:DeleteObjectVersion",),
        headers=_BYPASS | DOCUMENT | {"x-amz-mfa"},
        body="document",
        reads_body=True,
    ),
    Operation(
        name="RenameObject",
        method="PUT",
        level=Level.OBJECT,
        marker="renameObject",
        source=RENAME_SOURCE,
        actions=(),
        by=AnsweredBy.NOBODY,
        why="only directory buckets have it, and those are AWS's alone",
    ),
)

_MULTIPART: Final = (
    Operation(
        name="CreateMultipartUpload",
        method="POST",
        level=Level.OBJECT,
        marker="uploads",
        actions=("s3:PutObject",),
        headers=CREATION | {"x-amz-checksum-algorithm", "x-amz-checksum-type"},
    ),
    Operation(
        name="UploadPart",
        method="PUT",
        level=Level.OBJECT,
        selects={"partNumber": None, "uploadId": None},
        actions=("s3:PutObject",),
        headers=CUSTOMER_KEY | DOCUMENT,
        body="payload",
    ),
    Operation(
        name="UploadPartCopy",
        method="PUT",
        level=Level.OBJECT,
        selects={"partNumber": None, "uploadId": None},
        source=COPY_SOURCE,
        actions=("s3:PutObject",),
        headers=CUSTOMER_KEY | COPYING | {"x-amz-copy-source-range"},
    ),
    Operation(
        name="CompleteMultipartUpload",
        method="POST",
        level=Level.OBJECT,
        selects={"uploadId": None},
        actions=("s3:PutObject",),
        headers=CUSTOMER_KEY | CHECKSUMS | {"x-amz-checksum-type", "x-amz-mp-object-size"},
        body="document",
    ),
    Operation(
        name="AbortMultipartUpload",
        method="DELETE",
        level=Level.OBJECT,
        selects={"uploadId": None},
        actions=("s3:AbortMultipartUpload",),
        headers=frozenset({"x-amz-if-match-initiated-time"}),
    ),
    Operation(
        name="ListParts",
        method="GET",
        level=Level.OBJECT,
        selects={"uploadId": None},
        actions=("s3:ListMultipartUploadParts",),
        parameters=frozenset({"max-parts", "part-number-marker"}),
        headers=CUSTOMER_KEY,
    ),
)

OBJECT_OPERATIONS: Final = (
    *_READING,
    *_WRITING,
    *_MULTIPART,
    *OBJECT_PROPERTIES,
)
