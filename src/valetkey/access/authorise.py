"""Whether a caller may: the policies that apply, gathered and decided."""

from dataclasses import dataclass, field

from valetkey.access.caller import Caller
from valetkey.access.context import (
    ContextValues,
    RequestFacts,
    caller_values,
    context_of,
    request_values,
)
from valetkey.access.event import Event
from valetkey.errors import AwsError
from valetkey.policy import (
    CompiledPolicy,
    Decision,
    Policies,
    Request,
    decide,
    denied_message,
)
from valetkey.store import Directory

FORBIDDEN = 403


class AccessDenied(AwsError):
    """The policies do not allow the request."""

    refusal = True

    def __init__(self, message: str, *, check: str = "policy", reason: str | None = None) -> None:
        super().__init__("AccessDenied", message, FORBIDDEN, reason=reason)
        self.check = check


@dataclass(frozen=True, slots=True)
class Target:
    """What an operation is about, as policies see it.

    ``shown`` is how the refusal names the resource where it is not by its ARN (AWS repeats what
    the caller wrote); the empty text is for actions where AWS names none. ``policy`` is the
    resource's own policy; ``account`` owns the resource. ``unknown`` are condition keys that may
    have any value, as :class:`~valetkey.policy.Context` takes them.
    """

    resource: str = "*"
    context: ContextValues = field(default_factory=dict)
    shown: str | None = None
    policy: CompiledPolicy | None = None
    account: str | None = None
    unknown: frozenset[str] = frozenset()


def authorise(
    caller: Caller,
    action: str,
    target: Target,
    *,
    directory: Directory,
    facts: RequestFacts,
    event: Event,
) -> Decision:
    """Return the decision that allows ``action``; its reasons go to the event.

    Raises :class:`AccessDenied` with AWS's sentence.
    """
    policies, request = question(caller, action, target, directory=directory, facts=facts)
    event.action, event.resource = action, target.resource
    decision = decide_and_record(policies, request, event)
    if not decision.allowed:
        shown = target.resource if target.shown is None else target.shown or None
        raise AccessDenied(
            denied_message(decision, caller_arn=caller.arn, action=action, resource=shown)
        )
    return decision


def permits(
    caller: Caller, action: str, target: Target, *, directory: Directory, facts: RequestFacts
) -> bool:
    """Tell whether a caller may do something else than what is asked for.

    For what an answer shows only to those who may see it; nothing is recorded.
    """
    policies, request = question(caller, action, target, directory=directory, facts=facts)
    return decide(policies, request).allowed


def question(
    caller: Caller, action: str, target: Target, *, directory: Directory, facts: RequestFacts
) -> tuple[Policies, Request]:
    """Return what is to be decided, and the policies that bear on it."""
    values = request_values(facts)
    values.update(caller_values(caller))
    account = target.account or caller.account
    if account:
        values["aws:ResourceAccount"] = account
    values.update(target.context)
    request = Request(
        action=action,
        resource=target.resource,
        context=context_of(values, target.unknown),
        requester=caller.requester,
        resource_account=account or None,
    )
    return applicable_policies(caller, target, directory), request


def decide_and_record(policies: Policies, request: Request, event: Event) -> Decision:
    """Decide; keep a grant's statements, and a refusal's whole trace and context."""
    decision = decide(policies, request, trace=event.traced)
    if not decision.allowed:
        decision = decide(policies, request, trace=True)
        event.saw(request.context)
    event.decided(decision, all_policies(policies))
    return decision


def applicable_policies(caller: Caller, target: Target, directory: Directory) -> Policies:
    """Gather the policies that bear on a caller's request (User Guide, *evaluation logic*)."""
    if caller.user is not None:
        of_user = directory.user_policies(caller.user)
        return Policies(of_user.identity, of_user.boundary, None, target.policy)
    if caller.role is None or caller.session is None:
        return Policies((), None, (), target.policy)
    of_role = directory.role_policies(caller.role)
    session = session_policies(caller, directory)
    return Policies(of_role.identity, of_role.boundary, session, target.policy)


def session_policies(caller: Caller, directory: Directory) -> tuple[CompiledPolicy, ...] | None:
    """Return the policies that a session was limited by when it was made; None without any."""
    session = caller.session
    if session is None or not session.has_session_policy:
        return None
    texts = (*(session.session_policies or ()), *(session.session_policy_arns or ()))
    return tuple(directory.policy_for_session(text) for text in texts)


def all_policies(policies: Policies) -> tuple[CompiledPolicy, ...]:
    """Return every policy of a set, whatever its part in it."""
    single = tuple(p for p in (policies.boundary, policies.resource) if p is not None)
    return policies.identity + (policies.session or ()) + single
