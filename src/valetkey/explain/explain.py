"""The way from a case to its explanation."""

from valetkey.diagnostics import Diagnostic
from valetkey.explain.compare import quoted
from valetkey.explain.ladder import SIGNATURE, ladder
from valetkey.explain.model import Case, Explanation
from valetkey.explain.refusals import refusal
from valetkey.explain.statements import findings


def explain(case: Case) -> Explanation:
    """Return a decision as a person reads it; the verdict is the case's own.

    Never raises, whatever the claims and policies hold.
    """
    return Explanation(
        allowed=case.allowed,
        title=_title(case),
        steps=ladder(case),
        diagnostics=_diagnostics(case),
        request_id=case.request_id,
        answer=f"{case.wire_code}: {case.wire_message or ''}" if case.wire_code else None,
    )


def _diagnostics(case: Case) -> tuple[Diagnostic, ...]:
    if case.check is not None:
        return (refusal(case),)
    found = findings(case)
    granted = case.decision is not None and case.decision.allowed
    if case.allowed or (found and not granted):
        return found
    # The policies did not say no, or it is not known what they said: the answer's own reason.
    return (refusal(case), *found)


def _title(case: Case) -> str:
    verdict = "allowed" if case.allowed else "refused"
    if case.allowed and SIGNATURE in case.unchecked:
        verdict = "allowed, if the signature is the issuer's"
    target = case.resource or case.role_arn
    action = case.action or case.operation
    return f"{verdict}: {action}{f' on {quoted(target)}' if target else ''}"
