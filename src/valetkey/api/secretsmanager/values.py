"""Reading and replacing a secret's value."""

import msgspec

from valetkey.api.operation import Call
from valetkey.api.secretsmanager import versions
from valetkey.api.secretsmanager.failures import invalid_parameter, invalid_request
from valetkey.api.secretsmanager.lookup import Request, alter, read_live
from valetkey.api.secretsmanager.shapes import (
    GetSecretValueRequest,
    GetSecretValueResponse,
    PutSecretValueRequest,
    PutSecretValueResponse,
)
from valetkey.store import SecretRecord


class NewVersion(msgspec.Struct, frozen=True):
    """A version that a request asks for: its id, its value and the labels it takes over."""

    id: str
    value: versions.Value
    stages: tuple[str, ...] = (versions.CURRENT,)


def get_secret_value(call: Call, request: GetSecretValueRequest) -> GetSecretValueResponse:
    """Return a version's value: AWSCURRENT, where the request does not say which."""
    secret = read_live(call, request)
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
    new = new_version(request)
    if new is None:
        raise invalid_parameter("You must provide either SecretString or SecretBinary.")
    if "VersionStages" in request:
        new = msgspec.structs.replace(new, stages=tuple(request["VersionStages"]))
    secret = alter(call, request, lambda secret: with_version(call, secret, new))
    version = versions.chosen(secret, new.id, None)
    return {
        "ARN": secret.arn,
        "Name": secret.name,
        "VersionId": version.id,
        "VersionStages": list(version.stages),
    }


def new_version(request: Request) -> NewVersion | None:
    """Return the version that a request asks for, None where it has no value.

    Its id is the client's token, which makes repeating a request harmless. Raises
    ``InvalidRequestException`` without one: SDKs make it up, and so must who writes by hand.
    """
    value = versions.given_value(request)
    if value is None:
        return None
    if "ClientRequestToken" not in request:
        raise invalid_request(
            "You must provide a ClientRequestToken value. We recommend a UUID-type value."
        )
    return NewVersion(request["ClientRequestToken"], value)


def with_version(call: Call, secret: SecretRecord, new: NewVersion) -> SecretRecord:
    """Return the secret with one more version; a request that repeats itself changes nothing.

    Raises ``ResourceExistsException`` where the id was used for another value.
    """
    ring = call.services.keys.ring
    if versions.repeated(secret, new.id, new.value, ring):
        return secret
    version = versions.sealed_version(
        secret, new.id, new.value, ring=ring, random=call.services.random, now=call.now
    )
    return versions.added(secret, version, new.stages, call.now)
