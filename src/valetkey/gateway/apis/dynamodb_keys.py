"""DynamoDB's condition keys: leading keys, attributes, what is selected.

``dynamodb:LeadingKeys`` are the partition keys that a request names. Which attribute is the
partition key only the table knows (:mod:`valetkey.gateway.apis.key_lookup`). Who does not say it
gets the values of all that could be it, so that ``ForAllValues`` conditions must allow them all.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from valetkey.gateway.apis.dynamodb import Item
from valetkey.gateway.apis.errors import Misfit
from valetkey.gateway.apis.request import Value

Pairs = Iterator[tuple[str, str | tuple[str, ...]]]

_EXPRESSIONS: Final = (
    "ConditionExpression", "FilterExpression", "KeyConditionExpression",
    "ProjectionExpression", "UpdateExpression",
)  # fmt: skip
_BY_ATTRIBUTE: Final = ("AttributeUpdates", "Expected", "Item", "Key", "KeyConditions",
                        "QueryFilter", "ScanFilter")  # fmt: skip
_TOKEN: Final = re.compile(
    r"[:#]?[A-Za-z_][A-Za-z0-9_\-]*(?:\s*\()?|\.\s*[:#]?[A-Za-z0-9_\-]+|[=,]"
)
_WORDS: Final = frozenset(
    {"add", "and", "between", "delete", "in", "not", "or", "remove", "set"}
)  # fmt: skip
_EQUAL: Final = re.compile(
    # A name is tried from its beginning only, and never in part: the time is the text's length.
    r"(?<![A-Za-z0-9_.#:\-])(#?[A-Za-z_][A-Za-z0-9_.\-]*+)\s*+=\s*+(:[A-Za-z0-9_]++)",
    re.ASCII,
)
_READS: Final = frozenset({"BatchGetItem", "GetItem", "Query", "Scan"})


def keys_of(item: Item, partition_key: str | None) -> Pairs:
    """Yield the condition keys of one item; which of them an action has is not asked here.

    Raises :class:`Misfit` for a key condition that is not understood.
    """
    leading = tuple(dict.fromkeys(_leading(item, partition_key)))
    if leading:
        yield "dynamodb:LeadingKeys", leading
    attributes = tuple(dict.fromkeys(_attributes(item.given)))
    if attributes:
        yield "dynamodb:Attributes", attributes
    if item.action in _READS:
        yield "dynamodb:Select", _selected(item.given)
    if item.action == "PartiQLSelect":
        # Whether a statement's condition is on the key is the table's to know.
        yield "dynamodb:FullTableScan", "true"
    for name in ("ReturnConsumedCapacity", "ReturnValues"):
        value = item.given.get(name)
        if isinstance(value, str):
            yield f"dynamodb:{name}", value


def _selected(given: Mapping[str, Value]) -> str:
    """Return what a read returns: what it says, else what DynamoDB makes of it."""
    value = given.get("Select")
    if isinstance(value, str) and value:
        return value
    listed = given.get("ProjectionExpression") or given.get("AttributesToGet")
    return "SPECIFIC_ATTRIBUTES" if listed else "ALL_ATTRIBUTES"


def _leading(item: Item, partition_key: str | None) -> Iterator[str]:
    given = item.given
    several = given.get("Keys")
    for key in several if isinstance(several, list) else [given.get("Key"), given.get("Item")]:
        if isinstance(key, dict):
            yield from _scalars(_only(key.items(), partition_key))
    if item.action == "Query":
        found = tuple(_scalars(_only(_equal(given), partition_key)))
        if not found:
            raise Misfit("the key condition names no partition key by `=`")
        yield from found


def _only(pairs: Iterable[tuple[str, Value]], name: str | None) -> Iterator[Value]:
    """Yield the values of one attribute, or of all where it is not known which counts."""
    for attribute, value in pairs:
        if name is None or attribute == name:
            yield value


def _equal(given: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
    """Yield the attributes of a query's key condition that must equal a value."""
    conditions = given.get("KeyConditions")
    for name, one in conditions.items() if isinstance(conditions, dict) else ():
        if isinstance(one, dict) and one.get("ComparisonOperator") == "EQ":
            for value in _many(one.get("AttributeValueList")):
                yield name, value
    text = given.get("KeyConditionExpression")
    values, names = given.get("ExpressionAttributeValues"), given.get("ExpressionAttributeNames")
    placeholders = names if isinstance(names, dict) else {}
    if isinstance(text, str) and isinstance(values, dict):
        for found in _EQUAL.finditer(text):
            for name in _attribute(found[1], placeholders):
                yield name, values.get(found[2], "")


def _scalars(values: Iterable[Value]) -> Iterator[str]:
    """Yield the values that can be a key: ``{"S": "…"}``, ``{"N": "…"}``, ``{"B": "…"}``."""
    for value in values:
        if isinstance(value, dict):
            for kind, text in value.items():
                if kind in ("S", "N", "B") and isinstance(text, str):
                    yield text


def _attributes(given: Mapping[str, Value]) -> Iterator[str]:
    """Yield the outermost attributes that a request names anywhere."""
    for name in _BY_ATTRIBUTE:
        inner = given.get(name)
        if isinstance(inner, dict):
            yield from inner
    for entry in _many(given.get("Keys")):
        if isinstance(entry, dict):
            yield from entry
    yield from (name for name in _many(given.get("AttributesToGet")) if isinstance(name, str))
    names = given.get("ExpressionAttributeNames")
    placeholders = names if isinstance(names, dict) else {}
    for expression in _EXPRESSIONS:
        text = given.get(expression)
        for token in _TOKEN.findall(text) if isinstance(text, str) else ():
            yield from _attribute(token, placeholders)


def _attribute(token: str, placeholders: Mapping[str, Value]) -> Iterator[str]:
    if token[0] in ":.=," or token.endswith("(") or token.lower() in _WORDS:
        return
    real = placeholders.get(token, token) if token.startswith("#") else token
    if isinstance(real, str):
        yield real


def _many(value: Value | None) -> list[Value]:
    return value if isinstance(value, list) else []
