"""What statements say, apart from order and spelling that mean nothing."""

from typing import NamedTuple

from valetkey.policy import ConditionEntry, Element, PrincipalElement, Statement

Condition = tuple[str, str, frozenset[str]]


class Principals(NamedTuple):
    """The principals that a statement names, by their kinds, or all but these."""

    negated: bool
    names: frozenset[tuple[str, str]]


class Listed(NamedTuple):
    """The actions or resources that a statement names, or all but these."""

    negated: bool
    texts: frozenset[str]


class Said(NamedTuple):
    """What a statement says, comparable; its `Sid` is not in it."""

    denies: bool
    principals: Principals | None
    actions: Listed | None
    resources: Listed | None
    conditions: frozenset[Condition]


def said(statement: Statement) -> Said:
    """Return what a statement says."""
    return Said(
        statement.denies,
        _principals(statement.principal),
        _listed(statement.action, fold=True),
        _listed(statement.resource, fold=False),
        frozenset(map(_condition, statement.conditions)),
    )


def _principals(element: PrincipalElement | None) -> Principals | None:
    if element is None:
        return None
    names = {(entry.kind, value.text) for entry in element.entries for value in entry.values}
    if element.everyone is not None:
        names.add(("*", "*"))
    return Principals(element.negated, frozenset(names))


def _listed(element: Element | None, *, fold: bool) -> Listed | None:
    if element is None:
        return None
    texts = (value.text.lower() if fold else value.text for value in element.values)
    return Listed(element.negated, frozenset(texts))


def _condition(entry: ConditionEntry) -> Condition:
    return entry.operator.written, entry.key.lower(), frozenset(each.text for each in entry.values)
