"""From a decision's trace to the statement that came nearest, and to the others by their rank."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from valetkey.diagnostics import Diagnostic, Source
from valetkey.explain.compare import difference, quoted
from valetkey.explain.conditions import View, explain_condition
from valetkey.explain.elements import explain_element
from valetkey.explain.keys import Keys
from valetkey.explain.mismatch import Found, unset_or
from valetkey.explain.model import Case
from valetkey.policy.decision import (
    ConditionTrace,
    ElementTrace,
    PolicyTrace,
    PolicyType,
    StatementTrace,
)

_WEIGHTS = {"Principal": 4, "NotPrincipal": 4, "Action": 3, "NotAction": 3}
Part = ElementTrace | ConditionTrace


@dataclass(frozen=True, slots=True)
class Place:
    """A statement with the policy that it is in."""

    policy: PolicyTrace
    statement: StatementTrace

    @property
    def name(self) -> str:
        """Return the statement as people call it: its number from 1 and its Sid."""
        ref = self.statement.ref
        return f"statement {ref.index + 1}" + (f" ({quoted(ref.sid)})" if ref.sid else "")


@dataclass(frozen=True, slots=True)
class Nearest:
    """An Allow statement that did not match, with why each of its failed parts did not."""

    place: Place
    view: View
    found: tuple[Found, ...]


def places(case: Case) -> Iterator[Place]:
    """Yield every statement of every policy that was asked, in order."""
    decision = case.decision
    traces = decision.trace if decision is not None else None
    policies: tuple[PolicyTrace, ...] = traces or ()
    for policy in policies:
        for statement in policy.statements:
            yield Place(policy, statement)


def view_of(case: Case, policy: PolicyTrace) -> View:
    """Return what a policy is looked at with: its text, if that is known, and the request."""
    text = case.documents(policy.sha256)
    source = None if text is None else Source(policy_name(policy), text)
    keys = Keys(case.provider, tuple(case.context), case.claims)
    return View(source, keys)


def policy_name(policy: PolicyTrace) -> str:
    """Return what people call a policy: a file's name as it is, an ARN with its use."""
    if policy.policy.startswith("arn:"):
        return f"{policy.type.value} policy of {policy.policy}"
    return policy.policy or f"{policy.type.value} policy"


def ranked(case: Case, type: PolicyType | None) -> tuple[Place, ...]:
    """Return the Allow statements that did not match, of one type of policy, nearest first."""
    candidates = [
        place
        for place in places(case)
        if place.statement.ref.effect == "Allow"
        and not place.statement.matched
        and (type is None or place.policy.type is type)
    ]
    return tuple(sorted(candidates, key=_distance))


def nearest_of(case: Case, place: Place) -> Nearest:
    """Return why a statement did not match, part by part."""
    view = view_of(case, place.policy)
    found = tuple(
        explain_element(part, view)
        if isinstance(part, ElementTrace)
        else explain_condition(part, place.statement, view)
        for part in failed(place.statement)
    )
    return Nearest(place, view, found)


def nothing(case: Case, type: PolicyType | None) -> Diagnostic:
    """Return the finding for policies without any statement that could have allowed."""
    kind = f"{type.value} policy" if type else "policy"
    asked = f" {quoted(case.action)}" if case.action else " this"
    return Diagnostic(
        "no-allow",
        f"no {kind} has a statement that could allow{asked}",
        help=("a policy must allow what shall be possible; nothing is allowed by default",),
    )


def parts(statement: StatementTrace) -> list[Part]:
    """Return everything that a statement looked at."""
    found: list[Part] = []
    found += statement.elements
    found += statement.conditions
    return found


def failed(statement: StatementTrace) -> list[Part]:
    """Return what did not match."""
    return [part for part in parts(statement) if not part.matched]


def _distance(place: Place) -> tuple[float, int]:
    """Return how far a statement is from matching: by parts that failed, then by characters."""
    missed = failed(place.statement)
    weight = sum(
        _WEIGHTS.get(part.name, 2) if isinstance(part, ElementTrace) else 1 for part in missed
    )
    return weight - _agreement(missed), place.statement.ref.index


def _agreement(missed: Sequence[Part]) -> float:
    """Return from 0 to less than 1 how far the first failed part's value is as wanted."""
    shares = [
        difference(value, got, pattern=True).got / (len(got) + 1)
        for part in missed[:1]
        for got in (part.got or ())[:8]
        for value in (unset_or(wanted) for wanted in part.wanted[:8])
    ]
    return max(shares, default=0.0)
