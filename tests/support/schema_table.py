"""The members of `explain`'s JSON as a Markdown table, made from its schema."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from support.tables import table
from support.vectors import PROJECT

SCHEMA = json.loads((PROJECT / "docs" / "explain.schema.json").read_text())


def members() -> str:
    """Return every member of every object, with its type and meaning."""
    rows = [*_rows("", SCHEMA)]
    for name, definition in SCHEMA["$defs"].items():
        rows += _rows(name, definition)
    return table(("object", "member", "type", "meaning"), rows)


def _rows(name: str, definition: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for member, described in definition["properties"].items():
        place = f"`{name}`" if name else "the answer"
        yield place, f"`{member}`", _type(described), described.get("description", "")


def _type(described: Mapping[str, Any]) -> str:
    if "$ref" in described:
        return f"`{described['$ref'].rpartition('/')[2]}`"
    if "anyOf" in described:
        return " or ".join(_type(one) for one in described["anyOf"])
    if "enum" in described:
        return ", ".join(f"`{one}`" for one in described["enum"])
    if "const" in described:
        return f"`{described['const']}`"
    kind = described["type"]
    if kind == "array":
        return f"list of {_type(described['items'])}"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)
