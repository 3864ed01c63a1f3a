"""The policies of a simulation: those that a request brings, and those that a principal holds.

What a principal holds is taken from the directory as enforcement takes it, a policy that can't be
used included: it denies in a simulation as it does in earnest.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from valetkey.api.iam.failures import invalid_input
from valetkey.arn import parse_arn
from valetkey.diagnostics import Source
from valetkey.errors import AwsError
from valetkey.policy import (
    CompiledPolicy,
    MalformedPolicy,
    Policies,
    PolicyDocument,
    PolicyType,
    compile_policy,
    key_uses,
    parse,
)
from valetkey.store import AWS_ACCOUNT, Directory, RoleRecord, UserRecord

T = TypeVar("T")
MOST_CHARACTERS = 131_072
"""How long all policies of one request may be together: as long as IAM's longest document."""

BOUNDARY = "PermissionsBoundaryPolicyInputList"


class Sourced(NamedTuple):
    """A policy, and how answers name it: ``PolicyInputList.1``, ``role_deploy_reader``."""

    policy: CompiledPolicy
    id: str


@dataclass(frozen=True, slots=True)
class Simulated:
    """The policies that bear on a simulation, each in its part."""

    identity: tuple[Sourced, ...] = ()
    boundary: Sourced | None = None
    resource: Sourced | None = None

    def policies(self) -> Policies:
        """Return them as the evaluator takes them."""
        return Policies(
            tuple(sourced.policy for sourced in self.identity),
            None if self.boundary is None else self.boundary.policy,
            None,
            None if self.resource is None else self.resource.policy,
        )

    def all(self) -> tuple[Sourced, ...]:
        """Return every policy in the order of the evaluator's trace."""
        single = (self.resource, *self.identity, self.boundary)
        return tuple(sourced for sourced in single if sourced is not None)

    @property
    def trusts(self) -> bool:
        """Tell whether what is asked of the resource is a trust policy."""
        return self.resource is not None and self.resource.policy.type is PolicyType.TRUST


def refuse_length(documents: Iterable[str]) -> None:
    """Raise ``InvalidInput`` for policies that are together too long to be compiled for nothing."""
    if (total := sum(map(len, documents))) > MOST_CHARACTERS:
        raise invalid_input(
            f"The policies have {total} characters together, and the limit is {MOST_CHARACTERS}."
        )


def input_list(documents: Sequence[str]) -> tuple[Sourced, ...]:
    """Compile the identity policies of a request. Raises ``InvalidInput`` with the item's place."""
    return tuple(
        _compiled(
            f"PolicyInputList.{number}",
            document,
            PolicyType.IDENTITY,
            f"Policy input list item {number}",
        )
        for number, document in enumerate(documents, 1)
    )


def boundary_input(documents: Sequence[str]) -> Sourced | None:
    """Compile the permissions boundary of a request; None without one."""
    if len(documents) > 1:
        raise invalid_input("The list of Permissions Boundary policies cannot exceed 1 items.")
    if not documents:
        return None
    what = "Permissions Boundary policy input list item 1"
    return _compiled(f"{BOUNDARY}.1", documents[0], PolicyType.BOUNDARY, what)


def resource_input(document: str) -> Sourced:
    """Compile a request's ``ResourcePolicy``: a trust policy where no statement has a resource."""
    what = "Resource policy"
    read = read_document("ResourcePolicy", document, what)
    has_resource = any(statement.resource is not None for statement in read.statements)
    used_as = PolicyType.RESOURCE if has_resource else PolicyType.TRUST
    return _compiled("ResourcePolicy", document, used_as, what)


def read_document(name: str, document: str, what: str) -> PolicyDocument:
    """Read a document as it is written, of whatever use. Raises ``InvalidInput``."""
    return _checked(what, lambda: parse(Source(name, document)))


def _compiled(name: str, document: str, type: PolicyType, what: str) -> Sourced:
    policy = _checked(what, lambda: compile_policy(Source(name, document), type, name=name))
    return Sourced(policy, name)


def _checked(what: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except MalformedPolicy as malformed:
        raise AwsError(
            "InvalidInput",
            f"{what} has invalid content",
            reason=malformed.reason,
            help=malformed.help,
            diagnostics=malformed.diagnostics(),
        ) from malformed


def held(directory: Directory, holder: UserRecord | RoleRecord) -> Simulated:
    """Return what a user or role holds: inline and attached policies, and its boundary."""
    if isinstance(holder, UserRecord):
        found = directory.user_policies(holder)
    else:
        found = directory.role_policies(holder)
    inline = iter(sorted(holder.inline_policies))
    identity = tuple(
        Sourced(policy, managed_name(policy) or f"{holder.kind}_{holder.name}_{next(inline)}")
        for policy in found.identity
    )
    boundary = found.boundary
    return Simulated(
        identity,
        None if boundary is None else Sourced(boundary, managed_name(boundary) or boundary.name),
    )


def own_trust(directory: Directory, role: RoleRecord) -> Sourced:
    """Return a role's trust policy."""
    return Sourced(directory.role_policies(role).trust, "AssumeRolePolicyDocument")


def managed_name(policy: CompiledPolicy) -> str | None:
    """Return a managed policy's name, None for an inline one: only the former are named by ARN."""
    arn = parse_arn(policy.name)
    return None if arn is None else arn.resource.rpartition("/")[2]


def is_of_aws(policy: CompiledPolicy) -> bool:
    """Tell whether a managed policy is one of AWS's own."""
    arn = parse_arn(policy.name)
    return arn is not None and arn.account == AWS_ACCOUNT


def keys_of(documents: Iterable[PolicyDocument]) -> list[str]:
    """Return the condition keys of documents as written, each spelling once, as the texts go."""
    found: dict[str, None] = {}
    for document in documents:
        uses = sorted(key_uses(document), key=lambda use: use.range.start)
        found.update((use.key, None) for use in uses)
    return list(found)
