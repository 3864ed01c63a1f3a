"""The one step that decided: a check of the token, or a policy and its statement."""

from typing import Final

from valetkey.explain.compare import quoted
from valetkey.explain.model import Case, DecidedBy, State, Step
from valetkey.explain.statements import Place, policy_name
from valetkey.policy.decision import Decision, PolicyTrace, PolicyType, Reason, StatementRef

_POLICIES: Final = {
    PolicyType.TRUST: "trust policy",
    PolicyType.RESOURCE: "resource policy",
    PolicyType.IDENTITY: "identity policies",
    PolicyType.BOUNDARY: "permissions boundary",
    PolicyType.SESSION: "session policies",
}


def decided_by(case: Case, steps: tuple[Step, ...], nearest: Place | None) -> DecidedBy | None:
    """Return what the verdict hung on; None where a request ended without any of it."""
    fallen = next((step for step in steps if step.state is State.FAILED), None)
    decision = case.decision
    by_policies = decision is not None and case.check is None and decision.allowed is case.allowed
    if decision is None and case.allowed:
        return DecidedBy(steps[0].name, "no policy is asked for this")
    if decision is None or not by_policies:
        return DecidedBy(fallen.name, fallen.fact) if fallen is not None else None
    if decision.allowed or decision.reason is Reason.EXPLICIT_DENY:
        return _by_statement(decision)
    return _for_want(decision, steps, nearest)


def _by_statement(decision: Decision) -> DecidedBy:
    ref = _main(decision)
    if ref is None:
        return DecidedBy("account's root user", "it needs no identity policy")
    verb = "allows this" if decision.allowed else "denies this"
    return DecidedBy(
        _POLICIES[ref.type],
        f"{called(ref)} {verb}",
        policy_of(ref, decision),
        ref.index + 1,
        ref.sid,
    )


def _main(decision: Decision) -> StatementRef | None:
    """Return the statement that decided: of several, the one that is no limit."""
    limits = {PolicyType.BOUNDARY, PolicyType.SESSION}
    refs = sorted(decision.determining, key=lambda ref: ref.type in limits)
    return refs[0] if refs else None


def _for_want(decision: Decision, steps: tuple[Step, ...], nearest: Place | None) -> DecidedBy:
    fact = next((step.fact for step in steps if step.state is State.FAILED), "")
    kind = _POLICIES[decision.denied_by] if decision.denied_by is not None else "policies"
    if nearest is None:
        return DecidedBy(kind, fact)
    ref = nearest.statement.ref
    return DecidedBy(
        kind,
        f"{fact}; {nearest.name} comes nearest",
        policy_name(nearest.policy),
        ref.index + 1,
        ref.sid,
    )


def called(ref: StatementRef) -> str:
    """Return a statement as people call it: its number from 1 and its Sid."""
    return f"statement {ref.index + 1}" + (f" ({quoted(ref.sid)})" if ref.sid else "")


def policy_of(ref: StatementRef, decision: Decision) -> str:
    """Return what people call the policy of a statement."""
    traces = decision.trace or ()
    found = next((one for one in traces if (one.policy, one.type) == (ref.policy, ref.type)), None)
    return policy_name(found or PolicyTrace(ref.policy, ref.type, "", ()))
