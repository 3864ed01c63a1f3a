"""Resource policies of secrets: who else may, said at the secret."""

import json

import msgspec

from valetkey.api.operation import Call
from valetkey.api.secretsmanager.lookup import change_of, read
from valetkey.api.secretsmanager.shapes import (
    DeleteResourcePolicyRequest,
    DeleteResourcePolicyResponse,
    GetResourcePolicyRequest,
    GetResourcePolicyResponse,
    PutResourcePolicyRequest,
    PutResourcePolicyResponse,
)
from valetkey.diagnostics import Source
from valetkey.errors import AwsError
from valetkey.policy import MalformedPolicy, PolicyType, compile_policy
from valetkey.store import SecretRecord, Transaction


def put_resource_policy(
    call: Call, request: PutResourcePolicyRequest
) -> PutResourcePolicyResponse:
    """Keep a secret's resource policy.

    Raises ``MalformedPolicyDocumentException``, and ``PublicPolicyException`` where a policy that
    admits everyone is to be blocked.
    """
    document = request["ResourcePolicy"]
    try:
        compile_policy(Source("resource policy", document), PolicyType.RESOURCE, name="policy")
    except MalformedPolicy as malformed:
        raise AwsError(
            "MalformedPolicyDocumentException",
            malformed.message,
            reason=malformed.reason,
            diagnostics=malformed.diagnostics(),
        ) from malformed
    if request.get("BlockPublicPolicy", False) and _admits_everyone(document):
        raise AwsError(
            "PublicPolicyException",
            "The resource policy grants broad access to the secret and BlockPublicPolicy is set.",
        )
    secret = _set(call, request["SecretId"], document)
    return {"ARN": secret.arn, "Name": secret.name}


def _admits_everyone(document: str) -> bool:
    statements = json.loads(document)["Statement"]
    statements = statements if isinstance(statements, list) else [statements]
    for statement in statements:
        principal = statement.get("Principal")
        named = principal.get("AWS") if isinstance(principal, dict) else principal
        everyone = "*" in (named if isinstance(named, list) else [named])
        if everyone and statement["Effect"] == "Allow" and not statement.get("Condition"):
            return True
    return False


def get_resource_policy(
    call: Call, request: GetResourcePolicyRequest
) -> GetResourcePolicyResponse:
    """Return a secret's resource policy, where it has one."""
    secret = read(call, request["SecretId"])
    answer: GetResourcePolicyResponse = {"ARN": secret.arn, "Name": secret.name}
    if secret.resource_policy is not None:
        answer["ResourcePolicy"] = secret.resource_policy
    return answer


def delete_resource_policy(
    call: Call, request: DeleteResourcePolicyRequest
) -> DeleteResourcePolicyResponse:
    """Remove a secret's resource policy."""
    secret = _set(call, request["SecretId"], None)
    return {"ARN": secret.arn, "Name": secret.name}


def _set(call: Call, secret_id: str, document: str | None) -> SecretRecord:
    def change(tx: Transaction) -> SecretRecord:
        secret = change_of(call, tx, secret_id)
        changed = msgspec.structs.replace(secret, resource_policy=document)
        tx.put(changed)
        return changed

    changed: SecretRecord = call.write(change)
    return changed
