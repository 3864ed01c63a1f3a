"""A condition that does not hold, as a finding in the policy's text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from valetkey.diagnostics import Diagnostic, Label, Severity, Source, Span, visible
from valetkey.explain.causes import cause_of
from valetkey.explain.compare import matches, quoted, side_by_side
from valetkey.explain.keys import Keys, missing_key
from valetkey.explain.mismatch import Cause, Found, Mismatch, is_text, nearest, read_operator
from valetkey.explain.places import character, inside, span, wanted_character
from valetkey.policy.decision import ConditionTrace, StatementTrace
from valetkey.policy.operators import Family, Qualifier


@dataclass(frozen=True, slots=True)
class View:
    """What a statement is looked at with: the policy's text, if it is known, and the request."""

    source: Source | None
    keys: Keys

    def labels(self, *labels: tuple[Span | None, str]) -> tuple[Label, ...]:
        """Return the labels whose places are known."""
        return tuple(Label(place, text) for place, text in labels if place is not None)


# These would match but for a slip of the pen: the likeliest of several values that came near.
_SLIPS: Final = frozenset(
    {"wildcard-under-equals", "capitals-differ", "hidden-blank", "url-differs"}
)
_MOST_CAUSES: Final = 8


def explain_condition(condition: ConditionTrace, statement: StatementTrace, view: View) -> Found:
    """Return why a condition did not hold: the cause, the place, and the values side by side."""
    others = [one for one in statement.conditions if one is not condition]
    host, claim = view.keys.split(condition.key)
    of_token = view.keys.provider is not None and host.lower() == view.keys.provider.lower()
    holder = "token" if of_token else "request"
    pairs = nearest(condition, claim, view.keys.claims, holder)
    if condition.got is None or not pairs:
        cause = _absent(condition, others, view)
        finding = _finding(cause, condition, view, _key_label(cause, condition, view))
        return Found(condition, cause, finding)
    of_all = _contradiction(condition, others) or _several(condition)
    if of_all is not None:
        causes = [(of_all, pairs[0])]
    else:
        causes = [(cause_of(pair), pair) for pair in pairs[:_MOST_CAUSES]]
        causes.sort(key=lambda each: each[0].code not in _SLIPS)
    cause, mismatch = causes[0]
    label = _value_label(cause, mismatch, view)
    more = tuple((other, pair.wanted) for other, pair in causes[1:])
    finding = _finding(cause, condition, view, label, mismatch)
    return Found(condition, cause, finding, mismatch.wanted, mismatch.got, more)


def _several(condition: ConditionTrace) -> Cause | None:
    """Explain several values under an operator for one, which can't be evaluated."""
    operator = read_operator(condition.operator)
    if operator.qualifier is not Qualifier.NONE or len(condition.got or ()) < 2:  # noqa: PLR2004
        return None
    return Cause(
        "several-values",
        f"condition {quoted(condition.key)} has several values, and `{condition.operator}` is for"
        " one",
        "compared with several values",
        (f"write `ForAnyValue:{operator.name}` if one of them is enough",),
    )


def _absent(condition: ConditionTrace, others: Sequence[ConditionTrace], view: View) -> Cause:
    operator = read_operator(condition.operator)
    if condition.got is not None:
        return Cause(
            "no-value",
            f"condition key {quoted(condition.key)} is there but has no value"
            if condition.wanted
            else f"condition {quoted(condition.key)} lists no value, so nothing can match",
            "nothing to compare",
            ("nothing should be changed, unless an empty list shall have access",),
            at=0,
        )
    if operator.base.family is Family.PRESENCE:
        return Cause(
            "key-must-be-there",
            f"condition {quoted(condition.key)} must be there, and it is not",
            "not in this request",
            missing_key(condition, view.keys, [one.key for one in others]).help,
            at=0,
        )
    return missing_key(condition, view.keys, [one.key for one in others])


def _finding(
    cause: Cause,
    condition: ConditionTrace,
    view: View,
    first: Label | None,
    mismatch: Mismatch | None = None,
) -> Diagnostic:
    source = view.source
    labels = [first] if first else []
    if source is not None:
        labels.append(Label(inside(source, condition.operator_range), ""))
        if mismatch is not None:
            labels.append(Label(inside(source, condition.key_range), ""))
    notes = [_compared(mismatch)] if mismatch is not None else []
    if condition.note and condition.got is not None:
        notes.append(condition.note)
    return Diagnostic(
        cause.code,
        cause.message,
        labels=tuple(labels),
        notes=(*notes, *cause.notes),
        help=cause.help,
    )


