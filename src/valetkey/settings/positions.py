"""Where the keys and values of a TOML text stand; the standard library's parser does not say.

For texts that ``tomllib`` has read already: nothing is checked again.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from valetkey.diagnostics import Source, Span

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(
    r"""(?:[ \t]*(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[A-Za-z0-9_-]+)[ \t]*\.?)+""", re.ASCII
)
_STRING = re.compile(
    r'''"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}|\'\'\'(?:[^']|'{1,2}(?!'))*'{3,5}'''
    r"""|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A ``key = value``, or the header of a table (whose value is its brackets)."""

    path: tuple[str, ...]
    key: Span
    value: Span

    def of(self, source: Source) -> "Entry":
        """Return the same place in another text of the same shape."""
        return Entry(
            self.path,
            source.span(self.key.start, self.key.end),
            source.span(self.value.start, self.value.end),
        )


def entries(source: Source) -> Iterator[Entry]:
    """Yield the statements of a TOML text in order, with full key paths."""
    text = source.text
    table: tuple[str, ...] = ()
    at = _skip(text, 0)
    while at < len(text):
        if text[at] == "[":
            start = at + (2 if text.startswith("[[", at) else 1)
            key = _key(source, start)
            table = _parts(key.text)
            end = text.index("]", key.end) + 1
            yield Entry(table, key, source.span(at, end))
            at = end + (1 if text.startswith("]", end) else 0)
        else:
            key = _key(source, at)
            start = _skip_blanks(text, text.index("=", key.end) + 1)
            at = _value_end(text, start)
            yield Entry((*table, *_parts(key.text)), key, source.span(start, at))
        at = _skip(text, at)


class Places:
    """Where things stand in a text that holds tables within tables."""

    def __init__(self, source: Source, found: Iterable[Entry]) -> None:
        self._source = source
        self._below: dict[tuple[str, ...], list[Entry]] = {}
        for entry in found:
            for length in range(1, len(entry.path) + 1):
                self._below.setdefault(entry.path[:length], []).append(entry)

    def key(self, *path: str) -> Span:
        """Return where a name is written; a table's in its header, or in its first key."""
        below = self._below[path]
        exact = (entry for entry in below if len(entry.path) == len(path))
        return next(exact, below[0]).key

    def value(self, *path: str) -> Span:
        """Return where a value is written; a table's from its first key to its last value."""
        below = self._below[path]
        if len(below) == 1 and len(below[0].path) == len(path):
            return below[0].value
        return self._source.span(below[0].key.start, below[-1].value.end)


def members(source: Source, entry: Entry, *, depth: int) -> Iterator[Entry]:
    """Yield an entry and, where its value is a table in braces, what stands in there.

    Paths go down to ``depth`` names.
    """
    yield entry
    text, at, end = source.text, entry.value.start, entry.value.end
    if text[at : at + 1] != "{" or len(entry.path) >= depth:
        return
    at = _skip(text, at + 1)
    while at < end and text[at] != "}":
        key = _key(source, at)
        start = _skip_blanks(text, text.index("=", key.end) + 1)
        stop = _value_end(text, start, until=",}")
        inner = Entry((*entry.path, *_parts(key.text)), key, source.span(start, stop))
        yield from members(source, inner, depth=depth)
        at = _skip(text, stop)
        at = _skip(text, at + 1) if text[at : at + 1] == "," else at


def _key(source: Source, start: int) -> Span:
    match = _KEY.match(source.text, start)
    end = match.end() if match else start
    text = source.text[start:end]
    left = start + len(text) - len(text.lstrip())
    return source.span(left, left + len(text.strip()))


def _parts(key: str) -> tuple[str, ...]:
    """Return the parts of a dotted key; the parser itself undoes quotes and escapes."""
    node: Any = tomllib.loads(f"{key} = 0")
    parts: list[str] = []
    while isinstance(node, dict):
        ((part, node),) = node.items()
        parts.append(part)
    return tuple(parts)


def _skip(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _skip_blanks(text: str, at: int) -> int:
    while text[at : at + 1] in {" ", "\t"}:
        at += 1
    return at


def _value_end(text: str, at: int, until: str = "") -> int:
    """Return where a value ends: at the line's end or a sign, outside of strings and brackets."""
    depth = 0
    end = at
    while at < len(text):
        string = _STRING.match(text, at)
        if string:
            at = end = string.end()
            continue
        character = text[at]
        if character == "#":
            newline = text.find("\n", at)
            at = newline if newline != -1 else len(text)
            continue
        if depth == 0 and (character == "\n" or character in until):
            break
        depth += (character in "[{") - (character in "]}")
        at += 1
        if not character.isspace():
            end = at
    return end
