"""Policies that a role or a user holds: its own (inline) and the managed ones attached to it.

Roles and users differ in names and limits only, so each operation is one function of the kind.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from valetkey.api.iam import documents
from valetkey.api.iam.failures import limit_exceeded, no_such_entity, quota
from valetkey.api.iam.lookups import attachable, role_in, role_of, user_in, user_of
from valetkey.api.iam.page import paginate
from valetkey.api.iam.shapes import AttachedPolicy
from valetkey.api.operation import Call, Output
from valetkey.store import Directory, RoleRecord, Transaction, UserRecord

ATTACHED_LIMIT = 10
Holder = RoleRecord | UserRecord


@dataclass(frozen=True, slots=True)
class HolderKind:
    """What differs between roles and users as holders of policies."""

    word: str
    name_member: str
    inline_limit: int
    quota_name: str
    read: Callable[[Directory, str, str], Holder]
    change: Callable[[Transaction, str, str], Holder]


ROLE = HolderKind(
    "role", "RoleName", documents.ROLE_INLINE_LIMIT, "PoliciesPerRole", role_of, role_in
)
USER = HolderKind(
    "user", "UserName", documents.USER_INLINE_LIMIT, "PoliciesPerUser", user_of, user_in
)
Handler = Callable[[Call, Mapping[str, Any]], Output]


def put_inline(kind: HolderKind) -> Handler:
    """Return the operation that keeps an inline policy, new or in place of the old one."""

    def operation(call: Call, request: Mapping[str, Any]) -> Output:
        name, document = request["PolicyName"], request["PolicyDocument"]
        documents.checked_identity(document, name)

        def change(tx: Transaction) -> None:
            holder = kind.change(tx, call.account, request[kind.name_member])
            inline = {**holder.inline_policies, name: document}
            if sum(map(documents.size, inline.values())) > kind.inline_limit:
                raise limit_exceeded(
                    f"Maximum policy size of {kind.inline_limit} bytes exceeded for"
                    f" {kind.word} {holder.name}"
                )
            tx.put(msgspec.structs.replace(holder, inline_policies=inline))

        call.write(change)
        return {}

    return operation


def get_inline(kind: HolderKind) -> Handler:
    """Return the operation that reads an inline policy."""

    def operation(call: Call, request: Mapping[str, Any]) -> Output:
        holder = kind.read(call.directory, call.account, request[kind.name_member])
        document = _inline(kind, holder, request["PolicyName"])
        return {
            kind.name_member: holder.name,
            "PolicyName": request["PolicyName"],
            "PolicyDocument": documents.shown(document),
        }

    return operation


def delete_inline(kind: HolderKind) -> Handler:
    """Return the operation that removes an inline policy."""

    def operation(call: Call, request: Mapping[str, Any]) -> Output:
        def change(tx: Transaction) -> None:
            holder = kind.change(tx, call.account, request[kind.name_member])
            _inline(kind, holder, request["PolicyName"])
            kept = {n: d for n, d in holder.inline_policies.items() if n != request["PolicyName"]}
            tx.put(msgspec.structs.replace(holder, inline_policies=kept))

        call.write(change)
        return {}

    return operation


def _inline(kind: HolderKind, holder: Holder, name: str) -> str:
    document = holder.inline_policies.get(name)
    if document is None:
        raise no_such_entity(f"The {kind.word} policy with name {name} cannot be found.")
    return document


def list_inline(kind: HolderKind) -> Handler:
    """Return the operation that lists the names of inline policies."""

    def operation(call: Call, request: Mapping[str, Any]) -> Output:
        holder = kind.read(call.directory, call.account, request[kind.name_member])
        page = paginate(sorted(holder.inline_policies), str, request)
        return {"PolicyNames": page.items, **page.members}

    return operation


def attach(kind: HolderKind) -> Handler:
    """Return the operation that attaches a managed policy; a second time does no harm."""

    def operation(call: Call, request: Mapping[str, Any]) -> Output:
        arn = attachable(call.directory, call.account, request["PolicyArn"]).arn

        def change(tx: Transaction) -> None:
            holder = kind.change(tx, call.account, request[kind.name_member])
            if arn in holder.attached_policies:
                return
            if len(holder.attached_policies) >= ATTACHED_LIMIT:
                raise quota(kind.quota_name, ATTACHED_LIMIT)
            attached = (*holder.attached_policies, arn)
            tx.put(msgspec.structs.replace(holder, attached_policies=attached))

        call.write(change)
        return {}

    return operation


def detach(kind: HolderKind) -> Handler:
    """Return the operation that detaches a managed policy."""

    def operation(call: Call, request: Mapping[str, Any]) -> Output:
        arn = request["PolicyArn"]

        def change(tx: Transaction) -> None:
            holder = kind.change(tx, call.account, request[kind.name_member])
            if arn not in holder.attached_policies:
                raise no_such_entity(f"Policy {arn} was not found.")
            kept = tuple(held for held in holder.attached_policies if held != arn)
            tx.put(msgspec.structs.replace(holder, attached_policies=kept))

        call.write(change)
        return {}

    return operation


def list_attached(kind: HolderKind) -> Handler:
    """Return the operation that lists attached policies, under a path where one is given."""

    def operation(call: Call, request: Mapping[str, Any]) -> Output:
        holder = kind.read(call.directory, call.account, request[kind.name_member])
        prefix = request.get("PathPrefix", "/")
        attached = [policy for arn in holder.attached_policies if (policy := _shown(arn, prefix))]
        attached.sort(key=lambda policy: policy["PolicyArn"])
        page = paginate(attached, lambda policy: policy["PolicyArn"], request)
        return {"AttachedPolicies": page.items, **page.members}

    return operation


def _shown(arn: str, prefix: str) -> AttachedPolicy | None:
    path, _, name = arn.split(":", 5)[5].removeprefix("policy").rpartition("/")
    return {"PolicyName": name, "PolicyArn": arn} if f"{path}/".startswith(prefix) else None
