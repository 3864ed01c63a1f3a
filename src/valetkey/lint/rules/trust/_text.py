"""Places in a policy's text, and its words as messages quote them."""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Span, visible
from valetkey.policy import ConditionEntry, PolicyDocument, Value

_MOST_SHOWN: Final = 400


def first_wildcard(text: str) -> int | None:
    """Return where the first ``*`` or ``?`` stands."""
    return next((at for at, character in enumerate(text) if character in "*?"), None)


def whole(document: PolicyDocument, value: Value) -> Span:
    """Return the place of a value, without its quotes."""
    quotes = 1 if value.quoted else 0
    return document.source.span(value.start + quotes, value.end - quotes)


def within(document: PolicyDocument, value: Value, start: int, end: int) -> Span:
    """Return the place of some of a value's characters; of all of them if it has escapes."""
    place = whole(document, value)
    if place.text != value.text:
        return place
    return document.source.span(place.start + start, place.start + end)


def key_of(document: PolicyDocument, entry: ConditionEntry) -> Span:
    """Return the place of a condition key, without its quotes."""
    return document.source.span(entry.key_range.start + 1, entry.key_range.end - 1)


def quoted(text: str) -> str:
    """Return a text of the policy in backticks, safe to print, cut where nobody reads on."""
    shown = visible(text)
    return f"`{shown if len(shown) <= _MOST_SHOWN else shown[:_MOST_SHOWN] + '…'}`"


def listed(texts: Iterator[str] | list[str]) -> str:
    """Return values in backticks: ``a``, ``b`` or ``c``."""
    shown = [quoted(text) for text in texts]
    return " or ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))
