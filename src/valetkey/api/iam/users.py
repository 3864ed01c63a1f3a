"""Users: long-term principals, for administrators and what has no token of its own."""

from collections.abc import Mapping
from typing import Any

import msgspec

from valetkey.access import Target
from valetkey.api.iam import boundary
from valetkey.api.iam import tags as tagging
from valetkey.api.iam.failures import already_exists, delete_conflict, quota, validation_error
from valetkey.api.iam.lookups import user_in, user_of
from valetkey.api.iam.page import marked, paginate
from valetkey.api.iam.shapes import (
    CreateUserRequest,
    CreateUserResponse,
    DeleteUserRequest,
    GetUserRequest,
    GetUserResponse,
    ListUsersRequest,
    ListUsersResponse,
    UpdateUserRequest,
    User,
)
from valetkey.api.operation import Call, Output
from valetkey.arn import iam_arn
from valetkey.credentials import new_unique_id
from valetkey.store import Transaction, UserRecord

USER_LIMIT = 5000
NOTHING: Output = {}


def named_user(call: Call, request: Mapping[str, Any]) -> str:
    """Return the user that a request is about: the caller, where it names none.

    Raises ``ValidationError`` for a caller that is no user.
    """
    name: str | None = request.get("UserName")
    if name is not None:
        return name
    if call.caller.user is None:
        raise validation_error("Must specify userName when calling with non-User credentials")
    return call.caller.user.name


def user_target(call: Call, request: Mapping[str, Any]) -> Target:
    """Return the user that a request is about, as policies see it."""
    name = named_user(call, request)
    user = call.directory.user(call.account, name)
    if user is None:
        return Target(iam_arn(call.account, f"user/{name}"))
    values = tagging.resource_tags(user.tags)
    values.update(boundary.boundary_values(request, user.permissions_boundary))
    if "PolicyArn" in request:
        values["iam:PolicyARN"] = request["PolicyArn"]
    return Target(user.arn, values)


def create_target(call: Call, request: CreateUserRequest) -> Target:
    """Return the user that is about to be made, as policies see it."""
    values = tagging.request_tags(request.get("Tags", []))
    values.update(boundary.boundary_values(request, None))
    return Target(
        iam_arn(call.account, f"user{request.get('Path', '/')}{request['UserName']}"), values
    )


def list_target(call: Call, request: ListUsersRequest) -> Target:
    """Return what a list of users is about: the path that it is limited to."""
    return Target(iam_arn(call.account, f"user{request.get('PathPrefix', '/')}"))


def create(call: Call, request: CreateUserRequest) -> CreateUserResponse:
    """Make a user. Raises ``EntityAlreadyExists`` or ``LimitExceeded``."""
    record = UserRecord(
        account=call.account,
        name=request["UserName"],
        path=request.get("Path", "/"),
        id=new_unique_id("AIDA", call.account, random=call.services.random),
        created=call.now,
        permissions_boundary=boundary.checked_boundary(call, request.get("PermissionsBoundary")),
        tags=tagging.read_tags(request.get("Tags", [])),
    )

    def change(tx: Transaction) -> None:
        if tx.get(UserRecord, record.account, record.key) is not None:
            raise already_exists(f"User with name {record.name} already exists.")
        if len(tx.scan(UserRecord, record.account)) >= USER_LIMIT:
            raise quota("UsersPerAccount", USER_LIMIT)
        tx.put(record)

    call.write(change)
    return {"User": shown(record)}


def shown(user: UserRecord) -> User:
    """Return a user as responses carry it."""
    answer: User = {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.id,
        "Arn": user.arn,
        "CreateDate": user.created,
    }
    if user.permissions_boundary is not None:
        answer["PermissionsBoundary"] = boundary.shown(user.permissions_boundary)
    if user.tags:
        answer["Tags"] = tagging.shown(user.tags)
    return answer


def get(call: Call, request: GetUserRequest) -> GetUserResponse:
    """Return a user: the caller, where none is named. Raises ``NoSuchEntity``."""
    return {"User": shown(user_of(call.directory, call.account, named_user(call, request)))}


def list_all(call: Call, request: ListUsersRequest) -> ListUsersResponse:
    """Return the account's users under a path."""
    prefix = request.get("PathPrefix", "/")
    users = [u for u in call.directory.users(call.account) if u.path.startswith(prefix)]
    page = paginate(users, lambda user: user.key, request)
    listed = [shown(msgspec.structs.replace(user, tags={})) for user in page.items]
    answer: ListUsersResponse = {"Users": listed}
    return marked(answer, page)


def update(call: Call, request: UpdateUserRequest) -> Output:
    """Give a user another name or path; its unique id and keys stay."""

    def change(tx: Transaction) -> None:
        user = user_in(tx, call.account, request["UserName"])
        renamed = msgspec.structs.replace(
            user,
            name=request.get("NewUserName", user.name),
            path=request.get("NewPath", user.path),
        )
        if renamed.key != user.key:
            if tx.get(UserRecord, call.account, renamed.key) is not None:
                raise already_exists(f"User with name {renamed.name} already exists.")
            tx.delete(user)
        tx.put(renamed)

    call.write(change)
    return NOTHING


def delete(call: Call, request: DeleteUserRequest) -> Output:
    """Remove a user that has neither keys nor policies. Raises ``DeleteConflict`` otherwise."""

    def change(tx: Transaction) -> None:
        user = user_in(tx, call.account, request["UserName"])
        if user.attached_policies:
            raise delete_conflict("Cannot delete entity, must detach all policies first.")
        if user.inline_policies:
            raise delete_conflict("Cannot delete entity, must delete policies first.")
        if user.access_keys:
            raise delete_conflict("Cannot delete entity, must delete access keys first.")
        tx.delete(user)

    call.write(change)
    return NOTHING
