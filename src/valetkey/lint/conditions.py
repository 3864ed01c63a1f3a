"""What becomes of a condition where a request does not have its key."""

from valetkey.policy import ConditionEntry, Family, Qualifier, Statement


def passes_when_absent(entry: ConditionEntry) -> bool:
    """Tell whether a condition holds where the request does not have the key."""
    operator = entry.operator
    if operator.base.family is Family.PRESENCE:
        return any(value.text.lower() == "true" for value in entry.values)
    if operator.if_exists or operator.qualifier is Qualifier.ALL:
        return True
    return operator.base.negated and operator.qualifier is Qualifier.NONE


def fails_when_absent(entry: ConditionEntry) -> bool:
    """Tell whether a condition demands its key: without it, it does not hold."""
    return not passes_when_absent(entry)


def demanded_keys(statement: Statement) -> frozenset[str]:
    """Return the keys, in lower case, without which a statement does not apply."""
    return frozenset(e.key.lower() for e in statement.conditions if fails_when_absent(e))
