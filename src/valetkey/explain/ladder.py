"""The ladder that a web identity climbs, rung by rung, with the fact that each hung on."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from valetkey.explain.compare import listed, quoted
from valetkey.explain.model import Case, State, Step
from valetkey.explain.refusals import PROVIDER, ROLE, ROLE_ARN
from valetkey.oidc.errors import Check
from valetkey.policy.decision import Decision, PolicyType, Reason

AUTHENTICATED: Final = "request authenticated"
ROLE_ARN_NAMED: Final = "role ARN"
REGISTERED: Final = "issuer registered"
SIGNATURE: Final = "signature"
TIMES: Final = "times"
ROLE_THERE: Final = "role there"


class _Rung(NamedTuple):
    name: str
    checks: frozenset[str]
    fact: Callable[[Case], str]


def _rung(name: str, *checks: str, fact: Callable[[Case], str] = lambda _: "") -> _Rung:
    return _Rung(name, frozenset(checks), fact)


def _text(value: object) -> str:
    return quoted(value) if isinstance(value, str) else ""


def _audience(case: Case) -> str:
    got = case.claims.get("azp", case.claims.get("aud"))
    return listed([str(one) for one in got]) if isinstance(got, list) else _text(got)


_LADDER: Final = (
    _rung(ROLE_ARN_NAMED, ROLE_ARN, fact=lambda case: _text(case.role_arn or case.resource)),
    _rung(
        "token read",
        Check.SIZE,
        Check.SEGMENTS,
        Check.ENCODING,
        Check.JSON,
        Check.HEADER,
        Check.ALGORITHM,
        Check.ISSUER_PRESENT,
        fact=lambda case: f"issued by {_text(case.issuer)}" if case.issuer else "",
    ),
    _rung(REGISTERED, PROVIDER, fact=lambda case: _text(case.issuer)),
    _rung("key found", Check.KEYS, Check.KEY, fact=lambda case: _text(case.kid)),
    _rung(SIGNATURE, Check.SIGNATURE),
    _rung(
        "claims complete", Check.REQUIRED_CLAIMS, Check.SUBJECT, Check.ISSUER, Check.TIMESTAMPS,
        fact=lambda case: _text(case.claims.get("sub")),
    ),
    _rung(TIMES, Check.ISSUED_AT, Check.NOT_BEFORE, Check.EXPIRY),
    _rung("audience", Check.AUDIENCE, fact=_audience),
    _rung(
        "AWS claims", Check.ROLES, Check.TAGS, Check.SOURCE_IDENTITY, Check.CLAIM_NAMES
    ),
    _rung(ROLE_THERE, ROLE),
)  # fmt: skip
PROVEN: Final = ("key found", SIGNATURE)
"""The rungs that take the issuer's keys."""
JUDGED: Final = ("claims complete", TIMES, "audience", "AWS claims")
"""The rungs that take the claims alone."""

_CHECKS: Final = frozenset(check for rung in _LADDER for check in rung.checks)


def ladder(case: Case) -> tuple[Step, ...]:
    """Return the steps of a request: for a token every check, then the policies."""
    if case.is_web_identity:
        steps = [*_token_steps(case), _trust_step(case)]
    else:
        steps = [*_caller_steps(case), *_policy_steps(case)]
    if not case.allowed and case.decision is not None and case.decision.allowed:
        steps.append(Step("request", State.FAILED, case.reason or case.wire_message or ""))
    return tuple(steps)


def _token_steps(case: Case) -> Iterator[Step]:
    fallen = False
    for rung in _LADDER:
        if fallen:
            yield Step(rung.name, State.NOT_REACHED)
        elif case.check in rung.checks:
            fallen = True
            yield Step(rung.name, State.FAILED, case.reason or case.wire_message or "")
        elif rung.name in case.unchecked:
            yield Step(rung.name, State.NOT_CHECKED, case.unchecked[rung.name])
        elif _unknown(case):
            yield Step(rung.name, State.NOT_REACHED)
        else:
            yield Step(rung.name, State.PASSED, rung.fact(case))


