"""Managed policies and their versions."""

from collections.abc import Mapping
from typing import Any

import msgspec

from valetkey.access import Target
from valetkey.api.iam import documents
from valetkey.api.iam import tags as tagging
from valetkey.api.iam.failures import (
    already_exists,
    delete_conflict,
    limit_exceeded,
    no_such_entity,
    quota,
)
from valetkey.api.iam.lookups import policy_in, policy_of
from valetkey.api.iam.page import marked, paginate
from valetkey.api.iam.shapes import (
    CreatePolicyRequest,
    CreatePolicyResponse,
    CreatePolicyVersionRequest,
    CreatePolicyVersionResponse,
    DeletePolicyRequest,
    DeletePolicyVersionRequest,
    GetPolicyRequest,
    GetPolicyResponse,
    GetPolicyVersionRequest,
    GetPolicyVersionResponse,
    ListEntitiesForPolicyRequest,
    ListEntitiesForPolicyResponse,
    ListPoliciesRequest,
    ListPoliciesResponse,
    ListPolicyTagsRequest,
    ListPolicyTagsResponse,
    ListPolicyVersionsRequest,
    ListPolicyVersionsResponse,
    Policy,
    SetDefaultPolicyVersionRequest,
    TagPolicyRequest,
    UntagPolicyRequest,
)
from valetkey.api.iam.shapes import PolicyVersion as ShownVersion
from valetkey.api.operation import Call, Output
from valetkey.arn import iam_arn
from valetkey.credentials import new_unique_id
from valetkey.store import (
    AWS_ACCOUNT,
    Directory,
    PolicyRecord,
    PolicyVersion,
    RoleRecord,
    Transaction,
    UserRecord,
)

VERSION_LIMIT = 5
POLICY_LIMIT = 1500
NOTHING: Output = {}


def policy_target(call: Call, request: Mapping[str, Any]) -> Target:
    """Return the managed policy that a request names, as policies see it."""
    arn = request["PolicyArn"]
    policy = call.directory.policy(arn)
    values = tagging.resource_tags(policy.tags) if policy else {}
    values.update(tagging.request_tags(request.get("Tags", [])))
    # AWS's own policies are every account's to read and to attach.
    return Target(arn, values)


def create_target(call: Call, request: CreatePolicyRequest) -> Target:
    """Return the managed policy that is about to be made, as policies see it."""
    arn = iam_arn(call.account, f"policy{request.get('Path', '/')}{request['PolicyName']}")
    return Target(arn, tagging.request_tags(request.get("Tags", [])))


def create(call: Call, request: CreatePolicyRequest) -> CreatePolicyResponse:
    """Make a managed policy with its first version.

    Raises ``EntityAlreadyExists``, ``LimitExceeded`` or ``MalformedPolicyDocument``.
    """
    document = _checked(request["PolicyDocument"], request["PolicyName"])
    record = PolicyRecord(
        account=call.account,
        name=request["PolicyName"],
        path=request.get("Path", "/"),
        id=new_unique_id("ANPA", call.account, random=call.services.random),
        versions=(PolicyVersion(id="v1", document=document, created=call.now),),
        default_version="v1",
        created=call.now,
        updated=call.now,
        description=request.get("Description"),
        tags=tagging.read_tags(request.get("Tags", [])),
    )

    def change(tx: Transaction) -> None:
        if tx.get(PolicyRecord, record.account, record.key) is not None:
            raise already_exists(
                f"A policy called {record.name} already exists. Duplicate names are not allowed."
            )
        if len(tx.scan(PolicyRecord, record.account)) >= POLICY_LIMIT:
            raise quota("PoliciesPerAccount", POLICY_LIMIT)
        tx.put(record)

    call.write(change)
    return {"Policy": _shown(record, 0, 0)}


def _checked(document: str, name: str) -> str:
    documents.checked_identity(document, name)
    if documents.size(document) > documents.MANAGED_LIMIT:
        raise quota("PolicySize", documents.MANAGED_LIMIT)
    return document


def _shown(policy: PolicyRecord, attached: int, boundaries: int) -> Policy:
    answer: Policy = {
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": policy.default_version,
        "AttachmentCount": attached,
        "PermissionsBoundaryUsageCount": boundaries,
        "IsAttachable": True,
        "CreateDate": policy.created,
        "UpdateDate": policy.updated,
    }
    return answer


