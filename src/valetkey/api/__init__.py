"""What is offered on the AWS wire: an operation is a function, typed input to typed output.

Owns the operations of STS, IAM and Secrets Manager, a package a service, and the one table that
the server looks them up in. Knows no HTTP and no XML; who may call is decided by ``access``
before an operation runs, by what its row in the table says.
"""

from collections.abc import Mapping

from valetkey.api.iam import OPERATIONS as IAM
from valetkey.api.operation import Call, Operation
from valetkey.api.secretsmanager import OPERATIONS as SECRETS_MANAGER
from valetkey.api.sts import OPERATIONS as STS

OPERATIONS: Mapping[tuple[str, str], Operation] = {
    (service, operation.name): operation
    for service, operations in (
        ("sts", STS),
        ("iam", IAM),
        ("secretsmanager", SECRETS_MANAGER),
    )
    for operation in operations
}
"""Every operation by service and name."""

__all__ = ["OPERATIONS", "Call", "Operation"]
