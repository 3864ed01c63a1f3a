"""Which condition keys policies look at: what a simulation of them must be told.

Follows the IAM API reference, *GetContextKeysForCustomPolicy* and
*GetContextKeysForPrincipalPolicy*. Keys are answered as they are written, in the order of the
texts, each spelling once; policy variables count. As on AWS a document need not be fit for use,
so that those of trust and resource policies are answered as well.
"""

from valetkey.api.iam.failures import invalid_input
from valetkey.api.iam.shapes import (
    GetContextKeysForCustomPolicyRequest,
    GetContextKeysForPolicyResponse,
    GetContextKeysForPrincipalPolicyRequest,
)
from valetkey.api.iam.simulation_policies import (
    held,
    keys_of,
    read_document,
    refuse_length,
)
from valetkey.api.iam.simulation_sources import source
from valetkey.api.operation import Call
from valetkey.policy import PolicyDocument


def of_custom_policy(
    _call: Call, request: GetContextKeysForCustomPolicyRequest
) -> GetContextKeysForPolicyResponse:
    """Return the keys of a request's policies. Raises ``InvalidInput``."""
    if not request["PolicyInputList"]:
        raise invalid_input("PolicyInputList cannot be null or empty.")
    return {"ContextKeyNames": keys_of(_documents(request["PolicyInputList"]))}


def of_principal_policy(
    call: Call, request: GetContextKeysForPrincipalPolicyRequest
) -> GetContextKeysForPolicyResponse:
    """Return the keys of a user's or role's policies and boundary, and of the request's policies.

    Raises ``NoSuchEntity`` or ``InvalidInput``.
    """
    policies = held(call.directory, source(call, request["PolicySourceArn"])).all()
    own = [sourced.policy.document for sourced in policies]
    return {"ContextKeyNames": keys_of([*own, *_documents(request.get("PolicyInputList", []))])}


def _documents(texts: list[str]) -> list[PolicyDocument]:
    refuse_length(texts)
    return [
        read_document(f"PolicyInputList.{number}", text, f"Policy input list item {number}")
        for number, text in enumerate(texts, 1)
    ]
