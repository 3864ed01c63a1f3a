"""Records to rows and back. What can't be read back is not kept; what can't be read is said."""

from typing import Any, TypeVar

import msgspec

from valetkey.store.errors import UnfitRecord, UnreadableRecord
from valetkey.store.records import (
    AWS_ACCOUNT,
    AccountRecord,
    BucketRecord,
    PolicyRecord,
    ProviderRecord,
    Record,
    RoleRecord,
    SecretRecord,
    UpstreamRecord,
    UserRecord,
)

R = TypeVar("R", bound=Record)

FORMAT = 1
"""Of the body: the record's fields as JSON. A change that older records can't be read with needs
the next number; fields with a default may be added without."""

TYPES: dict[str, type[Record]] = {
    record_type.kind: record_type
    for record_type in (
        AccountRecord,
        ProviderRecord,
        RoleRecord,
        UserRecord,
        PolicyRecord,
        SecretRecord,
        UpstreamRecord,
        BucketRecord,
    )
}
_DECODERS: dict[str, msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(record_type) for kind, record_type in TYPES.items()
}


def label(kind: str, account: str, key: str) -> str:
    """Return what people know a record by."""
    return f"{kind} `{key}` of account `{account}`" if key else f"{kind} `{account}`"


def encode(record: Record) -> bytes:
    """Return the body to keep. Raises `UnfitRecord` where it would not read back the same."""
    name = label(record.kind, record.account, record.key)
    try:
        body = msgspec.json.encode(record)
        same = decode(type(record), record.account, record.key, FORMAT, body) == record
    except (TypeError, ValueError, UnreadableRecord, RecursionError) as error:
        raise UnfitRecord(f"can't keep {name}: {error}") from error
    if not same:
        raise UnfitRecord(f"can't keep {name}: it would not read back the same")
    return body


def decode(record_type: type[R], account: str, key: str, format: int, body: bytes) -> R:
    """Read a kept record. Raises `UnreadableRecord`."""
    record = decode_kind(record_type.kind, account, key, format, body)
    if not isinstance(record, record_type):
        raise UnreadableRecord(f"{label(record_type.kind, account, key)} is of another type")
    return record


def decode_kind(kind: str, account: str, key: str, format: int, body: bytes) -> Record:
    """Read a kept record of a kind known by its word. Raises `UnreadableRecord`."""
    name = label(kind, account, key)
    if kind not in TYPES or format != FORMAT:
        raise UnreadableRecord(
            f"{name} has the kind or format (`{format}`) of another version",
            help="use the valetkey that wrote it, or a later one",
        )
    try:
        record: Record = _DECODERS[kind].decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableRecord(
            f"{name} can't be read: {error}", help="restore the database from a backup"
        ) from error
    if flaw := _flaw(record, account, key):
        raise UnreadableRecord(f"{name} can't be read: {flaw}")
    return record


def _flaw(record: Record, account: str, key: str) -> str | None:
    # A row answers to its name only: one entity's rights must not be found under another's.
    if (record.account, record.key) != (account, key):
        return f"it says to be {label(record.kind, record.account, record.key)}"
    if isinstance(record, PolicyRecord):
        ids = [version.id for version in record.versions]
        if ids.count(record.default_version) != 1:
            return f"its default version `{record.default_version}` is not there once"
    if isinstance(record, SecretRecord) and "/" in record.region:
        return f"`{record.region}` is no region"
    if isinstance(record, BucketRecord) and account != AWS_ACCOUNT:
        # Names are unique among all accounts only because all stand in this one.
        return f"buckets are kept for account `{AWS_ACCOUNT}`"
    return None
