"""Which versions a secret has, and moving staging labels between them."""

import msgspec

from valetkey.api.operation import Call
from valetkey.api.secretsmanager import versions
from valetkey.api.secretsmanager.failures import invalid_parameter, value_not_found
from valetkey.api.secretsmanager.lookup import alter, read
from valetkey.api.secretsmanager.page import continued, paginate
from valetkey.api.secretsmanager.shapes import (
    ListSecretVersionIdsRequest,
    ListSecretVersionIdsResponse,
    SecretVersionsListEntry,
    UpdateSecretVersionStageRequest,
    UpdateSecretVersionStageResponse,
)
from valetkey.store import SecretRecord, SecretVersion


def list_secret_version_ids(
    call: Call, request: ListSecretVersionIdsRequest
) -> ListSecretVersionIdsResponse:
    """Return a secret's versions; those without labels only where they are asked for."""
    secret = read(call, request)
    shown = [v for v in secret.versions if v.stages or request.get("IncludeDeprecated", False)]
    page = paginate(sorted(shown, key=_age), _age, request)
    answer: ListSecretVersionIdsResponse = {
        "Versions": [_entry(version) for version in page.items],
        "ARN": secret.arn,
        "Name": secret.name,
    }
    return continued(answer, page)


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
    stage, target = request["VersionStage"], request.get("MoveToVersionId")

    def move(secret: SecretRecord) -> SecretRecord:
        _check_move(secret, request)
        moved = versions.moved(secret, stage, target)
        return msgspec.structs.replace(moved, changed=call.now)

    secret = alter(call, request, move)
    return {"ARN": secret.arn, "Name": secret.name}


def _check_move(secret: SecretRecord, request: UpdateSecretVersionStageRequest) -> None:
    """Refuse unless the request knows where the label is now, and leaves AWSCURRENT somewhere."""
    stage = request["VersionStage"]
    source, target = request.get("RemoveFromVersionId"), request.get("MoveToVersionId")
    if source is None and target is None:
        raise invalid_parameter("You must provide RemoveFromVersionId, MoveToVersionId, or both.")
    for version_id in (source, target):
        if version_id is not None and versions.with_id(secret, version_id) is None:
            raise value_not_found(f"VersionId: {version_id}")
    if target is None and stage == versions.CURRENT:
        raise invalid_parameter(
            "You can only move staging label AWSCURRENT to a different secret version. It can't be"
            " completely removed."
        )
    holder = versions.with_stage(secret, stage)
    holder_id = None if holder is None else holder.id
    if source is None and holder_id not in (None, target):
        raise invalid_parameter(
            f"The parameter RemoveFromVersionId can't be empty. Staging label {stage} is currently"
            f" attached to version {holder_id}, so you must explicitly reference that version in"
            " RemoveFromVersionId."
        )
    if source is not None and source != holder_id:
        raise invalid_parameter(
            f"When you move staging label {stage}, if you specify RemoveFromVersionId, it must be"
            f" set to the version that currently has the staging label {stage}."
        )
