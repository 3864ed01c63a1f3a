"""Roles: made, read, changed and removed; the trust policy decides who may assume one."""

import msgspec

from valetkey.api.iam import boundary, documents, tags
from valetkey.api.iam.entities import NOTHING, ROLE, add
from valetkey.api.iam.failures import already_exists
from valetkey.api.iam.holders import refuse_held_policies
from valetkey.api.iam.page import marked, paginate
from valetkey.api.iam.shapes import (
    CreateRoleRequest,
    CreateRoleResponse,
    DeleteRoleRequest,
    GetRoleRequest,
    GetRoleResponse,
    ListInstanceProfilesForRoleRequest,
    ListInstanceProfilesForRoleResponse,
    ListRolesRequest,
    ListRolesResponse,
    Role,
    UpdateAssumeRolePolicyRequest,
    UpdateRoleDescriptionRequest,
    UpdateRoleDescriptionResponse,
    UpdateRoleRequest,
    UpdateRoleResponse,
)
from valetkey.api.operation import Call, Output
from valetkey.credentials import new_unique_id
from valetkey.store import RoleRecord

DEFAULT_MAX_SESSION = 3600
ROLE_LIMIT = 1000


def create(call: Call, request: CreateRoleRequest) -> CreateRoleResponse:
    """Make a role.

    Raises ``EntityAlreadyExists``, ``LimitExceeded`` or ``MalformedPolicyDocument``.
    """
    name = request["RoleName"]
    record = RoleRecord(
        account=call.account,
        name=name,
        path=request.get("Path", "/"),
        id=new_unique_id("AROA", call.account, random=call.services.random),
        trust_policy=_checked_trust(call, request["AssumeRolePolicyDocument"], name),
        created=call.now,
        description=request.get("Description") or None,
        max_session_duration=request.get("MaxSessionDuration", DEFAULT_MAX_SESSION),
        permissions_boundary=request.get("PermissionsBoundary"),
        tags=tags.given_tags(request),
    )
    add(
        call,
        record,
        taken=already_exists(f"Role with name {name} already exists."),
        limit=ROLE_LIMIT,
        quota_name="RolesPerAccount",
        check=boundary.check_boundary(call, request),
    )
    role = shown(record)
    # AWS's answer to CreateRole leaves it out; GetRole has it.
    del role["MaxSessionDuration"]
    return {"Role": role}


def _checked_trust(call: Call, document: str, role: str) -> str:
    return documents.checked_trust(document, role, call.services.required_trust_claims)


def shown(role: RoleRecord) -> Role:
    """Return a role as responses carry it."""
    answer = _listed(role)
    if role.permissions_boundary is not None:
        answer["PermissionsBoundary"] = boundary.shown(role.permissions_boundary)
    if role.tags:
        answer["Tags"] = tags.shown(role.tags)
    return answer


def _listed(role: RoleRecord) -> Role:
    answer: Role = {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.id,
        "Arn": role.arn,
        "CreateDate": role.created,
        "AssumeRolePolicyDocument": documents.shown(role.trust_policy),
        "MaxSessionDuration": role.max_session_duration,
    }
    if role.description is not None:
        answer["Description"] = role.description
    return answer


def get(call: Call, request: GetRoleRequest) -> GetRoleResponse:
    """Return a role. Raises ``NoSuchEntity``."""
    role = shown(ROLE.read(call, request))
    role["RoleLastUsed"] = {}
    return {"Role": role}


def list_all(call: Call, request: ListRolesRequest) -> ListRolesResponse:
    """Return the account's roles under a path; lists carry neither tags nor boundaries."""
    prefix = request.get("PathPrefix", "/")
    roles = [r for r in call.directory.roles(call.account) if r.path.startswith(prefix)]
    page = paginate(roles, lambda role: role.key, request)
    answer: ListRolesResponse = {"Roles": [_listed(role) for role in page.items]}
    return marked(answer, page)


def update(call: Call, request: UpdateRoleRequest) -> UpdateRoleResponse:
    """Change a role's description or longest session; what is not given stays."""
    ROLE.alter(
        call,
        request,
        lambda role: msgspec.structs.replace(
            role,
            max_session_duration=request.get("MaxSessionDuration", role.max_session_duration),
            description=request.get("Description", role.description) or None,
        ),
    )
    return {}


def update_description(
    call: Call, request: UpdateRoleDescriptionRequest
) -> UpdateRoleDescriptionResponse:
    """Change a role's description."""
    description = request["Description"] or None
    role = ROLE.alter(
        call, request, lambda role: msgspec.structs.replace(role, description=description)
    )
    return {"Role": shown(role)}


def update_trust_policy(call: Call, request: UpdateAssumeRolePolicyRequest) -> Output:
    """Replace a role's trust policy. Raises ``MalformedPolicyDocument``."""
    document = _checked_trust(call, request["PolicyDocument"], request["RoleName"])
    ROLE.alter(call, request, lambda role: msgspec.structs.replace(role, trust_policy=document))
    return NOTHING


def delete(call: Call, request: DeleteRoleRequest) -> Output:
    """Remove a role that has no policies left. Raises ``DeleteConflict`` otherwise."""
    return ROLE.remove(call, request, lambda _tx, role: refuse_held_policies(role))


def list_instance_profiles(
    call: Call, request: ListInstanceProfilesForRoleRequest
) -> ListInstanceProfilesForRoleResponse:
    """Return no instance profiles: there are none, and clients that delete a role ask first."""
    ROLE.read(call, request)
    return {"InstanceProfiles": [], "IsTruncated": False}
