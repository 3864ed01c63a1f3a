"""Small changes to a policy's text that leave the rest of it as it was written."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from valetkey.policy import ConditionEntry, PolicyDocument, Statement
from valetkey.policy.decision import TextRange

_BLANKS: Final = " \t\r\n"


class Edit(NamedTuple):
    """What to write in place of the characters ``start`` up to, not including, ``end``."""

    start: int
    end: int
    text: str


def applied(text: str, edits: Iterable[Edit]) -> str | None:
    """Return a text with changes made, or None where two of them are about the same place."""
    parts: list[str] = []
    at = 0
    for edit in sorted(set(edits)):
        if edit.start < at or edit.end < edit.start:
            return None
        parts += (text[at : edit.start], edit.text)
        at = edit.end
    return "".join([*parts, text[at:]])


def replaced(place: TextRange, value: str) -> Edit:
    """Write another string in a string's place."""
    return Edit(place.start, place.end, json.dumps(value))


def added(text: str, place: TextRange, value: str) -> Edit:
    """Add a string beside one that stands alone or in a list."""
    start, end = place.start, place.end
    if _before(text, start) not in {"[", ","}:
        return Edit(start, end, f"[{text[start:end]}, {json.dumps(value)}]")
    indent = _line_indent(text, start)
    glue = ", " if indent is None else f",\n{indent}"
    return Edit(end, end, f"{glue}{json.dumps(value)}")


def member_after(text: str, entry: ConditionEntry, key: str, value: str) -> Edit:
    """Write one more condition key behind one of the same operator."""
    indent = _line_indent(text, entry.key_range.start)
    glue = ", " if indent is None else f",\n{indent}"
    end = entry.range.end
    return Edit(end, end, f"{glue}{json.dumps(key)}: {json.dumps(value)}")


def without_conditions(
    text: str, statement: Statement, gone: Sequence[ConditionEntry]
) -> tuple[Edit, ...] | None:
    """Take conditions away, an operator with its last one; None if none would be left."""
    blocks: dict[TextRange, list[ConditionEntry]] = {}
    for entry in statement.conditions:
        blocks.setdefault(entry.operator_range, []).append(entry)
    edits: list[Edit] = []
    kept_block = False
    for operator, entries in blocks.items():
        if all(entry in gone for entry in entries):
            brace = text.find("}", entries[-1].range.end)
            edits.append(_without_member(text, operator.start, brace + 1, after_kept=kept_block))
            continue
        kept_block, kept = True, False
        for entry in entries:
            if entry not in gone:
                kept = True
                continue
            start, end = entry.key_range.start, entry.range.end
            edits.append(_without_member(text, start, end, after_kept=kept))
    return tuple(edits) if kept_block else None  # an empty condition would ask for nothing


def another_statement(text: str, document: PolicyDocument, statement: dict[str, object]) -> Edit:
    """Write a statement behind the last one."""
    last = document.statements[-1].range
    indent = _line_indent(text, last.start)
    long = "\n" in text[last.start : last.end]
    lines = json.dumps(statement, indent=_step(text) if long else None).split("\n")
    margin = indent if indent is not None else _indent_of_line(text, last.start)
    body = f"\n{margin}".join(lines)
    if _before(text, last.start) not in {"[", ","}:
        whole = text[last.start : last.end]
        return Edit(last.start, last.end, f"[{whole}, {body}]")
    glue = ", " if indent is None else f",\n{indent}"
    return Edit(last.end, last.end, f"{glue}{body}")


def entry_at(statements: Sequence[Statement], key_range: TextRange) -> ConditionEntry | None:
    """Return the condition whose key stands at a place."""
    return next(
        (one for each in statements for one in each.conditions if one.key_range == key_range), None
    )


def _without_member(text: str, start: int, end: int, *, after_kept: bool) -> Edit:
    """Take a member away with one comma: the one before it if something stays before it."""
    if after_kept:
        return Edit(len(text[:start].rstrip(_BLANKS)) - 1, end, "")
    after = _skip(text, end)
    comma = text[after : after + 1] == ","
    return Edit(start, _skip(text, after + 1) if comma else end, "")


def _skip(text: str, at: int) -> int:
    return len(text) - len(text[at:].lstrip(_BLANKS))


def _before(text: str, at: int) -> str:
    return text[:at].rstrip(_BLANKS)[-1:]


def _line_indent(text: str, at: int) -> str | None:
    """Return the blanks before a place, if nothing else is before it on its line."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line if "\n" in text[:at] and not line.strip(_BLANKS) else None


def _indent_of_line(text: str, at: int) -> str:
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip(_BLANKS))]


def _step(text: str) -> int:
    found = re.search(r"\n( +)\S", text)
    return min(len(found[1]), 8) if found else 2
