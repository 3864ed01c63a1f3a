"""Where each character of a text stands in the YAML file that it was written in.

A text in a file is indented, folded, quoted and escaped; what a shell or a person counts are the
characters of its value. Blanks may have been folded into others, so only what is not blank has
a place of its own; blanks stand between their neighbours.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from valetkey.diagnostics import Span

_PROPERTIES = re.compile(r"(?:[&!]\S*+\s++(?:#[^\n]*+(?:\n\s*+|\Z))*+)*+")
"""An anchor and a tag, each with the comment that may follow it."""
_HEADER = re.compile(r"[|>][-+0-9]*[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_PLAIN = re.compile(r"\S")
_SINGLE = re.compile(r"''|\S")
_DOUBLE = re.compile(
    r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|\s|.)|\S", re.DOTALL
)  # what follows a backslash at a line's end is folded away
_NAMED = {"0": "\0", "a": "\a", "b": "\b", "e": "\x1b"}
_BLANK = frozenset(" _NLPnrtvf\t\n\r")


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of a text's characters: of each its first and the one after its last.

    ``style`` is the mark that the text is written with (a quote, ``|`` or ``>``); empty for none.
    """

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    style: str = ""

    def range(self, start: int, end: int) -> tuple[int, int]:
        """Return the stretch of the file for a stretch of the text, which is not empty."""
        return self.starts[start], self.ends[end - 1]


def layout(span: Span, value: str) -> Layout | None:
    """Return where the characters of ``value`` stand, which was written at ``span``.

    None where the two do not fit together: then nothing is said rather than something wrong.
    """
    found = tuple(_written(span.text))
    wanted = [at for at, char in enumerate(value) if not char.isspace()]
    if [char for char, _, _ in found] != [value[at] for at in wanted]:
        return None
    starts, ends = [0] * len(value), [0] * len(value)
    before = span.start
    marks = iter(found)
    for at, char in enumerate(value):
        if char.isspace():
            starts[at] = ends[at] = before
            continue
        _, start, end = next(marks)
        starts[at], ends[at] = span.start + start, span.start + end
        before = ends[at]
    return Layout(tuple(starts), tuple(ends), _style(span.text))


def _written(raw: str) -> Iterator[tuple[str, int, int]]:
    """Yield the characters that a scalar stands for, blanks left out, with their places."""
    at = _begin(raw)
    if header := _HEADER.match(raw, at):
        yield from _plain(raw, header.end(), len(raw))
    elif raw.startswith('"', at):
        yield from _double(raw, at + 1, len(raw) - 1)
    elif raw.startswith("'", at):
        for match in _SINGLE.finditer(raw, at + 1, len(raw) - 1):
            yield match[0][0], match.start(), match.end()
    else:
        yield from _plain(raw, at, len(raw))


def _begin(raw: str) -> int:
    """Return where a scalar begins behind its anchor and its tag."""
    properties = _PROPERTIES.match(raw)
    return properties.end() if properties else 0


def _style(raw: str) -> str:
    first = raw[_begin(raw) :][:1]
    return first if first in {'"', "'", "|", ">"} else ""


def _plain(raw: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    for match in _PLAIN.finditer(raw, start, end):
        yield match[0], match.start(), match.end()


def _double(raw: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    for match in _DOUBLE.finditer(raw, start, end):
        char = match[0]
        if char.startswith("\\"):
            char = _unescaped(char[1:])
        if char and not char.isspace():
            yield char, match.start(), match.end()


def _unescaped(escape: str) -> str:
    if escape in _BLANK:
        return ""
    if len(escape) > 1:
        number = int(escape[1:], 16)
        return chr(number) if number <= 0x10FFFF else ""  # noqa: PLR2004 - Unicode's last
    return _NAMED.get(escape, escape)
