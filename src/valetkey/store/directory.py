"""One state of the store, held in memory and never changed: what requests read."""

from collections.abc import Mapping
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

from valetkey.arn import parse_arn
from valetkey.policy import CompiledPolicy
from valetkey.policy.decision import PolicyType
from valetkey.store.compiled import Compiled, Compiler, PrincipalPolicies, Problem, RolePolicies
from valetkey.store.principal import role_policies, user_policies
from valetkey.store.records import (
    AccessKey,
    AccountRecord,
    BucketRecord,
    PolicyRecord,
    ProviderRecord,
    Record,
    RoleRecord,
    SecretRecord,
    UpstreamRecord,
    UserRecord,
)
from valetkey.store.shelf import Name, Shelf, UserShelf
from valetkey.store.upstreams import Upstreams

P = TypeVar("P", bound=PrincipalPolicies)

Change = Record | Problem | None
"""What a row says now: a record, that it can't be read, or that there is nothing."""


class Shelves(NamedTuple):
    """The records by type; the fields are named by the records' kinds."""

    account: Shelf[AccountRecord] = Shelf(AccountRecord, {})
    provider: Shelf[ProviderRecord] = Shelf(ProviderRecord, {})
    role: Shelf[RoleRecord] = Shelf(RoleRecord, {})
    user: UserShelf = UserShelf(UserRecord, {})
    policy: Shelf[PolicyRecord] = Shelf(PolicyRecord, {})
    secret: Shelf[SecretRecord] = Shelf(SecretRecord, {}, attrgetter("account", "region"))
    upstream: Shelf[UpstreamRecord] = Shelf(UpstreamRecord, {})
    bucket: Shelf[BucketRecord] = Shelf(BucketRecord, {})


