"""The condition keys of a simulation: ``ContextEntries``, in values that policies compare.

Follows the IAM API reference, *ContextEntry*. A list type makes a key multi-valued even with one
value; a scalar type takes exactly one. Texts of refusals as observed.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from valetkey.access.context import ContextValues
from valetkey.api.iam.failures import invalid_input
from valetkey.api.iam.shapes import ContextEntry
from valetkey.policy.values import address, instant, number, octets

_LIST = "List"


class _Kind(NamedTuple):
    """A type of values: what reads one, and what a refusal says was expected."""

    reads: Callable[[str], object]
    expected: str


_KINDS = {
    "numeric": _Kind(number, "numeric format"),
    "date": _Kind(instant, "DateTime format"),
    "ip": _Kind(address, "IP address"),
    "binary": _Kind(octets, "base-64 encoded binary format"),
}


def context_values(entries: Iterable[ContextEntry]) -> ContextValues:
    """Return the values of a request's entries by key; an entry that says nothing is passed over.

    Raises ``InvalidInput`` for an entry that lacks a part, for a value that is not of its type,
    for several values of a scalar type, and for a key that is given twice, in whatever case.
    """
    values: ContextValues = {}
    seen: set[str] = set()
    for entry in entries:
        if not entry:
            continue
        key = entry.get("ContextKeyName")
        if not key:
            raise invalid_input("ContextKeyName cannot be null or empty.")
        if key.lower() in seen:
            raise invalid_input(f"Duplicate context key: {key}.")
        seen.add(key.lower())
        values[key] = _value(key, entry)
    return values


def _value(key: str, entry: ContextEntry) -> str | tuple[str, ...]:
    kind = entry.get("ContextKeyType")
    if kind is None:
        raise invalid_input(f"Context key {key} has invalid type null.")
    texts = entry.get("ContextKeyValues")
    if not texts:
        raise invalid_input(f"Context values for context key {key} cannot be null or empty.")
    several = kind.endswith(_LIST)
    if not several and len(texts) != 1:
        # AWS names the type here, not the key.
        raise invalid_input(
            f"Context key {kind} expected a single value, but received {len(texts)}."
        )
    read = [_read(key, kind.removesuffix(_LIST), text) for text in texts]
    return tuple(read) if several else read[0]


def _read(key: str, kind: str, text: str) -> str:
    if kind == "boolean":
        # Seen on AWS: whatever is not `true` is false, and nothing is refused.
        return "true" if text.lower() == "true" else "false"
    wanted = _KINDS.get(kind)
    if wanted is not None and wanted.reads(text) is None:
        raise invalid_input(f"Invalid context value for key {key}: expected {wanted.expected}.")
    return text
