"""A policy document as it is written: every value with its place, nothing compiled yet."""

from dataclasses import dataclass
from typing import Final

from valetkey.diagnostics import Source, Span
from valetkey.policy.decision import TextRange
from valetkey.policy.operators import Operator

VERSION_2012: Final = "2012-10-17"
VERSION_2008: Final = "2008-10-17"

ALLOW: Final = "Allow"


@dataclass(frozen=True, slots=True)
class Value:
    """A string, number or boolean of the document, as text.

    ``quoted`` tells that it is a string; only then does its range hold the two quotes.
    """

    text: str
    start: int
    end: int
    quoted: bool = True

    @property
    def range(self) -> TextRange:
        """Return the characters of the value."""
        return TextRange(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Element:
    """``Action``, ``NotAction``, ``Resource`` or ``NotResource`` with its values.

    ``nulls`` tells that there is a null among them, which IAM takes in a list of resources and
    says nowhere what it means.
    """

    name: str
    name_range: TextRange
    range: TextRange
    values: tuple[Value, ...]
    nulls: bool = False

    @property
    def negated(self) -> bool:
        """Tell whether it is the inverse form."""
        return self.name.startswith("Not")


@dataclass(frozen=True, slots=True)
class PrincipalEntry:
    """Principals of one kind: ``AWS``, ``Federated``, ``Service`` or ``CanonicalUser``."""

    kind: str
    kind_range: TextRange
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class PrincipalElement:
    """``Principal`` or ``NotPrincipal``: everyone (a bare ``"*"``) or entries by kind."""

    name: str
    name_range: TextRange
    range: TextRange
    everyone: Value | None
    entries: tuple[PrincipalEntry, ...]

    @property
    def negated(self) -> bool:
        """Tell whether it is the inverse form."""
        return self.name == "NotPrincipal"


@dataclass(frozen=True, slots=True)
class ConditionEntry:
    """One operator on one condition key; all entries of a statement must hold.

    An operator without keys is an entry with an empty key and no values: it can't be evaluated.
    """

    operator: Operator
    operator_range: TextRange
    key: str
    key_range: TextRange
    range: TextRange
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; what is absent is None or empty."""

    index: int
    range: TextRange
    sid: Value | None
    effect: Value | None
    principal: PrincipalElement | None
    action: Element | None
    resource: Element | None
    conditions: tuple[ConditionEntry, ...]

    @property
    def denies(self) -> bool:
        """Tell whether it is a Deny; anything that is no plain Allow counts as one."""
        return self.effect is None or self.effect.text != ALLOW


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """A whole document. ``version`` is None where the text has none."""

    source: Source
    version: Value | None
    id: Value | None
    statements: tuple[Statement, ...]

    @property
    def has_variables(self) -> bool:
        """Tell whether ``${key}`` is a variable: only since version 2012-10-17."""
        return self.version is not None and self.version.text == VERSION_2012

    def span(self, place: TextRange) -> Span:
        """Return a range of the document as a span of its source."""
        return self.source.span(place.start, place.end)
