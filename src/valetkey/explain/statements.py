"""From a decision's trace to findings: the statement that came nearest, and the others briefly."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from valetkey.diagnostics import Diagnostic, Label, Severity, Source
from valetkey.explain.compare import difference, quoted
from valetkey.explain.conditions import View, explain_condition, vacuous
from valetkey.explain.elements import explain_element
from valetkey.explain.keys import Keys
from valetkey.explain.mismatch import unset_or
from valetkey.explain.model import Case
from valetkey.explain.places import span
from valetkey.policy.decision import (
    ConditionTrace,
    ElementTrace,
    PolicyTrace,
    PolicyType,
    Reason,
    StatementTrace,
)

_WEIGHTS = {"Principal": 4, "NotPrincipal": 4, "Action": 3, "NotAction": 3}
_MOST_OTHERS = 8
_Part = ElementTrace | ConditionTrace


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


def findings(case: Case) -> tuple[Diagnostic, ...]:
    """Return why a decision was made as it was, the main finding first."""
    decision = case.decision
    if decision is None or decision.trace is None:
        return ()
    if decision.allowed:
        return tuple(_warnings(case))
    if decision.reason is Reason.EXPLICIT_DENY:
        return tuple(_denials(case))
    return tuple(_refusals(case, decision.denied_by))


def _places(case: Case) -> Iterator[Place]:
    decision = case.decision
    traces = decision.trace if decision is not None else None
    policies: tuple[PolicyTrace, ...] = traces or ()
    for policy in policies:
        for statement in policy.statements:
            yield Place(policy, statement)


def _view(case: Case, policy: PolicyTrace) -> View:
    text = case.documents(policy.sha256)
    source = None if text is None else Source(policy_name(policy), text)
    keys = Keys(case.provider, tuple(case.context), case.claims)
    return View(source, keys)


def policy_name(policy: PolicyTrace) -> str:
    """Return what people call a policy: a file's name as it is, an ARN with its use."""
    if policy.policy.startswith("arn:"):
        return f"{policy.type.value} policy of {policy.policy}"
    return policy.policy or f"{policy.type.value} policy"


def _warnings(case: Case) -> Iterator[Diagnostic]:
    """Yield what held only because something was missing, in the statements that granted."""
    for place in _places(case):
        if place.statement.matched and place.statement.ref.effect == "Allow":
            view = _view(case, place.policy)
            for condition in place.statement.conditions:
                warning = vacuous(condition, view)
                if warning is not None:
                    yield warning


def _denials(case: Case) -> Iterator[Diagnostic]:
    for place in _places(case):
        statement = place.statement
        if not statement.matched or statement.ref.effect != "Deny":
            continue
        view = _view(case, place.policy)
        labels = [Label(span(view.source, statement.ref.range), "denies")] if view.source else []
        labels += _matched_values(statement, view)
        yield Diagnostic(
            "explicit-deny",
            f"{place.name} denies this; a Deny wins over every Allow",
            labels=tuple(labels),
            help=(
                (
                    "nothing should be changed, unless the Deny was not meant for this"
                    " request: then"
                    " narrow its conditions"
                ),
            ),
        )


def _matched_values(statement: StatementTrace, view: View) -> Iterator[Label]:
    if view.source is None:
        return
    for part in _parts(statement):
        for wanted in part.wanted:
            if wanted.matched and wanted.written != "*":
                yield Label(span(view.source, wanted.range), "matches")


def _refusals(case: Case, type: PolicyType | None) -> Iterator[Diagnostic]:
    candidates = [
        place
        for place in _places(case)
        if place.statement.ref.effect == "Allow"
        and not place.statement.matched
        and (type is None or place.policy.type is type)
    ]
    if not candidates:
        yield _nothing(case, type)
        return
    main, *others = sorted(candidates, key=_distance)
    view = _view(case, main.policy)
    for part in _failed(main.statement):
        if isinstance(part, ElementTrace):
            yield explain_element(part, view)
        else:
            yield explain_condition(part, main.statement, view)
    if others:
        yield _others(case, others)


def _nothing(case: Case, type: PolicyType | None) -> Diagnostic:
    kind = f"{type.value} policy" if type else "policy"
    asked = f" {quoted(case.action)}" if case.action else " this"
    return Diagnostic(
        "no-allow",
        f"no {kind} has a statement that could allow{asked}",
        help=("a policy must allow what shall be possible; nothing is allowed by default",),
    )


def _parts(statement: StatementTrace) -> list[_Part]:
    parts: list[_Part] = []
    parts += statement.elements
    parts += statement.conditions
    return parts


def _failed(statement: StatementTrace) -> list[_Part]:
    return [part for part in _parts(statement) if not part.matched]


def _distance(place: Place) -> tuple[float, int]:
    """Return how far a statement is from matching: by parts that failed, then by characters."""
    failed = _failed(place.statement)
    weight = sum(
        _WEIGHTS.get(part.name, 2) if isinstance(part, ElementTrace) else 1 for part in failed
    )
    return weight - _agreement(failed), place.statement.ref.index


def _agreement(failed: Sequence[_Part]) -> float:
    """Return from 0 to less than 1 how far the first failed part's value is as wanted."""
    shares = [
        difference(value, got, pattern=True).got / (len(got) + 1)
        for part in failed[:1]
        for got in (part.got or ())[:8]
        for value in (unset_or(wanted) for wanted in part.wanted[:8])
    ]
    return max(shares, default=0.0)


def _others(case: Case, places: Sequence[Place]) -> Diagnostic:
    labels: list[Label] = []
    notes: list[str] = []
    for place in places[:_MOST_OTHERS]:
        view = _view(case, place.policy)
        part = _failed(place.statement)[0] if _failed(place.statement) else None
        what = (
            "" if part is None
            else f"`{part.name}`" if isinstance(part, ElementTrace)
            else f"condition {quoted(part.key)}"
        )  # fmt: skip
        words = f"{place.name}: {what} does not match" if what else place.name
        if view.source is None or part is None:
            notes.append(words)
        else:
            place_of = part.range if isinstance(part, ElementTrace) else part.key_range
            labels.append(Label(span(view.source, place_of), words))
    more = len(places) - _MOST_OTHERS
    if more > 0:
        notes.append(f"and {more} more")
    count = f"{len(places)} other statement{'s do' if len(places) > 1 else ' does'}"
    return Diagnostic(
        "other-statements",
        f"{count} not match either",
        Severity.NOTE,
        tuple(labels),
        tuple(notes),
    )
