"""The values of S3's condition keys in a request (User Guide, *Amazon S3 policy keys*)."""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from valetkey.gateway.model import Context, Head
from valetkey.gateway.s3.condition_table import has_key
from valetkey.gateway.s3.documents import Said, Values
from valetkey.gateway.s3.errors import S3Error, invalid_argument
from valetkey.gateway.s3.request import S3Request
from valetkey.gateway.s3.tags import Tags, header_tags

AuthType = Literal["REST-HEADER", "REST-QUERY-STRING", "POST"]
UNSIGNED_PAYLOAD: Final = "UNSIGNED-PAYLOAD"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureFacts:
    """What is known of a verified signature.

    ``age_ms`` is the time since it was made, in milliseconds. ``content_sha256`` is what the
    client declared about its payload; a presigned request that says nothing has left it unsigned.
    """

    auth_type: AuthType
    age_ms: int | None = None
    content_sha256: str | None = None
    version: str = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is known of a request besides what it says.

    ``now`` is in seconds since 1970. ``signature`` is None for a stranger. ``owners`` has the
    account of each bucket for ``s3:ResourceAccount``, where it is known.
    """

    now: float
    signature: SignatureFacts | None = None
    partition: str = "aws"
    tls_version: str | None = None
    owners: Mapping[str, str] = field(default_factory=dict)


_HEADER_KEYS: Final = (
    "x-amz-acl",
    "x-amz-bucket-namespace",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
    "x-amz-metadata-directive",
    "x-amz-object-ownership",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
)
"""Headers whose values are condition keys under their own names."""

_LOCK_KEYS: Final = {
    "x-amz-object-lock-legal-hold": "s3:object-lock-legal-hold",
    "x-amz-object-lock-mode": "s3:object-lock-mode",
    "x-amz-object-lock-retain-until-date": "s3:object-lock-retain-until-date",
}
_CREATES: Final = {
    "CompleteMultipartUpload": "true",
    "CopyObject": "true",
    "CreateMultipartUpload": "false",
    "PutObject": "true",
    "UploadPart": "false",
    "UploadPartCopy": "false",
}
_SECONDS_A_DAY: Final = 86_400


def request_values(request: S3Request, head: Head, said: Said, around: Surroundings) -> Values:
    """Return every condition value of a request; each action takes those that it has."""
    values: Values = {}
    values.update(_signature_values(around))
    values.update(_query_values(request))
    values.update(_header_values(request, head))
    values.update(said.values)
    values.update(tag_values(request_tags(request, said), request))
    until = values.get("s3:object-lock-retain-until-date")
    if isinstance(until, str):
        values["s3:object-lock-remaining-retention-days"] = _days_until(until, around.now)
    return values


def context_for(action: str, values: Values, bucket: str | None, around: Surroundings) -> Context:
    """Return the values that an action has."""
    context = {key: value for key, value in values.items() if has_key(action, key)}
    owner = None if bucket is None else around.owners.get(bucket)
    if owner is not None:
        context["s3:ResourceAccount"] = owner
    return context


def request_tags(request: S3Request, said: Said) -> Tags:
    """Return the tags that a request passes, in its header or its document."""
    header = request.headers.get("x-amz-tagging")
    return said.tags if header is None else header_tags(header)


def tag_values(tags: Tags, request: S3Request) -> Values:
    """Return the condition keys of tags that a request passes."""
    if not tags:
        return {}
    on_bucket = request.key is None
    prefix = "aws:RequestTag/" if on_bucket else "s3:RequestObjectTag/"
    names = "aws:TagKeys" if on_bucket else "s3:RequestObjectTagKeys"
    values: Values = {f"{prefix}{key}": value for key, value in tags}
    values[names] = tuple(key for key, _ in tags)
    return values


def _signature_values(around: Surroundings) -> Values:
    values: Values = {}
    if around.tls_version is not None:
        values["s3:TlsVersion"] = around.tls_version
    signature = around.signature
    if signature is None:
        return values
    presigned = signature.auth_type == "REST-QUERY-STRING"
    values["s3:authType"] = signature.auth_type
    values["s3:signatureversion"] = signature.version
    content = signature.content_sha256 or (UNSIGNED_PAYLOAD if presigned else None)
    if content is not None:
        values["s3:x-amz-content-sha256"] = content
    if presigned and signature.age_ms is not None:
        values["s3:signatureAge"] = str(signature.age_ms)
    return values


def _query_values(request: S3Request) -> Values:
    values: Values = {}
    for name in ("delimiter", "max-keys", "prefix"):
        value = request.parameter(name)
        if value is not None:
            values[f"s3:{name}"] = value
    if request.version_id is not None:
        values["s3:VersionId"] = request.version_id
    return values


def _header_values(request: S3Request, head: Head) -> Values:
    headers = request.headers
    values: Values = {f"s3:{name}": headers[name] for name in _HEADER_KEYS if name in headers}
    values.update({key: headers[name] for name, key in _LOCK_KEYS.items() if name in headers})
    for name in ("if-match", "if-none-match"):
        value = head.header(name.encode())
        if value is not None:
            values[f"s3:{name}"] = value
    source = request.copy_source
    if source is not None:
        # As decoded, whatever the header's spelling: a Deny must not be escaped by an escape.
        values["s3:x-amz-copy-source"] = f"{source.bucket}/{source.key}"
    creates = _CREATES.get(request.operation.name)
    if creates is not None:
        values["s3:ObjectCreationOperation"] = creates
    return values


def _days_until(date: str, now: float) -> str:
    try:
        until = dt.datetime.fromisoformat(date)
    except ValueError:
        raise _invalid_date(date) from None
    if until.tzinfo is None:
        raise _invalid_date(date)
    return str(math.ceil((until.timestamp() - now) / _SECONDS_A_DAY))


def _invalid_date(date: str) -> S3Error:
    return invalid_argument(
        "The retain until date must be provided in ISO 8601 format",
        "x-amz-object-lock-retain-until-date",
        date,
    )