def _used(directory: Directory, account: str, arn: str) -> tuple[list[RoleRecord], list[UserRecord]]:
    roles = [r for r in directory.roles(account) if arn in r.attached_policies]
    users = [u for u in directory.users(account) if arn in u.attached_policies]
    return roles, users


def _capped(directory: Directory, account: str, arn: str) -> tuple[list[RoleRecord], list[UserRecord]]:
    roles = [r for r in directory.roles(account) if r.permissions_boundary == arn]
    users = [u for u in directory.users(account) if u.permissions_boundary == arn]
    return roles, users


def get(call: Call, request: GetPolicyRequest) -> GetPolicyResponse:
    """Return a managed policy, without its documents."""
    policy = policy_of(call.directory, call.account, request["PolicyArn"])
    answer = _counted(call, policy)
    if policy.description is not None:
        answer["Description"] = policy.description
    answer["Tags"] = tagging.shown(policy.tags)
    return {"Policy": answer}


def _counted(call: Call, policy: PolicyRecord) -> Policy:
    roles, users = _used(call.directory, call.account, policy.arn)
    capped_roles, capped_users = _capped(call.directory, call.account, policy.arn)
    return _shown(policy, len(roles) + len(users), len(capped_roles) + len(capped_users))


def list_all(call: Call, request: ListPoliciesRequest) -> ListPoliciesResponse:
    """Return the managed policies of the account, of AWS, or of both."""
    scope = request.get("Scope", "All")
    owners = {"All": (call.account, AWS_ACCOUNT), "AWS": (AWS_ACCOUNT,)}.get(
        scope, (call.account,)
    )
    prefix = request.get("PathPrefix", "/")
    held = [p for owner in owners for p in call.directory.policies(owner)]
    policies = [_counted(call, p) for p in held if p.path.startswith(prefix)]
    if request.get("PolicyUsageFilter") == "PermissionsBoundary":
        policies = [p for p in policies if p["PermissionsBoundaryUsageCount"]]
    elif request.get("OnlyAttached"):
        policies = [p for p in policies if p["AttachmentCount"]]
    policies.sort(key=lambda policy: policy["Arn"])
    page = paginate(policies, lambda policy: policy["Arn"], request)
    answer: ListPoliciesResponse = {"Policies": page.items}
    return marked(answer, page)


def delete(call: Call, request: DeletePolicyRequest) -> Output:
    """Remove a managed policy that nobody holds. Raises ``DeleteConflict`` otherwise."""

    def change(tx: Transaction) -> None:
        policy = policy_in(tx, call.account, request["PolicyArn"])
        holders: list[RoleRecord | UserRecord] = [*tx.scan(RoleRecord, call.account)]
        holders += tx.scan(UserRecord, call.account)
        if any(
            policy.arn in h.attached_policies or policy.arn == h.permissions_boundary
            for h in holders
        ):
            raise delete_conflict("Cannot delete a policy attached to entities.")
        if len(policy.versions) > 1:
            raise delete_conflict(
                "This policy has more than one version. Before you delete a policy, you must"
                " delete the policy's versions. The default version is deleted with the policy."
            )
        tx.delete(policy)

    call.write(change)
    return NOTHING


def create_version(
    call: Call, request: CreatePolicyVersionRequest
) -> CreatePolicyVersionResponse:
    """Keep one more version; it takes effect where it is made the default."""
    document = _checked(request["PolicyDocument"], request["PolicyArn"].rpartition("/")[2])
    as_default = request.get("SetAsDefault", False)

    def change(tx: Transaction) -> PolicyVersion:
        policy = policy_in(tx, call.account, request["PolicyArn"])
        if len(policy.versions) >= VERSION_LIMIT:
            raise limit_exceeded(
                "A managed policy can have up to 5 versions. Before you create a new version, you"
                " must delete an existing version."
            )
        # A number is never used twice, so that a version's id always means the same document.
        number = max(policy.last_version, *(int(v.id[1:]) for v in policy.versions)) + 1
        version = PolicyVersion(id=f"v{number}", document=document, created=call.now)
        tx.put(
            msgspec.structs.replace(
                policy,
                versions=(*policy.versions, version),
                last_version=number,
                default_version=version.id if as_default else policy.default_version,
                updated=call.now,
            )
        )
        return version

    version: PolicyVersion = call.write(change)
    return {
        "PolicyVersion": {
            "VersionId": version.id,
            "IsDefaultVersion": as_default,
            "CreateDate": version.created,
        }
    }


