"""Who asks in a simulation: a caller that is only named, or a principal that is known.

Follows the IAM API reference, *SimulateCustomPolicy*, ``CallerArn``. AWS takes users, groups and
roles. An OIDC provider and a role's session are taken besides where a trust policy is asked:
they are whom such policies are about.
"""

from typing import NamedTuple

from valetkey.access.context import ContextValues
from valetkey.api.iam.failures import invalid_input
from valetkey.arn import ACCOUNT_ID, Arn, iam_arn, parse_arn
from valetkey.errors import AwsError
from valetkey.policy import Requester
from valetkey.store import RoleRecord, UserRecord

NOBODY = "STUB_PRINCIPAL_FOR_POLICY_SIMULATOR"
"""What AWS's simulator has as ``aws:userid`` where no caller is named."""

ENTITIES = ("user", "group", "role")


class SimulatedCaller(NamedTuple):
    """Who asks, and the condition keys that stand for who asks."""

    requester: Requester
    values: ContextValues

    @property
    def has_policies(self) -> bool:
        """Tell whether it is a principal that can hold policies: a web identity can't."""
        return self.requester.kind == "AWS"


class CallerArn(NamedTuple):
    """A caller's ARN, understood: ``user``, ``group``, ``role``, ``provider`` or ``session``.

    ``name`` is the last part of an entity's path, a session's role, or a provider's key.
    """

    text: str
    kind: str
    account: str
    name: str

    @property
    def only_trusted(self) -> bool:
        """Tell whether AWS takes no such caller, and only a trust policy can be asked about it."""
        return self.kind in ("provider", "session")


def wrong_caller(reason: str) -> AwsError:
    """Return the refusal of a caller that is of no kind which can be simulated here."""
    message = "Invalid caller - Caller must be an IAM user, role or group in this context."
    return AwsError(
        "InvalidInput",
        message,
        reason=reason,
        help="an OIDC provider or a role's session can be the caller where a trust policy is asked",
    )


def read_caller(text: str) -> CallerArn:
    """Understand a ``CallerArn``. Raises ``InvalidInput`` for root, services and all else."""
    arn = parse_arn(text)
    found = None if arn is None or not ACCOUNT_ID.fullmatch(arn.account) else _kind_and_name(arn)
    if arn is None or found is None:
        raise wrong_caller(f"`{text[:200]}` is no caller that can be simulated")
    return CallerArn(text, found[0], arn.account, found[1])


def _kind_and_name(arn: Arn) -> tuple[str, str] | None:
    kind, _, rest = arn.resource.partition("/")
    if arn.region or not rest:
        return None
    if arn.service == "iam" and kind in ENTITIES:
        name = rest.rpartition("/")[2]
        return (kind, name) if name else None
    if arn.service == "iam" and kind == "oidc-provider":
        return "provider", rest
    role, slash, session = rest.partition("/")
    if arn.service == "sts" and kind == "assumed-role" and role and slash and session:
        return "session", role
    return None


def nobody(account: str) -> SimulatedCaller:
    """Return the caller where none is named: someone of the account of who asks."""
    values: ContextValues = {"aws:PrincipalAccount": account, "aws:userid": NOBODY}
    return SimulatedCaller(Requester("AWS", (), account), values)


def named(caller: CallerArn) -> SimulatedCaller:
    """Return a caller of whom nothing is known but the ARN, and nothing is looked up."""
    match caller.kind:
        case "provider":
            return _web_identity(caller)
        case "session":
            return _session(caller, iam_arn(caller.account, f"role/{caller.name}"))
    values: ContextValues = {
        "aws:PrincipalArn": caller.text,
        "aws:PrincipalAccount": caller.account,
        "aws:userid": caller.text,
    }
    if caller.kind == "user":
        values["aws:username"] = caller.name
    return SimulatedCaller(Requester("AWS", (caller.text,), caller.account), values)


def _web_identity(caller: CallerArn) -> SimulatedCaller:
    """Return a token of a provider, with the keys that do not depend on its claims."""
    values: ContextValues = {
        "aws:PrincipalAccount": caller.account,
        "aws:PrincipalType": "User",
        "aws:userid": caller.text,
        "aws:FederatedProvider": caller.text,
    }
    return SimulatedCaller(Requester("Federated", (caller.text,), caller.account), values)


def _session(caller: CallerArn, role_arn: str, *ids: str) -> SimulatedCaller:
    values: ContextValues = {
        "aws:PrincipalArn": role_arn,
        "aws:PrincipalAccount": caller.account,
        "aws:PrincipalType": "AssumedRole",
    }
    requester = Requester("AWS", (caller.text, role_arn), caller.account, ids)
    return SimulatedCaller(requester, values)


def known(holder: UserRecord | RoleRecord, session: CallerArn | None = None) -> SimulatedCaller:
    """Return a principal that is there, with its tags and unique id, as its requests have them."""
    if session is not None:
        caller = _session(session, holder.arn, holder.id)
        name = session.text.rpartition("/")[2]
        caller.values["aws:userid"] = f"{holder.id}:{name}"
    else:
        requester = Requester("AWS", (holder.arn,), holder.account, (holder.id,))
        caller = SimulatedCaller(requester, _own_values(holder))
    caller.values.update((f"aws:PrincipalTag/{key}", text) for key, text in holder.tags.items())
    return caller


def _own_values(holder: UserRecord | RoleRecord) -> ContextValues:
    values: ContextValues = {
        "aws:PrincipalArn": holder.arn,
        "aws:PrincipalAccount": holder.account,
    }
    if isinstance(holder, UserRecord):
        values |= {
            "aws:PrincipalType": "User",
            "aws:userid": holder.id,
            "aws:username": holder.name,
        }
    else:
        values["aws:PrincipalType"] = "AssumedRole"
    return values


def owner_account(text: str) -> str:
    """Return the account of a ``ResourceOwner``, which is an ARN. Raises ``InvalidInput``."""
    arn = parse_arn(text)
    if (
        arn is None
        or (arn.service, arn.region) != ("iam", "")
        or not ACCOUNT_ID.fullmatch(arn.account)
        or not arn.resource
    ):
        raise invalid_input(f"'{text}' is not a valid as a Resource Owner.")
    return arn.account
