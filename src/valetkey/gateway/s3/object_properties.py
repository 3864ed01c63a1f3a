"""The operations on what belongs to an object: its sub-resources.

Actions follow the Service Authorization Reference, *Actions defined by Amazon S3*; those of
annotations stand in the API Reference alone.
"""

from typing import Final

from valetkey.gateway.s3.header_names import BYPASS, DOCUMENT, GRANTS
from valetkey.gateway.s3.operation import Body, Level, Operation

_VERSION: Final = frozenset({"versionId"})


def _about(
    name: str,
    method: str,
    marker: str,
    action: str,
    *,
    versioned: str | None = None,
    version: bool = True,
    headers: frozenset[str] = frozenset(),
    reads_body: bool = False,
) -> Operation:
    """Return the row of an object's sub-resource."""
    written = method in ("PUT", "POST")
    return Operation(
        name=name,
        method=method,
        level=Level.OBJECT,
        marker=marker,
        actions=(f"s3:{action}",),
        versioned=() if versioned is None else (f"s3:{versioned}",),
        parameters=_VERSION if version else frozenset(),
        headers=headers | DOCUMENT if written else headers,
        body="document" if written else "none",
        reads_body=reads_body,
    )


def _annotation(
    name: str,
    method: str,
    *,
    headers: frozenset[str],
    body: Body = "none",
) -> Operation:
    return Operation(
        name=name,
        method=method,
        level=Level.OBJECT,
        marker="annotation",
        selects={"annotationName": None},
        actions=(f"s3:{name}",),
        parameters=_VERSION,
        headers=headers,
        body=body,
    )


_PROPERTIES: Final = (
    _about("GetObjectAcl", "GET", "acl", "GetObjectAcl", versioned="GetObjectVersionAcl"),
    _about(
        "PutObjectAcl",
        "PUT",
        "acl",
        "PutObjectAcl",
        versioned="PutObjectVersionAcl",
        headers=GRANTS,
    ),
    _about(
        "GetObjectTagging",
        "GET",
        "tagging",
        "GetObjectTagging",
        versioned="GetObjectVersionTagging",
    ),
    _about(
        "PutObjectTagging",
        "PUT",
        "tagging",
        "PutObjectTagging",
        versioned="PutObjectVersionTagging",
        reads_body=True,
    ),
    _about(
        "DeleteObjectTagging",
        "DELETE",
        "tagging",
        "DeleteObjectTagging",
        versioned="DeleteObjectVersionTagging",
    ),
    _about("GetObjectLegalHold", "GET", "legal-hold", "GetObjectLegalHold"),
    _about("PutObjectLegalHold", "PUT", "legal-hold", "PutObjectLegalHold", reads_body=True),
    _about("GetObjectRetention", "GET", "retention", "GetObjectRetention"),
    _about(
        "PutObjectRetention",
        "PUT",
        "retention",
        "PutObjectRetention",
        headers=frozenset({BYPASS}),
        reads_body=True,
    ),
    _about("GetObjectTorrent", "GET", "torrent", "GetObjectTorrent", version=False),
    _about("RestoreObject", "POST", "restore", "RestoreObject", reads_body=True),
    _about(
        "UpdateObjectEncryption", "PUT", "encryption", "UpdateObjectEncryption", reads_body=True
    ),
)

_ANNOTATIONS: Final = (
    _annotation("GetObjectAnnotation", "GET", headers=frozenset({"x-amz-checksum-mode"})),
    _annotation(
        "PutObjectAnnotation",
        "PUT",
        headers=DOCUMENT | {"x-amz-object-if-match"},
        body="payload",
    ),
    _annotation(
        "DeleteObjectAnnotation", "DELETE", headers=frozenset({BYPASS, "x-amz-object-if-match"})
    ),
    Operation(
        name="ListObjectAnnotations",
        method="GET",
        level=Level.OBJECT,
        marker="annotation",
        actions=("s3:ListObjectAnnotations",),
        parameters=_VERSION | {"annotation-prefix", "continuation-token", "max-annotation-results"},
    ),
)

OBJECT_PROPERTIES: Final = (*_PROPERTIES, *_ANNOTATIONS)
