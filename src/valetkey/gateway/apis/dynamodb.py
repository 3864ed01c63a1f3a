"""DynamoDB: tables and indexes wherever a request names them, and the keys of its items."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from valetkey.arn import parse_arn
from valetkey.gateway.apis.errors import Misfit
from valetkey.gateway.apis.place import Place, Special
from valetkey.gateway.apis.request import ApiRequest, Value

TRANSACTED: Final = {
    "ConditionCheck": "ConditionCheckItem", "Delete": "DeleteItem", "Get": "GetItem",
    "Put": "PutItem", "Update": "UpdateItem",
}  # fmt: skip
"""The action of each kind of item in a transaction."""

PARTIQL: Final = {
    "delete": "PartiQLDelete", "insert": "PartiQLInsert", "select": "PartiQLSelect",
    "update": "PartiQLUpdate",
}  # fmt: skip

MAX_STATEMENT = 8192
"""The longest PartiQL statement that DynamoDB takes."""

MAX_ENTRIES = 100
"""The most entries of a transaction, and the most tables of a batch, that DynamoDB takes."""

_NAME: Final = r'(?:"[A-Za-z0-9_.\-]{1,255}"|[A-Za-z0-9_\-]{1,255})'
_STATEMENT: Final = re.compile(
    rf"\s*(?:(?P<select>select)\s[^;'\"]*?\sfrom\s+(?P<t1>{_NAME})(?:\.(?P<index>{_NAME}))?"
    rf"|(?P<insert>insert)\s+into\s+(?P<t2>{_NAME})|(?P<update>update)\s+(?P<t3>{_NAME})"
    rf"|(?P<delete>delete)\s+from\s+(?P<t4>{_NAME}))(?=\s|$)",
    re.ASCII | re.IGNORECASE,
)
_NESTED: Final = re.compile(r"\b(select|exists|from|into)\b|;", re.IGNORECASE)


class Item(NamedTuple):
    """One table that a request asks an action of, and what is asked of it."""

    action: str
    table: str
    secondary: str
    given: dict[str, Value]


def actions_in(request: ApiRequest) -> tuple[str, ...]:
    """Return the actions that a request needs, told by its items where it has several."""
    return tuple(dict.fromkeys(f"dynamodb:{item.action}" for item in items_of(request)))


def items_of(request: ApiRequest) -> Iterator[Item]:
    """Yield every table that a request names, with the action on it. Raises :class:`Misfit`."""
    given = request.input
    several = _SEVERAL.get(request.operation)
    if several is not None:
        yield from several(request.operation, given)
    elif isinstance(given.get("TableName"), str):
        yield _item(request.operation, given)


def tables_of(request: ApiRequest, action: str, place: Place) -> Iterator[Special]:
    """Yield the tables and indexes that a request asks an action of."""
    for item in items_of(request):
        if item.action == action:
            kind = "index" if item.secondary else "table"
            yield Special(kind, resource_of(item, place))


def resource_of(item: Item, place: Place) -> str:
    """Return the ARN of an item's table, or of its index."""
    arn = parse_arn(item.table)
    table = item.table if arn else place.arn("dynamodb", f"table/{item.table}")
    return f"{table}/index/{item.secondary}" if item.secondary else table


def _item(action: str, given: dict[str, Value]) -> Item:
    table, index = given.get("TableName"), given.get("IndexName")
    return Item(
        action,
        table if isinstance(table, str) else "*",
        index if isinstance(index, str) else "",
        given,
    )


def _batch(inner: Value) -> dict[str, Value]:
    """Return a batch's items of one table in the form of a single operation's."""
    if isinstance(inner, dict):
        return inner
    writes = [one for entry in _list(inner) for one in entry.values() if isinstance(one, dict)]
    return {"Keys": [one.get("Key") or one.get("Item") or {} for one in writes]}


def _statement(given: dict[str, Value]) -> tuple[Item, ...]:
    text = given.get("Statement")
    return _read_statement(text if isinstance(text, str) and len(text) <= MAX_STATEMENT else "")


@lru_cache(256)
def _read_statement(text: str) -> tuple[Item, ...]:
    """Return what a PartiQL statement asks; one that is not understood may ask anything."""
    found = _STATEMENT.match(text)
    if found is None or _NESTED.search(found.string, found.end()):
        return tuple(Item(action, "*", "", {}) for action in PARTIQL.values())
    parts = {name: value.strip('"') for name, value in found.groupdict().items() if value}
    verb = next(name for name in parts if name in PARTIQL)
    table = next(value for name, value in parts.items() if name.startswith("t"))
    return (Item(PARTIQL[verb], table, parts.get("index", ""), {}),)


def _list(value: Value | None) -> list[dict[str, Value]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _entries(value: Value | None) -> list[dict[str, Value]]:
    """Return the entries of a transaction or a batch; raises :class:`Misfit` for too many."""
    found = _list(value)
    if len(found) > MAX_ENTRIES:
        raise Misfit(f"there are more than {MAX_ENTRIES} entries")
    return found


def _transaction(_: str, given: dict[str, Value]) -> Iterator[Item]:
    for entry in _entries(given.get("TransactItems")):
        for kind, item in entry.items():
            if kind in TRANSACTED and isinstance(item, dict):
                yield _item(TRANSACTED[kind], item)


def _batches(operation: str, given: dict[str, Value]) -> Iterator[Item]:
    tables = given.get("RequestItems")
    by_name = tables if isinstance(tables, dict) else {}
    if len(by_name) > MAX_ENTRIES:
        raise Misfit(f"there are more than {MAX_ENTRIES} tables")
    for table, inner in by_name.items():
        yield Item(operation, table, "", _batch(inner))


def _statements(_: str, given: dict[str, Value]) -> Iterator[Item]:
    if "Statement" in given:
        yield from _statement(given)
    for member in ("Statements", "TransactStatements"):
        for entry in _entries(given.get(member)):
            yield from _statement(entry)


_SEVERAL: Final[Mapping[str, Callable[[str, dict[str, Value]], Iterator[Item]]]] = MappingProxyType(
    {
        "BatchExecuteStatement": _statements,
        "BatchGetItem": _batches,
        "BatchWriteItem": _batches,
        "ExecuteStatement": _statements,
        "ExecuteTransaction": _statements,
        "TransactGetItems": _transaction,
        "TransactWriteItems": _transaction,
    }
)
"""The operations that name their tables elsewhere than in ``TableName``."""
