"""What decided a Deny, and what a grant hung on that nobody may have meant."""

from collections.abc import Iterator

from valetkey.diagnostics import Diagnostic, Label, Severity
from valetkey.explain.compare import listed, quoted
from valetkey.explain.conditions import View, vacuous
from valetkey.explain.mismatch import read_operator
from valetkey.explain.model import Case
from valetkey.explain.places import span
from valetkey.explain.statements import Place, parts, places, view_of
from valetkey.policy.decision import ConditionTrace, ElementTrace, StatementTrace
from valetkey.policy.operators import Family


def denials(case: Case) -> Iterator[Diagnostic]:
    """Yield the Deny statements that matched, with what in them did."""
    for place in places(case):
        statement = place.statement
        if not statement.matched or statement.ref.effect != "Deny":
            continue
        view = view_of(case, place.policy)
        labels = [Label(span(view.source, statement.ref.range), "denies")] if view.source else []
        labels += _matched_values(statement, view)
        why = [*_surprises(statement)]
        because = f", as {why[0]}" if why else ""
        yield Diagnostic(
            "explicit-deny",
            f"{place.name} denies this{because}; a Deny wins over every Allow",
            labels=tuple(labels),
            notes=(*why[1:], *_held(statement)),
            help=(
                (
                    "nothing should be changed, unless the Deny was not meant for this"
                    " request: then"
                    " narrow its conditions"
                ),
            ),
        )


def warnings(case: Case) -> Iterator[Diagnostic]:
    """Yield what a grant held on only by absence: a missing key, an inverse element."""
    for place in places(case):
        if not place.statement.matched or place.statement.ref.effect != "Allow":
            continue
        view = view_of(case, place.policy)
        for condition in place.statement.conditions:
            warning = vacuous(condition, view)
            if warning is not None:
                yield warning
        for element in place.statement.elements:
            if element.name in {"NotAction", "NotResource", "NotPrincipal"}:
                yield _inverse(element, place, view)


def _matched_values(statement: StatementTrace, view: View) -> Iterator[Label]:
    if view.source is None:
        return
    for part in parts(statement):
        for wanted in part.wanted:
            if wanted.matched and wanted.written != "*":
                yield Label(span(view.source, wanted.range), "matches")


def _surprises(statement: StatementTrace) -> Iterator[str]:
    """Yield why a Deny applied where it did so by absence: an inverse element, a missing key."""
    for element in statement.elements:
        if element.name.startswith("Not"):
            yield _covers(element)
    for condition in statement.conditions:
        if not condition.got and not _asks_for_absence(condition):
            why = (condition.note or "it holds all the same").rpartition(": ")[2]
            yield f"the request has no {quoted(condition.key)}: {why}"


def _held(statement: StatementTrace) -> Iterator[str]:
    """Yield how negated operators held, and what could not be evaluated."""
    for condition in statement.conditions:
        if not condition.got or _asks_for_absence(condition):
            continue
        if condition.note:
            yield condition.note
        elif read_operator(condition.operator).base.negated:
            wanted = listed([one.written for one in condition.wanted])
            yield (
                f"condition {quoted(condition.key)} by `{condition.operator}` holds:"
                f" {listed(condition.got)} is not {wanted}"
            )


def _asks_for_absence(condition: ConditionTrace) -> bool:
    return read_operator(condition.operator).base.family is Family.PRESENCE


def _covers(element: ElementTrace) -> str:
    """Say what an inverse element is about: everything that it does not name."""
    named = listed([one.written for one in element.wanted])
    return f"`{element.name}` covers everything but {named}, so also {listed(element.got)}"


def _inverse(element: ElementTrace, place: Place, view: View) -> Diagnostic:
    plain = element.name.removeprefix("Not")
    labels = [Label(span(view.source, element.range), "all but this")] if view.source else []
    return Diagnostic(
        f"allowed-by-{element.name.lower()}",
        f"{place.name} allows by what it does not name: {_covers(element)}",
        Severity.WARNING,
        tuple(labels),
        help=(f"write with `{plain}` what shall be allowed; what is new is not let in then",),
    )
