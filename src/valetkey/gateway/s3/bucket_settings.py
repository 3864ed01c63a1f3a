"""The operations on what is set of a bucket: its sub-resources.

Actions follow the Service Authorization Reference, *Actions defined by Amazon S3*; deleting a
setting is mostly allowed by the action that puts it.
"""

from typing import Final

from valetkey.gateway.s3.header_names import DOCUMENT, GRANTS
from valetkey.gateway.s3.operation import AnsweredBy, Level, Operation

_NOTHING: Final = frozenset[str]()
_PAGE: Final = frozenset({"continuation-token"})


def _setting(
    name: str,
    method: str,
    marker: str,
    action: str,
    *,
    one: bool = False,
    parameters: frozenset[str] = _NOTHING,
    headers: frozenset[str] = _NOTHING,
    reads_body: bool = False,
    by: AnsweredBy = AnsweredBy.UPSTREAM,
    also: tuple[str, ...] = (),
) -> Operation:
    """Return the row of a sub-resource; ``one`` of several, that is, with an ``id``."""
    written = method in ("PUT", "POST")
    return Operation(
        name=name,
        method=method,
        level=Level.BUCKET,
        marker=marker,
        selects={"id": None} if one else {},
        actions=(f"s3:{action}",),
        parameters=parameters,
        headers=headers | DOCUMENT if written else headers,
        body="document" if written else "none",
        reads_body=reads_body,
        by=by,
        also=also,
    )


def _get(
    name: str,
    marker: str,
    action: str,
    *,
    one: bool = False,
    parameters: frozenset[str] = _NOTHING,
    also: tuple[str, ...] = (),
) -> Operation:
    return _setting(name, "GET", marker, action, one=one, parameters=parameters, also=also)


def _put(
    name: str,
    marker: str,
    action: str,
    headers: frozenset[str] = _NOTHING,
    *,
    one: bool = False,
    reads_body: bool = False,
    also: tuple[str, ...] = (),
) -> Operation:
    return _setting(
        name, "PUT", marker, action, one=one, headers=headers, reads_body=reads_body, also=also
    )


def _delete(name: str, marker: str, action: str, *, one: bool = False) -> Operation:
    return _setting(name, "DELETE", marker, action, one=one)


_LOCK_TOKEN: Final = frozenset({"x-amz-bucket-object-lock-token"})
_ONE_OF_MANY: Final = (
    # marker, noun in the operations' names, noun in the actions' names
    ("analytics", "Analytics", "AnalyticsConfiguration"),
    ("intelligent-tiering", "IntelligentTiering", "IntelligentTieringConfiguration"),
    ("inventory", "Inventory", "InventoryConfiguration"),
    ("metrics", "Metrics", "MetricsConfiguration"),
)


def _of_many(marker: str, noun: str, action: str) -> tuple[Operation, ...]:
    """Return the rows of configurations of which a bucket has several."""
    return (
        _get(f"GetBucket{noun}Configuration", marker, f"Get{action}", one=True),
        _get(f"ListBucket{noun}Configurations", marker, f"Get{action}", parameters=_PAGE),
        _put(
            f"PutBucket{noun}Configuration",
            marker,
            f"Put{action}",
            one=True,
            # The fields of the reports are a condition key.
            reads_body=marker == "inventory",
        ),
        _delete(f"DeleteBucket{noun}Configuration", marker, f"Put{action}", one=True),
    )


_TABLE_ACTION: Final = "BucketMetadataTableConfiguration"
_METADATA: Final = (
    # The names of the actions are the same for both versions of the API.
    _setting(
        "CreateBucketMetadataConfiguration",
        "POST",
        "metadataConfiguration",
        f"Create{_TABLE_ACTION}",
        reads_body=True,
    ),
    _get("GetBucketMetadataConfiguration", "metadataConfiguration", f"Get{_TABLE_ACTION}"),
    _delete("DeleteBucketMetadataConfiguration", "metadataConfiguration", f"Delete{_TABLE_ACTION}"),
    _setting(
        "CreateBucketMetadataTableConfiguration",
        "POST",
        "metadataTable",
        f"Create{_TABLE_ACTION}",
    ),
    _get("GetBucketMetadataTableConfiguration", "metadataTable", f"Get{_TABLE_ACTION}"),
    _delete("DeleteBucketMetadataTableConfiguration", "metadataTable", f"Delete{_TABLE_ACTION}"),
    _put(
        "UpdateBucketMetadataAnnotationTableConfiguration",
        "metadataAnnotationTable",
        "UpdateBucketMetadataAnnotationTableConfiguration",
        reads_body=True,
    ),
    _put(
        "UpdateBucketMetadataInventoryTableConfiguration",
        "metadataInventoryTable",
        "UpdateBucketMetadataInventoryTableConfiguration",
    ),
    _put(
        "UpdateBucketMetadataJournalTableConfiguration",
        "metadataJournalTable",
        "UpdateBucketMetadataJournalTableConfiguration",
    ),
)