def get_version(call: Call, request: GetPolicyVersionRequest) -> GetPolicyVersionResponse:
    """Return a version with its document."""
    policy = policy_of(call.directory, call.account, request["PolicyArn"])
    version = _version(policy, request["VersionId"])
    shown = _shown_version(policy, version)
    shown["Document"] = documents.shown(version.document)
    return {"PolicyVersion": shown}


def _version(policy: PolicyRecord, version_id: str) -> PolicyVersion:
    for version in policy.versions:
        if version.id == version_id:
            return version
    raise no_such_entity(
        f"Policy {policy.arn} version {version_id} does not exist or is not attachable."
    )


def _shown_version(policy: PolicyRecord, version: PolicyVersion) -> ShownVersion:
    return {
        "VersionId": version.id,
        "IsDefaultVersion": version.id == policy.default_version,
        "CreateDate": version.created,
    }


def list_versions(call: Call, request: ListPolicyVersionsRequest) -> ListPolicyVersionsResponse:
    """Return a policy's versions, the newest first."""
    policy = policy_of(call.directory, call.account, request["PolicyArn"])
    newest_first = [_shown_version(policy, version) for version in reversed(policy.versions)]
    # The key falls as versions age, so that pages follow the order of the list.
    page = paginate(
        newest_first, lambda version: f"{10**9 - int(version['VersionId'][1:]):010d}", request
    )
    answer: ListPolicyVersionsResponse = {"Versions": page.items}
    return marked(answer, page)


def delete_version(call: Call, request: DeletePolicyVersionRequest) -> Output:
    """Remove a version that is not the default. Raises ``DeleteConflict`` otherwise."""

    def change(tx: Transaction) -> None:
        policy = policy_in(tx, call.account, request["PolicyArn"])
        version = _version(policy, request["VersionId"])
        if version.id == policy.default_version:
            raise delete_conflict("Cannot delete the default version of a policy.")
        kept = tuple(v for v in policy.versions if v.id != version.id)
        last = max(policy.last_version, int(policy.versions[-1].id[1:]))
        tx.put(msgspec.structs.replace(policy, versions=kept, last_version=last))

    call.write(change)
    return NOTHING


def set_default_version(call: Call, request: SetDefaultPolicyVersionRequest) -> Output:
    """Make a version the one that counts."""

    def change(tx: Transaction) -> None:
        policy = policy_in(tx, call.account, request["PolicyArn"])
        version = _version(policy, request["VersionId"])
        tx.put(
            msgspec.structs.replace(policy, default_version=version.id, updated=call.now)
        )

    call.write(change)
    return NOTHING


def list_entities(
    call: Call, request: ListEntitiesForPolicyRequest
) -> ListEntitiesForPolicyResponse:
    """Return the roles and users that hold a policy, or are capped by it."""
    policy = policy_of(call.directory, call.account, request["PolicyArn"])
    find = _capped if request.get("PolicyUsageFilter") == "PermissionsBoundary" else _used
    roles, users = find(call.directory, call.account, policy.arn)
    prefix = request.get("PathPrefix", "/")
    wanted = request.get("EntityFilter")
    found: list[RoleRecord | UserRecord] = []
    if wanted in (None, "Role"):
        found += [role for role in roles if role.path.startswith(prefix)]
    if wanted in (None, "User"):
        found += [user for user in users if user.path.startswith(prefix)]
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


def tag(call: Call, request: TagPolicyRequest) -> Output:
    """Set tags of a managed policy."""
    new = tagging.read_tags(request["Tags"])

    def change(tx: Transaction) -> None:
        policy = policy_in(tx, call.account, request["PolicyArn"])
        tx.put(msgspec.structs.replace(policy, tags=tagging.merged(policy.tags, new)))

    call.write(change)
    return NOTHING


def untag(call: Call, request: UntagPolicyRequest) -> Output:
    """Remove tags of a managed policy."""

    def change(tx: Transaction) -> None:
        policy = policy_in(tx, call.account, request["PolicyArn"])
        kept = tagging.without(policy.tags, request["TagKeys"])
        tx.put(msgspec.structs.replace(policy, tags=kept))

    call.write(change)
    return NOTHING


def list_tags(call: Call, request: ListPolicyTagsRequest) -> ListPolicyTagsResponse:
    """Return a managed policy's tags, a page at a time."""
    policy = policy_of(call.directory, call.account, request["PolicyArn"])
    page = paginate(tagging.shown(policy.tags), lambda tag: tag["Key"], request)
    answer: ListPolicyTagsResponse = {"Tags": page.items}
    return marked(answer, page)
