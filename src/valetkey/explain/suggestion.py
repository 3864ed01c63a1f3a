"""What to write instead: only what the evaluator says admits this request and no stranger.

Every change is tried before it is suggested. The policy with the change made is compiled, the
request is asked again and must be allowed, and so is each of its strangers, none of whom may be
let in who was not before. A change that comes to mind and fails this becomes a warning.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from valetkey.explain.compare import quoted
from valetkey.explain.diff import unified
from valetkey.explain.edits import Edit, another_statement, applied
from valetkey.explain.model import Asked, Case, Suggestion, Temptation
from valetkey.explain.remedies import Edits, Patient, Remedy, remedy_of
from valetkey.explain.replay import answer, question, with_policy
from valetkey.explain.statements import Nearest
from valetkey.explain.strangers import Stranger, strangers
from valetkey.policy import PolicyDocument, Reason, parse
from valetkey.policy.decision import ElementTrace

_LONGEST: Final = 32_768  # of a policy's text: IAM's largest has 10,240 characters beside blanks
_EVEN_EXACT: Final = "even the exact value, as nothing else in the statement keeps them out,"
Advice = tuple[Suggestion | None, tuple[Temptation, ...]]


@dataclass(frozen=True, slots=True)
class _Trial:
    """A policy's text with the request and its strangers, before and after a change."""

    asked: Asked
    sha256: str
    text: str
    outside: tuple[Stranger, ...]

    def after(self, edits: Edits) -> str | None:
        """Return the text with changes made, if the request is allowed by it."""
        text = applied(self.text, edits)
        asked = with_policy(self.asked, self.sha256, text) if text is not None else None
        return text if asked is not None and answer(asked).allowed else None

    def admitted(self, text: str) -> tuple[str, ...]:
        """Return the strangers that a changed text lets in."""
        asked = with_policy(self.asked, self.sha256, text)
        if asked is None:
            return ()
        return tuple(
            one.who for one in self.outside if answer(replace(asked, request=one.request)).allowed
        )


def advise(case: Case, nearest: Nearest) -> Advice:
    """Return what to write instead, if anything, and the changes to beware of."""
    source, asked = nearest.view.source, question(case)
    if source is None or asked is None or len(source.text) > _LONGEST:
        return None, ()
    policy = nearest.place.policy
    outside = tuple(
        one
        for one in strangers(asked.request, case.provider)
        if not answer(replace(asked, request=one.request)).allowed
    )
    trial = _Trial(asked, policy.sha256, source.text, outside)
    document = parse(source, policy.type)
    remedies = _remedies(case, nearest, document)
    if not remedies:
        return None, ()
    warnings = tuple(_temptations(trial, remedies))
    admits: tuple[str, ...] = ()
    for edits in _candidates(remedies):
        after = trial.after(edits)
        admits = trial.admitted(after) if after is not None else ()
        if after is not None and not admits:
            return _suggestion(trial, source.name, after, remedies), warnings
    # The last one is the narrowest: if that is too wide, the statement asks for too little.
    exact = admits and all(one.exact for one in remedies)
    return None, (*warnings, Temptation(_EVEN_EXACT, admits)) if exact else warnings


def _remedies(case: Case, nearest: Nearest, document: PolicyDocument) -> Sequence[Remedy]:
    """Return a remedy for each part that did not match; none if one of them has none."""
    decision = case.decision
    if decision is not None and decision.reason is Reason.NO_IDENTITY_ALLOW:
        parts = [found.part for found in nearest.found]
        if all(isinstance(part, ElementTrace) for part in parts):
            return [_one_more_statement(case, document)]
    found = [remedy_of(Patient(case, nearest.place, document, one)) for one in nearest.found]
    return [one for one in found if one is not None] if all(found) else []


def _one_more_statement(case: Case, document: PolicyDocument) -> Remedy:
    """Allow exactly one action on exactly one resource, by a statement of its own."""
    action, resource = case.action or "", case.resource or ""
    if any(sign in action + resource.removeprefix("*") for sign in "*?$"):
        return Remedy()
    text, service = document.source.text, action.partition(":")[0]

    def edit(action: str, resource: str) -> Edit:
        statement = {"Effect": "Allow", "Action": action, "Resource": resource}
        return another_statement(text, document, dict(statement))

    return Remedy(
        exact=(edit(action, resource),),
        meant=(edit(f"{service}:*", "*"),),
        tempting=f"{quoted(f'{service}:*')} on `*`",
        asks=True,
    )


def _candidates(remedies: Sequence[Remedy]) -> Iterator[Edits]:
    """Yield whole changes, the one that keeps most of what was written first."""
    choices = (
        [one.meant if one.keeps and one.meant else one.exact for one in remedies],
        [one.exact or (one.meant if one.keeps else None) for one in remedies],
    )
    for choice in choices:
        edits = [edit for each in choice if each is not None for edit in each]
        if edits and all(each is not None for each in choice):
            yield tuple(edits)


def _temptations(trial: _Trial, remedies: Sequence[Remedy]) -> Iterator[Temptation]:
    for one in remedies:
        if one.meant is None or not one.tempting:
            continue
        others = [other.exact or other.meant or () for other in remedies if other is not one]
        after = trial.after((*one.meant, *(edit for each in others for edit in each)))
        admits = trial.admitted(after) if after is not None else ()
        if admits:
            yield Temptation(one.tempting, admits)


def _suggestion(
    trial: _Trial, name: str, after: str, remedies: Sequence[Remedy]
) -> Suggestion | None:
    diff = unified(name, trial.text, after)
    if not diff:
        return None
    condition = "only if it shall be allowed: " if any(one.asks for one in remedies) else ""
    return Suggestion(
        policy=name,
        diff=diff,
        after=after,
        why=f"{condition}this allows the request as it was, and nobody else who was tried",
        held_against=tuple(dict.fromkeys(one.who for one in trial.outside)),
    )
