"""``x-amz-copy-source``: the object that is copied, as it is decided about and as it goes on."""

from typing import NamedTuple

from valetkey.gateway.s3.errors import S3Error, invalid_argument
from valetkey.gateway.s3.keys import check_key, decoded, encoded, encoded_value
from valetkey.gateway.s3.names import is_bucket_name
from valetkey.gateway.s3.values import check_version_id

_HEADER = "x-amz-copy-source"
_VERSION = b"versionId="


class CopySource(NamedTuple):
    """A source of a copy; ``version_id`` is None for the current version."""

    bucket: str
    key: str
    version_id: str | None = None

    def header(self) -> bytes:
        """Return the one spelling of the header that goes to the upstream."""
        path = encoded(f"{self.bucket}/{self.key}")
        if self.version_id is None:
            return path
        return path + b"?" + _VERSION + encoded_value(self.version_id)


def read_copy_source(value: str) -> CopySource:
    """Read ``[/]bucket/key[?versionId=…]``, percent-encoded; raises S3Error.

    ARNs of access points are refused: what they name, and whose it is, only AWS knows.
    """
    raw_path, asked, raw_version = value.encode("utf-8", "surrogateescape").partition(b"?")
    if raw_path.lower().startswith(b"arn:"):
        raise _invalid(value, "the source is an ARN, wanted `bucket/key`")
    bucket, slash, key = decoded(raw_path).removeprefix("/").partition("/")
    if not slash or not key:
        raise _invalid(value, "the source names no object")
    if not is_bucket_name(bucket):
        raise _invalid(value, f"the source's bucket `{bucket[:80]}` is no bucket name")
    version = _version(raw_version, value) if asked else None
    return CopySource(bucket, check_key(key), version)


def _version(raw: bytes, value: str) -> str:
    if not raw.startswith(_VERSION) or b"&" in raw:
        raise _invalid(value, "the source has a query besides `versionId`")
    return check_version_id(decoded(raw.removeprefix(_VERSION)), _HEADER)


def _invalid(value: str, reason: str) -> S3Error:
    return invalid_argument(
        "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
        _HEADER,
        value,
        reason=reason,
    )
