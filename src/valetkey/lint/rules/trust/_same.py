"""Statements side by side: what they say, apart from order and spelling that mean nothing."""

from typing import NamedTuple

from valetkey.policy import ConditionEntry, Statement

Condition = tuple[str, str, frozenset[str]]


class Said(NamedTuple):
    """What a statement says, comparable."""

    principals: frozenset[tuple[str, str]]
    actions: frozenset[str]
    conditions: frozenset[Condition]


def said(statement: Statement) -> Said | None:
    """Return what a statement says, or None where a negation makes that no simple list."""
    principal, action = statement.principal, statement.action
    if principal is None or action is None or principal.negated or action.negated:
        return None
    names = {(entry.kind, value.text) for entry in principal.entries for value in entry.values}
    if principal.everyone is not None:
        names.add(("*", "*"))
    return Said(
        frozenset(names),
        frozenset(value.text.lower() for value in action.values),
        frozenset(map(_condition, statement.conditions)),
    )


def _condition(entry: ConditionEntry) -> Condition:
    return entry.operator.written, entry.key.lower(), frozenset(each.text for each in entry.values)
