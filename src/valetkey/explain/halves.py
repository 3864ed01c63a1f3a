"""Where several sides must agree: which of them did, and which one is missing."""

from collections.abc import Iterator
from typing import Final

from valetkey.arn import parse_arn
from valetkey.diagnostics import Diagnostic
from valetkey.explain.compare import quoted
from valetkey.explain.model import Case
from valetkey.explain.replay import question
from valetkey.explain.statements import places, policy_name
from valetkey.policy.decision import PolicyType, Reason

_LIMITS: Final = {
    Reason.NO_BOUNDARY_ALLOW: (
        "a permissions boundary grants nothing, it limits: the boundary must allow as well"
    ),
    Reason.NO_SESSION_ALLOW: (
        "a session policy grants nothing, it limits: what the session was opened with must allow"
        " as well"
    ),
}


def halves(case: Case) -> tuple[str, ...]:
    """Return notes on the sides that had to agree: what did allow, and who else must."""
    decision = case.decision
    if decision is None or decision.allowed or case.is_web_identity:
        return ()
    return tuple(_notes(case, decision.reason))


def _notes(case: Case, reason: Reason) -> Iterator[str]:
    agreed = [
        f"{place.name} of {policy_name(place.policy)}"
        for place in places(case)
        if place.statement.matched and place.statement.ref.effect == "Allow"
    ]
    if agreed:
        yield f"allowed already by {', '.join(agreed[:4])}"
    if reason in _LIMITS:
        yield _LIMITS[reason]
    accounts = _accounts(case)
    if accounts is not None and reason is not Reason.EXPLICIT_DENY:
        yield (
            f"the caller is of account {quoted(accounts[0])}, the resource of"
            f" {quoted(accounts[1])}: across accounts the caller's policies and the resource's"
            " policy must both allow"
        )


def no_resource_policy(case: Case) -> Diagnostic | None:
    """Return the finding for a resource of another account that has no policy at all."""
    decision, accounts = case.decision, _accounts(case)
    if decision is None or decision.reason is not Reason.NO_RESOURCE_ALLOW or accounts is None:
        return None
    if any(policy.type is PolicyType.RESOURCE for policy in decision.trace or ()):
        return None
    return Diagnostic(
        "no-resource-policy",
        f"the resource is of account {quoted(accounts[1])}, which lets nobody of"
        f" {quoted(accounts[0])} in: it has no policy",
        help=(
            (
                "nothing should be changed, unless that account shall let the caller in: then it"
                " must say so in the resource's own policy"
            ),
        ),
    )


def _accounts(case: Case) -> tuple[str, str] | None:
    """Return the caller's and the resource's account where they are known and differ."""
    asked = question(case)
    if asked is not None:
        mine, owner = asked.request.requester.account, asked.request.resource_account
    else:
        of_caller = case.context.get("aws:PrincipalAccount")
        arn = parse_arn(case.resource or "")
        mine = of_caller if isinstance(of_caller, str) else None
        owner = arn.account if arn is not None else None
    return (mine, owner) if mine and owner and mine != owner else None
