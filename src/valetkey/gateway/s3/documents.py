"""The bodies that must be read to decide: what they say that policies look at."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from valetkey.gateway.s3.errors import S3Error, malformed_xml, not_implemented
from valetkey.gateway.s3.operation import MAX_DOCUMENT_BYTES
from valetkey.gateway.s3.tags import MOST_ON_BUCKET, Tags, tag_set
from valetkey.gateway.s3.xml import Element, UnreadableXml, read_xml

Values = dict[str, str | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Said:
    """What a document says: condition values, tags, and the roles that S3 shall act as."""

    values: Values = field(default_factory=dict)
    tags: Tags = ()
    roles: tuple[str, ...] = ()


_NOTHING: Final = Said()


def read_document(operation: str, body: bytes) -> Said:
    """Read the body of an operation that is decided by it.

    An operation without a reader here says nothing by its body. Raises S3Error, ``MalformedXML``
    where the document is not the operation's.
    """
    reader = _READERS.get(operation)
    if reader is None:
        return _NOTHING
    root, read = reader
    if not body:
        if operation == "CreateBucket":
            return _NOTHING
        raise S3Error("MissingRequestBodyError")
    try:
        return read(read_xml(body, root, limit=MAX_DOCUMENT_BYTES))
    except UnreadableXml as flaw:
        raise malformed_xml(flaw.message) from None


def _create_bucket(root: Element) -> Said:
    root.only("LocationConstraint", "Location", "Bucket", "Tags")
    if root.one("Location") is not None or root.one("Bucket") is not None:
        raise not_implemented(
            "CreateBucketConfiguration", reason="the document asks for a directory bucket"
        )
    region = root.value("LocationConstraint")
    values: Values = {"s3:LocationConstraint": region} if region else {}
    return Said(values, tag_set(root, "Tags", most=MOST_ON_BUCKET))


def _object_tagging(root: Element) -> Said:
    return Said(tags=tag_set(root.only("TagSet")))


def _bucket_tagging(root: Element) -> Said:
    return Said(tags=tag_set(root.only("TagSet"), most=MOST_ON_BUCKET))


def _retention(root: Element) -> Said:
    mode, until = root.only("Mode", "RetainUntilDate").value("Mode"), root.value("RetainUntilDate")
    values: Values = {}
    if mode:
        values["s3:object-lock-mode"] = mode.strip()
    if until:
        values["s3:object-lock-retain-until-date"] = until.strip()
    return Said(values)


def _legal_hold(root: Element) -> Said:
    status = root.only("Status").value("Status")
    return Said({"s3:object-lock-legal-hold": status.strip()} if status else {})


def _encryption(root: Element) -> Said:
    kms = root.one("SSE-KMS")
    if kms is None:
        return Said({"s3:x-amz-server-side-encryption": "AES256"})
    values: Values = {"s3:x-amz-server-side-encryption": "aws:kms"}
    key = kms.value("KMSKeyArn")
    if key:
        values["s3:x-amz-server-side-encryption-aws-kms-key-id"] = key.strip()
    return Said(values)


def _inventory(root: Element) -> Said:
    fields = root.one("OptionalFields")
    names = () if fields is None else tuple(each.text.strip() for each in fields.all("Field"))
    return Said({"s3:InventoryAccessibleOptionalFields": names} if names else {})


def _restore(root: Element) -> Said:
    if any(root.all(name) for name in ("OutputLocation", "SelectParameters", "Type")):
        raise not_implemented(
            "RestoreRequest",
            reason="the request restores by a query, which writes to a bucket of its own choice",
        )
    return _NOTHING


def _roles(root: Element) -> Said:
    return Said(roles=tuple(role.text.strip() for role in root.everywhere("Role")))


_READERS: Final[dict[str, tuple[str, Callable[[Element], Said]]]] = {
    "CreateBucket": ("CreateBucketConfiguration", _create_bucket),
    "CreateBucketMetadataConfiguration": ("MetadataConfiguration", _roles),
    "PutBucketInventoryConfiguration": ("InventoryConfiguration", _inventory),
    "PutBucketReplication": ("ReplicationConfiguration", _roles),
    "PutBucketTagging": ("Tagging", _bucket_tagging),
    "PutObjectLegalHold": ("LegalHold", _legal_hold),
    "PutObjectRetention": ("Retention", _retention),
    "PutObjectTagging": ("Tagging", _object_tagging),
    "RestoreObject": ("RestoreRequest", _restore),
    "UpdateBucketMetadataAnnotationTableConfiguration": ("AnnotationTableConfiguration", _roles),
    "UpdateObjectEncryption": ("ObjectEncryption", _encryption),
}
