"""Managed policies: made, read, listed and removed."""

from collections import Counter
from typing import NamedTuple

from valetkey.api.iam import documents, tags
from valetkey.api.iam.entities import POLICY, Holder, add
from valetkey.api.iam.failures import already_exists, delete_conflict
from valetkey.api.iam.page import marked, paginate
from valetkey.api.iam.shapes import (
    CreatePolicyRequest,
    CreatePolicyResponse,
    DeletePolicyRequest,
    GetPolicyRequest,
    GetPolicyResponse,
    ListEntitiesForPolicyRequest,
    ListEntitiesForPolicyResponse,
    ListPoliciesRequest,
    ListPoliciesResponse,
    Policy,
)
from valetkey.api.operation import Call, Output
from valetkey.credentials import new_unique_id
from valetkey.store import (
    AWS_ACCOUNT,
    PolicyRecord,
    PolicyVersion,
    RoleRecord,
    Transaction,
    UserRecord,
)

POLICY_LIMIT = 1500


class Usage(NamedTuple):
    """How many roles and users hold each policy, and how many are capped by it, by its ARN."""

    attached: Counter[str]
    boundaries: Counter[str]


def create(call: Call, request: CreatePolicyRequest) -> CreatePolicyResponse:
    """Make a managed policy with its first version.

    Raises ``EntityAlreadyExists``, ``LimitExceeded`` or ``MalformedPolicyDocument``.
    """
    name = request["PolicyName"]
    document = documents.checked_managed(request["PolicyDocument"], name)
    record = PolicyRecord(
        account=call.account,
        name=name,
        path=request.get("Path", "/"),
        id=new_unique_id("ANPA", call.account, random=call.services.random),
        versions=(PolicyVersion(id="v1", document=document, created=call.now),),
        default_version="v1",
        created=call.now,
        updated=call.now,
        description=request.get("Description") or None,
        tags=tags.given_tags(request),
    )
    taken = f"A policy called {name} already exists. Duplicate names are not allowed."
    add(
        call,
        record,
        taken=already_exists(taken),
        limit=POLICY_LIMIT,
        quota_name="PoliciesPerAccount",
    )
    answer = _shown(record, Usage(Counter(), Counter()))
    if record.tags:
        answer["Tags"] = tags.shown(record.tags)
    return {"Policy": answer}


def _shown(policy: PolicyRecord, usage: Usage) -> Policy:
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": policy.default_version,
        "AttachmentCount": usage.attached[policy.arn],
        "PermissionsBoundaryUsageCount": usage.boundaries[policy.arn],
        "IsAttachable": True,
        "CreateDate": policy.created,
        "UpdateDate": policy.updated,
    }


def _holders(call: Call) -> tuple[Holder, ...]:
    return (*call.directory.roles(call.account), *call.directory.users(call.account))


def _usage(call: Call) -> Usage:
    """Count once for all policies: an account may have thousands, and as many holders."""
    holders = _holders(call)
    return Usage(
        Counter(arn for holder in holders for arn in holder.attached_policies),
        Counter(h.permissions_boundary for h in holders if h.permissions_boundary is not None),
    )


def get(call: Call, request: GetPolicyRequest) -> GetPolicyResponse:
    """Return a managed policy, without its documents."""
    policy = POLICY.read(call, request)
    answer = _shown(policy, _usage(call))
    if policy.description is not None:
        answer["Description"] = policy.description
    answer["Tags"] = tags.shown(policy.tags)
    return {"Policy": answer}


def list_all(call: Call, request: ListPoliciesRequest) -> ListPoliciesResponse:
    """Return the managed policies of the account, of AWS, or of both."""
    owners = {"AWS": (AWS_ACCOUNT,), "Local": (call.account,)}.get(
        request.get("Scope", "All"), (call.account, AWS_ACCOUNT)
    )
    usage, prefix = _usage(call), request.get("PathPrefix", "/")
    policies = [
        policy
        for owner in owners
        for policy in call.directory.policies(owner)
        if policy.path.startswith(prefix)
    ]
    if request.get("PolicyUsageFilter") == "PermissionsBoundary":
        policies = [policy for policy in policies if usage.boundaries[policy.arn]]
    elif request.get("OnlyAttached"):
        policies = [policy for policy in policies if usage.attached[policy.arn]]
    policies.sort(key=lambda policy: policy.arn)
    page = paginate(policies, lambda policy: policy.arn, request)
    answer: ListPoliciesResponse = {"Policies": [_shown(policy, usage) for policy in page.items]}
    return marked(answer, page)


def delete(call: Call, request: DeletePolicyRequest) -> Output:
    """Remove a managed policy that nobody holds. Raises ``DeleteConflict`` otherwise."""

    def check(tx: Transaction, policy: PolicyRecord) -> None:
        holders: tuple[Holder, ...] = (
            *tx.scan(RoleRecord, call.account),
            *tx.scan(UserRecord, call.account),
        )
        if any(_uses(holder, policy.arn) for holder in holders):
            raise delete_conflict("Cannot delete a policy attached to entities.")
        if len(policy.versions) > 1:
            raise delete_conflict(
                "This policy has more than one version. Before you delete a policy, you must"
                " delete the policy's versions. The default version is deleted with the policy."
            )

    return POLICY.remove(call, request, check)


def _uses(holder: Holder, arn: str) -> bool:
    return arn in holder.attached_policies or arn == holder.permissions_boundary


def list_entities(
    call: Call, request: ListEntitiesForPolicyRequest
) -> ListEntitiesForPolicyResponse:
    """Return the roles and users that hold a policy, or are capped by it."""
    arn, prefix = POLICY.read(call, request).arn, request.get("PathPrefix", "/")
    found = [h for h in _holders(call) if h.path.startswith(prefix) and _asked_for(h, arn, request)]
    page = paginate(found, lambda holder: f"{holder.kind}/{holder.key}", request)
    answer: ListEntitiesForPolicyResponse = {
        "PolicyGroups": [],
        "PolicyUsers": [
            {"UserName": h.name, "UserId": h.id} for h in page.items if isinstance(h, UserRecord)
        ],
        "PolicyRoles": [
            {"RoleName": h.name, "RoleId": h.id} for h in page.items if isinstance(h, RoleRecord)
        ],
    }
    return marked(answer, page)


def _asked_for(holder: Holder, arn: str, request: ListEntitiesForPolicyRequest) -> bool:
    """Tell whether a holder is of the kind, and uses the policy in the way, that is asked for."""
    if request.get("EntityFilter", holder.kind.capitalize()) != holder.kind.capitalize():
        return False
    match request.get("PolicyUsageFilter"):
        case "PermissionsBoundary":
            return arn == holder.permissions_boundary
        case "PermissionsPolicy":
            return arn in holder.attached_policies
        case _:
            return _uses(holder, arn)
