"""Where the comments of a text are: what a string holds is none, whatever it looks like."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final, NamedTuple

from valetkey.diagnostics import Source
from valetkey.lint.detect import Form, written_as
from valetkey.lint.embedded import hcl_comments, yaml_scalars

_HASH: Final = re.compile(r"(?:^|(?<=\s))#", re.MULTILINE)
_BEFORE: Final = re.compile(r"""(?:[^'"\\#\n]|\\.|'[^'\n]*'|"(?:[^"\\\n]|\\.)*"|(?<=\S)#)*+""")
"""What a line of a script has before its comment, up to a quote that it does not close."""
_REST: Final = re.compile(r"[^\S\n]*+(?:\n|\Z)")
"""The end of a line that has no more to say."""
_BLOCKS: Final = frozenset({"|", ">"})


class Comment(NamedTuple):
    """A comment's characters, its marks among them. ``alone``: nothing else is on its lines."""

    start: int
    end: int
    alone: bool


def comments(source: Source) -> Iterator[Comment]:
    """Yield the comments of a text in order. JSON has none."""
    match written_as(source):
        case Form.JSON:
            return
        case Form.HCL:
            places = hcl_comments(source)
        case _:
            places = _hashes(source)
    previous = 0
    for start, end in places:
        line = source.text.rfind("\n", previous, start)
        first = line >= 0 or previous == 0
        before = source.text[max(line, previous) : start] if first else ""
        alone = first and not before.strip() and _REST.match(source.text, end) is not None
        yield Comment(start, end, alone)
        previous = end


def _hashes(source: Source) -> Iterator[tuple[int, int]]:
    """Yield what ``#`` begins outside quotes: YAML's, and those of scripts in block texts."""
    text = source.text
    scalars = [each for each in yaml_scalars(source) if each[2]]
    done = 0
    for found in _HASH.finditer(text):
        place = found.start()
        if place < done:
            continue
        index = bisect_right(scalars, place, key=lambda one: one[0]) - 1
        start, end, style = scalars[index] if index >= 0 else (0, 0, "")
        if start <= place < end and style not in _BLOCKS:
            done = end
            continue
        following = text.find("\n", place)
        done = len(text) if following < 0 else following
        if start <= place < end:
            place = _BEFORE.match(text, max(start, text.rfind("\n", 0, place) + 1)).end()  # type: ignore[union-attr]  # it also matches nothing
        if text[place : place + 1] == "#":
            yield place, done
