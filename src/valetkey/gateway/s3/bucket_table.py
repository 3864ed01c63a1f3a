"""The operations on buckets, and on all of them at once.

Actions follow the Service Authorization Reference, *Actions defined by Amazon S3*, and the
permissions that the API Reference names for each operation.
"""

from typing import Final

from valetkey.gateway.s3.bucket_settings import BUCKET_SETTINGS
from valetkey.gateway.s3.header_names import DOCUMENT, GRANTS
from valetkey.gateway.s3.operation import AnsweredBy, Level, Operation

_DIRECTORY: Final = "only directory buckets have it, and those are AWS's alone"
_LISTING: Final = frozenset({"delimiter", "encoding-type", "max-keys", "prefix"})
_OPTIONAL: Final = frozenset({"x-amz-optional-object-attributes"})

_BUCKETS: Final = (
    Operation(
        name="CreateBucket",
        method="PUT",
        level=Level.BUCKET,
        actions=("s3:CreateBucket",),
        headers=GRANTS
        | DOCUMENT
        | {
            "x-amz-bucket-namespace",
            "x-amz-bucket-object-lock-enabled",
            "x-amz-object-ownership",
        },
        body="document",
        reads_body=True,
    ),
    Operation(
        name="DeleteBucket", method="DELETE", level=Level.BUCKET, actions=("s3:DeleteBucket",)
    ),
    Operation(name="HeadBucket", method="HEAD", level=Level.BUCKET, actions=("s3:ListBucket",)),
    Operation(
        name="ListBuckets",
        method="GET",
        level=Level.SERVICE,
        actions=("s3:ListAllMyBuckets",),
        parameters=frozenset({"bucket-region", "continuation-token", "max-buckets", "prefix"}),
    ),
    Operation(
        name="ListDirectoryBuckets",
        method="GET",
        level=Level.SERVICE,
        actions=(),
        selects={"max-directory-buckets": None},
        parameters=frozenset({"continuation-token"}),
        by=AnsweredBy.NOBODY,
        why=_DIRECTORY,
    ),
    Operation(
        name="CreateSession",
        method="GET",
        level=Level.BUCKET,
        actions=(),
        marker="session",
        by=AnsweredBy.NOBODY,
        why=_DIRECTORY,
    ),
)

_LISTS: Final = (
    Operation(
        name="ListObjects",
        method="GET",
        level=Level.BUCKET,
        actions=("s3:ListBucket",),
        parameters=_LISTING | {"marker"},
        headers=_OPTIONAL,
    ),
    Operation(
        name="ListObjectsV2",
        method="GET",
        level=Level.BUCKET,
        actions=("s3:ListBucket",),
        selects={"list-type": "2"},
        parameters=_LISTING | {"continuation-token", "fetch-owner", "start-after"},
        headers=_OPTIONAL,
    ),
    Operation(
        name="ListObjectVersions",
        method="GET",
        level=Level.BUCKET,
        marker="versions",
        actions=("s3:ListBucketVersions",),
        parameters=_LISTING | {"key-marker", "version-id-marker"},
        headers=_OPTIONAL,
    ),
    Operation(
        name="ListMultipartUploads",
        method="GET",
        level=Level.BUCKET,
        marker="uploads",
        actions=("s3:ListBucketMultipartUploads",),
        parameters=frozenset(
            {
                "delimiter",
                "encoding-type",
                "key-marker",
                "max-uploads",
                "prefix",
                "upload-id-marker",
            }
        ),
    ),
)

BUCKET_OPERATIONS: Final = (*_BUCKETS, *_LISTS, *BUCKET_SETTINGS)