def _compared(mismatch: Mismatch) -> str:
    what = f"{quoted(mismatch.key)}, by `{mismatch.operator.written}`:"
    if not is_text(mismatch.operator) or mismatch.operator.base.negated:
        return f"{what}\nwanted  {quoted(mismatch.value)}\ngot     {quoted(mismatch.got)}"
    return f"{what}\n{side_by_side(mismatch.value, mismatch.got, mismatch.where)}"


def _value_label(cause: Cause, mismatch: Mismatch, view: View) -> Label | None:
    if view.source is None:
        return None
    if not is_text(mismatch.operator) or mismatch.operator.base.negated:
        return Label(span(view.source, mismatch.wanted.range), cause.label)
    at = mismatch.where.wanted if cause.at is None else cause.at
    return Label(wanted_character(view.source, mismatch.wanted, at), cause.label)


def _key_label(cause: Cause, condition: ConditionTrace, view: View) -> Label | None:
    if view.source is None:
        return None
    at = min(cause.at or 0, max(len(condition.key) - 1, 0))
    return Label(character(view.source, condition.key_range, at), cause.label)


def _contradiction(condition: ConditionTrace, others: Sequence[ConditionTrace]) -> Cause | None:
    """Find two operators on one key that no value satisfies together."""
    for other in others:
        if other.key.lower() == condition.key.lower() and not _satisfiable(condition, other):
            return Cause(
                "unsatisfiable",
                f"`{condition.operator}` and `{other.operator}` both test"
                f" {quoted(condition.key)}, and no value satisfies both",
                f"asked for by `{condition.operator}`, ruled out by `{other.operator}`",
                (
                    (
                        "conditions of one statement must all hold: write the values under one"
                        " `StringLike`, or write two statements"
                    ),
                ),
            )
    return None


def _satisfiable(one: ConditionTrace, other: ConditionTrace) -> bool:
    """Return whether some value may satisfy both; only what is certain counts as no."""
    first, second = read_operator(one.operator), read_operator(other.operator)
    for known in (first, second):
        plain = known.qualifier is Qualifier.NONE and not known.if_exists
        if not plain or known.base.negated or not is_text(known):
            return True
    if first.base.family is Family.FOLDED_STRING or second.base.family is Family.FOLDED_STRING:
        return True
    return any(
        _compatible(a.written, first.takes_wildcards, b.written, second.takes_wildcards)
        for a in one.wanted
        for b in other.wanted
    )


def _compatible(one: str, wild: bool, other: str, other_wild: bool) -> bool:
    if "${" in one or "${" in other:
        return True
    if not wild:
        return matches(other, one, pattern=other_wild)
    if not other_wild:
        return matches(one, other, pattern=True)
    # Two patterns: what stands before their first wildcards must agree as far as it goes.
    fixed, other_fixed = _fixed(one), _fixed(other)
    size = min(len(fixed), len(other_fixed))
    return fixed[:size] == other_fixed[:size]


def _fixed(pattern: str) -> str:
    ends = [pattern.find(wild) for wild in "*?" if wild in pattern]
    return pattern[: min(ends)] if ends else pattern


def vacuous(condition: ConditionTrace, view: View) -> Diagnostic | None:
    """Warn of a condition that held only because its key was not there."""
    operator = read_operator(condition.operator)
    if not condition.matched or condition.got or operator.base.family is Family.PRESENCE:
        return None
    cause = missing_key(condition, view.keys, ())
    there = f'`"Null": {{"{visible(cause.key or condition.key)}": "false"}}`'
    if operator.qualifier is Qualifier.ALL:
        why = f"`{operator.written}` holds for every value of a key that is not there"
        advice = f"use plain `{operator.name}`, or add {there}"
    else:
        why = f"`{operator.written}` holds where the key is not there"
        advice = f"add {there} to ask for the key"
    label = _key_label(cause, condition, view)
    labels = [label] if label else []
    if view.source is not None:
        labels.append(Label(inside(view.source, condition.operator_range), "restricts nothing"))
    return Diagnostic(
        "matched-because-missing",
        f"{why}: condition {quoted(condition.key)} matched because it is missing",
        Severity.WARNING,
        tuple(labels),
        cause.notes,
        (*cause.help, advice),
    )
