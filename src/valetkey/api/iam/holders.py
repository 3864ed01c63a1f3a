"""What roles and users have alike: policies of their own, and managed ones attached to them."""

from typing import TypeVar

import msgspec

from valetkey.api.iam import documents
from valetkey.api.iam.entities import (
    NOTHING,
    Handler,
    Holder,
    HolderKind,
    Request,
    check_attachable,
)
from valetkey.api.iam.failures import delete_conflict, limit_exceeded, no_such_entity, quota
from valetkey.api.iam.page import marked, paginate
from valetkey.api.iam.shapes import (
    AttachedPolicy,
    ListAttachedRolePoliciesResponse,
    ListRolePoliciesResponse,
)
from valetkey.api.operation import Call, Output
from valetkey.errors import AwsError

ATTACHED_LIMIT = 10
H = TypeVar("H", bound=Holder)


def put_inline(kind: HolderKind[H]) -> Handler:
    """Return the operation that keeps an inline policy, new or in place of the old one."""

    def operation(call: Call, request: Request) -> Output:
        name, document = request["PolicyName"], request["PolicyDocument"]
        if documents.size(document) > kind.inline_limit:
            raise _too_much(kind, kind.read(call, request))
        documents.checked_identity(document, name)

        def put(holder: H) -> H:
            inline = {**holder.inline_policies, name: document}
            if sum(map(documents.size, inline.values())) > kind.inline_limit:
                raise _too_much(kind, holder)
            return msgspec.structs.replace(holder, inline_policies=inline)

        kind.alter(call, request, put)
        return NOTHING

    return operation


def _too_much(kind: HolderKind[H], holder: H) -> AwsError:
    return limit_exceeded(
        f"Maximum policy size of {kind.inline_limit} bytes exceeded for {kind.word} {holder.name}"
    )


def get_inline(kind: HolderKind[H]) -> Handler:
    """Return the operation that reads an inline policy."""

    def operation(call: Call, request: Request) -> Output:
        holder, name = kind.read(call, request), request["PolicyName"]
        return {
            f"{kind.word.capitalize()}Name": holder.name,
            "PolicyName": name,
            "PolicyDocument": documents.shown(_inline(kind.word, holder, name)),
        }

    return operation


def delete_inline(kind: HolderKind[H]) -> Handler:
    """Return the operation that removes an inline policy."""

    def operation(call: Call, request: Request) -> Output:
        name = request["PolicyName"]

        def delete(holder: H) -> H:
            _inline(kind.word, holder, name)
            kept = {n: d for n, d in holder.inline_policies.items() if n != name}
            return msgspec.structs.replace(holder, inline_policies=kept)

        kind.alter(call, request, delete)
        return NOTHING

    return operation


def _inline(word: str, holder: Holder, name: str) -> str:
    document = holder.inline_policies.get(name)
    if document is None:
        raise no_such_entity(f"The {word} policy with name {name} cannot be found.")
    return document


def list_inline(kind: HolderKind[H]) -> Handler:
    """Return the operation that lists the names of inline policies."""

    def operation(call: Call, request: Request) -> Output:
        page = paginate(sorted(kind.read(call, request).inline_policies), str, request)
        answer: ListRolePoliciesResponse = {"PolicyNames": page.items}
        return marked(answer, page)

    return operation


def attach(kind: HolderKind[H]) -> Handler:
    """Return the operation that attaches a managed policy; a second time does no harm."""

    def operation(call: Call, request: Request) -> Output:
        arn = request["PolicyArn"]

        def attached(holder: H) -> H:
            if arn in holder.attached_policies:
                return holder
            if len(holder.attached_policies) >= ATTACHED_LIMIT:
                raise quota(kind.attached_quota, ATTACHED_LIMIT)
            held = (*holder.attached_policies, arn)
            return msgspec.structs.replace(holder, attached_policies=held)

        # In the transaction: a policy that is deleted meanwhile must not stay attached.
        kind.alter(call, request, attached, lambda tx: check_attachable(tx, call.account, arn))
        return NOTHING

    return operation


def detach(kind: HolderKind[H]) -> Handler:
    """Return the operation that detaches a managed policy."""

    def operation(call: Call, request: Request) -> Output:
        arn = request["PolicyArn"]

        def detached(holder: H) -> H:
            if arn not in holder.attached_policies:
                raise no_such_entity(f"Policy {arn} was not found.")
            kept = tuple(held for held in holder.attached_policies if held != arn)
            return msgspec.structs.replace(holder, attached_policies=kept)

        kind.alter(call, request, detached)
        return NOTHING

    return operation


def list_attached(kind: HolderKind[H]) -> Handler:
    """Return the operation that lists attached policies, under a path where one is given."""

    def operation(call: Call, request: Request) -> Output:
        holder, prefix = kind.read(call, request), request.get("PathPrefix", "/")
        attached = [policy for arn in holder.attached_policies if (policy := _under(prefix, arn))]
        attached.sort(key=lambda policy: policy["PolicyArn"])
        page = paginate(attached, lambda policy: policy["PolicyArn"], request)
        answer: ListAttachedRolePoliciesResponse = {"AttachedPolicies": page.items}
        return marked(answer, page)

    return operation


def _under(prefix: str, arn: str) -> AttachedPolicy | None:
    path, _, name = arn.split(":", 5)[5].removeprefix("policy").rpartition("/")
    return {"PolicyName": name, "PolicyArn": arn} if f"{path}/".startswith(prefix) else None


def refuse_held_policies(holder: Holder) -> None:
    """Raise ``DeleteConflict`` for a holder that still has policies."""
    if holder.attached_policies:
        raise delete_conflict("Cannot delete entity, must detach all policies first.")
    if holder.inline_policies:
        raise delete_conflict("Cannot delete entity, must delete policies first.")
