"""Roles: made, read, changed and removed; the trust policy decides who may assume one."""

from collections.abc import Mapping
from typing import Any

import msgspec

from valetkey.access import Target
from valetkey.api.iam import boundary, documents
from valetkey.api.iam import tags as tagging
from valetkey.api.iam.failures import already_exists, delete_conflict, quota
from valetkey.api.iam.lookups import role_in, role_of
from valetkey.api.iam.page import marked, paginate
from valetkey.api.iam.shapes import (
    CreateRoleRequest,
    CreateRoleResponse,
    DeleteRolePermissionsBoundaryRequest,
    DeleteRoleRequest,
    GetRoleRequest,
    GetRoleResponse,
    ListRolesRequest,
    ListRolesResponse,
    ListRoleTagsRequest,
    ListRoleTagsResponse,
    PutRolePermissionsBoundaryRequest,
    Role,
    TagRoleRequest,
    UntagRoleRequest,
    UpdateAssumeRolePolicyRequest,
    UpdateRoleDescriptionRequest,
    UpdateRoleDescriptionResponse,
    UpdateRoleRequest,
    UpdateRoleResponse,
)
from valetkey.api.operation import Call, Output
from valetkey.arn import role_arn
from valetkey.credentials import new_unique_id
from valetkey.store import RoleRecord, Transaction

DEFAULT_MAX_SESSION = 3600
ROLE_LIMIT = 1000
NOTHING: Output = {}


def role_target(call: Call, request: Mapping[str, Any]) -> Target:
    """Return the role that a request names, as policies see it."""
    name = request["RoleName"]
    role = call.directory.role(call.account, name)
    if role is None:
        return Target(role_arn(call.account, "/", name), tagging.request_tags(request.get("Tags", [])))
    values = tagging.resource_tags(role.tags)
    values.update(tagging.request_tags(request.get("Tags", [])))
    values.update(boundary.boundary_values(request, role.permissions_boundary))
    if "PolicyArn" in request:
        values["iam:PolicyARN"] = request["PolicyArn"]
    return Target(role.arn, values)


def create_target(call: Call, request: CreateRoleRequest) -> Target:
    """Return the role that is about to be made, as policies see it."""
    values = tagging.request_tags(request.get("Tags", []))
    values.update(boundary.boundary_values(request, None))
    return Target(role_arn(call.account, request.get("Path", "/"), request["RoleName"]), values)


def list_target(call: Call, request: ListRolesRequest) -> Target:
    """Return what a list of roles is about: the path that it is limited to."""
    return Target(role_arn(call.account, request.get("PathPrefix", "/"), ""))


def create(call: Call, request: CreateRoleRequest) -> CreateRoleResponse:
    """Make a role.

    Raises ``EntityAlreadyExists``, ``LimitExceeded`` or ``MalformedPolicyDocument``.
    """
    record = RoleRecord(
        account=call.account,
        name=request["RoleName"],
        path=request.get("Path", "/"),
        id=new_unique_id("AROA", call.account, random=call.services.random),
        trust_policy=documents.checked_trust(
            request["AssumeRolePolicyDocument"], request["RoleName"]
        ),
        created=call.now,
        description=request.get("Description"),
        max_session_duration=request.get("MaxSessionDuration", DEFAULT_MAX_SESSION),
        permissions_boundary=boundary.checked_boundary(call, request.get("PermissionsBoundary")),
        tags=tagging.read_tags(request.get("Tags", [])),
    )

    def change(tx: Transaction) -> None:
        if tx.get(RoleRecord, record.account, record.key) is not None:
            raise already_exists(f"Role with name {record.name} already exists.")
        if len(tx.scan(RoleRecord, record.account)) >= ROLE_LIMIT:
            raise quota("RolesPerAccount", ROLE_LIMIT)
        tx.put(record)

    call.write(change)
    role = shown(record)
    del role["MaxSessionDuration"]
    return {"Role": role}


def shown(role: RoleRecord) -> Role:
    """Return a role as responses carry it."""
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
    if role.permissions_boundary is not None:
        answer["PermissionsBoundary"] = boundary.shown(role.permissions_boundary)
    if role.tags:
        answer["Tags"] = tagging.shown(role.tags)
    return answer


def get(call: Call, request: GetRoleRequest) -> GetRoleResponse:
    """Return a role. Raises ``NoSuchEntity``."""
    role = shown(role_of(call.directory, call.account, request["RoleName"]))
    role["RoleLastUsed"] = {}
    return {"Role": role}


