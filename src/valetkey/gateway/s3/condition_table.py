"""Which of S3's condition keys an action has (Service Authorization Reference, *Amazon S3*).

A key that an action does not have is not there when it is decided, whatever the request says.
"""

from typing import Final

_SIGNATURE: Final = frozenset(
    {
        "s3:authType",
        "s3:signatureAge",
        "s3:signatureversion",
        "s3:x-amz-content-sha256",
    }
)
COMMON: Final = _SIGNATURE | {"s3:ResourceAccount", "s3:TlsVersion"}
"""What every action has."""

_WITHOUT_CONTENT: Final = COMMON - {"s3:x-amz-content-sha256"}
_LISTING: Final = frozenset({"s3:delimiter", "s3:max-keys", "s3:prefix"})
_GRANTS: Final = frozenset(
    {
        "s3:x-amz-acl",
        "s3:x-amz-grant-full-control",
        "s3:x-amz-grant-read",
        "s3:x-amz-grant-read-acp",
        "s3:x-amz-grant-write",
        "s3:x-amz-grant-write-acp",
    }
)
_TAGS: Final = frozenset({"s3:RequestObjectTagKeys", "s3:RequestObjectTag/"})
_RETENTION: Final = frozenset(
    {
        "s3:object-lock-mode",
        "s3:object-lock-remaining-retention-days",
        "s3:object-lock-retain-until-date",
    }
)
_HOLD: Final = frozenset({"s3:object-lock-legal-hold"})
_ENCRYPTION: Final = frozenset(
    {
        "s3:x-amz-server-side-encryption",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    }
)
_CREATION: Final = (
    _GRANTS
    | _TAGS
    | _ENCRYPTION
    | {
        "s3:x-amz-copy-source",
        "s3:x-amz-metadata-directive",
        "s3:x-amz-server-side-encryption-customer-algorithm",
        "s3:x-amz-storage-class",
        "s3:x-amz-website-redirect-location",
    }
)
_VERSION: Final = frozenset({"s3:VersionId"})

_KEYS: Final[dict[str, frozenset[str]]] = {
    "s3:BypassGovernanceRetention": COMMON | _CREATION,
    "s3:CreateBucket": COMMON
    | _GRANTS
    | {
        "aws:RequestTag/",
        "aws:TagKeys",
        "s3:LocationConstraint",
        "s3:x-amz-bucket-namespace",
        "s3:x-amz-object-ownership",
    },
    "s3:DeleteObject": COMMON | {"s3:if-match"},
    "s3:DeleteObjectVersion": COMMON | _VERSION,
    "s3:DeleteObjectVersionTagging": COMMON | _VERSION,
    "s3:GetBucketObjectLockConfiguration": _WITHOUT_CONTENT,
    "s3:GetObjectVersion": COMMON | _VERSION,
    "s3:GetObjectVersionAcl": COMMON | _VERSION,
    "s3:GetObjectVersionAttributes": COMMON | _VERSION,
    "s3:GetObjectVersionTagging": COMMON | _VERSION,
    "s3:ListBucket": COMMON | _LISTING,
    "s3:ListBucketVersions": COMMON | _LISTING,
    "s3:PutBucketAcl": COMMON | _GRANTS,
    "s3:PutBucketObjectLockConfiguration": _WITHOUT_CONTENT,
    "s3:PutInventoryConfiguration": COMMON | {"s3:InventoryAccessibleOptionalFields"},
    "s3:PutObject": COMMON
    | _CREATION
    | _RETENTION
    | _HOLD
    | {"s3:ObjectCreationOperation", "s3:if-match", "s3:if-none-match"},
    "s3:PutObjectAcl": COMMON | _GRANTS | {"s3:x-amz-storage-class"},
    "s3:PutObjectLegalHold": COMMON | _HOLD,
    "s3:PutObjectRetention": COMMON | _RETENTION,
    "s3:PutObjectTagging": COMMON | _TAGS,
    "s3:PutObjectVersionAcl": COMMON | _GRANTS | _VERSION | {"s3:x-amz-storage-class"},
    "s3:PutObjectVersionTagging": COMMON | _TAGS | _VERSION,
    "s3:TagResource": COMMON | {"aws:RequestTag/", "aws:TagKeys"},
    "s3:UpdateObjectEncryption": COMMON | _ENCRYPTION,
    "iam:PassRole": frozenset({"iam:PassedToService"}),
}

EXISTING_TAGS: Final = frozenset(
    f"s3:{name}"
    for name in (
        "DeleteObjectTagging",
        "DeleteObjectVersionTagging",
        "GetObject",
        "GetObjectAcl",
        "GetObjectAttributes",
        "GetObjectTagging",
        "GetObjectVersion",
        "GetObjectVersionAcl",
        "GetObjectVersionAttributes",
        "GetObjectVersionTagging",
        "PutObjectAcl",
        "PutObjectTagging",
        "PutObjectVersionAcl",
        "PutObjectVersionTagging",
    )
)
"""The actions that ``s3:ExistingObjectTag/…`` bears on."""


def keys_of(action: str) -> frozenset[str]:
    """Return an action's condition keys; one that ends with a slash goes before a tag's key."""
    return _KEYS.get(action, COMMON)


def has_key(action: str, key: str) -> bool:
    """Tell whether an action has a condition key."""
    prefix, slash, _ = key.partition("/")
    return (prefix + slash if slash else key) in keys_of(action)


_OF_S3: Final = frozenset(
    key.lower()
    for key in (
        *(key for keys in _KEYS.values() for key in keys),
        "s3:AccessGrantsInstanceArn",
        "s3:AccessPointNetworkOrigin",
        "s3:AccessPointTag/",
        "s3:BucketTag/",
        "s3:DataAccessPointAccount",
        "s3:DataAccessPointArn",
        "s3:ExistingObjectTag/",
        "s3:destinationRegion",
        "s3:isReplicationPauseRequest",
    )
)


def is_known_key(key: str) -> bool:
    """Tell whether a condition key is not S3's, or one that S3 has; keys ignore case."""
    folded = key.lower()
    prefix, slash, _ = folded.partition("/")
    return not folded.startswith("s3:") or prefix + slash in _OF_S3
