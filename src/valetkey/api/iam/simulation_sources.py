"""Whose policies are simulated: the user or role of a ``PolicySourceArn``.

Follows the IAM API reference, *SimulatePrincipalPolicy*; texts of refusals as observed. Beside what
AWS's simulator answers, a role can be asked whether its own trust policy admits a caller: the
caller is ``CallerArn``, the actions are those of trust policies, the resource is the role itself.
"""

from typing import NamedTuple

from valetkey.access import Target
from valetkey.api.iam.entities import Request
from valetkey.api.iam.failures import invalid_input, no_such_entity
from valetkey.api.iam.simulation_callers import ENTITIES, CallerArn, read_caller, wrong_caller
from valetkey.api.iam.tags import resource_tags
from valetkey.api.operation import Asked, Call
from valetkey.arn import ACCOUNT_ID, parse_arn
from valetkey.store import RoleRecord, UserRecord

ACTION = "iam:SimulatePrincipalPolicy"
TRUST_ACTIONS = frozenset(
    f"sts:{name}"
    for name in (
        "assumerole",
        "assumerolewithwebidentity",
        "assumerolewithsaml",
        "tagsession",
        "setsourceidentity",
        "setcontext",
    )
)


class PrincipalName(NamedTuple):
    """A user, group or role of the caller's account, by the name at its ARN's end."""

    kind: str
    name: str


def principal_name(call: Call, text: str) -> PrincipalName:
    """Return whom a ``PolicySourceArn`` names; as on AWS, its path does not matter.

    Raises ``InvalidInput`` for what is no user, group or role, or is another account's.
    """
    arn = parse_arn(text)
    kind, _, path_and_name = ("", "", "") if arn is None else arn.resource.partition("/")
    name = path_and_name.rpartition("/")[2]
    if (
        arn is None
        or (arn.service, arn.region) != ("iam", "")
        or not ACCOUNT_ID.fullmatch(arn.account)
        or kind not in ENTITIES
        or not name
    ):
        raise invalid_input(f"Invalid ARN provided in the request: {text}")
    if arn.account != call.account:
        raise invalid_input(
            f"Invalid Policy Source Arn: caller's account {call.account} does not have access to"
            f" policies in account {arn.account}."
        )
    return PrincipalName(kind, name)


def find(call: Call, name: PrincipalName) -> UserRecord | RoleRecord | None:
    """Return the user or role of a name; there are no groups here."""
    match name.kind:
        case "user":
            return call.directory.user(call.account, name.name)
        case "role":
            return call.directory.role(call.account, name.name)
    return None


def source(call: Call, text: str) -> UserRecord | RoleRecord:
    """Return the user or role of a ``PolicySourceArn``. Raises ``NoSuchEntity``."""
    found = find(call, principal_name(call, text))
    if found is None:
        raise no_such_entity("Unable to retrieve specified IAM entity.")
    return found


def source_target(call: Call, request: Request) -> Target:
    """Return the target of operations that tell what a principal may do: the principal."""
    text = request["PolicySourceArn"]
    return _target(find(call, principal_name(call, text)), text)


def _target(holder: UserRecord | RoleRecord | None, shown: str) -> Target:
    # Refusals repeat the ARN of the request: whether it is there, and its path, is not told.
    arn, tags = (shown, {}) if holder is None else (holder.arn, resource_tags(holder.tags))
    return Target(arn, tags, shown=shown)


def also_of_caller(call: Call, request: Request) -> tuple[Asked, ...]:
    """Return what a question about trust needs besides: to be told what the caller may do."""
    caller = trust_caller(call, request)
    if caller is None or caller.account != call.account or caller.kind == "provider":
        return ()
    return ((ACTION, _target(caller_record(call, caller), caller.text)),)


def caller_record(call: Call, caller: CallerArn) -> UserRecord | RoleRecord | None:
    """Return the user or role of this account that a caller is, or is a session of."""
    if caller.account != call.account:
        return None
    kind = "role" if caller.kind == "session" else caller.kind
    found = find(call, PrincipalName(kind, caller.name))
    exact = caller.kind == "session" or (found is not None and found.arn == caller.text)
    return found if exact else None


def trust_caller(call: Call, request: Request) -> CallerArn | None:
    """Return the caller, where the question is whether a role's own trust policy admits it.

    None where it is AWS's question. Raises ``InvalidInput`` for a caller that AWS does not take
    and that is not asked about a role's trust.
    """
    text = request.get("CallerArn")
    if text is None or "ResourcePolicy" in request:
        return None
    caller = read_caller(text)
    actions = {action.lower() for action in request["ActionNames"]}
    resources = set(request.get("ResourceArns") or ["*"])
    name = principal_name(call, request["PolicySourceArn"])
    itself = {request["PolicySourceArn"]}
    asked = name.kind == "role" and bool(actions) and actions <= TRUST_ACTIONS
    if caller.only_trusted:
        if not asked or not resources <= itself | {"*"}:
            raise wrong_caller(
                "a provider or session is the caller only for the `sts:AssumeRole…` actions on"
                " the role itself"
            )
        return caller
    if not asked or resources != itself or {text} == itself or caller.kind == "group":
        return None
    return caller
