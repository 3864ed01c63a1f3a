"""Whether a resource policy admits everyone."""

from collections.abc import Mapping
from typing import Any

import msgspec

_NARROWING = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceorgid",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
    }
)
"""Condition keys whose fixed values leave out most of the world."""

_POSITIVE = frozenset(
    {
        "arnequals",
        "arnlike",
        "ipaddress",
        "stringequals",
        "stringequalsignorecase",
        "stringlike",
    }
)
"""Operators that are false where their key is absent: no Not…, …IfExists or ForAllValues."""


def admits_everyone(document: str) -> bool:
    """Tell whether a policy that compiles allows something to everyone.

    A condition counts only where it must hold, and for fixed values of a key that tells principals
    or networks apart: what is not plainly narrow counts as open.
    """
    return any(
        statement["Effect"] == "Allow"
        and _names_everyone(statement)
        and not _is_narrowed(statement.get("Condition", {}))
        for statement in _listed(msgspec.json.decode(document)["Statement"])
    )


def _names_everyone(statement: Mapping[str, Any]) -> bool:
    if "NotPrincipal" in statement:
        return True
    principal = statement["Principal"]
    kinds = principal.values() if isinstance(principal, dict) else [principal]
    return any("*" in _listed(names) for names in kinds)


def _is_narrowed(conditions: Mapping[str, Mapping[str, Any]]) -> bool:
    return any(
        operator.lower().removeprefix("foranyvalue:") in _POSITIVE
        and key.lower() in _NARROWING
        and all(_is_fixed(str(value)) for value in _listed(values))
        for operator, keys in conditions.items()
        for key, values in keys.items()
    )


def _is_fixed(value: str) -> bool:
    return value.strip("*?") != "" and not value.endswith("/0")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
