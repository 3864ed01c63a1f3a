"""Every statement with every condition, as a tree: matched or not, got, wanted."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from valetkey.diagnostics import visible
from valetkey.explain.compare import listed, quoted
from valetkey.explain.statements import parts, policy_name
from valetkey.policy.decision import ConditionTrace, ElementTrace, PolicyTrace, StatementTrace

_MATCHED: Final = {True: "matched", False: "not matched"}


def as_tree(policies: Sequence[PolicyTrace]) -> list[str]:
    """Return the rows of the tree; what strangers wrote is made visible in them."""
    return [visible(row) for policy in policies for row in _policy_rows(policy)]


def as_values(policies: Sequence[PolicyTrace]) -> list[dict[str, Any]]:
    """Return the tree as JSON values."""
    return [
        {
            "name": policy_name(policy),
            "type": policy.type.value,
            "sha256": policy.sha256,
            "statements": [_statement_values(one) for one in policy.statements],
        }
        for policy in policies
    ]


def _policy_rows(policy: PolicyTrace) -> Iterator[str]:
    yield f"{policy_name(policy)} ({policy.type.value} policy)"
    for index, statement in enumerate(policy.statements):
        last = index == len(policy.statements) - 1
        ref = statement.ref
        sid = f" {quoted(ref.sid)}" if ref.sid else ""
        yield (
            f"{'└─' if last else '├─'} statement {ref.index + 1}{sid}, {ref.effect}:"
            f" {_MATCHED[statement.matched]}"
        )
        yield from (f"{'   ' if last else '│  '}{row}" for row in _statement_rows(statement))


def _statement_rows(statement: StatementTrace) -> Iterator[str]:
    these = parts(statement)
    for index, part in enumerate(these):
        last = index == len(these) - 1
        margin = "   " if last else "│  "
        yield f"{'└─' if last else '├─'} {_name(part)}: {_MATCHED[part.matched]}"
        yield f"{margin}got     {_got(part.got)}"
        for wanted in part.wanted:
            yield f"{margin}wanted  {_wanted(wanted.written, wanted.value)}"
        if part.note:
            yield f"{margin}{part.note}"


def _name(part: ElementTrace | ConditionTrace) -> str:
    if isinstance(part, ElementTrace):
        return part.name
    return f"{part.operator} {quoted(part.key)}"


def _got(got: Sequence[str] | None) -> str:
    if got is None:
        return "nothing: the request has no such key"
    return listed(got) if got else "no value"


def _wanted(written: str, value: str | None) -> str:
    if value is None:
        return f"{quoted(written)}, in which a variable has no value"
    return quoted(written) if value == written else f"{quoted(written)}, here {quoted(value)}"


def _statement_values(statement: StatementTrace) -> dict[str, Any]:
    ref = statement.ref
    return {
        "number": ref.index + 1,
        "sid": ref.sid,
        "effect": ref.effect,
        "matched": statement.matched,
        "elements": [{"name": one.name, **_part_values(one)} for one in statement.elements],
        "conditions": [
            {"operator": one.operator, "key": one.key, **_part_values(one)}
            for one in statement.conditions
        ],
    }


def _part_values(part: ElementTrace | ConditionTrace) -> dict[str, Any]:
    return {
        "matched": part.matched,
        "got": None if part.got is None else list(part.got),
        "wanted": [
            {"written": one.written, "value": one.value, "matched": one.matched}
            for one in part.wanted
        ],
        "note": part.note,
    }
