"""The way from a case to its explanation."""

from dataclasses import dataclass, replace

from valetkey.diagnostics import Diagnostic
from valetkey.explain.compare import quoted
from valetkey.explain.decided import decided_by
from valetkey.explain.halves import halves, no_resource_policy
from valetkey.explain.ladder import SIGNATURE, ladder
from valetkey.explain.model import Case, Explanation
from valetkey.explain.near_misses import near_misses
from valetkey.explain.refusals import refusal
from valetkey.explain.replay import question
from valetkey.explain.statements import Nearest, Place, nearest_of, nothing, ranked
from valetkey.explain.suggestion import Advice, advise
from valetkey.explain.verdicts import denials, warnings
from valetkey.policy.decision import Reason


@dataclass(frozen=True, slots=True)
class _Assessment:
    """What the policies said: findings, and the statement that came nearest with the others."""

    diagnostics: tuple[Diagnostic, ...] = ()
    nearest: Nearest | None = None
    others: tuple[Place, ...] = ()


def explain(case: Case) -> Explanation:
    """Return a decision as a person reads it; the verdict is the case's own.

    Never raises, whatever the claims and policies hold.
    """
    if not case.allowed and case.check is None:
        case = replace(case, asked=question(case))
    found = _assessed(case)
    steps = ladder(case)
    nearest = found.nearest
    suggestion, temptations = _advice(case, nearest)
    return Explanation(
        allowed=case.allowed,
        title=_title(case),
        steps=steps,
        diagnostics=_diagnostics(case, found),
        request_id=case.request_id,
        answer=f"{case.wire_code}: {case.wire_message or ''}" if case.wire_code else None,
        decided_by=decided_by(case, steps, nearest.place if nearest else None),
        near_misses=near_misses(case, nearest, found.others) if nearest else (),
        suggestion=suggestion,
        temptations=temptations,
        policies=(case.decision.trace or ()) if case.decision is not None else (),
    )


def _assessed(case: Case) -> _Assessment:
    decision = case.decision
    if case.check is not None or decision is None or decision.trace is None:
        return _Assessment()
    if decision.allowed:
        return _Assessment(tuple(warnings(case)))
    if decision.reason is Reason.EXPLICIT_DENY:
        return _Assessment(tuple(denials(case)))
    missing = no_resource_policy(case)
    if missing is not None:
        return _Assessment(_with_notes(case, (missing,)))
    candidates = ranked(case, decision.denied_by)
    if not candidates:
        return _Assessment(_with_notes(case, (nothing(case, decision.denied_by),)))
    nearest = nearest_of(case, candidates[0])
    findings = tuple(one.diagnostic for one in nearest.found)
    return _Assessment(_with_notes(case, findings), nearest, candidates[1:])


def _with_notes(case: Case, findings: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """Add to the first finding which sides agreed already, and which must as well."""
    notes = halves(case)
    if not findings or not notes:
        return findings
    first, *others = findings
    return (replace(first, notes=(*first.notes, *notes)), *others)


def _advice(case: Case, nearest: Nearest | None) -> Advice:
    return advise(case, nearest) if nearest is not None and not case.allowed else (None, ())


def _diagnostics(case: Case, found: _Assessment) -> tuple[Diagnostic, ...]:
    if case.check is not None:
        return (refusal(case),)
    granted = case.decision is not None and case.decision.allowed
    if case.allowed or (found.diagnostics and not granted):
        return found.diagnostics
    # The policies did not say no, or it is not known what they said: the answer's own reason.
    return (refusal(case), *found.diagnostics)


def _title(case: Case) -> str:
    verdict = "allowed" if case.allowed else "refused"
    if case.allowed and SIGNATURE in case.unchecked:
        verdict = "allowed, if the signature is the issuer's"
    target = case.resource or case.role_arn
    action = case.action or case.operation
    return f"{verdict}: {action}{f' on {quoted(target)}' if target else ''}"
