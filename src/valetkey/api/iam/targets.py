"""What IAM's requests are about, as policies see it, and as a refusal says it.

Follows the Service Authorization Reference, *Actions, resources, and condition keys for AWS
Identity and Access Management*. A refusal repeats a role, user or policy as the request named it
(``role deploy``): no path, and so no ARN, is learnt from it, and what is there answers like what
is not.
"""

from collections.abc import Callable

from valetkey.access import Target
from valetkey.access.context import ContextValues
from valetkey.api.iam.entities import (
    POLICY,
    PROVIDER,
    E,
    Holder,
    HolderKind,
    Kind,
    Request,
    named_user,
    provider_key,
)
from valetkey.api.iam.tags import request_tags, resource_tags
from valetkey.api.operation import Asked, Call
from valetkey.arn import iam_arn

TargetOf = Callable[[Call, Request], Target]


def entity_target(kind: Kind[E]) -> TargetOf:
    """Return the target of operations on a role or user, by name."""

    def target(call: Call, request: Request) -> Target:
        return _named(call, kind, request, {})

    return target


def held_policies_target(kind: HolderKind[Holder]) -> TargetOf:
    """Return the target of operations that change which policies a role or user holds.

    Only these have the keys ``iam:PolicyARN`` and ``iam:PermissionsBoundary``: the boundary that
    is asked for, else the one that is held.
    """

    def target(call: Call, request: Request) -> Target:
        holder = kind.peek(call, request)
        held = holder.permissions_boundary if holder else None
        values = _boundary_values(request.get("PermissionsBoundary", held))
        if "PolicyArn" in request:
            values["iam:PolicyARN"] = request["PolicyArn"]
        return _named(call, kind, request, values)

    return target


def _named(call: Call, kind: Kind[E], request: Request, values: ContextValues) -> Target:
    name, entity = kind.name_of(call, request), kind.peek(call, request)
    arn = entity.arn if entity else iam_arn(call.account, f"{kind.word}/{name}")
    tags = resource_tags(entity.tags) if entity else {}
    return Target(arn, values | tags | request_tags(request), shown=f"{kind.word} {name}")


def _boundary_values(arn: str | None) -> ContextValues:
    return {} if arn is None else {"iam:PermissionsBoundary": arn}


def policy_target(call: Call, request: Request) -> Target:
    """Return the managed policy that a request names; AWS's own are every account's to read."""
    policy, arn = POLICY.peek(call, request), request["PolicyArn"]
    tags = resource_tags(policy.tags) if policy else {}
    return Target(arn, tags | request_tags(request), shown=f"policy {arn}")


def provider_target(call: Call, request: Request) -> Target:
    """Return the provider that a request names."""
    provider, arn = PROVIDER.peek(call, request), request["OpenIDConnectProviderArn"]
    tags = resource_tags(provider.tags) if provider else {}
    return Target(arn, tags | request_tags(request), account=provider_key(arn)[0])


def list_target(word: str) -> TargetOf:
    """Return the target of a list of roles or users: the path that it is limited to."""

    def target(call: Call, request: Request) -> Target:
        return Target(iam_arn(call.account, f"{word}{request.get('PathPrefix', '/')}"))

    return target


def policies_target(_call: Call, request: Request) -> Target:
    """Return the target of a list of policies: none in particular."""
    return Target(shown=f"policy path {request.get('PathPrefix', '/')}")


def new_holder_target(word: str) -> TargetOf:
    """Return the target of making a role or user."""
    member = f"{word.capitalize()}Name"

    def target(call: Call, request: Request) -> Target:
        arn = iam_arn(call.account, f"{word}{request.get('Path', '/')}{request[member]}")
        values = _boundary_values(request.get("PermissionsBoundary"))
        return Target(arn, values | request_tags(request))

    return target


def new_policy_target(call: Call, request: Request) -> Target:
    """Return the target of making a managed policy."""
    name = request["PolicyName"]
    arn = iam_arn(call.account, f"policy{request.get('Path', '/')}{name}")
    return Target(arn, request_tags(request), shown=f"policy {name}")


def new_provider_target(call: Call, request: Request) -> Target:
    """Return the target of registering an issuer."""
    key = request["Url"].split("://", 1)[-1]
    return Target(iam_arn(call.account, f"oidc-provider/{key}"), request_tags(request))


def tagging(action: str, target: TargetOf) -> Callable[[Call, Request], tuple[Asked, ...]]:
    """Return what making an entity with tags needs besides: the permission to tag it."""

    def also(call: Call, request: Request) -> tuple[Asked, ...]:
        return ((action, target(call, request)),) if request.get("Tags") else ()

    return also


def renaming(call: Call, request: Request) -> tuple[Asked, ...]:
    """Return what UpdateUser needs besides: permission on the user that it makes of this one."""
    user = call.directory.user(call.account, named_user(call, request))
    if user is None or not {"NewUserName", "NewPath"} & request.keys():
        return ()
    name, path = request.get("NewUserName", user.name), request.get("NewPath", user.path)
    arn = iam_arn(call.account, f"user{path}{name}")
    return (("iam:UpdateUser", Target(arn, resource_tags(user.tags), shown=f"user {name}")),)
