"""Secrets that were written where none belongs, blanked before anybody is shown the text."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

_ASSIGNED: Final = re.compile(r"(?<![\w-])(?P<key>[\w-]++)[\"']?[ \t]*+=[ \t]*+", re.ASCII)
_VALUE: Final = re.compile(
    r'''"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}|\'\'\'(?:[^']|'{1,2}(?!'))*'{3,5}'''
    r"""|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^\n]*""",
    re.DOTALL,
)
_WORDS: Final = ("secret", "password")
_HARMLESS: Final = {
    "_file": re.compile(r"[\"']/[^\"'\n]*[\"']", re.ASCII),
    "_env": re.compile(r"[\"'][A-Z_][A-Z0-9_]*[\"']", re.ASCII),
}

Stretch = tuple[int, int]


def without_secrets(text: str) -> str:
    """Return a TOML text of the same shape, with what may be a secret as asterisks.

    That is the value of every key that speaks of a secret, unless it is a path or the name of a
    variable, as it should be. The text need not be right.
    """
    return without(text, _stretches(text))


def without(text: str, stretches: Iterable[Stretch]) -> str:
    """Return a text of the same shape, with stretches of it as asterisks."""
    pieces, done = [], 0
    for start, end in sorted(stretches):
        pieces += [text[done:start], re.sub(r"[^\n]", "*", text[max(start, done) : end])]
        done = max(done, end)
    return "".join((*pieces, text[done:]))


def _stretches(text: str) -> Iterator[Stretch]:
    done = 0
    for assigned in _ASSIGNED.finditer(text):
        key = assigned["key"].lower()
        if assigned.start() < done or not any(word in key for word in _WORDS):
            continue
        value = _VALUE.match(text, assigned.end())
        if value and not _is_harmless(key, value[0]):
            done = value.end()
            yield value.span()


def _is_harmless(key: str, value: str) -> bool:
    return any(
        key.endswith(ending) and pattern.fullmatch(value) for ending, pattern in _HARMLESS.items()
    )
