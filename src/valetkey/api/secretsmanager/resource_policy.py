"""Resource policies of secrets: who else may, said at the secret."""

import msgspec

from valetkey.api.operation import Call
from valetkey.api.secretsmanager.failures import invalid_parameter
from valetkey.api.secretsmanager.lookup import alter, read
from valetkey.api.secretsmanager.public import admits_everyone
from valetkey.api.secretsmanager.shapes import (
    DeleteResourcePolicyRequest,
    DeleteResourcePolicyResponse,
    GetResourcePolicyRequest,
    GetResourcePolicyResponse,
    PutResourcePolicyRequest,
    PutResourcePolicyResponse,
    ValidateResourcePolicyRequest,
    ValidateResourcePolicyResponse,
)
from valetkey.diagnostics import Source
from valetkey.errors import AwsError
from valetkey.policy import MalformedPolicy, PolicyType, compile_policy
from valetkey.store import SecretRecord


def put_resource_policy(call: Call, request: PutResourcePolicyRequest) -> PutResourcePolicyResponse:
    """Keep a secret's resource policy.

    Raises ``MalformedPolicyDocumentException``, and ``PublicPolicyException`` where a policy that
    admits everyone is to be blocked.
    """
    if request.get("PolicyName", "default") != "default":
        raise invalid_parameter("The only supported PolicyName is default.")
    document = request["ResourcePolicy"]
    malformed = _malformed(document)
    if malformed is not None:
        raise AwsError(
            "MalformedPolicyDocumentException",
            malformed.message,
            reason=malformed.reason,
            diagnostics=malformed.diagnostics(),
        ) from malformed
    if request.get("BlockPublicPolicy", False) and admits_everyone(document):
        raise AwsError(
            "PublicPolicyException",
            "The resource policy grants broad access to the secret and BlockPublicPolicy is set.",
        )
    secret = alter(call, request, lambda secret: _with_policy(secret, document))
    return {"ARN": secret.arn, "Name": secret.name}


def _malformed(document: str) -> MalformedPolicy | None:
    try:
        compile_policy(Source("resource policy", document), PolicyType.RESOURCE, name="policy")
    except MalformedPolicy as malformed:
        return malformed
    return None


def _with_policy(secret: SecretRecord, document: str | None) -> SecretRecord:
    return msgspec.structs.replace(secret, resource_policy=document)


def validate_resource_policy(
    call: Call, request: ValidateResourcePolicyRequest
) -> ValidateResourcePolicyResponse:
    """Say what is wrong with a resource policy, and keep nothing."""
    if "SecretId" in request:
        read(call, request)
    malformed = _malformed(request["ResourcePolicy"])
    if malformed is not None:
        return _failed("SyntaxValidation", malformed.message)
    if admits_everyone(request["ResourcePolicy"]):
        return _failed("PublicAccess", "The resource policy grants broad access to the secret.")
    return {"PolicyValidationPassed": True, "ValidationErrors": []}


def _failed(check: str, message: str) -> ValidateResourcePolicyResponse:
    return {
        "PolicyValidationPassed": False,
        "ValidationErrors": [{"CheckName": check, "ErrorMessage": message}],
    }


def get_resource_policy(call: Call, request: GetResourcePolicyRequest) -> GetResourcePolicyResponse:
    """Return a secret's resource policy, where it has one."""
    secret = read(call, request)
    answer: GetResourcePolicyResponse = {"ARN": secret.arn, "Name": secret.name}
    if secret.resource_policy is not None:
        answer["ResourcePolicy"] = secret.resource_policy
    return answer


def delete_resource_policy(
    call: Call, request: DeleteResourcePolicyRequest
) -> DeleteResourcePolicyResponse:
    """Remove a secret's resource policy."""
    secret = alter(call, request, lambda secret: _with_policy(secret, None))
    return {"ARN": secret.arn, "Name": secret.name}
