"""What IAM's requests name: how each kind of entity is found, added, changed and removed.

Roles, users, policies and providers differ in how a request names them and in what the answer to
a wrong name is. All else is the same, and stands here once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from valetkey.api.iam.failures import (
    IamRefused,
    no_such_entity,
    outside_account,
    quota,
    validation_error,
)
from valetkey.api.operation import Call, Output
from valetkey.arn import Arn, parse_arn
from valetkey.errors import AwsError
from valetkey.store import (
    AWS_ACCOUNT,
    Directory,
    PolicyRecord,
    ProviderRecord,
    RoleRecord,
    Transaction,
    UserRecord,
)

Entity = RoleRecord | UserRecord | PolicyRecord | ProviderRecord
Holder = RoleRecord | UserRecord
Request = Mapping[str, Any]
Handler = Callable[[Call, Request], Output]
Source = Directory | Transaction
"""Where an entity is looked for: the directory to read it, a transaction to change it."""

E = TypeVar("E", bound=Entity)
NOTHING: Output = {}


@dataclass(frozen=True, slots=True)
class Kind(Generic[E]):
    """A kind of entity.

    ``name_of`` is the name or ARN that a request has for one, ``get`` looks it up, ``missing`` is
    the answer to one that is not there.
    """

    word: str
    name_of: Callable[[Call, Request], str]
    get: Callable[[Source, str, str], E | None]
    missing: Callable[[str], AwsError]

    def peek(self, call: Call, request: Request) -> E | None:
        """Return the entity that a request names, None where there is none."""
        return self.get(call.directory, call.account, self.name_of(call, request))

    def read(self, call: Call, request: Request) -> E:
        """Return the entity that a request names. Raises ``NoSuchEntity``."""
        return self.found(call.directory, call.account, self.name_of(call, request))

    def alter(
        self,
        call: Call,
        request: Request,
        change: Callable[[E], E],
        check: Callable[[Transaction], Any] = lambda _tx: None,
    ) -> E:
        """Put what ``change`` makes of the entity in its place, and return that.

        ``check`` may refuse by what else the transaction sees. Raises ``NoSuchEntity``.
        """
        name = self.name_of(call, request)

        def write(tx: Transaction) -> E:
            check(tx)
            changed = change(self.found(tx, call.account, name))
            tx.put(changed)
            return changed

        altered: E = call.write(write)
        return altered

    def remove(
        self, call: Call, request: Request, check: Callable[[Transaction, E], None]
    ) -> Output:
        """Delete the entity, unless ``check`` refuses. Raises ``NoSuchEntity``."""
        name = self.name_of(call, request)

        def write(tx: Transaction) -> None:
            entity = self.found(tx, call.account, name)
            check(tx, entity)
            tx.delete(entity)

        call.write(write)
        return NOTHING

    def found(self, source: Source, account: str, name: str) -> E:
        """Return the entity of a name or ARN. Raises ``NoSuchEntity``."""
        entity = self.get(source, account, name)
        if entity is None:
            raise self.missing(name)
        return entity


@dataclass(frozen=True, slots=True)
class HolderKind(Kind[E]):
    """A kind that holds policies: how much its own may be, and what that quota is called."""

    inline_limit: int
    attached_quota: str


def add(
    call: Call,
    record: Entity,
    *,
    taken: IamRefused,
    limit: int,
    quota_name: str,
    check: Callable[[Transaction], Any] = lambda _tx: None,
) -> None:
    """Keep a new entity. Raises ``taken`` where its name is, ``LimitExceeded`` for one too many."""

    def write(tx: Transaction) -> None:
        check(tx)
        if tx.get(type(record), record.account, record.key) is not None:
            raise taken
        if len(tx.scan(type(record), record.account)) >= limit:
            raise quota(quota_name, limit)
        tx.put(record)

    call.write(write)


def _missing(message: str) -> Callable[[str], AwsError]:
    return lambda name: no_such_entity(message.format(name))


def _get_role(source: Source, account: str, name: str) -> RoleRecord | None:
    if isinstance(source, Directory):
        return source.role(account, name)
    return source.get(RoleRecord, account, name)


def _get_user(source: Source, account: str, name: str) -> UserRecord | None:
    if isinstance(source, Directory):
        return source.user(account, name)
    return source.get(UserRecord, account, name)


def named_user(call: Call, request: Request) -> str:
    """Return the user that a request is about: the caller, where it names none.

    Raises ``ValidationError`` for a caller that is no user.
    """
    name: str | None = request.get("UserName")
    if name is not None:
        return name
    if call.caller.user is None:
        raise validation_error("Must specify userName when calling with non-User credentials")
    return call.caller.user.name


def policy_arn(arn: str) -> Arn:
    """Return a managed policy's ARN in its fields. Raises ``ValidationError``."""
    parsed = parse_arn(arn)
    if parsed is None:
        raise validation_error("Invalid ARN:  Could not be parsed!")
    if parsed.service != "iam" or not parsed.resource.startswith("policy/"):
        raise validation_error(f"ARN {arn} is not valid.")
    return parsed


