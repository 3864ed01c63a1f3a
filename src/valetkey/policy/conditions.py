"""Conditions: one operator on one condition key, compiled once and tested for each request.

What a missing key means follows AWS (facts 3.6 and the IAM guide on operators): ``…IfExists``
passes, ``ForAllValues:`` passes, ``ForAnyValue:`` fails, a negated operator passes, any other
fails. What AWS leaves open can't be evaluated here, so that an Allow does not apply and a Deny
does: several values under an operator without a set qualifier, a value that its family can't
read, a condition that lists no values, and an operator that names no key.
"""

from collections.abc import Callable
from typing import Any, Final

from valetkey.policy.decision import ConditionTrace, Wanted
from valetkey.policy.document import ConditionEntry
from valetkey.policy.kleene import Truth, all_of, any_of, inverse
from valetkey.policy.operators import Family, Qualifier
from valetkey.policy.request import Context, Values
from valetkey.policy.wanted import CompiledValue, compile_value, name_of, read_got


class Condition:
    """A compiled condition; :meth:`test` is what requests go through."""

    __slots__ = ("_constants", "_entry", "_judge", "_key", "_values", "_when_missing")

    def __init__(self, entry: ConditionEntry, *, variables: bool) -> None:
        self._entry = entry
        self._key = entry.key.lower()
        self._values = tuple(
            compile_value(entry.operator, value, variables=variables) for value in entry.values
        )
        self._constants = _constants(entry, self._values)
        self._when_missing = _when_missing(entry)
        judges: dict[Qualifier, Callable[[Values, Context], Truth]] = {
            Qualifier.NONE: self._plain,
            Qualifier.ALL: lambda got, context: all_of(
                self._one(value, context) for value in _several(got)
            ),
            Qualifier.ANY: lambda got, context: any_of(
                self._one(value, context) for value in _several(got)
            ),
        }
        self._judge: Final = judges[entry.operator.qualifier]

    def test(self, context: Context) -> Truth:
        """Tell whether the request passes; None where that can't be evaluated."""
        if not self._values:
            return None
        got = context.folded(self._key)
        if self._entry.operator.base.family is Family.PRESENCE:
            present = got if got != () else None
            return any_of(value.test(present, context) for value in self._values)
        if got is None or got == ():
            return self._when_missing
        return self._judge(got, context)

    def _plain(self, got: Values, context: Context) -> Truth:
        if isinstance(got, str):
            return self._one(got, context)
        return self._one(got[0], context) if len(got) == 1 else None

    def _one(self, text: str, context: Context) -> Truth:
        base = self._entry.operator.base
        if self._constants is not None:
            return (text in self._constants) is not base.negated
        got = read_got(base.family, text)
        if got is None:
            return None
        found = any_of(value.test(got, context) for value in self._values)
        return inverse(found) if base.negated else found

    def trace(self, context: Context, *, denies: bool) -> ConditionTrace:
        """Show how each value judged the request, and what the unknown counts as.

        ``Wanted.matched`` tells whether the request's value stands to this one as the operator
        says without its negation: under ``StringNotEquals`` a match is what fails.
        """
        truth = self.test(context)
        got = context.folded(self._key)
        texts = None if got is None else _several(got)
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
            return f"{self._obstacle(texts, context)}; {outcome}"
        if self._entry.operator.base.family is Family.PRESENCE or texts:
            return None
        return _missing_note(self._entry, passed=truth)

    def _obstacle(self, texts: tuple[str, ...] | None, context: Context) -> str:
        """Say why the condition could not be evaluated."""
        operator = self._entry.operator
        if not self._key:
            return f"`{operator.written}` names no condition key"
        if not self._values:
            return "the condition lists no values"
        if operator.qualifier is Qualifier.NONE and len(texts or ()) > 1:
            return (
                f"the key has {len(texts or ())} values; an operator without `ForAnyValue:` or "
                "`ForAllValues:` is for one"
            )
        for text in texts or ():
            if read_got(operator.base.family, text) is None:
                return f"the request's value `{text[:80]}` is not {name_of(operator.base.family)}"
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


def _when_missing(entry: ConditionEntry) -> bool:
    operator = entry.operator
    if operator.if_exists or operator.qualifier is Qualifier.ALL:
        return True
    if operator.qualifier is Qualifier.ANY:
        return False
    return operator.base.negated


def _missing_note(entry: ConditionEntry, *, passed: bool) -> str:
    operator = entry.operator
    if not passed:
        return "the request does not have this key"
    if operator.if_exists:
        return "passed because the key is missing: `IfExists` asks only where it is there"
    if operator.qualifier is Qualifier.ALL:
        return "passed because the key is missing: `ForAllValues:` is true of no values at all"
    return "passed because the key is missing: a negated operator is true then"
