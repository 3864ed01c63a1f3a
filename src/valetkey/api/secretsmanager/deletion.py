"""Secrets deleted: after a recovery window in which they can be restored, or at once."""

import msgspec

from valetkey.api.operation import Call
from valetkey.api.secretsmanager.failures import SecretsRefused, invalid_parameter
from valetkey.api.secretsmanager.lookup import alter, found, gone
from valetkey.api.secretsmanager.shapes import (
    DeleteSecretRequest,
    DeleteSecretResponse,
    RestoreSecretRequest,
    RestoreSecretResponse,
)
from valetkey.store import SecretRecord, Transaction

DAY = 86400
DEFAULT_WINDOW_DAYS = 30
WINDOW_DAYS = range(7, 31)


def delete_secret(call: Call, request: DeleteSecretRequest) -> DeleteSecretResponse:
    """Mark a secret for deletion after its recovery window, or delete it at once."""
    forced = request.get("ForceDeleteWithoutRecovery", False)
    days = request.get("RecoveryWindowInDays")
    if forced and days is not None:
        raise invalid_parameter(
            "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays."
        )
    if days is not None and days not in WINDOW_DAYS:
        raise invalid_parameter(
            "RecoveryWindowInDays value must be between 7 and 30 days (inclusive)."
        )
    if forced:
        return _delete_now(call, request)
    purge_after = call.now + (DEFAULT_WINDOW_DAYS if days is None else days) * DAY
    secret = alter(
        call,
        request,
        lambda secret: msgspec.structs.replace(secret, deleted=call.now, purge_after=purge_after),
    )
    return {"ARN": secret.arn, "Name": secret.name, "DeletionDate": purge_after}


def _delete_now(call: Call, request: DeleteSecretRequest) -> DeleteSecretResponse:
    """Delete a secret whatever its state; one that is not there is no refusal, as on AWS."""

    def write(tx: Transaction) -> SecretRecord | None:
        purge(call, tx)
        try:
            secret = found(call, request, tx)
        except SecretsRefused:
            return None
        tx.delete(secret)
        return secret

    secret: SecretRecord | None = call.write(write)
    if secret is None:
        return {"Name": request["SecretId"], "DeletionDate": call.now}
    return {"ARN": secret.arn, "Name": secret.name, "DeletionDate": call.now}


def restore_secret(call: Call, request: RestoreSecretRequest) -> RestoreSecretResponse:
    """Take back a deletion whose recovery window is not over."""
    secret = alter(
        call,
        request,
        lambda secret: msgspec.structs.replace(secret, deleted=None, purge_after=None),
        live=False,
    )
    return {"ARN": secret.arn, "Name": secret.name}


def purge(call: Call, tx: Transaction) -> None:
    """Remove the region's secrets whose recovery window is over, their values with them."""
    for seen in call.directory.secrets(call.account, call.facts.region):
        if gone(seen, call.now):
            # Looked up again: the directory may be older than the transaction.
            record = tx.get(SecretRecord, seen.account, seen.key)
            if record is not None and gone(record, call.now):
                tx.delete(record)
