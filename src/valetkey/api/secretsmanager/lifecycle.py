"""Secrets made, described and changed."""

from collections.abc import Mapping
from typing import Any

import msgspec

from valetkey.api.operation import Call
from valetkey.api.secretsmanager.deletion import purge
from valetkey.api.secretsmanager.failures import exists, invalid_request, unoffered
from valetkey.api.secretsmanager.lookup import alter, gone, read
from valetkey.api.secretsmanager.names import checked_name, new_suffix
from valetkey.api.secretsmanager.shapes import (
    CreateSecretRequest,
    CreateSecretResponse,
    DescribeSecretRequest,
    DescribeSecretResponse,
    UpdateSecretRequest,
    UpdateSecretResponse,
)
from valetkey.api.secretsmanager.tags import read_tags, shown_tags
from valetkey.api.secretsmanager.values import NewVersion, new_version, with_version
from valetkey.api.secretsmanager.versions import repeated
from valetkey.store import SecretRecord, Transaction

UNOFFERED = ("AddReplicaRegions", "Type", "CrossAccountPrimaryARN")
DEFAULT_KEY = "alias/aws/secretsmanager"


def create_secret(call: Call, request: CreateSecretRequest) -> CreateSecretResponse:
    """Make a secret, with its first version where a value is given.

    Raises ``ResourceExistsException``, and ``InvalidRequestException`` for a name that is
    scheduled for deletion. What is not offered (replicas, managed types) is refused by name.
    """
    _refuse_unoffered(request)
    new = new_version(request)
    record = SecretRecord(
        account=call.account,
        region=call.facts.region,
        name=checked_name(request["Name"]),
        suffix=new_suffix(call.services.random),
        versions=(),
        created=call.now,
        changed=call.now,
        description=request.get("Description") or None,
        tags=read_tags(request.get("Tags", [])),
    )

    def write(tx: Transaction) -> SecretRecord:
        purge(call, tx)
        existing = tx.get(SecretRecord, record.account, record.key)
        if existing is not None and not gone(existing, call.now):
            return _repeated(call, existing, new)
        made = record if new is None else with_version(call, record, new)
        tx.put(made)
        return made

    return _named(call.write(write), new)


def _named(secret: SecretRecord, new: NewVersion | None) -> CreateSecretResponse:
    answer: CreateSecretResponse = {"ARN": secret.arn, "Name": secret.name}
    if new is not None:
        answer["VersionId"] = new.id
    return answer


def _refuse_unoffered(request: Mapping[str, Any]) -> None:
    for member in UNOFFERED:
        if request.get(member):
            raise unoffered(member)
    # Values are sealed under the server's key ring. There are no keys of a KMS here to choose,
    # and a secret that says it is sealed under one would say what is not so.
    key = request.get("KmsKeyId") or DEFAULT_KEY
    if key.rpartition(":")[2] != DEFAULT_KEY:
        raise unoffered("A KmsKeyId other than alias/aws/secretsmanager")


def _repeated(call: Call, existing: SecretRecord, new: NewVersion | None) -> SecretRecord:
    """Return the secret where a request only repeats the one that made it; refuse otherwise."""
    if existing.deleted is not None:
        raise invalid_request(
            "You can't create this secret because a secret with this name is already scheduled for"
            " deletion."
        )
    ring = call.services.keys.ring
    if new is not None and repeated(existing, new.id, new.value, ring):
        return existing
    raise exists(f"The operation failed because the secret {existing.name} already exists.")


def describe_secret(call: Call, request: DescribeSecretRequest) -> DescribeSecretResponse:
    """Return all that is known of a secret but its value."""
    secret = read(call, request)
    answer: DescribeSecretResponse = {
        "ARN": secret.arn,
        "Name": secret.name,
        "CreatedDate": secret.created,
        "LastChangedDate": secret.changed,
    }
    if secret.description is not None:
        answer["Description"] = secret.description
    if secret.deleted is not None:
        answer["DeletedDate"] = secret.deleted
    if secret.tags:
        answer["Tags"] = shown_tags(secret.tags)
    stages = {v.id: list(v.stages) for v in secret.versions if v.stages}
    if stages:
        answer["VersionIdsToStages"] = stages
    return answer


def update_secret(call: Call, request: UpdateSecretRequest) -> UpdateSecretResponse:
    """Change a secret's description; a value makes a new current version."""
    _refuse_unoffered(request)
    new = new_version(request)

    def change(secret: SecretRecord) -> SecretRecord:
        described = msgspec.structs.replace(
            secret,
            description=request.get("Description", secret.description) or None,
            changed=call.now,
        )
        return described if new is None else with_version(call, described, new)

    return _named(alter(call, request, change), new)