class Directory:
    """The immutable snapshot of accounts, providers, roles, users, policies and secrets.

    Every look-up is of constant cost; lists come sorted by key. Policies are compiled when first
    asked for and kept. Records hold dicts: who changes one breaks the snapshot for everyone.
    """

    def __init__(
        self,
        compiler: Compiler,
        revision: int = 0,
        shelves: Shelves | None = None,
        unreadable: Mapping[tuple[str, str, str], Problem] | None = None,
    ) -> None:
        self.revision = revision
        self._compiler = compiler
        self._shelves = Shelves() if shelves is None else shelves
        self._unreadable = {} if unreadable is None else unreadable
        self._principals: dict[Name, tuple[Record, PrincipalPolicies]] = {}

    def changed(self, revision: int, changes: Mapping[str, Mapping[Name, Change]]) -> "Directory":
        """Return the next snapshot: only the kinds that changed are copied."""
        unreadable = dict(self._unreadable)
        shelves: dict[str, Any] = {}
        for kind, rows in changes.items():
            readable: dict[Name, Record | None] = {}
            for name, row in rows.items():
                unreadable.pop((kind, *name), None)
                if isinstance(row, Problem):
                    unreadable[kind, *name] = row
                readable[name] = None if isinstance(row, Problem) else row
            if kind in Shelves._fields:
                shelf: Shelf[Any] = getattr(self._shelves, kind)
                shelves[kind] = shelf.changed(readable)
        return Directory(self._compiler, revision, self._shelves._replace(**shelves), unreadable)

    def accounts(self) -> tuple[AccountRecord, ...]:
        """Return all accounts by id."""
        return tuple(sorted(self._shelves.account, key=attrgetter("account")))

    def account(self, account: str) -> AccountRecord | None:
        """Return the account of a 12-digit id."""
        return self._shelves.account.get(account, "")

    def provider(self, account: str, key: str) -> ProviderRecord | None:
        """Return an OIDC provider by its URL without the scheme, which has case."""
        return self._shelves.provider.get(account, key)

    def providers(self, account: str) -> tuple[ProviderRecord, ...]:
        """Return an account's OIDC providers."""
        return self._shelves.provider.listed(account)

    def role(self, account: str, name: str) -> RoleRecord | None:
        """Return a role by name, in any case."""
        return self._shelves.role.get(account, name)

    def role_of_arn(self, arn: str) -> RoleRecord | None:
        """Return the role with exactly this ARN, path and case included."""
        return _by_arn(self._shelves.role, arn)

    def roles(self, account: str) -> tuple[RoleRecord, ...]:
        """Return an account's roles."""
        return self._shelves.role.listed(account)

    def user(self, account: str, name: str) -> UserRecord | None:
        """Return a user by name, in any case."""
        return self._shelves.user.get(account, name)

    def users(self, account: str) -> tuple[UserRecord, ...]:
        """Return an account's users."""
        return self._shelves.user.listed(account)

    def user_of_key(self, access_key_id: str) -> tuple[UserRecord, AccessKey] | None:
        """Return who has a long-term access key, active or not; nobody, where two have it."""
        return self._shelves.user.by_access_key(access_key_id)

    def policy(self, arn: str) -> PolicyRecord | None:
        """Return the managed policy with exactly this ARN, path and case included."""
        return _by_arn(self._shelves.policy, arn)

    def policies(self, account: str) -> tuple[PolicyRecord, ...]:
        """Return an account's managed policies; AWS's own are those of account ``aws``."""
        return self._shelves.policy.listed(account)

    def secret(self, account: str, region: str, name: str) -> SecretRecord | None:
        """Return a secret by name, which has case."""
        found = self._shelves.secret.get(account, f"{region}/{name}")
        # Names may hold slashes, so the key alone does not tell where the region ends.
        return found if found is not None and found.region == region else None

    def secrets(self, account: str, region: str) -> tuple[SecretRecord, ...]:
        """Return an account's secrets in a region."""
        return self._shelves.secret.listed((account, region))

    @cached_property
    def upstreams(self) -> Upstreams:
        """Return what the gateway forwards to, and the buckets in there."""
        unreadable = [
            (account, key) for kind, account, key in self._unreadable if kind == "upstream"
        ]
        return Upstreams(
            self._shelves.upstream,
            {record.name: record for record in self._shelves.bucket},
            unreadable=unreadable,
            unreadable_buckets=[key for kind, _, key in self._unreadable if kind == "bucket"],
        )

    def bucket_policy(self, bucket: BucketRecord) -> CompiledPolicy | None:
        """Return a bucket's policy, if it has one; one that can't be used denies everything."""
        compiled = self._bucket_policy(bucket)
        return None if compiled is None else compiled.policy

    def role_policies(self, role: RoleRecord) -> RolePolicies:
        """Return a role's compiled policies, and who may become it."""
        name = ("role", role.arn)
        held = self._principals.get(name)
        if held is not None and held[0] is role and isinstance(held[1], RolePolicies):
            return held[1]
        found = role_policies(role, self, self._compiler)
        self._principals[name] = (role, found)
        return found

    def user_policies(self, user: UserRecord) -> PrincipalPolicies:
        """Return a user's compiled policies."""
        name = ("user", user.arn)
        held = self._principals.get(name)
        if held is not None and held[0] is user:
            return held[1]
        found = user_policies(user, self, self._compiler)
        self._principals[name] = (user, found)
        return found

    def managed_policy(self, arn: str, type: PolicyType) -> CompiledPolicy | None:
        """Return a managed policy compiled for a use, such as a session's; None if not there."""
        record = self.policy(arn)
        return None if record is None else self._compiler.compiled(type, arn, record.document)[0]

    def resource_policy(self, secret: SecretRecord) -> CompiledPolicy | None:
        """Return a secret's resource policy, if it has one."""
        compiled = self._resource_policy(secret)
        return None if compiled is None else compiled.policy

    def policy_for_session(self, text: str) -> CompiledPolicy:
        """Compile a policy that was passed with a session. Raises `MalformedPolicy`."""
        return self._compiler.session(text)

    def is_unreadable(self, arn: str) -> bool:
        """Tell whether a managed policy of this ARN's account and name is kept, but unreadable."""
        account, key = _name_in(arn)
        return ("policy", account, PolicyRecord.key_of(key)) in self._unreadable

    @property
    def unreadable(self) -> tuple[Problem, ...]:
        """Return the rows that could not be read; they are in no list and grant nothing."""
        return tuple(self._unreadable.values())

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """Return everything kept that can't be used as it stands.

        This compiles every policy there is: it is for operators, not for requests.
        """
        found = list(self.unreadable)
        for key_id, users in self._shelves.user.shared_keys.items():
            message = f"the access key `{key_id}` stands more than once and names nobody"
            found += [Problem("user", user.account, user.key, message) for user in users]
        for role in self._shelves.role:
            found += self.role_policies(role).problems
        for user in self._shelves.user:
            found += self.user_policies(user).problems
        for secret in self._shelves.secret:
            compiled = self._resource_policy(secret)
            if compiled is not None and compiled.error is not None:
                message = f"its resource policy can't be used: {compiled.error.message}"
                found.append(
                    Problem("secret", secret.account, secret.key, message, error=compiled.error)
                )
        for bucket in self._shelves.bucket:
            compiled = self._bucket_policy(bucket)
            if compiled is not None and compiled.error is not None:
                message = f"its policy can't be used: {compiled.error.message}"
                found.append(
                    Problem("bucket", bucket.owner, bucket.key, message, error=compiled.error)
                )
        for bucket in self.upstreams.lost():
            message = f"its upstream `{bucket.upstream}` is not there"
            found.append(Problem("bucket", bucket.owner, bucket.key, message))
        return tuple(found)

    def _bucket_policy(self, bucket: BucketRecord) -> Compiled | None:
        if bucket.policy is None:
            return None
        name = f"policy of bucket {bucket.name}"
        return self._compiler.compiled(PolicyType.RESOURCE, name, bucket.policy)

    def _resource_policy(self, secret: SecretRecord) -> Compiled | None:
        if secret.resource_policy is None:
            return None
        name = f"resource policy of secret {secret.name}"
        return self._compiler.compiled(PolicyType.RESOURCE, name, secret.resource_policy)


A = TypeVar("A", RoleRecord, PolicyRecord)


def _by_arn(shelf: Shelf[A], arn: str) -> A | None:
    record = shelf.get(*_name_in(arn))
    return record if record is not None and record.arn == arn else None


def _name_in(arn: str) -> Name:
    parsed = parse_arn(arn)
    return ("", "") if parsed is None else (parsed.account, parsed.resource.rpartition("/")[2])
