"""Two versions of a policy as a unified diff."""

from collections.abc import Iterator, Sequence
from difflib import unified_diff
from typing import Final

_CONTEXT: Final = 3
_MOST_LINES: Final = 400


def unified(name: str, before: str, after: str) -> str:
    """Return how one text becomes the other, as ``diff -u`` writes it; empty for equal texts."""
    old, new = before.split("\n"), after.split("\n")
    start = _same(old, new)
    end = _same(old[start:][::-1], new[start:][::-1])
    first = max(start - _CONTEXT, 0)
    tail = max(end - _CONTEXT, 0)
    old, new = old[first : len(old) - tail], new[first : len(new) - tail]
    if old == new:
        return ""
    lines = [f"--- {name}", f"+++ {name}", *_hunks(old, new, first)]
    return "\n".join(lines) + "\n"


def _hunks(old: Sequence[str], new: Sequence[str], first: int) -> Iterator[str]:
    if max(len(old), len(new)) > _MOST_LINES:  # comparing is quadratic at worst
        yield f"@@ -{first + 1},{len(old)} +{first + 1},{len(new)} @@"
        yield from (f"-{line}" for line in old)
        yield from (f"+{line}" for line in new)
        return
    for line in list(unified_diff(old, new, lineterm="", n=_CONTEXT))[2:]:
        yield _moved(line, first) if line.startswith("@@") else line


def _moved(header: str, by: int) -> str:
    """Count a hunk's lines from the beginning of the file."""
    signs = []
    for part in header.split(" ")[1:3]:
        at, comma, count = part[1:].partition(",")
        signs.append(f"{part[0]}{int(at) + by}{comma}{count}")
    return f"@@ {' '.join(signs)} @@"


def _same(one: Sequence[str], other: Sequence[str]) -> int:
    size = min(len(one), len(other))
    return next((index for index in range(size) if one[index] != other[index]), size)
