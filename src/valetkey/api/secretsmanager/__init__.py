"""Secrets Manager: values that are sealed at rest and given to those whom policies allow.

Follows the Secrets Manager API reference, version 2017-10-17.
"""

from collections.abc import Callable
from typing import Any

from valetkey.access import Target
from valetkey.api.operation import Call, Operation, no_target
from valetkey.api.secretsmanager import lifecycle, resource_policy, values
from valetkey.api.secretsmanager.listing import list_secrets
from valetkey.api.secretsmanager.lookup import create_target, secret_target
from valetkey.api.secretsmanager.password import get_random_password

Targets = Callable[[Call, Any], Target]


def _read(name: str, handler: Any, target: Targets = secret_target) -> Operation:
    return Operation(name, handler, f"secretsmanager:{name}", target)


def _write(name: str, handler: Any, target: Targets = secret_target) -> Operation:
    return Operation(name, handler, f"secretsmanager:{name}", target, writes=True)


OPERATIONS = (
    _write("CreateSecret", lifecycle.create_secret, create_target),
    _read("DescribeSecret", lifecycle.describe_secret),
    _write("UpdateSecret", lifecycle.update_secret),
    _write("DeleteSecret", lifecycle.delete_secret),
    _write("RestoreSecret", lifecycle.restore_secret),
    _write("TagResource", lifecycle.tag_resource),
    _write("UntagResource", lifecycle.untag_resource),
    _read("ListSecrets", list_secrets, no_target),
    _read("GetSecretValue", values.get_secret_value),
    _write("PutSecretValue", values.put_secret_value),
    _read("ListSecretVersionIds", values.list_secret_version_ids),
    _write("UpdateSecretVersionStage", values.update_secret_version_stage),
    _read("GetRandomPassword", get_random_password, no_target),
    _write("PutResourcePolicy", resource_policy.put_resource_policy),
    _read("GetResourcePolicy", resource_policy.get_resource_policy),
    _write("DeleteResourcePolicy", resource_policy.delete_resource_policy),
)
