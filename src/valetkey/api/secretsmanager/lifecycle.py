"""Secrets made, described, listed, changed, deleted with a recovery window, and restored."""

import re
import string

import msgspec

from valetkey.api.operation import Call, Output
from valetkey.api.secretsmanager import versions
from valetkey.api.secretsmanager.failures import (
    exists,
    invalid_parameter,
    invalid_request,
    limit_exceeded,
    validation,
)
from valetkey.api.secretsmanager.lookup import change_of, gone, read
from valetkey.api.secretsmanager.shapes import (
    CreateSecretRequest,
    CreateSecretResponse,
    DeleteSecretRequest,
    DeleteSecretResponse,
    DescribeSecretRequest,
    DescribeSecretResponse,
    RestoreSecretRequest,
    RestoreSecretResponse,
    Tag,
    TagResourceRequest,
    UntagResourceRequest,
    UpdateSecretRequest,
    UpdateSecretResponse,
)
from valetkey.api.secretsmanager.values import add_version, new_version_id
from valetkey.store import SecretRecord, Transaction

DAY = 86400
DEFAULT_WINDOW_DAYS = 30
WINDOW_DAYS = range(7, 31)
SUFFIX_ALPHABET = string.ascii_letters + string.digits
TAG_LIMIT = 50
NAME = re.compile(r"[A-Za-z0-9/_+=.@!-]{1,512}", re.ASCII)
NOTHING: Output = {}


def create_secret(call: Call, request: CreateSecretRequest) -> CreateSecretResponse:
    """Make a secret, with its first version where a value is given.

    Raises ``ResourceExistsException``, and ``InvalidRequestException`` for a name that is
    scheduled for deletion. What is not offered (replicas, managed types) is refused by name.
    """
    _refuse_unoffered(request)
    if not NAME.fullmatch(request["Name"]):
        raise validation(
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the"
            " following: -/_+=.@!"
        )
    value = versions.given_value(request)
    record = SecretRecord(
        account=call.account,
        region=call.facts.region,
        name=request["Name"],
        suffix=_suffix(call),
        versions=(),
        created=call.now,
        changed=call.now,
        description=request.get("Description"),
        kms_key_id=request.get("KmsKeyId"),
        tags=_tags(request.get("Tags", [])),
    )

    def change(tx: Transaction) -> tuple[SecretRecord, str | None]:
        existing = tx.get(SecretRecord, record.account, record.key)
        if existing is not None and not gone(existing, call.now):
            return _repeated(call, existing, value, request)
        tx.put(record)
        if value is None:
            return record, None
        return add_version(call, tx, record, value, [versions.CURRENT], request)

    secret, version_id = call.write(change)
    answer: CreateSecretResponse = {"ARN": secret.arn, "Name": secret.name}
    if version_id is not None:
        answer["VersionId"] = version_id
    return answer


def _refuse_unoffered(request: CreateSecretRequest) -> None:
    for member in ("AddReplicaRegions", "Type", "CrossAccountPrimaryARN"):
        if request.get(member):
            raise invalid_parameter(f"{member} is not supported by this server.")


def _suffix(call: Call) -> str:
    # 248 is the largest multiple of 62 below 256: what lies above would favour some letters.
    size, fair = len(SUFFIX_ALPHABET), 248
    letters = ""
    while len(letters) < 6:  # noqa: PLR2004 - the suffix of an ARN
        letters += "".join(SUFFIX_ALPHABET[b % size] for b in call.services.random(8) if b < fair)
    return letters[:6]


def _repeated(
    call: Call,
    existing: SecretRecord,
    value: versions.Value | None,
    request: CreateSecretRequest,
) -> tuple[SecretRecord, str | None]:
    if existing.deleted is not None:
        raise invalid_request(
            "You can't create this secret because a secret with this name is already scheduled for"
            " deletion."
        )
    version_id = new_version_id(call, request)
    ring = call.services.keys.ring
    if value is not None and versions.repeated(existing, version_id, value, ring):
        return existing, version_id
    raise exists(f"The operation failed because the secret {existing.name} already exists.")


def describe_secret(call: Call, request: DescribeSecretRequest) -> DescribeSecretResponse:
    """Return all that is known of a secret but its value."""
    secret = read(call, request["SecretId"])
    answer: DescribeSecretResponse = {
        "ARN": secret.arn,
        "Name": secret.name,
        "CreatedDate": secret.created,
        "LastChangedDate": secret.changed,
    }
    if secret.description is not None:
        answer["Description"] = secret.description
    if secret.kms_key_id is not None:
        answer["KmsKeyId"] = secret.kms_key_id
    if secret.deleted is not None:
        answer["DeletedDate"] = secret.deleted
    if secret.tags:
        answer["Tags"] = shown_tags(secret)
    stages = {v.id: list(v.stages) for v in secret.versions if v.stages}
    if stages:
        answer["VersionIdsToStages"] = stages
    return answer


