"""An S3 request that is understood: one operation, one bucket, one key."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from valetkey.gateway.s3.copy_source import CopySource
from valetkey.gateway.s3.keys import encoded
from valetkey.gateway.s3.operation import Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Request:
    """What a request asks of S3; only ``understand`` builds one.

    ``bucket`` and ``key`` are None where the path names none. ``query`` holds the operation's own
    parameters, decoded. ``headers`` holds its ``x-amz-*`` headers and those of a presigned query,
    names in lower case; bytes of metadata that are no UTF-8 stand there as surrogate escapes.
    ``expected_owner`` and ``expected_source_owner`` are account ids that the client relies on.
    """

    operation: Operation
    bucket: str | None = None
    key: str | None = None
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    copy_source: CopySource | None = None
    expected_owner: str | None = None
    expected_source_owner: str | None = None
    host_style: bool = False

    @property
    def raw_key(self) -> bytes:
        """Return the key as it goes to the upstream; decoded, it is ``key`` again."""
        return b"" if self.key is None else encoded(self.key)

    @property
    def upload_id(self) -> str | None:
        """Return the multipart upload that the request belongs to."""
        return self.parameter("uploadId")

    @property
    def version_id(self) -> str | None:
        """Return the version of the object that the request is about; None for the current one."""
        return self.parameter("versionId")

    def parameter(self, name: str) -> str | None:
        """Return a query parameter of the operation."""
        return next((value for key, value in self.query if key == name), None)
