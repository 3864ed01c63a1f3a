"""Reading and replacing a secret's value; moving its staging labels."""

import uuid
from collections.abc import Mapping
from typing import Any

import msgspec

from valetkey.api.operation import Call
from valetkey.api.secretsmanager import versions
from valetkey.api.secretsmanager.failures import invalid_parameter, value_not_found
from valetkey.api.secretsmanager.lookup import change_of, read, read_live
from valetkey.api.secretsmanager.page import paginate
from valetkey.api.secretsmanager.shapes import (
    GetSecretValueRequest,
    GetSecretValueResponse,
    ListSecretVersionIdsRequest,
    ListSecretVersionIdsResponse,
    PutSecretValueRequest,
    PutSecretValueResponse,
    SecretVersionsListEntry,
    UpdateSecretVersionStageRequest,
    UpdateSecretVersionStageResponse,
)
from valetkey.store import SecretRecord, SecretVersion, Transaction


def get_secret_value(call: Call, request: GetSecretValueRequest) -> GetSecretValueResponse:
    """Return a version's value: AWSCURRENT, where the request does not say which."""
    secret = read_live(call, request["SecretId"])
    version = versions.chosen(secret, request.get("VersionId"), request.get("VersionStage"))
    content, binary = versions.opened(secret, version, call.services.keys.ring)
    answer: GetSecretValueResponse = {
        "ARN": secret.arn,
        "Name": secret.name,
        "VersionId": version.id,
        "VersionStages": list(version.stages),
        "CreatedDate": version.created,
    }
    if binary:
        answer["SecretBinary"] = content
    else:
        answer["SecretString"] = content.decode()
    return answer


def put_secret_value(call: Call, request: PutSecretValueRequest) -> PutSecretValueResponse:
    """Keep one more version; the labels it takes over are AWSCURRENT, or those asked for."""
    value = versions.given_value(request)
    if value is None:
        raise invalid_parameter("You must provide either SecretString or SecretBinary.")
    stages = request.get("VersionStages", [versions.CURRENT])

    def change(tx: Transaction) -> tuple[SecretRecord, str]:
        secret = change_of(call, tx, request["SecretId"])
        return add_version(call, tx, secret, value, stages, request)

    secret, version_id = call.write(change)
    version = versions.chosen(secret, version_id, None)
    return {
        "ARN": secret.arn,
        "Name": secret.name,
        "VersionId": version_id,
        "VersionStages": list(version.stages),
    }


def new_version_id(call: Call, request: Mapping[str, Any]) -> str:
    """Return the id of a version: the client's token, or a random UUID."""
    token: str | None = request.get("ClientRequestToken")
    return token or str(uuid.UUID(bytes=call.services.random(16), version=4))


def add_version(
    call: Call,
    tx: Transaction,
    secret: SecretRecord,
    value: versions.Value,
    stages: list[str],
    request: Mapping[str, Any],
) -> tuple[SecretRecord, str]:
    """Keep a version in a transaction; a request that repeats an earlier one changes nothing."""
    version_id = new_version_id(call, request)
    ring = call.services.keys.ring
    if versions.repeated(secret, version_id, value, ring):
        return secret, version_id
    version = versions.sealed_version(
        secret, version_id, value, ring=ring, random=call.services.random, now=call.now
    )
    changed = versions.added(secret, version, stages, call.now)
    tx.put(changed)
    return changed, version_id


def list_secret_version_ids(
    call: Call, request: ListSecretVersionIdsRequest
) -> ListSecretVersionIdsResponse:
    """Return a secret's versions; those without labels only where they are asked for."""
    secret = read(call, request["SecretId"])
    shown = [v for v in secret.versions if v.stages or request.get("IncludeDeprecated", False)]
    page, token = paginate(sorted(shown, key=_age), _age, request)
    answer: ListSecretVersionIdsResponse = {
        "Versions": [_entry(version) for version in page],
        "ARN": secret.arn,
        "Name": secret.name,
    }
    if token is not None:
        answer["NextToken"] = token
    return answer


def _age(version: SecretVersion) -> str:
    return f"{version.created:020.6f}/{version.id}"


def _entry(version: SecretVersion) -> SecretVersionsListEntry:
    entry: SecretVersionsListEntry = {
        "VersionId": version.id,
        "CreatedDate": version.created,
        "KmsKeyIds": ["DefaultEncryptionKey"],
    }
    if version.stages:
        entry["VersionStages"] = list(version.stages)
    return entry


def update_secret_version_stage(
    call: Call, request: UpdateSecretVersionStageRequest
) -> UpdateSecretVersionStageResponse:
    """Move a label to another version, or take it away."""
    stage = request["VersionStage"]
    source, target = request.get("RemoveFromVersionId"), request.get("MoveToVersionId")

    def change(tx: Transaction) -> SecretRecord:
        secret = change_of(call, tx, request["SecretId"])
        _check_move(secret, stage, source, target)
        changed = versions.moved(secret, stage, target)
        tx.put(msgspec.structs.replace(changed, changed=call.now))
        return secret

    secret: SecretRecord = call.write(change)
    return {"ARN": secret.arn, "Name": secret.name}


def _check_move(secret: SecretRecord, stage: str, source: str | None, target: str | None) -> None:
    for version_id in (source, target):
        if version_id is not None and versions.with_id(secret, version_id) is None:
            raise value_not_found(f"VersionId: {version_id}")
    if target is None and stage == versions.CURRENT:
        raise invalid_parameter("You can't remove the staging label AWSCURRENT from a version; move it to another version instead.")
    if source is None and target is None:
        raise invalid_parameter("You must provide RemoveFromVersionId, MoveToVersionId, or both.")
    holder = versions.with_stage(secret, stage)
    if holder is None or holder.id == target:
        return
    if source != holder.id:
        raise invalid_parameter(
            f"The parameter RemoveFromVersionId can't be empty. Staging label {stage} is currently"
            f" attached to version {holder.id}, so you must explicitly reference that version in"
            " RemoveFromVersionId."
            if source is None
            else f"You can only move staging label {stage} to a different secret version if you"
            " specify the version it is attached to in RemoveFromVersionId."
        )