def list_all(call: Call, request: ListRolesRequest) -> ListRolesResponse:
    """Return the account's roles under a path; lists carry neither tags nor boundaries."""
    prefix = request.get("PathPrefix", "/")
    roles = [r for r in call.directory.roles(call.account) if r.path.startswith(prefix)]
    page = paginate(roles, lambda role: role.key, request)
    answer: ListRolesResponse = {"Roles": [_listed(role) for role in page.items]}
    return marked(answer, page)


def _listed(role: RoleRecord) -> Role:
    return shown(msgspec.structs.replace(role, tags={}, permissions_boundary=None))


def update(call: Call, request: UpdateRoleRequest) -> UpdateRoleResponse:
    """Change a role's description or longest session."""

    def change(tx: Transaction) -> None:
        role = role_in(tx, call.account, request["RoleName"])
        longest = request.get("MaxSessionDuration", role.max_session_duration)
        description = request.get("Description", role.description)
        tx.put(
            msgspec.structs.replace(
                role, max_session_duration=longest, description=description or None
            )
        )

    call.write(change)
    return {}


def update_description(
    call: Call, request: UpdateRoleDescriptionRequest
) -> UpdateRoleDescriptionResponse:
    """Change a role's description."""

    def change(tx: Transaction) -> RoleRecord:
        role = role_in(tx, call.account, request["RoleName"])
        changed = msgspec.structs.replace(role, description=request["Description"])
        tx.put(changed)
        return changed

    return {"Role": shown(call.write(change))}


def update_trust_policy(call: Call, request: UpdateAssumeRolePolicyRequest) -> Output:
    """Replace a role's trust policy. Raises ``MalformedPolicyDocument``."""
    document = documents.checked_trust(request["PolicyDocument"], request["RoleName"])

    def change(tx: Transaction) -> None:
        role = role_in(tx, call.account, request["RoleName"])
        tx.put(msgspec.structs.replace(role, trust_policy=document))

    call.write(change)
    return NOTHING


def delete(call: Call, request: DeleteRoleRequest) -> Output:
    """Remove a role that has no policies left. Raises ``DeleteConflict`` otherwise."""

    def change(tx: Transaction) -> None:
        role = role_in(tx, call.account, request["RoleName"])
        if role.attached_policies:
            raise delete_conflict("Cannot delete entity, must detach all policies first.")
        if role.inline_policies:
            raise delete_conflict("Cannot delete entity, must delete policies first.")
        tx.delete(role)

    call.write(change)
    return NOTHING


def put_boundary(call: Call, request: PutRolePermissionsBoundaryRequest) -> Output:
    """Set a role's permissions boundary. Raises ``NoSuchEntity``."""
    arn = boundary.checked_boundary(call, request["PermissionsBoundary"])
    _set_boundary(call, request["RoleName"], arn)
    return NOTHING


def delete_boundary(call: Call, request: DeleteRolePermissionsBoundaryRequest) -> Output:
    """Remove a role's permissions boundary."""
    _set_boundary(call, request["RoleName"], None)
    return NOTHING


def _set_boundary(call: Call, name: str, arn: str | None) -> None:
    def change(tx: Transaction) -> None:
        role = role_in(tx, call.account, name)
        tx.put(msgspec.structs.replace(role, permissions_boundary=arn))

    call.write(change)


def tag(call: Call, request: TagRoleRequest) -> Output:
    """Set tags of a role."""
    new = tagging.read_tags(request["Tags"])

    def change(tx: Transaction) -> None:
        role = role_in(tx, call.account, request["RoleName"])
        tx.put(msgspec.structs.replace(role, tags=tagging.merged(role.tags, new)))

    call.write(change)
    return NOTHING


def untag(call: Call, request: UntagRoleRequest) -> Output:
    """Remove tags of a role."""

    def change(tx: Transaction) -> None:
        role = role_in(tx, call.account, request["RoleName"])
        tx.put(msgspec.structs.replace(role, tags=tagging.without(role.tags, request["TagKeys"])))

    call.write(change)
    return NOTHING


def list_tags(call: Call, request: ListRoleTagsRequest) -> ListRoleTagsResponse:
    """Return a role's tags, a page at a time."""
    role = role_of(call.directory, call.account, request["RoleName"])
    page = paginate(tagging.shown(role.tags), lambda tag: tag["Key"], request)
    answer: ListRoleTagsResponse = {"Tags": page.items}
    return marked(answer, page)
