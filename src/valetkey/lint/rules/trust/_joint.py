"""Whether conditions on one key can hold together. Only what is certain is said."""

from collections.abc import Iterator, Sequence
from typing import Final

from valetkey.lint.conditions import fails_when_absent
from valetkey.lint.patterns import may_be_one
from valetkey.policy import ConditionEntry, Family, PolicyDocument, Qualifier, Statement, glob

_SEVERAL: Final = ("amr", "groups_direct", "user_identities", "aws:tagkeys", "transitivetagkeys")
_SINGLE: Final = (":sub", ":aud")
_TEXTS: Final = frozenset({Family.STRING, Family.FOLDED_STRING, Family.LIKE})
_MOST: Final = 60
_LONGEST: Final = 512

Pair = tuple[ConditionEntry, ConditionEntry]


def contradictions(document: PolicyDocument, statement: Statement) -> Iterator[Pair]:
    """Yield two conditions of a statement, for each key, that can't both hold."""
    by_key: dict[str, list[ConditionEntry]] = {}
    for entry in statement.conditions:
        if entry.key:
            by_key.setdefault(entry.key.lower(), []).append(entry)
    for key, entries in by_key.items():
        if len(entries) > 1 and not key.endswith(_SEVERAL) and _is_small(document, entries):
            found = _contradiction(entries)
            if found is not None:
                yield found


def _is_small(document: PolicyDocument, entries: Sequence[ConditionEntry]) -> bool:
    values = [value.text for entry in entries for value in entry.values]
    variables = document.has_variables and any("${" in text for text in values)
    return not variables and len(values) <= _MOST and max(map(len, values), default=0) <= _LONGEST


def _contradiction(entries: Sequence[ConditionEntry]) -> Pair | None:
    demanded = [entry for entry in entries if fails_when_absent(entry)]
    for one in demanded:
        for other in entries:
            if other is one:
                continue
            if other.operator.base.family is Family.PRESENCE:
                if _wants_absence(other):
                    return one, other
            elif not _by_different_members(one, other) and not _can_agree(one, other):
                return one, other
    return None


def _wants_absence(entry: ConditionEntry) -> bool:
    return {value.text.lower() for value in entry.values} == {"true"}


def _by_different_members(one: ConditionEntry, other: ConditionEntry) -> bool:
    """Tell whether two members of one list may satisfy a condition each."""
    several = one.operator.qualifier is other.operator.qualifier is Qualifier.ANY
    return several and not one.key.lower().endswith(_SINGLE)


def _comparable(entry: ConditionEntry) -> bool:
    operator = entry.operator
    return (
        operator.base.family in _TEXTS
        and bool(entry.values)
        and not (operator.base.negated and operator.qualifier is not Qualifier.NONE)
    )


def _can_agree(one: ConditionEntry, other: ConditionEntry) -> bool:
    """Tell whether some value may satisfy both; the key is there."""
    if one.operator.base.negated or not (_comparable(one) and _comparable(other)):
        return True
    if other.operator.base.negated:
        return any(not _excluded(one, value.text, other) for value in one.values)
    return any(
        _overlap(one, first.text, other, second.text)
        for first in one.values
        for second in other.values
    )


def _overlap(one: ConditionEntry, first: str, other: ConditionEntry, second: str) -> bool:
    families = {one.operator.base.family, other.operator.base.family}
    if Family.FOLDED_STRING in families:
        first, second = first.casefold(), second.casefold()
    wild, more_wild = (each.operator.base.family is Family.LIKE for each in (one, other))
    return may_be_one(first, second, wild=wild, more_wild=more_wild)


def _excluded(one: ConditionEntry, text: str, other: ConditionEntry) -> bool:
    """Tell whether all that a value admits is excluded by a negated condition."""
    mine, family = one.operator.base.family, other.operator.base.family
    if mine is Family.FOLDED_STRING and family is not Family.FOLDED_STRING:
        return False  # another case of the letters gets by
    for value in other.values:
        if family is Family.LIKE:
            # A pattern read as a text is matched only by what covers it; `?` could take its star.
            covered = glob(value.text).matches(text)
            if covered and not ("?" in value.text and "*" in text):
                return True
        elif mine is not Family.LIKE or not set("*?") & set(text):
            folded = family is Family.FOLDED_STRING
            if text == value.text or (folded and text.lower() == value.text.lower()):
                return True
    return False
