"""Conditions: one operator on one condition key, compiled once and tested for each request.

What a missing key means follows AWS (facts 3.6 and the IAM guide on operators): ``…IfExists``
passes, ``ForAllValues:`` passes, ``ForAnyValue:`` fails, a negated operator passes, any other
fails. To the two set qualifiers a key whose only value is the empty string has no values (IAM
guide, *set operators for multivalued context keys*).

What AWS leaves open can't be evaluated here, so that an Allow does not apply and a Deny does:
several values under an operator without a set qualifier, a value that its family can't read, a
condition that lists no values, an operator that names no key, ``ForAnyValue:…IfExists`` of a
missing key, and whether an empty string is a value to ``Null``: of the last two AWS says both.
Nor can a key be evaluated that AWS would know and nobody here does
(:data:`~valetkey.policy.request.UNKNOWN`).
"""

from collections.abc import Callable
from typing import Any, Final

from valetkey.policy.decision import ConditionTrace, Wanted
from valetkey.policy.document import ConditionEntry
from valetkey.policy.kleene import Truth, all_of, any_of, inverse
from valetkey.policy.operators import Family, Qualifier
from valetkey.policy.request import UNKNOWN, Context, Values
from valetkey.policy.wanted import CompiledValue, compile_value, name_of, read_got


class Condition:
    """A compiled condition; :meth:`test` is what requests go through."""

    __slots__ = (
        "_constants",
        "_entry",
        "_judge",
        "_key",
        "_negated",
        "_presence",
        "_values",
        "_when_missing",
    )

    def __init__(self, entry: ConditionEntry, *, variables: bool) -> None:
        self._entry = entry
        self._key = entry.key.lower()
        self._negated = entry.operator.base.negated
        self._presence = entry.operator.base.family is Family.PRESENCE
        self._values = tuple(
            compile_value(entry.operator, value, variables=variables) for value in entry.values
        )
        self._constants = _constants(entry, self._values)
        self._when_missing = _when_missing(entry)
        judges: dict[Qualifier, Callable[[Values, Context], Truth]] = {
            Qualifier.NONE: self._plain,
            Qualifier.ALL: self._each,
            Qualifier.ANY: self._some,
        }
        self._judge: Final = judges[entry.operator.qualifier]

    def test(self, context: Context) -> Truth:
        """Tell whether the request passes; None where that can't be evaluated."""
        if not self._values:
            return None
        got = context.folded(self._key)
        if got is UNKNOWN:
            return None
        if self._presence:
            if got is not None and got != () and not any(got):
                return None
            return any_of(value.test(got or None, context) for value in self._values)
        if got is None or got == ():
            return self._when_missing
        return self._judge(got, context)

    def _plain(self, got: Values, context: Context) -> Truth:
        if isinstance(got, str):
            return self._one(got, context)
        return self._one(got[0], context) if len(got) == 1 else None

    # Where no value of the request has a character, it is what AWS calls a null dataset.

    def _each(self, got: Values, context: Context) -> Truth:
        return not any(got) or all_of(self._one(value, context) for value in _several(got))

    def _some(self, got: Values, context: Context) -> Truth:
        return any(got) and any_of(self._one(value, context) for value in _several(got))

    def _one(self, text: str, context: Context) -> Truth:
        if self._constants is not None:
            return (text in self._constants) is not self._negated
        got = read_got(self._entry.operator.base.family, text)
        if got is None:
            return None
        values = self._values
        if len(values) == 1:
            found = values[0].test(got, context)
        else:
            found = any_of(value.test(got, context) for value in values)
        return inverse(found) if self._negated else found

    def trace(self, context: Context, *, denies: bool) -> ConditionTrace:
        """Show how each value judged the request, and what the unknown counts as.

        ``Wanted.matched`` tells whether the request's value stands to this one as the operator
        says without its negation: under ``StringNotEquals`` a match is what fails.
        """
        truth = self.test(context)
        got = context.folded(self._key)
        texts = None if got is None or got is UNKNOWN else _several(got)
        entry = self._entry
        return ConditionTrace(
            entry.operator.written,
            entry.key,
            entry.operator_range,
            entry.key_range,
            texts,
            tuple(self._wanted(value, texts, context) for value in self._values),
            denies if truth is None else truth,
            self._note(truth, texts, context, denies=denies),
        )

    def _wanted(
        self, value: CompiledValue, texts: tuple[str, ...] | None, context: Context
    ) -> Wanted:
        family = self._entry.operator.base.family
        if family is Family.PRESENCE:
            matched = value.test(texts or None, context) is True
        else:
            readings = [read_got(family, text) for text in texts or ()]
            matched = any(got is not None and value.test(got, context) is True for got in readings)
        written = value.written
        return Wanted(written.text, value.shown(context), written.range, matched)

    def _note(
        self, truth: Truth, texts: tuple[str, ...] | None, context: Context, *, denies: bool
    ) -> str | None:
        if truth is None:
            outcome = "a Deny applies then" if denies else "an Allow does not apply then"
            return f"{self._why_not(texts or (), context)}; {outcome}"
        if self._entry.operator.base.family is Family.PRESENCE:
            return None
        if not texts:
            return _missing_note(self._entry, passed=truth)
        null = self._entry.operator.qualifier is not Qualifier.NONE and not any(texts)
        return _null_note(self._entry) if null else None

    def _why_not(self, texts: tuple[str, ...], context: Context) -> str:
        if context.folded(self._key) is UNKNOWN:
            return "what value the key has is not known here"
        return _gap(self._entry, texts) or self._obstacle(texts, context)

    def _obstacle(self, texts: tuple[str, ...], context: Context) -> str:
        """Say which value could not be evaluated."""
        family = self._entry.operator.base.family
        for text in texts:
            if read_got(family, text) is None:
                return f"the request's value `{text[:80]}` is not {name_of(family)}"
        for value in self._values:
            if value.undated:
                return f"`{value.written.text[:80]}` is a date in no form that AWS documents"
        missing = [value.missing(context) for value in self._values]
        first = next((name for name in missing if name is not None), "")
        return f"variable `{first}` has no value in this request"