_SETTINGS: Final = (
    _get("GetBucketAbac", "abac", "GetBucketAbac"),
    _put("PutBucketAbac", "abac", "PutBucketAbac"),
    _get("GetBucketAccelerateConfiguration", "accelerate", "GetAccelerateConfiguration"),
    _put("PutBucketAccelerateConfiguration", "accelerate", "PutAccelerateConfiguration"),
    _get("GetBucketAcl", "acl", "GetBucketAcl"),
    _put("PutBucketAcl", "acl", "PutBucketAcl", GRANTS),
    _get("GetBucketCors", "cors", "GetBucketCORS"),
    _put("PutBucketCors", "cors", "PutBucketCORS"),
    _delete("DeleteBucketCors", "cors", "PutBucketCORS"),
    _get("GetBucketEncryption", "encryption", "GetEncryptionConfiguration"),
    _put("PutBucketEncryption", "encryption", "PutEncryptionConfiguration"),
    _delete("DeleteBucketEncryption", "encryption", "PutEncryptionConfiguration"),
    _get(
        "GetBucketLifecycleConfiguration",
        "lifecycle",
        "GetLifecycleConfiguration",
        also=("GetBucketLifecycle",),
    ),
    _put(
        "PutBucketLifecycleConfiguration",
        "lifecycle",
        "PutLifecycleConfiguration",
        frozenset({"x-amz-transition-default-minimum-object-size"}),
        also=("PutBucketLifecycle",),
    ),
    _delete("DeleteBucketLifecycle", "lifecycle", "PutLifecycleConfiguration"),
    _get("GetBucketLocation", "location", "GetBucketLocation"),
    _get("GetBucketLogging", "logging", "GetBucketLogging"),
    _put("PutBucketLogging", "logging", "PutBucketLogging"),
    _get(
        "GetBucketNotificationConfiguration",
        "notification",
        "GetBucketNotification",
        also=("GetBucketNotification",),
    ),
    _put(
        "PutBucketNotificationConfiguration",
        "notification",
        "PutBucketNotification",
        frozenset({"x-amz-skip-destination-validation"}),
        also=("PutBucketNotification",),
    ),
    _get("GetObjectLockConfiguration", "object-lock", "GetBucketObjectLockConfiguration"),
    _put(
        "PutObjectLockConfiguration",
        "object-lock",
        "PutBucketObjectLockConfiguration",
        _LOCK_TOKEN,
    ),
    _get("GetBucketOwnershipControls", "ownershipControls", "GetBucketOwnershipControls"),
    _put("PutBucketOwnershipControls", "ownershipControls", "PutBucketOwnershipControls"),
    _delete("DeleteBucketOwnershipControls", "ownershipControls", "PutBucketOwnershipControls"),
    _get("GetPublicAccessBlock", "publicAccessBlock", "GetBucketPublicAccessBlock"),
    _put("PutPublicAccessBlock", "publicAccessBlock", "PutBucketPublicAccessBlock"),
    _delete("DeletePublicAccessBlock", "publicAccessBlock", "PutBucketPublicAccessBlock"),
    _get("GetBucketReplication", "replication", "GetReplicationConfiguration"),
    _put(
        "PutBucketReplication",
        "replication",
        "PutReplicationConfiguration",
        _LOCK_TOKEN,
        reads_body=True,
    ),
    _delete("DeleteBucketReplication", "replication", "PutReplicationConfiguration"),
    _get("GetBucketRequestPayment", "requestPayment", "GetBucketRequestPayment"),
    _put("PutBucketRequestPayment", "requestPayment", "PutBucketRequestPayment"),
    _get("GetBucketTagging", "tagging", "GetBucketTagging"),
    _put("PutBucketTagging", "tagging", "PutBucketTagging", reads_body=True),
    _delete("DeleteBucketTagging", "tagging", "PutBucketTagging"),
    _get("GetBucketVersioning", "versioning", "GetBucketVersioning"),
    _put("PutBucketVersioning", "versioning", "PutBucketVersioning", frozenset({"x-amz-mfa"})),
    _get("GetBucketWebsite", "website", "GetBucketWebsite"),
    _put("PutBucketWebsite", "website", "PutBucketWebsite"),
    _delete("DeleteBucketWebsite", "website", "DeleteBucketWebsite"),
)

# Bucket policies are valetkey's own: the upstream never sees them.
_POLICY: Final = (
    _setting("GetBucketPolicy", "GET", "policy", "GetBucketPolicy", by=AnsweredBy.VALETKEY),
    _setting(
        "PutBucketPolicy",
        "PUT",
        "policy",
        "PutBucketPolicy",
        headers=frozenset({"x-amz-confirm-remove-self-bucket-access"}),
        reads_body=True,
        by=AnsweredBy.VALETKEY,
    ),
    _setting(
        "DeleteBucketPolicy", "DELETE", "policy", "DeleteBucketPolicy", by=AnsweredBy.VALETKEY
    ),
    _setting(
        "GetBucketPolicyStatus",
        "GET",
        "policyStatus",
        "GetBucketPolicyStatus",
        by=AnsweredBy.VALETKEY,
    ),
)

BUCKET_SETTINGS: Final = (
    *_POLICY,
    *_SETTINGS,
    *_METADATA,
    *(row for kind in _ONE_OF_MANY for row in _of_many(*kind)),
)
