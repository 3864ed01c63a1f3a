"""The ``x-amz-*`` headers of S3's requests, in the groups in which operations have them."""

from typing import Final

SDK_ALGORITHM: Final = "x-amz-sdk-checksum-algorithm"
CHECKSUMS: Final = frozenset(
    f"x-amz-checksum-{algorithm}"
    for algorithm in (
        "crc32",
        "crc32c",
        "crc64nvme",
        "md5",
        "sha1",
        "sha256",
        "sha512",
        "xxhash128",
        "xxhash3",
        "xxhash64",
    )
)
DOCUMENT: Final = CHECKSUMS | {SDK_ALGORITHM}
"""What any request with a body may carry."""

GRANTS: Final = frozenset(
    {
        "x-amz-acl",
        "x-amz-grant-full-control",
        "x-amz-grant-read",
        "x-amz-grant-read-acp",
        "x-amz-grant-write",
        "x-amz-grant-write-acp",
    }
)
CUSTOMER_KEY: Final = frozenset(
    {
        "x-amz-server-side-encryption-customer-algorithm",
        "x-amz-server-side-encryption-customer-key",
        "x-amz-server-side-encryption-customer-key-md5",
    }
)
LOCK: Final = frozenset(
    {
        "x-amz-object-lock-mode",
        "x-amz-object-lock-retain-until-date",
        "x-amz-object-lock-legal-hold",
    }
)
CREATION: Final = (
    GRANTS
    | CUSTOMER_KEY
    | LOCK
    | {
        "x-amz-server-side-encryption",
        "x-amz-server-side-encryption-aws-kms-key-id",
        "x-amz-server-side-encryption-bucket-key-enabled",
        "x-amz-server-side-encryption-context",
        "x-amz-storage-class",
        "x-amz-tagging",
        "x-amz-website-redirect-location",
    }
)
"""What an object can be made with."""

BYPASS: Final = "x-amz-bypass-governance-retention"
COPY_SOURCE: Final = "x-amz-copy-source"
RENAME_SOURCE: Final = "x-amz-rename-source"
COPYING: Final = frozenset(
    {
        COPY_SOURCE,
        "x-amz-copy-source-if-match",
        "x-amz-copy-source-if-modified-since",
        "x-amz-copy-source-if-none-match",
        "x-amz-copy-source-if-unmodified-since",
        "x-amz-copy-source-server-side-encryption-customer-algorithm",
        "x-amz-copy-source-server-side-encryption-customer-key",
        "x-amz-copy-source-server-side-encryption-customer-key-md5",
    }
)

METADATA: Final = "x-amz-meta-"
"""What the names of an object's own metadata start with."""

HANDLED: Final = frozenset(
    {
        "x-amz-content-sha256",  # these six are the signature's and the framing's: ours are new
        "x-amz-date",
        "x-amz-decoded-content-length",
        "x-amz-region-set",
        "x-amz-security-token",
        "x-amz-trailer",
        "x-amz-expected-bucket-owner",  # valetkey knows the owner, the upstream may not
        "x-amz-source-expected-bucket-owner",
        "x-amz-request-payer",  # at the upstream, valetkey's own account pays in any case
        "x-amz-user-agent",  # browsers may not set `user-agent`; it means nothing to S3
    }
)
"""Headers that end here: they are acted on by valetkey, or are about the way to it."""

_EVENT_HOLD: Final = "which action an event hold needs is not published"
REFUSED: Final[dict[str, str]] = {
    "x-amz-object-annotation-directive": "which action copying annotations needs is not published",
    "x-amz-object-lock-event-hold": _EVENT_HOLD,
    "x-amz-object-lock-event-hold-duration-days": _EVENT_HOLD,
    "x-amz-object-lock-event-hold-duration-years": _EVENT_HOLD,
    "x-amz-write-offset-bytes": "appending is for directory buckets",
}
"""Headers of the model that would change what is done in a way that can't be decided about."""