def shown_tags(secret: SecretRecord) -> list[Tag]:
    """Return a secret's tags as responses list them."""
    return [{"Key": key, "Value": value} for key, value in sorted(secret.tags.items())]


def update_secret(call: Call, request: UpdateSecretRequest) -> UpdateSecretResponse:
    """Change a secret's description or key; a value makes a new current version."""
    value = versions.given_value(request)

    def change(tx: Transaction) -> tuple[SecretRecord, str | None]:
        secret = change_of(call, tx, request["SecretId"])
        changed = msgspec.structs.replace(
            secret,
            description=request.get("Description", secret.description),
            kms_key_id=request.get("KmsKeyId", secret.kms_key_id),
            changed=call.now,
        )
        tx.put(changed)
        if value is None:
            return changed, None
        return add_version(call, tx, changed, value, [versions.CURRENT], request)

    secret, version_id = call.write(change)
    answer: UpdateSecretResponse = {"ARN": secret.arn, "Name": secret.name}
    if version_id is not None:
        answer["VersionId"] = version_id
    return answer


def delete_secret(call: Call, request: DeleteSecretRequest) -> DeleteSecretResponse:
    """Mark a secret for deletion after its recovery window, or delete it at once."""
    forced = request.get("ForceDeleteWithoutRecovery", False)
    days = request.get("RecoveryWindowInDays")
    if forced and days is not None:
        raise invalid_parameter(
            "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays."
        )
    if days is not None and days not in WINDOW_DAYS:
        raise invalid_parameter("RecoveryWindowInDays value must be between 7 and 30 days (inclusive).")
    if forced:
        return _delete_now(call, request)
    purge_after = call.now + (DEFAULT_WINDOW_DAYS if days is None else days) * DAY

    def change(tx: Transaction) -> SecretRecord:
        secret = change_of(call, tx, request["SecretId"])
        tx.put(msgspec.structs.replace(secret, deleted=call.now, purge_after=purge_after))
        return secret

    secret: SecretRecord = call.write(change)
    return {"ARN": secret.arn, "Name": secret.name, "DeletionDate": purge_after}


def _delete_now(call: Call, request: DeleteSecretRequest) -> DeleteSecretResponse:
    def change(tx: Transaction) -> SecretRecord:
        secret = change_of(call, tx, request["SecretId"], live=False)
        tx.delete(secret)
        return secret

    secret: SecretRecord = call.write(change)
    return {"ARN": secret.arn, "Name": secret.name, "DeletionDate": call.now}


def restore_secret(call: Call, request: RestoreSecretRequest) -> RestoreSecretResponse:
    """Take back a deletion whose recovery window is not over."""

    def change(tx: Transaction) -> SecretRecord:
        secret = change_of(call, tx, request["SecretId"], live=False)
        tx.put(msgspec.structs.replace(secret, deleted=None, purge_after=None))
        return secret

    secret: SecretRecord = call.write(change)
    return {"ARN": secret.arn, "Name": secret.name}


def _tags(tags: list[Tag]) -> dict[str, str]:
    keys = [tag.get("Key", "") for tag in tags]
    # Condition keys ignore case, so tags that differ in nothing else could not be told apart.
    if len({key.casefold() for key in keys}) != len(keys):
        raise invalid_parameter("You can't use the same tag key twice.")
    if any(key.startswith("aws:") or not key for key in keys):
        raise invalid_parameter("Tag keys can't be empty or begin with aws:.")
    return {tag.get("Key", ""): tag.get("Value", "") for tag in tags}


def tag_resource(call: Call, request: TagResourceRequest) -> Output:
    """Set tags of a secret."""
    new = _tags(request["Tags"])

    def change(tx: Transaction) -> None:
        secret = change_of(call, tx, request["SecretId"])
        folded = {key.casefold() for key in new}
        kept = {k: v for k, v in secret.tags.items() if k.casefold() not in folded}
        tags = {**kept, **new}
        if len(tags) > TAG_LIMIT:
            raise limit_exceeded(f"A secret can have at most {TAG_LIMIT} tags.")
        tx.put(msgspec.structs.replace(secret, tags=tags))

    call.write(change)
    return NOTHING


def untag_resource(call: Call, request: UntagResourceRequest) -> Output:
    """Remove tags of a secret."""

    def change(tx: Transaction) -> None:
        secret = change_of(call, tx, request["SecretId"])
        kept = {k: v for k, v in secret.tags.items() if k not in request["TagKeys"]}
        tx.put(msgspec.structs.replace(secret, tags=kept))

    call.write(change)
    return NOTHING
