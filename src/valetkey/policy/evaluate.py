"""The decision: which of the policies must agree, and whether they do.

The order is AWS's (facts 6.1, *policy evaluation logic* of the IAM guide):

1. a Deny that applies, in any policy, is final;
2. a trust policy must allow, and for a caller who is no AWS principal it is all that decides;
3. a resource policy of the same account that names the user or session is a grant in itself;
   one that names the role (or a federated user's maker, or everyone) is limited by boundary and
   session policies; one that names the account leaves it to the account's identity policies;
4. an identity policy must allow, unless root asks, and the boundary and a session policy where
   there are any; a federated user without a session policy may do nothing here;
5. across accounts both sides must allow.

With and without a trace the same matchers answer, and the same function draws the conclusion.
"""

from collections.abc import Callable
from dataclasses import dataclass

from valetkey.policy.compiled import CompiledPolicy, Match
from valetkey.policy.decision import Decision, PolicyTrace, PolicyType, Reason
from valetkey.policy.principals import Grade
from valetkey.policy.request import Request
from valetkey.policy.statement import Asked
from valetkey.policy.validate import WITH_PRINCIPAL


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies that bear on a request.

    ``session`` is None where the session has no session policy; ``()`` is a session policy that
    allows nothing (a federated user without one is treated so). ``resource`` is the policy of the
    resource: a resource or a trust policy.
    """

    identity: tuple[CompiledPolicy, ...] = ()
    boundary: CompiledPolicy | None = None
    session: tuple[CompiledPolicy, ...] | None = None
    resource: CompiledPolicy | None = None

    def __post_init__(self) -> None:
        # A policy without principals in the resource's place would admit everyone.
        if self.resource is not None and self.resource.type not in WITH_PRINCIPAL:
            raise ValueError(f"{self.resource!r} is no policy of a resource")
        if any(policy.type in WITH_PRINCIPAL for policy in self.of_caller()):
            raise ValueError("a policy of a resource stands among the caller's policies")

    def of_caller(self) -> tuple[CompiledPolicy, ...]:
        """Return the policies that come with the caller."""
        boundary = () if self.boundary is None else (self.boundary,)
        return (*self.identity, *boundary, *(self.session or ()))

    def all(self) -> tuple[CompiledPolicy, ...]:
        """Return every policy, in the order in which an explicit deny is looked for."""
        return (() if self.resource is None else (self.resource,)) + self.of_caller()


_Matching = Callable[[CompiledPolicy, bool], tuple[Match, ...]]
"""Gives the statements of a policy that apply: Deny statements for True, Allow for False."""


def decide(policies: Policies, request: Request, *, trace: bool = False) -> Decision:
    """Allow or deny a request.

    With ``trace`` every element and condition of every statement is shown, also past the first
    mismatch; verdict, reason and determining statements are the same with and without.
    """
    asked = Asked.by(request)
    if not trace:
        return _verdict(
            policies, request, lambda policy, denies: policy.matching(asked, denies=denies)
        )
    traces: dict[int, tuple[PolicyTrace, tuple[Match, ...]]] = {
        id(policy): policy.traced(asked) for policy in policies.all()
    }

    def matching(policy: CompiledPolicy, denies: bool) -> tuple[Match, ...]:
        matches = traces[id(policy)][1]
        return tuple(match for match in matches if match[0].denies is denies)

    verdict = _verdict(policies, request, matching)
    return Decision(
        verdict.allowed,
        verdict.reason,
        verdict.determining,
        verdict.denied_by,
        tuple(traces[id(policy)][0] for policy in policies.all()),
    )


def _verdict(policies: Policies, request: Request, matching: _Matching) -> Decision:
    denies = [match for policy in policies.all() for match in matching(policy, True)]
    if denies:
        refs = tuple(statement.ref for statement, _ in denies)
        return Decision(False, Reason.EXPLICIT_DENY, refs, refs[0].type)
    resource = policies.resource
    granted = () if resource is None else matching(resource, False)
    is_trust = resource is not None and resource.type is PolicyType.TRUST
    if is_trust and not granted:
        return Decision(False, Reason.NO_TRUST_ALLOW, denied_by=PolicyType.TRUST)
    if request.requester.kind != "AWS":
        return _allowed(granted) if granted else _no_resource_allow()
    if not _is_own_account(request):
        return _both_sides(policies, request, matching, granted)
    return _in_own_account(policies, request, matching, granted, is_trust=is_trust)


def _in_own_account(
    policies: Policies,
    request: Request,
    matching: _Matching,
    granted: tuple[Match, ...],
    *,
    is_trust: bool,
) -> Decision:
    """Weigh what the resource's policy grants by how closely it names the caller."""
    grade = max((grade for _, grade in granted), default=Grade.NONE)
    if grade is Grade.DIRECT:
        return _allowed(granted)
    if grade is Grade.ROLE or (grade is Grade.EVERYONE and not is_trust):
        return _within_limits(policies, request, matching, granted)
    return _by_identity(policies, request, matching, granted)


def _is_own_account(request: Request) -> bool:
    owner = request.resource_account
    return owner is not None and owner == request.requester.account


def _both_sides(
    policies: Policies, request: Request, matching: _Matching, granted: tuple[Match, ...]
) -> Decision:
    """Decide where the resource is not the caller's: its policy must allow as well.

    A resource of nobody in particular (``*``) without a policy is for the caller's side alone.
    """
    decision = _by_identity(policies, request, matching, granted)
    nobodys = request.resource_account is None and policies.resource is None
    if not decision.allowed or granted or nobodys:
        return decision
    return _no_resource_allow()


def _by_identity(
    policies: Policies, request: Request, matching: _Matching, granted: tuple[Match, ...]
) -> Decision:
    """Require an Allow of the caller's identity policies, then of what limits them."""
    found = tuple(match for policy in policies.identity for match in matching(policy, False))
    if not found and not request.requester.is_root:
        return Decision(False, Reason.NO_IDENTITY_ALLOW, denied_by=PolicyType.IDENTITY)
    return _within_limits(policies, request, matching, (*granted, *found))


def _within_limits(
    policies: Policies, request: Request, matching: _Matching, granted: tuple[Match, ...]
) -> Decision:
    """Require that the boundary and the session policies, where there are any, allow as well."""
    found = list(granted)
    if policies.boundary is not None:
        within = matching(policies.boundary, False)
        if not within:
            return Decision(False, Reason.NO_BOUNDARY_ALLOW, denied_by=PolicyType.BOUNDARY)
        found += within
    session = policies.session
    if session is None and request.requester.is_federated_user:
        session = ()
    if session is not None:
        left = [match for policy in session for match in matching(policy, False)]
        if not left:
            return Decision(False, Reason.NO_SESSION_ALLOW, denied_by=PolicyType.SESSION)
        found += left
    return _allowed(tuple(found))


def _allowed(matches: tuple[Match, ...]) -> Decision:
    refs = tuple(statement.ref for statement, _ in matches)
    return Decision(True, Reason.ALLOWED, refs)


def _no_resource_allow() -> Decision:
    return Decision(False, Reason.NO_RESOURCE_ALLOW, denied_by=PolicyType.RESOURCE)
