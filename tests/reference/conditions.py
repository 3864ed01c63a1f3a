"""The Condition element (User Guide, *Condition*, *Condition operators*, *Multivalued keys*)."""

from typing import Any

from reference.operators import NEGATED, TESTS
from reference.templates import Context, value_of
from reference.truth import Truth, either, every, negated


def holds(block: dict[str, Any], context: Context, *, variables: bool) -> Truth:
    """Whether a whole Condition block holds.

    "If your policy has multiple condition operators or multiple keys attached to a single
    condition operator, the conditions are evaluated using a logical AND."
    """
    return every(
        operator_holds(operator, keys, context, variables=variables)
        for operator, keys in block.items()
    )


def operator_holds(
    operator: str, keys: dict[str, Any], context: Context, *, variables: bool
) -> Truth:
    """Whether one operator holds for all of its keys; one without keys says nothing."""
    if not keys:
        return None
    return every(
        key_holds(operator, texts(wanted), value_of(context, key), context if variables else None)
        for key, wanted in keys.items()
    )


def texts(value: Any) -> list[str]:
    """The values of a condition as texts: JSON's ``true`` and ``7`` stand for "true" and "7"."""
    values = value if isinstance(value, list) else [value]
    return [str(each).lower() if isinstance(each, bool) else each for each in values]


def key_holds(
    operator: str, wanted: list[str], got: str | list[str] | None, variables: Context | None
) -> Truth:
    """Whether one operator holds for one key."""
    if not wanted:
        return None
    values = [got] if isinstance(got, str) else (got or [])
    if operator == "Null":
        return either(null(text, values) for text in wanted)
    qualifier, _, rest = operator.rpartition(":")
    base = rest.removesuffix("IfExists")
    if not values and rest.endswith("IfExists"):
        # "If the key is not present, evaluate the condition element as true." But of ForAnyValue:
        # "For no matching key or a null dataset, the condition returns false."
        return None if qualifier == "ForAnyValue" else True
    if qualifier == "ForAllValues":
        return for_all_values(base, wanted, values, variables)
    if qualifier == "ForAnyValue":
        return for_any_value(base, wanted, values, variables)
    return single_value(base, wanted, values, variables)


def null(wanted: str, values: list[str]) -> Truth:
    """``Null``: "check if a condition key is absent at the time of authorization.

    In the policy statement, use either true (the key doesn't exist - it is null) or false (the
    key exists and its value is not null)." And: "To prevent missing context keys or context keys
    with empty values from evaluating to true, you can include the Null condition operator". So an
    empty text exists, and is to be caught like what does not.
    """
    if values and not any(values):
        return None
    words = {"true": not values, "false": bool(values)}
    return words.get(wanted.lower())


def for_all_values(
    base: str, wanted: list[str], values: list[str], variables: Context | None
) -> Truth:
    """``ForAllValues``: "tests whether the value of every member of the request set is a subset.

    … of the condition context key set. … It also returns true if there are no context keys in
    the request or if the context key value resolves to a null dataset, such as an empty string."
    """
    if not any(values):
        return True
    return every(one_value(base, wanted, value, variables) for value in values)


def for_any_value(
    base: str, wanted: list[str], values: list[str], variables: Context | None
) -> Truth:
    """``ForAnyValue``: "tests whether at least one member of the set of request values matches.

    … For no matching key or a null dataset, the condition returns false."
    """
    if not any(values):
        return False
    return either(one_value(base, wanted, value, variables) for value in values)


def single_value(
    base: str, wanted: list[str], values: list[str], variables: Context | None
) -> Truth:
    """An operator alone: for keys with "at most one value in the request context".

    "If the key that you specify in a policy condition is not present in the request context, the
    values do not match and the condition is false. If the policy condition requires that the key
    is not matched, such as StringNotLike or ArnNotLike, and the right key is not present, the
    condition is true." "Multivalued condition keys require condition set operators": what is
    without one on several values is not said.
    """
    if not values:
        return base in NEGATED
    if len(values) > 1:
        return None
    return one_value(base, wanted, values[0], variables)


def one_value(base: str, wanted: list[str], value: str, variables: Context | None) -> Truth:
    """One value of the request against all of the policy's.

    "If a single condition operator includes multiple values for a context key, those values are
    evaluated using a logical OR." For negated operators: "evaluated using a logical NOR".
    """
    if base in NEGATED:
        return negated(one_value(NEGATED[base], wanted, value, variables))
    return either(TESTS[base](text, value, variables) for text in wanted)