def _several(got: Values) -> tuple[str, ...]:
    return (got,) if isinstance(got, str) else got


def _constants(entry: ConditionEntry, values: tuple[CompiledValue, ...]) -> frozenset[Any] | None:
    """Return all values as one set, where equality with plain strings is all there is to it."""
    plain = entry.operator.base.family is Family.STRING
    if not plain or not all(value.template and value.template.constant for value in values):
        return None
    return frozenset(
        "".join(str(token) for token in value.template.tokens) for value in values if value.template
    )


def _when_missing(entry: ConditionEntry) -> Truth:
    operator = entry.operator
    if operator.qualifier is Qualifier.ANY:
        return None if operator.if_exists else False
    if operator.if_exists or operator.qualifier is Qualifier.ALL:
        return True
    return operator.base.negated


def _gap(entry: ConditionEntry, texts: tuple[str, ...]) -> str | None:
    """Say which question AWS leaves open here, whatever the values are."""
    operator = entry.operator
    if not entry.key:
        return f"`{operator.written}` names no condition key"
    if not entry.values:
        return "the condition lists no values"
    if operator.base.family is Family.PRESENCE:
        return "the key is there with an empty value, of which AWS says both"
    if not texts and operator.if_exists:
        return "the key is missing, which `ForAnyValue:` fails and `IfExists` passes"
    if operator.qualifier is Qualifier.NONE and len(texts) > 1:
        return (
            f"the key has {len(texts)} values; an operator without `ForAnyValue:` or "
            "`ForAllValues:` is for one"
        )
    return None


def _null_note(entry: ConditionEntry) -> str:
    if entry.operator.qualifier is Qualifier.ALL:
        return "passed because the key is empty: `ForAllValues:` is true of no values at all"
    return "the key is empty: `ForAnyValue:` is false of no values at all"


def _missing_note(entry: ConditionEntry, *, passed: bool) -> str:
    operator = entry.operator
    if not passed:
        return "the request does not have this key"
    if operator.if_exists:
        return "passed because the key is missing: `IfExists` asks only where it is there"
    if operator.qualifier is Qualifier.ALL:
        return "passed because the key is missing: `ForAllValues:` is true of no values at all"
    return "passed because the key is missing: a negated operator is true then"
