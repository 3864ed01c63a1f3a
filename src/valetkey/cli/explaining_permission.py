"""A permission question: policies from files, a caller, an action, a resource, a context."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from valetkey.access import RequestFacts
from valetkey.access.context import request_values
from valetkey.arn import ACCOUNT_ID, Arn, parse_arn
from valetkey.cli.explaining_input import BadOption, context_values, instant, read_policy
from valetkey.cli.explaining_token import NO_ACCOUNT, TokenQuestion, judged, read_token
from valetkey.explain import Asked, Explanation, explain_permission
from valetkey.oidc import KeySet, claim_values, persistent_values, session_tags
from valetkey.policy import (
    CompiledPolicy,
    Context,
    Policies,
    PolicyType,
    Request,
    Requester,
    Values,
)

_SESSION: Final = "explain"


@dataclass(frozen=True, slots=True)
class PermissionQuestion:
    """Whether ``principal`` may do ``action`` on ``resource``, by these policies.

    ``token`` is of the job whose session asks: its claims are condition keys of the session.
    """

    action: str
    resource: str
    identity: tuple[Path, ...] = ()
    boundary: Path | None = None
    session: tuple[Path, ...] = ()
    resource_policy: Path | None = None
    principal: str | None = None
    resource_account: str | None = None
    context: tuple[str, ...] = ()
    context_file: Path | None = None
    at: str | None = None
    token: TokenQuestion | None = None


@dataclass(frozen=True, slots=True)
class _Caller:
    requester: Requester
    keys: Mapping[str, Values]


def explain_files(question: PermissionQuestion) -> Explanation:
    """Explain what policies in files say to a request; no server is needed.

    Raises ``MalformedPolicy``, ``BadInput``, ``TokenError`` and what reading files raises.
    """
    now = instant(question.at)
    caller = _caller(question)
    values: dict[str, Values] = dict(
        request_values(RequestFacts(now, None, secure=True, region="us-east-1"))
    )
    values |= caller.keys
    values |= _of_token(question.token)
    given = context_values(question.context, question.context_file)
    told = {key.lower() for key in given}
    kept = {key: value for key, value in values.items() if key.lower() not in told}
    owner = question.resource_account or _owner(question.resource) or caller.requester.account
    asked = Asked(
        Policies(
            identity=tuple(read_policy(path, PolicyType.IDENTITY) for path in question.identity),
            boundary=_optional(question.boundary, PolicyType.BOUNDARY),
            session=tuple(read_policy(path, PolicyType.SESSION) for path in question.session)
            or None,
            resource=_optional(question.resource_policy, PolicyType.RESOURCE),
        ),
        Request(
            question.action,
            question.resource,
            Context({**kept, **given}),
            caller.requester,
            owner,
        ),
    )
    return explain_permission(asked, now=now, caller=question.principal)


def _optional(path: Path | None, type: PolicyType) -> CompiledPolicy | None:
    return None if path is None else read_policy(path, type)


def _of_token(token: TokenQuestion | None) -> dict[str, Values]:
    """Return what a session keeps of the token that opened it."""
    if token is None:
        return {}
    read = read_token(token)
    keys = KeySet.from_json(token.jwks) if token.jwks is not None else None
    claims = judged(token, read, keys)
    values: dict[str, Values] = dict(
        persistent_values(claim_values(claims), claims.issuer.split("://", 1)[-1])
    )
    values.update((f"aws:PrincipalTag/{k}", v) for k, v in session_tags(claims).tags.items())
    return values


def _owner(resource: str) -> str | None:
    arn = parse_arn(resource)
    return arn.account if arn is not None and ACCOUNT_ID.fullmatch(arn.account) else None


def _caller(question: PermissionQuestion) -> _Caller:
    if question.principal is None:
        account = question.resource_account or _owner(question.resource) or NO_ACCOUNT
        name = f"arn:aws:iam::{account}:user/{_SESSION}"
        return _Caller(Requester("AWS", (name,), account), {"aws:PrincipalAccount": account})
    arn = parse_arn(question.principal)
    if arn is None or not ACCOUNT_ID.fullmatch(arn.account):
        raise _no_principal(question.principal)
    kind, _, name = arn.resource.partition("/")
    make = _KINDS.get((arn.service, kind))
    if make is None or (kind != "root" and not name):
        raise _no_principal(question.principal)
    return make(question.principal, arn)


def _no_principal(written: str) -> BadOption:
    return BadOption(
        f"`{written}` is no principal",
        help="write the ARN of a user, a role, a role's session"
        " (`arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`), a federated user, or"
        " `arn:aws:iam::ACCOUNT:root`",
    )


def _user(written: str, arn: Arn) -> _Caller:
    name = arn.resource.rpartition("/")[2]
    return _Caller(
        Requester("AWS", (written,), arn.account),
        _keys(arn, written, "User") | {"aws:username": name},
    )


def _role(written: str, arn: Arn) -> _Caller:
    name = arn.resource.rpartition("/")[2]
    session = f"arn:{arn.partition}:sts::{arn.account}:assumed-role/{name}/{_SESSION}"
    return _Caller(
        Requester("AWS", (session, written), arn.account), _keys(arn, written, "AssumedRole")
    )


def _session(written: str, arn: Arn) -> _Caller:
    _, role, *name = arn.resource.split("/")
    if len(name) != 1 or not name[0]:
        raise _no_principal(written)
    role_arn = f"arn:{arn.partition}:iam::{arn.account}:role/{role}"
    return _Caller(
        Requester("AWS", (written, role_arn), arn.account), _keys(arn, role_arn, "AssumedRole")
    )


def _root(written: str, arn: Arn) -> _Caller:
    return _Caller(Requester("AWS", (written,), arn.account), _keys(arn, written, "Account"))


def _federated(written: str, arn: Arn) -> _Caller:
    return _Caller(Requester("AWS", (written,), arn.account), _keys(arn, written, "FederatedUser"))


def _keys(arn: Arn, principal: str, type: str) -> dict[str, Values]:
    return {
        "aws:PrincipalAccount": arn.account,
        "aws:PrincipalArn": principal,
        "aws:PrincipalType": type,
    }


_KINDS: Final = {
    ("iam", "user"): _user,
    ("iam", "role"): _role,
    ("iam", "root"): _root,
    ("sts", "assumed-role"): _session,
    ("sts", "federated-user"): _federated,
}
