"""A value that was wanted beside the value that was there, and why the two differ."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from valetkey.diagnostics import Diagnostic
from valetkey.explain.compare import Difference, difference, matches, quoted
from valetkey.policy.decision import ConditionTrace, ElementTrace, Wanted
from valetkey.policy.operators import Family, Operator, Qualifier, parse_operator

_TEXTS = frozenset({Family.STRING, Family.FOLDED_STRING, Family.LIKE, Family.ARN})


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a part of a statement does not hold, and what to write instead.

    ``at`` is the character of the wanted value (or key) to point at, where it is not the first
    one that differs. ``label`` stands beside the caret. ``key`` is the condition key that was
    most likely meant. ``slip`` tells that the same thing was meant and is spelt otherwise.
    """

    code: str
    message: str
    label: str
    help: tuple[str, ...]
    notes: tuple[str, ...] = ()
    at: int | None = None
    key: str | None = None
    slip: bool = False


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A condition's wanted value and the request's value that came nearest to it.

    ``claim`` is the condition key without its issuer (``sub`` of ``gitlab.example:sub``);
    ``claims`` are those of the token, ``holder`` is what the value came with: the token, or the
    request itself.
    """

    operator: Operator
    key: str
    claim: str
    wanted: Wanted
    got: str
    where: Difference
    claims: Mapping[str, Any]
    holder: str

    @property
    def value(self) -> str:
        """Return the wanted value, its variables filled in."""
        return unset_or(self.wanted)

    @property
    def is_pattern(self) -> bool:
        """Return whether `*` and `?` are wildcards here."""
        return self.operator.takes_wildcards


@dataclass(frozen=True, slots=True)
class Found:
    """Why one part of a statement does not match, as a finding and as what it was made from.

    ``wanted`` and ``got`` are the pair that came nearest, where values were compared. ``others``
    are what else of the part came near: another value of its list, with its own cause.
    """

    part: ElementTrace | ConditionTrace
    cause: Cause
    diagnostic: Diagnostic
    wanted: Wanted | None = None
    got: str | None = None
    others: tuple[tuple[Cause, Wanted], ...] = ()


Rule = Callable[[Mismatch], Cause | None]


def unset_or(wanted: Wanted) -> str:
    """Return a wanted value with its variables filled in; as written where one has no value."""
    return wanted.written if wanted.value is None else wanted.value


def is_text(operator: Operator) -> bool:
    """Return whether an operator compares character by character."""
    return operator.base.family in _TEXTS


def read_operator(name: str) -> Operator:
    """Take an operator's name apart; one that nobody knows compares like ``StringEquals``."""
    known = parse_operator(name)
    if known is not None:
        return known
    plain = parse_operator("StringEquals")
    assert plain is not None  # noqa: S101 - it is in the table
    return plain._replace(written=name, name=name)


def nearest(
    condition: ConditionTrace, claim: str, claims: Mapping[str, Any], holder: str
) -> list[Mismatch]:
    """Return for each wanted value its pair with what was there, the furthest agreement first."""
    if not condition.got or not condition.wanted:
        return []
    operator = read_operator(condition.operator)
    present = condition.got[:_MOST]
    if operator.qualifier is Qualifier.ALL:
        present = tuple(got for got in present if not _admitted(condition, got)) or present
    pairs = [
        max(
            (
                Mismatch(
                    operator,
                    condition.key,
                    claim,
                    wanted,
                    got,
                    _where(operator, wanted, got),
                    claims,
                    holder,
                )
                for got in present
            ),
            key=_agreement,
        )
        for wanted in condition.wanted[:_MOST]
    ]
    return sorted(pairs, key=_agreement, reverse=True)


_MOST = 64


def _admitted(condition: ConditionTrace, got: str) -> bool:
    """Return whether one of several values is among the wanted ones."""
    pattern = read_operator(condition.operator).takes_wildcards
    return any(matches(unset_or(w), got, pattern=pattern) for w in condition.wanted[:_MOST])


def _where(operator: Operator, wanted: Wanted, got: str) -> Difference:
    if not is_text(operator):
        return Difference(0, 0)
    return difference(
        unset_or(wanted),
        got,
        pattern=operator.takes_wildcards,
        ignore_case=operator.base.family is Family.FOLDED_STRING,
    )


def _agreement(pair: Mismatch) -> tuple[int, int]:
    # Not the length alone: of two values that agree as far, the one with less left is nearer.
    return pair.where.got, pair.where.wanted - len(pair.value)


def first_cause(rules: Iterable[Rule], mismatch: Mismatch) -> Cause | None:
    """Return what the first rule that knows the case says."""
    return next((cause for rule in rules if (cause := rule(mismatch))), None)


def to_admit(value: str, *, pattern: bool, key: str) -> str:
    """Return the words that tell which value to add so that exactly this one is admitted."""
    written = value.replace("${", "${$}{")
    if pattern and ("*" in value or "?" in value):
        return f"add a statement with `StringEquals` on {quoted(key)} and {quoted(written)}"
    return f"add the value {quoted(written)}"


def unless(who: str, mismatch: Mismatch, *more: str) -> tuple[str, ...]:
    """Return the help for a refusal that does its duty: no change, or exactly one more value."""
    added = to_admit(mismatch.got, pattern=mismatch.is_pattern, key=mismatch.key)
    return (f"nothing should be changed, unless {who} shall have access: then {added}", *more)
