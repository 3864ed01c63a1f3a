"""Versions of a secret: values sealed at rest, and staging labels that each name one of them.

Follows the Secrets Manager User Guide, *What's in a secret*: a label stands on one version at a
time; AWSCURRENT leaves AWSPREVIOUS behind where it moves away; a version without labels is
deprecated and may be removed.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from valetkey.api.secretsmanager.failures import (
    exists,
    invalid_parameter,
    invalid_request,
    limit_exceeded,
    not_opened,
    value_not_found,
)
from valetkey.credentials import KeyRing, SealBroken
from valetkey.store import SecretRecord, SecretVersion

CURRENT = "AWSCURRENT"
PREVIOUS = "AWSPREVIOUS"
PENDING = "AWSPENDING"
KEPT_VERSIONS = 100
LABEL_LIMIT = 20
VALUE_LIMIT = 65536

Value = tuple[bytes, bool]
"""A secret's bytes, and whether they were given as SecretBinary."""


def given_value(request: Mapping[str, Any]) -> Value | None:
    """Return the value that a request carries, None without one.

    Raises ``InvalidParameterException`` for both forms at once, or too many bytes.
    """
    text, binary = request.get("SecretString"), request.get("SecretBinary")
    if text is not None and binary is not None:
        raise invalid_parameter(
            "You can't specify both a binary secret value and a string secret value in the same"
            " secret."
        )
    if text is None and binary is None:
        return None
    content = binary if binary is not None else str(text).encode()
    if len(content) > VALUE_LIMIT:
        raise invalid_parameter(f"The secret value is larger than {VALUE_LIMIT} bytes.")
    return content, binary is not None


def binding(secret: SecretRecord, version_id: str) -> bytes:
    """Return what a sealed value is bound to, so that it opens in its own place only."""
    return f"{secret.arn}:{version_id}".encode()


def sealed_version(
    secret: SecretRecord,
    version_id: str,
    value: Value,
    *,
    ring: KeyRing,
    random: Callable[[int], bytes],
    now: float,
) -> SecretVersion:
    """Return a new version with its value sealed, and no labels yet."""
    content, binary = value
    return SecretVersion(
        id=version_id,
        sealed_value=ring.seal("secret", content, binding(secret, version_id), random),
        binary=binary,
        stages=(),
        created=now,
    )


def opened(secret: SecretRecord, version: SecretVersion, ring: KeyRing) -> Value:
    """Return a version's value. Raises ``DecryptionFailure``."""
    try:
        content = ring.open("secret", version.sealed_value, binding(secret, version.id))
    except SealBroken as broken:
        raise not_opened(
            f"version `{version.id}` of secret `{secret.name}` does not open under the key ring"
        ) from broken
    return content, version.binary


def chosen(secret: SecretRecord, version_id: str | None, stage: str | None) -> SecretVersion:
    """Return the version that a request asks for: AWSCURRENT, where it does not say.

    Raises ``ResourceNotFoundException``, or ``InvalidRequestException`` where id and label name
    different versions.
    """
    if version_id is not None:
        version = with_id(secret, version_id)
        if version is None:
            raise value_not_found(f"VersionId: {version_id}")
        if stage is not None and stage not in version.stages:
            raise invalid_request(
                "You provided a VersionStage that is not associated to the provided VersionId."
            )
        return version
    version = with_stage(secret, stage or CURRENT)
    if version is None:
        raise value_not_found(f"staging label: {stage or CURRENT}")
    return version


def with_id(secret: SecretRecord, version_id: str) -> SecretVersion | None:
    """Return the version of an id."""
    return next((v for v in secret.versions if v.id == version_id), None)


def with_stage(secret: SecretRecord, stage: str) -> SecretVersion | None:
    """Return the version that a label stands on."""
    return next((v for v in secret.versions if stage in v.stages), None)


def added(
    secret: SecretRecord, version: SecretVersion, stages: Iterable[str], now: float
) -> SecretRecord:
    """Return the secret with one more version that takes over labels; the first is current."""
    wanted = tuple(dict.fromkeys(stages))
    if not secret.versions and CURRENT not in wanted:
        wanted = (*wanted, CURRENT)
    grown = msgspec.structs.replace(secret, versions=(*secret.versions, version), changed=now)
    for stage in wanted:
        grown = moved(grown, stage, version.id)
    return msgspec.structs.replace(grown, versions=_without_old(grown.versions))


def moved(secret: SecretRecord, stage: str, version_id: str | None) -> SecretRecord:
    """Return the secret with a label on another version, or on none.

    Raises ``LimitExceededException`` for more labels than a secret may have.
    """
    holder = with_stage(secret, stage)
    if holder is not None and holder.id == version_id:
        return secret
    succeeds = stage == CURRENT and holder is not None
    versions = []
    for version in secret.versions:
        dropped = {stage, PREVIOUS} if succeeds else {stage}
        if succeeds and version is holder:
            # What was current has nothing to wait for any more (as observed).
            dropped.add(PENDING)
        stages = [label for label in version.stages if label not in dropped]
        if version.id == version_id:
            stages.append(stage)
        elif succeeds and version is holder:
            stages.append(PREVIOUS)
        versions.append(msgspec.structs.replace(version, stages=tuple(stages)))
    if sum(len(version.stages) for version in versions) > LABEL_LIMIT:
        raise limit_exceeded(f"A secret can have at most {LABEL_LIMIT} staging labels.")
    return msgspec.structs.replace(secret, versions=tuple(versions))


def _without_old(versions: tuple[SecretVersion, ...]) -> tuple[SecretVersion, ...]:
    surplus = len(versions) - KEPT_VERSIONS
    kept = []
    for version in versions:
        if surplus > 0 and not version.stages:
            surplus -= 1
        else:
            kept.append(version)
    return tuple(kept)


def repeated(secret: SecretRecord, version_id: str, value: Value, ring: KeyRing) -> bool:
    """Tell whether a request only repeats one that was carried out already.

    Raises ``ResourceExistsException`` where the id was used for another value.
    """
    version = with_id(secret, version_id)
    if version is None:
        return False
    if opened(secret, version, ring) != value:
        raise exists(
            f"You can't use ClientRequestToken {version_id} because that value is already in use"
            f" for a version of secret {secret.arn}."
        )
    return True
