"""A document as canonical JSON: elements in the order of IAM's grammar, lists only where needed.

The text reads back to the same document but for places (``parse(render(d))`` is ``d``, a law in
the tests): names and texts as they were, numbers as they were written, statements, conditions
and values in their order.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Final

from valetkey.policy.document import (
    ConditionEntry,
    PolicyDocument,
    PrincipalElement,
    Statement,
    Value,
)

_INDENT: Final = "    "


def render(document: PolicyDocument) -> str:
    """Return the text of a document, four blanks an indent, without a line break at the end."""
    return _object(_document(document), "")


def _document(document: PolicyDocument) -> Iterator[tuple[str, str]]:
    if document.version is not None:
        yield "Version", _value(document.version)
    if document.id is not None:
        yield "Id", _value(document.id)
    inner = _INDENT * 2
    statements = [_object(_statement(each), inner) for each in document.statements]
    lines = f",\n{inner}".join(statements)
    yield "Statement", f"[\n{inner}{lines}\n{_INDENT}]" if statements else "[]"


def _statement(statement: Statement) -> Iterator[tuple[str, str]]:
    if statement.sid is not None:
        yield "Sid", _value(statement.sid)
    if statement.effect is not None:
        yield "Effect", _value(statement.effect)
    if statement.principal is not None:
        yield statement.principal.name, _principal(statement.principal)
    for element in (statement.action, statement.resource):
        if element is not None:
            texts = _values(element.values)
            if element.nulls:
                texts = "[" + ", ".join([*map(_value, element.values), "null"]) + "]"
            yield element.name, texts
    if statement.conditions:
        inner = _INDENT * 3
        yield "Condition", _object(_conditions(statement.conditions, inner), inner)


def _principal(principal: PrincipalElement) -> str:
    if principal.everyone is not None:
        return _value(principal.everyone)
    entries = ((entry.kind, _values(entry.values)) for entry in principal.entries)
    return _object(entries, _INDENT * 3)


def _conditions(entries: Iterable[ConditionEntry], indent: str) -> Iterator[tuple[str, str]]:
    blocks: dict[str, list[ConditionEntry]] = {}
    for entry in entries:
        blocks.setdefault(entry.operator.written, []).append(entry)
    for operator, found in blocks.items():
        # An operator that holds no keys was read as one entry without a key.
        keys = ((entry.key, _values(entry.values)) for entry in found if entry.key)
        yield operator, _object(keys, indent + _INDENT)


def _values(values: tuple[Value, ...]) -> str:
    if len(values) == 1:
        return _value(values[0])
    return "[" + ", ".join(map(_value, values)) + "]"


def _value(value: Value) -> str:
    return json.dumps(value.text, ensure_ascii=False) if value.quoted else value.text


def _object(members: Iterable[tuple[str, str]], indent: str) -> str:
    """Write an object of names and values that are JSON already."""
    inner = indent + _INDENT
    lines = [f"{inner}{json.dumps(name, ensure_ascii=False)}: {text}" for name, text in members]
    if not lines:
        return "{}"
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