def _get_policy(source: Source, account: str, arn: str) -> PolicyRecord | None:
    parsed = policy_arn(arn)
    if isinstance(source, Directory):
        return source.policy(arn) if parsed.account in (account, AWS_ACCOUNT) else None
    if parsed.account == AWS_ACCOUNT:
        # AWS's own policies can be read and attached, and not changed.
        raise outside_account()
    return _policy_in(source, account, arn, parsed)


def _policy_in(tx: Transaction, account: str, arn: str, parsed: Arn) -> PolicyRecord | None:
    policy = tx.get(PolicyRecord, account, parsed.resource.rpartition("/")[2])
    return policy if policy is not None and policy.arn == arn else None


def check_attachable(tx: Transaction, account: str, arn: str) -> None:
    """Raise ``NoSuchEntity`` unless an account may attach a policy: its own, or one of AWS's."""
    parsed = policy_arn(arn)
    theirs = parsed.account in (account, AWS_ACCOUNT)
    if not theirs or _policy_in(tx, parsed.account, arn, parsed) is None:
        raise no_such_entity(f"Policy {arn} does not exist or is not attachable.")


def provider_key(arn: str) -> tuple[str, str]:
    """Return the account and key of a provider's ARN. Raises ``ValidationError``."""
    parsed = parse_arn(arn)
    if parsed is None or parsed.service != "iam":
        raise validation_error(f"Invalid ARN: {arn}")
    kind, slash, key = parsed.resource.partition("/")
    if kind != "oidc-provider" or not slash or not key:
        raise validation_error("Invalid resource type in ARN")
    return parsed.account, key


def _get_provider(source: Source, account: str, arn: str) -> ProviderRecord | None:
    key = provider_key(arn)[1]
    if isinstance(source, Directory):
        provider = source.provider(account, key)
    else:
        provider = source.get(ProviderRecord, account, key)
    return provider if provider is not None and provider.arn == arn else None


ROLE = HolderKind(
    "role",
    lambda _call, request: str(request["RoleName"]),
    _get_role,
    _missing("The role with name {} cannot be found."),
    inline_limit=10240,
    attached_quota="PoliciesPerRole",
)
USER = HolderKind(
    "user",
    named_user,
    _get_user,
    _missing("The user with name {} cannot be found."),
    inline_limit=2048,
    attached_quota="PoliciesPerUser",
)
POLICY = Kind(
    "policy",
    lambda _call, request: str(request["PolicyArn"]),
    _get_policy,
    _missing("Policy {} was not found."),
)
PROVIDER = Kind(
    "oidc-provider",
    lambda _call, request: str(request["OpenIDConnectProviderArn"]),
    _get_provider,
    _missing("OpenIDConnect Provider not found for arn {}"),
)
