"""Gathers the policies of one role or user from a directory."""

from typing import Protocol

from valetkey.arn import parse_arn
from valetkey.errors import ValetkeyError
from valetkey.policy import CompiledPolicy
from valetkey.policy.decision import PolicyType
from valetkey.store.compiled import (
    Compiler,
    PrincipalPolicies,
    Problem,
    RolePolicies,
    deny_all,
)
from valetkey.store.records import AWS_ACCOUNT, PolicyRecord, RoleRecord, UserRecord


class ManagedPolicies(Protocol):
    """Where managed policies are found: a directory."""

    def policy(self, arn: str) -> PolicyRecord | None:
        """Return a managed policy, if there is one that can be read."""

    def is_unreadable(self, arn: str) -> bool:
        """Tell whether a managed policy is kept that can't be read."""


def role_policies(role: RoleRecord, managed: ManagedPolicies, compiler: Compiler) -> RolePolicies:
    """Compile all policies of a role; what is wrong with them is in ``problems``."""
    gathering = _Gathering(role, managed, compiler)
    return RolePolicies(
        trust=gathering.own(
            PolicyType.TRUST, f"trust policy of role {role.name}", role.trust_policy
        ),
        identity=gathering.identity(),
        boundary=gathering.boundary(),
        problems=tuple(gathering.problems),
    )


def user_policies(
    user: UserRecord, managed: ManagedPolicies, compiler: Compiler
) -> PrincipalPolicies:
    """Compile all policies of a user; what is wrong with them is in ``problems``."""
    gathering = _Gathering(user, managed, compiler)
    return PrincipalPolicies(
        identity=gathering.identity(),
        boundary=gathering.boundary(),
        problems=tuple(gathering.problems),
    )


class _Gathering:
    """One principal's policies as they are gathered, with the problems met."""

    def __init__(
        self, principal: RoleRecord | UserRecord, managed: ManagedPolicies, compiler: Compiler
    ) -> None:
        self._principal = principal
        self._managed = managed
        self._compiler = compiler
        self.problems: list[Problem] = []

    def own(self, type: PolicyType, name: str, text: str) -> CompiledPolicy:
        compiled = self._compiler.compiled(type, name, text)
        if compiled.error is not None:
            self._report(
                f"{name} can't be used and denies everything: {compiled.error.message}",
                error=compiled.error,
            )
        return compiled.policy

    def identity(self) -> tuple[CompiledPolicy, ...]:
        whose = f"{self._principal.kind} {self._principal.name}"
        inline = (
            self.own(PolicyType.IDENTITY, f"inline policy {name} of {whose}", text)
            for name, text in sorted(self._principal.inline_policies.items())
        )
        attached = (self._attached(arn) for arn in self._principal.attached_policies)
        return (*inline, *(policy for policy in attached if policy is not None))

    def boundary(self) -> CompiledPolicy | None:
        arn = self._principal.permissions_boundary
        if arn is None:
            return None
        if (record := self._find(arn)) is not None:
            return self.own(PolicyType.BOUNDARY, arn, record.document)
        self._report(
            f"the permissions boundary `{arn}` is not there, so that nothing is allowed",
            help="create the policy, or take the boundary away",
        )
        return deny_all(PolicyType.BOUNDARY, arn)

    def _attached(self, arn: str) -> CompiledPolicy | None:
        if (record := self._find(arn)) is not None:
            return self.own(PolicyType.IDENTITY, arn, record.document)
        if self._managed.is_unreadable(arn):
            # It may have denied something; a policy that is known not to be there can't have.
            self._report(f"the attached policy `{arn}` can't be read and denies everything")
            return deny_all(PolicyType.IDENTITY, arn)
        self._report(
            f"the attached policy `{arn}` is not there and allows nothing",
            help="create the policy, or detach it",
        )
        return None

    def _find(self, arn: str) -> PolicyRecord | None:
        # Managed policies are the account's own or AWS's: another account's could be changed by
        # people who have no say over this one.
        parsed = parse_arn(arn)
        if parsed is None or parsed.account not in {self._principal.account, AWS_ACCOUNT}:
            return None
        return self._managed.policy(arn)

    def _report(
        self, message: str, *, help: str | None = None, error: ValetkeyError | None = None
    ) -> None:
        principal = self._principal
        self.problems.append(
            Problem(principal.kind, principal.account, principal.key, message, help, error)
        )
