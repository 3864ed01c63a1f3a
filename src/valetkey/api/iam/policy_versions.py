"""Versions of managed policies: up to five are kept, one is the default and counts."""

import msgspec

from valetkey.api.iam import documents
from valetkey.api.iam.entities import NOTHING, POLICY
from valetkey.api.iam.failures import delete_conflict, limit_exceeded, no_such_entity
from valetkey.api.iam.page import marked, paginate
from valetkey.api.iam.shapes import (
    CreatePolicyVersionRequest,
    CreatePolicyVersionResponse,
    DeletePolicyVersionRequest,
    GetPolicyVersionRequest,
    GetPolicyVersionResponse,
    ListPolicyVersionsRequest,
    ListPolicyVersionsResponse,
    SetDefaultPolicyVersionRequest,
)
from valetkey.api.iam.shapes import PolicyVersion as ShownVersion
from valetkey.api.operation import Call, Output
from valetkey.store import PolicyRecord, PolicyVersion

VERSION_LIMIT = 5


def create(call: Call, request: CreatePolicyVersionRequest) -> CreatePolicyVersionResponse:
    """Keep one more version; it takes effect where it is made the default."""
    name = request["PolicyArn"].rpartition("/")[2]
    document = documents.checked_managed(request["PolicyDocument"], name)
    as_default = request.get("SetAsDefault", False)

    def added(policy: PolicyRecord) -> PolicyRecord:
        if len(policy.versions) >= VERSION_LIMIT:
            raise limit_exceeded(
                "A managed policy can have up to 5 versions. Before you create a new version, you"
                " must delete an existing version."
            )
        # A number is never used twice, so that a version's id always means the same document.
        number = policy.last_version + 1
        version = PolicyVersion(id=f"v{number}", document=document, created=call.now)
        return msgspec.structs.replace(
            policy,
            versions=(*policy.versions, version),
            last_version=number,
            default_version=version.id if as_default else policy.default_version,
            updated=call.now,
        )

    policy = POLICY.alter(call, request, added)
    return {"PolicyVersion": _shown(policy, policy.versions[-1])}


def _shown(policy: PolicyRecord, version: PolicyVersion) -> ShownVersion:
    return {
        "VersionId": version.id,
        "IsDefaultVersion": version.id == policy.default_version,
        "CreateDate": version.created,
    }


def get(call: Call, request: GetPolicyVersionRequest) -> GetPolicyVersionResponse:
    """Return a version with its document."""
    policy = POLICY.read(call, request)
    version = _version(policy, request["VersionId"])
    shown = _shown(policy, version)
    shown["Document"] = documents.shown(version.document)
    return {"PolicyVersion": shown}


def _version(policy: PolicyRecord, version_id: str) -> PolicyVersion:
    for version in policy.versions:
        if version.id == version_id:
            return version
    raise no_such_entity(
        f"Policy {policy.arn} version {version_id} does not exist or is not attachable."
    )


def list_all(call: Call, request: ListPolicyVersionsRequest) -> ListPolicyVersionsResponse:
    """Return a policy's versions, the newest first."""
    policy = POLICY.read(call, request)
    # The key falls as versions age, so that pages follow the order of the list.
    page = paginate(
        policy.versions[::-1], lambda version: f"{10**9 - int(version.id[1:]):010d}", request
    )
    answer: ListPolicyVersionsResponse = {"Versions": [_shown(policy, v) for v in page.items]}
    return marked(answer, page)


def delete(call: Call, request: DeletePolicyVersionRequest) -> Output:
    """Remove a version that is not the default. Raises ``DeleteConflict`` otherwise."""

    def removed(policy: PolicyRecord) -> PolicyRecord:
        version = _version(policy, request["VersionId"])
        if version.id == policy.default_version:
            raise delete_conflict("Cannot delete the default version of a policy.")
        kept = tuple(v for v in policy.versions if v.id != version.id)
        return msgspec.structs.replace(policy, versions=kept)

    POLICY.alter(call, request, removed)
    return NOTHING


def set_default(call: Call, request: SetDefaultPolicyVersionRequest) -> Output:
    """Make a version the one that counts."""
    POLICY.alter(
        call,
        request,
        lambda policy: msgspec.structs.replace(
            policy,
            default_version=_version(policy, request["VersionId"]).id,
            updated=call.now,
        ),
    )
    return NOTHING
