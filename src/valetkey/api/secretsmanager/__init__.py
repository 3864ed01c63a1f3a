"""Secrets Manager: values that are sealed at rest and given to those whom policies allow.

Follows the Secrets Manager API reference, version 2017-10-17.
"""

from collections.abc import Callable
from typing import Any

from valetkey.access import Target
from valetkey.api.operation import Also, Call, Operation, nothing_more
from valetkey.api.secretsmanager import (
    deletion,
    lifecycle,
    resource_policy,
    stages,
    tags,
    targets,
    values,
)
from valetkey.api.secretsmanager.listing import list_secrets
from valetkey.api.secretsmanager.password import get_random_password

TargetOf = Callable[[Call, Any], Target]


def _read(name: str, handler: Any, target: TargetOf = targets.secret_target) -> Operation:
    return Operation(name, handler, f"secretsmanager:{name}", target)


def _write(
    name: str,
    handler: Any,
    target: TargetOf = targets.secret_target,
    also: Also = nothing_more,
) -> Operation:
    return Operation(name, handler, f"secretsmanager:{name}", target, writes=True, also=also)


OPERATIONS = (
    _write("CreateSecret", lifecycle.create_secret, targets.new_secret_target, targets.tagging),
    _read("DescribeSecret", lifecycle.describe_secret),
    _write("UpdateSecret", lifecycle.update_secret),
    _write("DeleteSecret", deletion.delete_secret),
    _write("RestoreSecret", deletion.restore_secret),
    _write("TagResource", tags.tag_resource),
    _write("UntagResource", tags.untag_resource),
    _read("ListSecrets", list_secrets, targets.nothing_named),
    _read("GetSecretValue", values.get_secret_value, targets.value_target),
    _write("PutSecretValue", values.put_secret_value),
    _read("ListSecretVersionIds", stages.list_secret_version_ids),
    _write("UpdateSecretVersionStage", stages.update_secret_version_stage),
    _read("GetRandomPassword", get_random_password, targets.nothing_named),
    _write("PutResourcePolicy", resource_policy.put_resource_policy),
    _read("GetResourcePolicy", resource_policy.get_resource_policy),
    _write("DeleteResourcePolicy", resource_policy.delete_resource_policy),
    _read(
        "ValidateResourcePolicy",
        resource_policy.validate_resource_policy,
        targets.validation_target,
    ),
)
