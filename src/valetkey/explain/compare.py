"""Two texts side by side: where they part, and how that can be seen.

This judges nothing: that the two do not match was decided elsewhere. It finds the first
character that is to blame.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from valetkey.diagnostics import visible
from valetkey.policy.globs import glob

_LONGEST: Final = 4096  # of a value that is looked into; more is no value that anybody reads
_COLUMNS: Final = 76


class Difference(NamedTuple):
    """Where two texts part: offsets of the first character that differs in each."""

    wanted: int
    got: int


def difference(wanted: str, got: str, *, pattern: bool, ignore_case: bool = False) -> Difference:
    """Return where a value leaves what was wanted; with ``pattern``, `*` and `?` are wildcards."""
    wanted, got = wanted[:_LONGEST], got[:_LONGEST]
    if ignore_case:
        wanted, got = _folded(wanted), _folded(got)
    if pattern:
        return _pattern_difference(wanted, got)
    at = common(wanted, got)
    return Difference(at, at)


def matches(wanted: str, got: str, *, pattern: bool) -> bool:
    """Return whether a value is as wanted; for near misses, of which no decision is made."""
    if len(wanted) > _LONGEST or len(got) > _LONGEST:
        return False
    return glob(wanted).matches(got) if pattern else wanted == got


def common(one: str, other: str) -> int:
    """Return how many characters two texts have in common at their beginning."""
    size = min(len(one), len(other))
    return next((index for index in range(size) if one[index] != other[index]), size)


def _folded(text: str) -> str:
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def _reach(segment: str, text: str, at: int) -> int:
    """Return how many characters of a segment without stars fit a text at a place."""
    size = min(len(segment), len(text) - at)
    return next((i for i in range(size) if segment[i] not in {"?", text[at + i]}), size)


def _find(segment: str, text: str, at: int) -> int:
    if "?" not in segment:
        return text.find(segment, at)
    parts = (re.escape(part) for part in segment.split("?"))
    found = re.compile(".".join(parts), re.DOTALL).search(text, at)
    return found.start() if found else -1


def _pattern_difference(wanted: str, got: str) -> Difference:
    first, *others = wanted.split("*")
    reach = _reach(first, got, 0)
    if reach < len(first) or not others:
        return Difference(reach, reach)
    offset, at = len(first), len(first)
    for segment in others:
        offset += 1
        start = _find(segment, got, at)
        if start == -1:
            # The longest beginning of the segment that is still found: shorter ones are too.
            low, high = 0, len(segment)
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (
                    (middle, high) if _find(segment[:middle], got, at) != -1 else (low, middle)
                )
            start = _find(segment[:low], got, at)
            return Difference(offset + low, start + low)
        at = start + len(segment)
        offset += len(segment)
    last = others[-1]
    if last and "?" not in last:
        at = max(at, got.rfind(last) + len(last))
    return Difference(len(wanted), at)


def side_by_side(wanted: str, got: str, where: Difference) -> str:
    """Return the two texts one above the other, with a caret under the characters that differ.

    What was wanted is shifted, or cut at its beginning, so that these stand in one column.
    """
    upper, lower = _beginning(wanted, where.wanted), _beginning(got, where.got)
    column = max(len(upper), len(lower))
    rows = [
        f"wanted  {upper:>{column}}{_rest(wanted, where.wanted)}",
        f"got     {lower:>{column}}{_rest(got, where.got)}",
        f"        {'':>{column}}^",
    ]
    return "\n".join(rows)


def _beginning(text: str, at: int) -> str:
    shown = visible(text[:at])
    return shown if len(shown) <= _COLUMNS else f"…{shown[-_COLUMNS:]}"


def _rest(text: str, at: int) -> str:
    shown = visible(text[at:])
    return shown if len(shown) <= _COLUMNS else f"{shown[:_COLUMNS]}…"


def quoted(text: str) -> str:
    """Return a value in backticks, safe to print, cut where nobody would read on."""
    shown = visible(text)
    return f"`{shown if len(shown) <= 2 * _COLUMNS else shown[: 2 * _COLUMNS] + '…'}`"


def listed(texts: Sequence[str], most: int = 8) -> str:
    """Return values in backticks with commas between."""
    shown = ", ".join(quoted(text) for text in texts[:most])
    return shown + (f" and {len(texts) - most} more" if len(texts) > most else "")
