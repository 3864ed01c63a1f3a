"""Secret ids: a name, an ARN, or an ARN without its last six characters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from valetkey.access import Target
from valetkey.access.context import ContextValues, tag_values
from valetkey.api.operation import Call
from valetkey.api.secretsmanager.failures import marked_for_deletion, not_found
from valetkey.arn import parse_arn
from valetkey.store import SecretRecord, Transaction

SUFFIX_LENGTH = 6
UNKNOWN_SUFFIX = "??????"
"""Stands for the six characters that a secret which is not there does not have."""


@dataclass(frozen=True, slots=True)
class SecretName:
    """Where a secret id points to; ``suffix`` is None where the id did not hold it."""

    account: str
    region: str
    name: str
    suffix: str | None = None


def candidates(call: Call, secret_id: str) -> tuple[SecretName, ...]:
    """Return what a secret id may mean, the likeliest first.

    An ARN may come without its suffix, and a name may end like one: both are tried.
    """
    region = call.facts.region
    arn = parse_arn(secret_id)
    if arn is None:
        return (SecretName(call.account, region, secret_id),)
    kind, _, rest = arn.resource.partition(":")
    if arn.service != "secretsmanager" or arn.region != region or kind != "secret":
        return ()
    stem, dash, suffix = rest.rpartition("-")
    whole = SecretName(arn.account, region, rest)
    if dash and len(suffix) == SUFFIX_LENGTH:
        return (SecretName(arn.account, region, stem, suffix), whole)
    return (whole,)


def find(call: Call, secret_id: str) -> SecretRecord | None:
    """Return the secret that an id names, also one that is marked for deletion."""
    for wanted in candidates(call, secret_id):
        record = call.directory.secret(wanted.account, wanted.region, wanted.name)
        if record is not None and _fits(record, wanted, call.now):
            return record
    return None


def read(call: Call, secret_id: str) -> SecretRecord:
    """Return the secret that an id names. Raises ``ResourceNotFoundException``."""
    record = find(call, secret_id)
    if record is None:
        raise not_found()
    return record


def read_live(call: Call, secret_id: str) -> SecretRecord:
    """Return a secret that is not marked for deletion.

    Raises ``ResourceNotFoundException`` or ``InvalidRequestException``.
    """
    record = read(call, secret_id)
    if record.deleted is not None:
        raise marked_for_deletion()
    return record


def change_of(call: Call, tx: Transaction, secret_id: str, *, live: bool = True) -> SecretRecord:
    """Return the secret to change, as the transaction sees it.

    Raises ``ResourceNotFoundException``, and ``InvalidRequestException`` for one that is marked
    for deletion where ``live`` asks for one that is not.
    """
    for wanted in candidates(call, secret_id):
        record = tx.get(SecretRecord, wanted.account, f"{wanted.region}/{wanted.name}")
        if record is not None and _fits(record, wanted, call.now):
            if live and record.deleted is not None:
                raise marked_for_deletion()
            return record
    raise not_found()


def gone(record: SecretRecord, now: float) -> bool:
    """Tell whether a secret's recovery window is over: it is there no more."""
    return record.purge_after is not None and record.purge_after <= now


def _fits(record: SecretRecord, wanted: SecretName, now: float) -> bool:
    return wanted.suffix in (None, record.suffix) and not gone(record, now)


def secret_target(call: Call, request: Mapping[str, Any]) -> Target:
    """Return the secret that a request names, as policies see it."""
    secret_id: str = request["SecretId"]
    record = find(call, secret_id)
    values = _request_values(request)
    if record is None:
        named = candidates(call, secret_id)
        account, name = (named[-1].account, named[-1].name) if named else ("", secret_id)
        arn = f"arn:aws:secretsmanager:{call.facts.region}:{account}:secret:{name}-{UNKNOWN_SUFFIX}"
        return Target(arn, values, shown=secret_id, account=account)
    values["secretsmanager:SecretId"] = record.arn
    values["secretsmanager:Name"] = record.name
    for key, value in record.tags.items():
        values[f"aws:ResourceTag/{key}"] = value
        values[f"secretsmanager:ResourceTag/{key}"] = value
    # The refusal repeats the id as the caller wrote it, so that no ARN is learnt from it.
    return Target(
        record.arn,
        values,
        shown=secret_id,
        policy=call.directory.resource_policy(record),
        account=record.account,
    )


def create_target(call: Call, request: Mapping[str, Any]) -> Target:
    """Return the secret that is about to be made, as policies see it."""
    name: str = request["Name"]
    arn = (
        f"arn:aws:secretsmanager:{call.facts.region}:{call.account}:secret:{name}-{UNKNOWN_SUFFIX}"
    )
    values = _request_values(request)
    values["secretsmanager:Name"] = name
    return Target(arn, values, shown=name)


def _request_values(request: Mapping[str, Any]) -> ContextValues:
    values: ContextValues = {}
    for member in ("VersionId", "VersionStage", "Description", "KmsKeyId"):
        if member in request:
            values[f"secretsmanager:{member}"] = request[member]
    if "RecoveryWindowInDays" in request:
        values["secretsmanager:RecoveryWindowInDays"] = str(request["RecoveryWindowInDays"])
    if "ForceDeleteWithoutRecovery" in request:
        forced = request["ForceDeleteWithoutRecovery"]
        values["secretsmanager:ForceDeleteWithoutRecovery"] = "true" if forced else "false"
    tags = {tag["Key"]: tag.get("Value", "") for tag in request.get("Tags", []) if "Key" in tag}
    values.update(tag_values(tags))
    if "TagKeys" in request:
        values["aws:TagKeys"] = tuple(request["TagKeys"])
    return values
