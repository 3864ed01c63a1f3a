"""Places in a policy's text, and its words as messages quote them."""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Span, visible
from valetkey.policy import ConditionEntry, PolicyDocument

_MOST_SHOWN: Final = 400


def first_wildcard(text: str) -> int | None:
    """Return where the first ``*`` or ``?`` stands."""
    return next((at for at, character in enumerate(text) if character in "*?"), None)


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
