"""Users: long-term principals, for administrators and what has no token of its own."""

import msgspec

from valetkey.api.iam import boundary, tags
from valetkey.api.iam.entities import NOTHING, USER, add
from valetkey.api.iam.failures import IamRefused, already_exists, delete_conflict
from valetkey.api.iam.holders import refuse_held_policies
from valetkey.api.iam.page import marked, paginate
from valetkey.api.iam.shapes import (
    CreateUserRequest,
    CreateUserResponse,
    DeleteUserRequest,
    GetUserRequest,
    GetUserResponse,
    ListGroupsForUserRequest,
    ListGroupsForUserResponse,
    ListUsersRequest,
    ListUsersResponse,
    UpdateUserRequest,
    User,
)
from valetkey.api.operation import Call, Output
from valetkey.credentials import new_unique_id
from valetkey.store import Transaction, UserRecord

USER_LIMIT = 5000


def create(call: Call, request: CreateUserRequest) -> CreateUserResponse:
    """Make a user. Raises ``EntityAlreadyExists`` or ``LimitExceeded``."""
    name = request["UserName"]
    record = UserRecord(
        account=call.account,
        name=name,
        path=request.get("Path", "/"),
        id=new_unique_id("AIDA", call.account, random=call.services.random),
        created=call.now,
        permissions_boundary=request.get("PermissionsBoundary"),
        tags=tags.given_tags(request),
    )
    add(
        call,
        record,
        taken=_taken(name),
        limit=USER_LIMIT,
        quota_name="UsersPerAccount",
        check=boundary.check_boundary(call, request),
    )
    return {"User": shown(record)}


def _taken(name: str) -> IamRefused:
    return already_exists(f"User with name {name} already exists.")


def shown(user: UserRecord) -> User:
    """Return a user as responses carry it."""
    answer = _listed(user)
    if user.permissions_boundary is not None:
        answer["PermissionsBoundary"] = boundary.shown(user.permissions_boundary)
    if user.tags:
        answer["Tags"] = tags.shown(user.tags)
    return answer


def _listed(user: UserRecord) -> User:
    return {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.id,
        "Arn": user.arn,
        "CreateDate": user.created,
    }


def get(call: Call, request: GetUserRequest) -> GetUserResponse:
    """Return a user: the caller, where none is named. Raises ``NoSuchEntity``."""
    return {"User": shown(USER.read(call, request))}


def list_all(call: Call, request: ListUsersRequest) -> ListUsersResponse:
    """Return the account's users under a path; lists carry neither tags nor boundaries."""
    prefix = request.get("PathPrefix", "/")
    users = [u for u in call.directory.users(call.account) if u.path.startswith(prefix)]
    page = paginate(users, lambda user: user.key, request)
    answer: ListUsersResponse = {"Users": [_listed(user) for user in page.items]}
    return marked(answer, page)


def update(call: Call, request: UpdateUserRequest) -> Output:
    """Give a user another name or path; its unique id and keys stay."""

    def rename(tx: Transaction) -> None:
        user = USER.found(tx, call.account, request["UserName"])
        renamed = msgspec.structs.replace(
            user,
            name=request.get("NewUserName", user.name),
            path=request.get("NewPath", user.path),
        )
        if renamed.key != user.key:
            if USER.get(tx, call.account, renamed.name) is not None:
                raise _taken(renamed.name)
            tx.delete(user)
        tx.put(renamed)

    call.write(rename)
    return NOTHING


def delete(call: Call, request: DeleteUserRequest) -> Output:
    """Remove a user that has neither keys nor policies. Raises ``DeleteConflict`` otherwise."""

    def check(_tx: Transaction, user: UserRecord) -> None:
        refuse_held_policies(user)
        if user.access_keys:
            raise delete_conflict("Cannot delete entity, must delete access keys first.")

    return USER.remove(call, request, check)


def list_groups(call: Call, request: ListGroupsForUserRequest) -> ListGroupsForUserResponse:
    """Return no groups: there are none, and clients that delete a user ask first."""
    USER.read(call, request)
    return {"Groups": [], "IsTruncated": False}
