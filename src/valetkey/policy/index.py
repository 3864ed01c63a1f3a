"""Which statements of a policy can apply to an action on a resource at all.

A policy of a thousand statements is asked about a few of them: those whose action patterns and
literal resource prefixes fit. The index may offer a statement that does not apply; it never
leaves one out that does (a property test holds it to that).
"""

from collections.abc import Iterable, Sequence
from typing import Final

from valetkey.policy.statement import CompiledStatement

_MOST_LENGTHS: Final = 32
"""How many lengths of resource prefixes are looked up; longer prefixes are cut to one of them."""


class StatementIndex:
    """Statements by action, by service, and those for any; within each by resource prefix."""

    __slots__ = ("_anywhere", "_by_action", "_by_service", "empty")

    def __init__(self, statements: Sequence[CompiledStatement]) -> None:
        self.empty: Final = not statements
        anywhere: list[CompiledStatement] = []
        services: dict[str, list[CompiledStatement]] = {}
        actions: dict[str, list[CompiledStatement]] = {}
        for statement in statements:
            for shelf in _shelves(statement):
                if shelf is None:
                    anywhere.append(statement)
                elif ":" in shelf:
                    actions.setdefault(shelf, []).append(statement)
                else:
                    services.setdefault(shelf, []).append(statement)
        self._anywhere = _ByResource(anywhere) if anywhere else None
        self._by_service = {name: _ByResource(found) for name, found in services.items()}
        self._by_action = {name: _ByResource(found) for name, found in actions.items()}

    def candidates(self, action: str, resource: str) -> list[CompiledStatement]:
        """Return the statements to ask, in the order of the policy; ``action`` in lower case."""
        found: list[CompiledStatement] = []
        if self._anywhere is not None:
            self._anywhere.add_to(found, resource)
        by_service = self._by_service.get(action.partition(":")[0])
        if by_service is not None:
            by_service.add_to(found, resource)
        by_action = self._by_action.get(action)
        if by_action is not None:
            by_action.add_to(found, resource)
        if len(found) < 2:  # noqa: PLR2004 - one needs no order
            return found
        by_place = {statement.ref.index: statement for statement in found}
        return [by_place[place] for place in sorted(by_place)]


def _shelves(statement: CompiledStatement) -> set[str | None]:
    """Return where a statement stands: full actions, services, or None for everywhere."""
    if statement.action.negated:
        return {None}
    shelves: set[str | None] = set()
    for pattern in statement.action.patterns():
        service, _, name = pattern.partition(":")
        if _is_wild(service):
            return {None}
        shelves.add(service if _is_wild(name) else pattern)
    return shelves


def _is_wild(text: str) -> bool:
    return "*" in text or "?" in text


class _ByResource:
    """Statements by the literal text that their resources start with."""

    __slots__ = ("_always", "_by_prefix", "_lengths")

    def __init__(self, statements: Iterable[CompiledStatement]) -> None:
        self._always: list[CompiledStatement] = []
        prefixes: list[tuple[str, CompiledStatement]] = []
        for statement in statements:
            found = _prefixes(statement)
            if found is None:
                self._always.append(statement)
            else:
                prefixes += [(prefix, statement) for prefix in found]
        self._lengths = _lengths(len(prefix) for prefix, _ in prefixes)
        self._by_prefix: dict[str, list[CompiledStatement]] = {}
        for prefix, statement in prefixes:
            length = max(length for length in self._lengths if length <= len(prefix))
            self._by_prefix.setdefault(prefix[:length], []).append(statement)

    def add_to(self, found: list[CompiledStatement], resource: str) -> None:
        found += self._always
        for length in self._lengths:
            found += self._by_prefix.get(resource[:length], ())


def _prefixes(statement: CompiledStatement) -> set[str] | None:
    resource = statement.resource
    if resource is None or resource.negated or resource.nulls:
        return None
    return set(resource.prefixes())


def _lengths(lengths: Iterable[int]) -> tuple[int, ...]:
    """Choose the lengths to look up: all of them, or evenly spread over what occurs."""
    known = sorted(set(lengths))
    if len(known) <= _MOST_LENGTHS:
        return tuple(known)
    step = len(known) / _MOST_LENGTHS
    return tuple(known[int(place * step)] for place in range(_MOST_LENGTHS))
