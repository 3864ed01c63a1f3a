"""Permissions boundaries of roles and users: a managed policy that caps what they may."""

from collections.abc import Callable
from typing import TypeVar, cast

import msgspec

from valetkey.api.iam.entities import (
    NOTHING,
    Handler,
    Holder,
    HolderKind,
    Request,
    check_attachable,
)
from valetkey.api.iam.shapes import (
    AttachedPermissionsBoundary,
    PermissionsBoundaryAttachmentType,
)
from valetkey.api.operation import Call, Output
from valetkey.store import Transaction

H = TypeVar("H", bound=Holder)


def put_boundary(kind: HolderKind[H]) -> Handler:
    """Return the operation that sets a permissions boundary."""

    def operation(call: Call, request: Request) -> Output:
        arn = request["PermissionsBoundary"]
        kind.alter(
            call,
            request,
            lambda holder: msgspec.structs.replace(holder, permissions_boundary=arn),
            check_boundary(call, request),
        )
        return NOTHING

    return operation


def delete_boundary(kind: HolderKind[H]) -> Handler:
    """Return the operation that removes a permissions boundary."""

    def operation(call: Call, request: Request) -> Output:
        kind.alter(
            call,
            request,
            lambda holder: msgspec.structs.replace(holder, permissions_boundary=None),
        )
        return NOTHING

    return operation


def check_boundary(call: Call, request: Request) -> Callable[[Transaction], None]:
    """Return the check that a boundary which a request asks for may be set."""

    def check(tx: Transaction) -> None:
        if "PermissionsBoundary" in request:
            check_attachable(tx, call.account, request["PermissionsBoundary"])

    return check


def shown(arn: str) -> AttachedPermissionsBoundary:
    """Return a boundary as responses carry it."""
    # The model says `PermissionsBoundaryPolicy`; AWS says `Policy` (as observed).
    kind = cast("PermissionsBoundaryAttachmentType", "Policy")
    return {"PermissionsBoundaryType": kind, "PermissionsBoundaryArn": arn}
