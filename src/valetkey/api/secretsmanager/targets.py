"""What requests are about, as policies see it, and as a refusal says it.

Follows the Service Authorization Reference, *Actions, resources, and condition keys for AWS
Secrets Manager*. A refusal repeats the secret id as the caller wrote it, so that no ARN is learnt
from it, and a secret that is not there answers like one that is.
"""

from valetkey.access import Target
from valetkey.access.context import ContextValues, tag_values
from valetkey.api.operation import Asked, Call
from valetkey.api.secretsmanager.lookup import Request, peek, wanted_secret
from valetkey.api.secretsmanager.names import SecretName, checked_name
from valetkey.api.secretsmanager.tags import read_tags
from valetkey.api.secretsmanager.versions import CURRENT

_TEXTS = ("VersionId", "VersionStage", "Description", "KmsKeyId", "RecoveryWindowInDays")
_SWITCHES = ("ForceDeleteWithoutRecovery", "BlockPublicPolicy")


def secret_target(call: Call, request: Request) -> Target:
    """Return the secret that a request names."""
    secret_id: str = request["SecretId"]
    record, values = peek(call, request), _request_values(request)
    if record is None:
        named = wanted_secret(call, request) or SecretName("", call.facts.region, secret_id)
        return Target(named.arn, values, shown=secret_id, account=named.account)
    values["secretsmanager:SecretId"] = record.arn
    values["secretsmanager:SecretPrimaryRegion"] = record.region
    for key, value in record.tags.items():
        values[f"aws:ResourceTag/{key}"] = value
        values[f"secretsmanager:ResourceTag/{key}"] = value
    policy = call.directory.resource_policy(record)
    return Target(record.arn, values, shown=secret_id, policy=policy, account=record.account)


def value_target(call: Call, request: Request) -> Target:
    """Return the secret whose value a request wants; without a version, the current one."""
    if not {"VersionId", "VersionStage"} & request.keys():
        request = {**request, "VersionStage": CURRENT}
    return secret_target(call, request)


def new_secret_target(call: Call, request: Request) -> Target:
    """Return the secret that is about to be made."""
    name = checked_name(request["Name"])
    values = _request_values(request)
    values["secretsmanager:Name"] = name
    return Target(SecretName(call.account, call.facts.region, name).arn, values, shown=name)


def validation_target(call: Call, request: Request) -> Target:
    """Return what validating a policy is about: a secret, where the request names one."""
    return secret_target(call, request) if "SecretId" in request else Target(shown="")


def nothing_named(_call: Call, _request: Request) -> Target:
    """Return the target of operations on no secret in particular; refusals name none."""
    return Target(shown="")


def tagging(call: Call, request: Request) -> tuple[Asked, ...]:
    """Return what making a secret with tags needs besides: the permission to tag it."""
    if not request.get("Tags"):
        return ()
    return (("secretsmanager:TagResource", new_secret_target(call, request)),)


def _request_values(request: Request) -> ContextValues:
    values: ContextValues = {
        f"secretsmanager:{member}": str(request[member]) for member in _TEXTS if member in request
    }
    for member in _SWITCHES:
        if member in request:
            values[f"secretsmanager:{member}"] = "true" if request[member] else "false"
    values.update(tag_values(read_tags(request.get("Tags", []))))
    if "TagKeys" in request:
        values["aws:TagKeys"] = tuple(request["TagKeys"])
    return values
