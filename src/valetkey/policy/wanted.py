"""A single value of a condition, compiled for its operator.

A test gets the request's value as its family reads it and says True, False or None (it can't
be evaluated: a variable has no value). What a person wrote and no test can be made of raises
:class:`Unreadable`; such a policy does not load.
"""

from collections.abc import Callable
from operator import eq, ge, gt, le, lt
from typing import Any, Final, NamedTuple, TypeVar

from valetkey.policy.arnpattern import FIELDS, ArnPattern, split_fields
from valetkey.policy.document import Value
from valetkey.policy.globs import Glob, Wild
from valetkey.policy.kleene import Truth
from valetkey.policy.operators import Family, Operator, Relation
from valetkey.policy.request import Context
from valetkey.policy.templates import Template, TemplateFlaw, parse_template
from valetkey.policy.values import address, boolean, instant, moment, network, number, octets

Test = Callable[[Any, Context], Truth]
"""Judges a value of the request, as its family reads it."""

_T = TypeVar("_T")

_RELATIONS: Final[dict[Relation, Callable[[Any, Any], bool]]] = {
    Relation.EQUAL: eq,
    Relation.LESS: lt,
    Relation.LESS_EQUAL: le,
    Relation.GREATER: gt,
    Relation.GREATER_EQUAL: ge,
}


class Unreadable(Exception):
    """A value that its operator can't use; the range counts within the value's text."""

    def __init__(self, message: str, start: int = 0, end: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end


class CompiledValue(NamedTuple):
    """A value as written, its test, and how it reads with its variables filled in."""

    written: Value
    test: Test
    template: Template | None
    undated: bool = False
    """Whether it is a date that IAM takes, in a form of which AWS does not say when it is."""

    def shown(self, context: Context) -> str | None:
        """Return the value with its variables filled in; None where one has no value."""
        if self.template is None or self.template.constant:
            return self.written.text
        return self.template.shown(context.folded)

    def missing(self, context: Context) -> str | None:
        """Return a variable that has no value in this request."""
        for variable in self.template.variables() if self.template else ():
            if variable.value(context.folded) is None:
                return variable.written
        return None


def read_got(family: Family, text: str) -> Any | None:
    """Read a value of the request as its family does; None where it is no such value."""
    reader = _READERS.get(family)
    return text if reader is None else reader(text)


def compile_value(operator: Operator, value: Value, *, variables: bool) -> CompiledValue:
    """Make a test of a value; raises :class:`Unreadable`."""
    if operator.takes_variables:
        try:
            template = parse_template(
                value.text, variables=variables, wildcards=operator.takes_wildcards
            )
        except TemplateFlaw as flaw:
            raise Unreadable(flaw.message, flaw.start, flaw.end) from flaw
        return CompiledValue(value, _TEMPLATES[operator.base.family](template), template)
    undated = operator.base.family is Family.DATE and moment(value.text) is None
    return CompiledValue(value, _typed_test(operator, value.text), None, undated)


def _typed_test(operator: Operator, text: str) -> Test:
    family = operator.base.family
    if family is Family.ADDRESS:
        addresses = _readable(network(text), text, "an IP address or a CIDR range")
        return lambda got, _: addresses.holds(got)
    if family is Family.PRESENCE:
        absent = _readable(boolean(text), text, "`true` or `false`")
        return lambda got, _: (got is None) is absent
    if family is Family.DATE:
        _readable(instant(text), text, _NAMES[family])
        if moment(text) is None:
            return lambda _got, _: None
    wanted = _readable(_READERS[family](text), text, _NAMES[family])
    relation = _RELATIONS[operator.base.relation]
    return lambda got, _: relation(got, wanted)


def _readable(value: _T | None, text: str, what: str) -> _T:
    if value is None:
        raise Unreadable(f"`{text[:80]}` is not {what}")
    return value


def _equals(template: Template) -> Test:
    if template.constant:
        text = _joined(template)
        return lambda got, _: got == text
    return lambda got, context: _same(template, got, context, str)


def _equals_folded(template: Template) -> Test:
    if template.constant:
        text = _joined(template).lower()
        return lambda got, _: got == text
    return lambda got, context: _same(template, got, context, str.lower)


def _same(template: Template, got: str, context: Context, fold: Callable[[str], str]) -> Truth:
    tokens, complete = template.filled(context.folded)
    folded = [fold(token) if isinstance(token, str) else token for token in tokens]
    if not Glob(folded).matches(got):
        return False
    return True if complete else None


def _like(template: Template) -> Test:
    if template.constant:
        compiled = Glob(template.tokens)
        return lambda got, _: compiled.matches(got)
    return lambda got, context: _same(template, got, context, str)


def _arn(template: Template) -> Test:
    fields = len(split_fields(template.parts))
    if fields < FIELDS and template.parts != (Wild.MANY,):
        raise Unreadable(f"an ARN has {FIELDS} fields, this pattern has {fields}")
    return ArnPattern(template).test


def _joined(template: Template) -> str:
    return "".join(token for token in template.tokens if isinstance(token, str))


def _arn_text(text: str) -> str | None:
    shaped = text.startswith("arn:") and text.count(":") >= FIELDS - 1
    return text if shaped else None


_TEMPLATES: Final[dict[Family, Callable[[Template], Test]]] = {
    Family.STRING: _equals,
    Family.FOLDED_STRING: _equals_folded,
    Family.LIKE: _like,
    Family.ARN: _arn,
}

_READERS: Final[dict[Family, Callable[[str], Any]]] = {
    Family.FOLDED_STRING: str.lower,
    Family.NUMBER: number,
    Family.DATE: moment,
    Family.BOOLEAN: boolean,
    Family.BINARY: octets,
    Family.ADDRESS: address,
    Family.ARN: _arn_text,
}

_NAMES: Final[dict[Family, str]] = {
    Family.NUMBER: "a number",
    Family.DATE: "a date",
    Family.BOOLEAN: "`true` or `false`",
    Family.BINARY: "base64",
    Family.ADDRESS: "an IP address",
    Family.ARN: "an ARN",
}


def name_of(family: Family) -> str:
    """Name what a family reads: what a value of the request should have been."""
    return _NAMES.get(family, "a string")
