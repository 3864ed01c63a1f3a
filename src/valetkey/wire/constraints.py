"""The model's constraints, with the texts in which AWS's services report what breaks them.

Seen on AWS: STS shows the offending value unless its member is sensitive; IAM (since 2024)
shows none at all, and no set of enumerated values. A null is named only where values are.
"""

from collections.abc import Callable, Iterator
from typing import Any

from valetkey.wire.patterns import matcher
from valetkey.wire.tables import Member, ServiceTable, Shape

Check = Callable[[Any, str], Iterator[str]]
"""Yields a sentence for each broken constraint of a value at a path."""

SILENT = frozenset({"iam"})
"""Services that never show values."""


def report(failures: list[str]) -> str:
    """Return AWS's message for one or more broken constraints."""
    noun = "error" if len(failures) == 1 else "errors"
    return f"{len(failures)} validation {noun} detected: {'; '.join(failures)}"


class Checks:
    """Checks of one service's input shapes, compiled at first use."""

    def __init__(self, table: ServiceTable) -> None:
        self._shapes = table.shapes
        self._silent = table.name in SILENT
        self._structures: dict[str, Check] = {}

    def structure(self, name: str) -> Check:
        """Return the check of a structure."""
        if name not in self._structures:
            members: list[tuple[str, str, bool, Check | None]] = []
            # Known before its members are compiled: shapes may hold themselves.
            self._structures[name] = self._structure(members, union=self._shapes[name].union)
            shape = self._shapes[name]
            members.extend(
                (member.name, _camel(member.name), member.name in shape.required, check)
                for member in shape.members
                for check in [self._value(member)]
            )
        return self._structures[name]

    def _structure(
        self, members: list[tuple[str, str, bool, Check | None]], *, union: bool
    ) -> Check:
        null = "Value" if self._silent else "Value null"

        def check(value: dict[str, Any], path: str) -> Iterator[str]:
            for name, camel, required, inner in members:
                if name not in value:
                    if required:
                        yield _sentence(null, path + camel, "Member must not be null")
                elif inner is not None:
                    yield from inner(value[name], path + camel)
            if union and len(value) != 1:
                yield _sentence("Value", path[:-1], "Member must have exactly one member set")

        return check

    def _value(self, member: Member) -> Check | None:
        """Return a value's check, or None where the model asks nothing of it."""
        shape = self._shapes[member.shape]
        own = self._own(shape)
        match shape.kind:
            case "structure":
                inside = self.structure(member.shape)
                return lambda value, path: inside(value, path + ".")
            case "list":
                return _both(own, _elements(self._value(shape.members[0])))
            case "map":
                return _both(own, _entries(*map(self._value, shape.members)))
            case _:
                return own

    def _own(self, shape: Shape) -> Check | None:
        rules = list(_rules(shape, silent=self._silent))
        if not rules:
            return None
        secret = shape.sensitive or any(self._shapes[m.shape].sensitive for m in shape.members)
        hidden = self._silent or secret

        def check(value: Any, path: str) -> Iterator[str]:
            for holds, constraint in rules:
                if not holds(value):
                    shown = "Value" if hidden else _shown(value)
                    yield _sentence(shown, path, constraint)

        return check


def _sentence(shown: str, path: str, constraint: str) -> str:
    return f"{shown} at '{path}' failed to satisfy constraint: {constraint}"


def _shown(value: Any) -> str:
    match value:
        case list() if all(isinstance(element, str) for element in value):
            return f"Value '[{', '.join(value)}]'"
        case str() | int() | float():
            return f"Value '{value}'"
        case _:
            return "Value"


def _camel(name: str) -> str:
    return name[0].lower() + name[1:]


def _rules(shape: Shape, *, silent: bool) -> Iterator[tuple[Callable[[Any], object], str]]:
    """Yield what a shape asks of a value, in AWS's order, each with its text."""
    numeric = shape.kind in ("integer", "long", "float", "double")
    noun = "value" if numeric else "length"
    measure: Callable[[Any], Any] = _itself if numeric else len
    if shape.pattern is not None:
        constraint = f"Member must satisfy regular expression pattern: {shape.pattern}"
        yield matcher(shape.pattern), constraint
    if (least := shape.least) is not None:
        constraint = f"Member must have {noun} greater than or equal to {least}"
        yield lambda value: measure(value) >= least, constraint
    if (most := shape.most) is not None:
        constraint = f"Member must have {noun} less than or equal to {most}"
        yield lambda value: measure(value) <= most, constraint
    if shape.enum:
        values = frozenset(shape.enum)
        allowed = "" if silent else f": [{', '.join(shape.enum)}]"
        yield values.__contains__, f"Member must satisfy enum value set{allowed}"


def _itself(value: Any) -> Any:
    return value


def _both(own: Check | None, inner: Check | None) -> Check | None:
    if own is None or inner is None:
        return own or inner
    first, second = own, inner

    def check(value: Any, path: str) -> Iterator[str]:
        yield from first(value, path)
        yield from second(value, path)

    return check


def _elements(element: Check | None) -> Check | None:
    if element is None:
        return None

    def check(value: list[Any], path: str) -> Iterator[str]:
        for number, child in enumerate(value, 1):
            yield from element(child, f"{path}.{number}.member")

    return check


def _entries(key: Check | None, element: Check | None) -> Check | None:
    def check(value: dict[Any, Any], path: str) -> Iterator[str]:
        for step, child in value.items():
            if key is not None:
                yield from key(step, f"{path}.key")
            if element is not None:
                yield from element(child, f"{path}.{step}.member")

    return None if key is None and element is None else check