def _unknown(case: Case) -> bool:
    """Return whether the request ended in a way that tells nothing of the ladder."""
    return case.decision is None and not case.allowed and case.check not in _CHECKS


def _caller_steps(case: Case) -> Iterator[Step]:
    if AUTHENTICATED in case.unchecked:
        yield Step(AUTHENTICATED, State.NOT_CHECKED, case.unchecked[AUTHENTICATED])
    elif case.decision is None and not case.allowed:
        yield Step(AUTHENTICATED, State.FAILED, case.reason or case.wire_message or "")
    else:
        yield Step(AUTHENTICATED, State.PASSED, case.caller or "")


def _trust_step(case: Case) -> Step:
    name, decision = "trust policy", case.decision
    if decision is None:
        return Step(name, State.PASSED if case.allowed else State.NOT_REACHED)
    if decision.allowed:
        return Step(name, State.PASSED, _granted(decision, frozenset(PolicyType)))
    return Step(name, State.FAILED, _WORDS[decision.reason])


class _Side(NamedTuple):
    """A step of the evaluation, with the reason that it fails for."""

    name: str
    reasons: frozenset[Reason]
    types: frozenset[PolicyType]


_SIDES: Final = (
    _Side("no Deny", frozenset({Reason.EXPLICIT_DENY}), frozenset()),
    _Side("trust policy", frozenset({Reason.NO_TRUST_ALLOW}), frozenset({PolicyType.TRUST})),
    _Side(
        "identity policies",
        frozenset({Reason.NO_IDENTITY_ALLOW}),
        frozenset({PolicyType.IDENTITY}),
    ),
    _Side(
        "permissions boundary",
        frozenset({Reason.NO_BOUNDARY_ALLOW}),
        frozenset({PolicyType.BOUNDARY}),
    ),
    _Side(
        "session policies", frozenset({Reason.NO_SESSION_ALLOW}), frozenset({PolicyType.SESSION})
    ),
    _Side(
        "resource policy", frozenset({Reason.NO_RESOURCE_ALLOW}), frozenset({PolicyType.RESOURCE})
    ),
)
"""In the order in which the evaluator concludes."""


def _policy_steps(case: Case) -> Iterator[Step]:
    """Yield a step for each side that was asked, up to the one that decided."""
    decision = case.decision
    if decision is None:
        yield Step("policies", State.PASSED if case.allowed else State.NOT_REACHED)
        return
    asked = {policy.type for policy in decision.trace or ()}
    fallen = False
    for side in _SIDES:
        if fallen:
            if side.types & asked:
                yield Step(side.name, State.NOT_REACHED)
        elif decision.reason in side.reasons:
            fallen = True
            yield Step(side.name, State.FAILED, _WORDS[decision.reason])
        elif not side.types or side.types & asked:
            yield Step(side.name, State.PASSED, _granted(decision, side.types))


def _granted(decision: Decision, types: frozenset[PolicyType]) -> str:
    names = [
        f"statement {ref.index + 1}" + (f" ({quoted(ref.sid)})" if ref.sid else "")
        for ref in decision.determining
        if ref.type in types
    ]
    return f"allowed by {', '.join(names)}" if names and decision.allowed else ""


_WORDS: Final = {
    Reason.ALLOWED: "allowed",
    Reason.EXPLICIT_DENY: "a statement denies this",
    Reason.NO_IDENTITY_ALLOW: "no identity policy allows this",
    Reason.NO_BOUNDARY_ALLOW: "no permissions boundary allows this",
    Reason.NO_SESSION_ALLOW: "no session policy allows this",
    Reason.NO_RESOURCE_ALLOW: "no resource policy allows this",
    Reason.NO_TRUST_ALLOW: "no statement of the trust policy admits this",
}
