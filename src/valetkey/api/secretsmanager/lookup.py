"""How secrets are found, to be read and to be changed."""

from collections.abc import Callable, Mapping
from typing import Any

from valetkey.api.operation import Call
from valetkey.api.secretsmanager.failures import marked_for_deletion, not_found
from valetkey.api.secretsmanager.names import SecretName, read_secret_id
from valetkey.store import SecretRecord, Transaction

Request = Mapping[str, Any]


def wanted_secret(call: Call, request: Request) -> SecretName | None:
    """Return what a request's secret id means. Raises ``ValidationException``."""
    return read_secret_id(request["SecretId"], call.account, call.facts.region)


def peek(call: Call, request: Request) -> SecretRecord | None:
    """Return the secret that a request names, None where there is none."""
    wanted = wanted_secret(call, request)
    if wanted is None:
        return None
    record = call.directory.secret(wanted.account, wanted.region, wanted.name)
    return _fitting(record, wanted, call.now)


def read(call: Call, request: Request) -> SecretRecord:
    """Return the secret that a request names, also one that is marked for deletion.

    Raises ``ResourceNotFoundException``.
    """
    record = peek(call, request)
    if record is None:
        raise not_found()
    return record


def read_live(call: Call, request: Request) -> SecretRecord:
    """Return the secret that a request names.

    Raises ``ResourceNotFoundException``, and ``InvalidRequestException`` for one that is marked
    for deletion.
    """
    return _live(read(call, request))


def alter(
    call: Call,
    request: Request,
    change: Callable[[SecretRecord], SecretRecord],
    *,
    live: bool = True,
) -> SecretRecord:
    """Put what ``change`` makes of the secret in its place, and return that.

    Raises ``ResourceNotFoundException``, and ``InvalidRequestException`` for one that is marked
    for deletion where ``live`` asks for one that is not.
    """

    def write(tx: Transaction) -> SecretRecord:
        record = found(call, request, tx)
        changed = change(_live(record) if live else record)
        tx.put(changed)
        return changed

    altered: SecretRecord = call.write(write)
    return altered


def found(call: Call, request: Request, tx: Transaction) -> SecretRecord:
    """Return the secret that a request names, as a transaction sees it.

    Raises ``ResourceNotFoundException``.
    """
    wanted = wanted_secret(call, request)
    record = None
    if wanted is not None:
        record = tx.get(SecretRecord, wanted.account, f"{wanted.region}/{wanted.name}")
        record = _fitting(record, wanted, call.now)
    if record is None:
        raise not_found()
    return record


def gone(record: SecretRecord, now: float) -> bool:
    """Tell whether a secret's recovery window is over: it is there no more."""
    return record.purge_after is not None and record.purge_after <= now


def _live(record: SecretRecord) -> SecretRecord:
    if record.deleted is not None:
        raise marked_for_deletion()
    return record


def _fitting(record: SecretRecord | None, wanted: SecretName, now: float) -> SecretRecord | None:
    if record is None or record.region != wanted.region or gone(record, now):
        return None
    return record if wanted.suffix in (None, record.suffix) else None
