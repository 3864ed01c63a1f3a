"""The wildcards ``*`` and ``?``, matched over a whole string in linear time.

``*`` stands for any characters, also none, also ``/`` and ``:``; ``?`` for exactly one. There is
no other special character. Patterns come from people and texts from tokens, so no pattern may
make a text expensive: runs between stars are found left to right, once, without going back.
"""

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Final


class Wild(Enum):
    """A wildcard of a pattern, told apart from the same character standing for itself."""

    MANY = "*"
    ONE = "?"


Token = str | Wild


class Glob:
    """A compiled pattern."""

    __slots__ = ("_inner", "_least", "_literal", "_prefix", "_runs")

    def __init__(self, tokens: Iterable[Token]) -> None:
        self._runs = tuple(_Run(part) for part in _between_stars(tokens))
        self._inner = tuple(run for run in self._runs[1:-1] if run.length)
        self._least = sum(run.length for run in self._runs)
        self._literal = self._runs[0].literal if len(self._runs) == 1 else None
        self._prefix = self._runs[0].literal if _only_starts(self._runs) else None

    def matches(self, text: str) -> bool:
        """Tell whether the whole of ``text`` fits."""
        if self._literal is not None:
            return text == self._literal
        if self._prefix is not None:
            return text.startswith(self._prefix)
        first, last = self._runs[0], self._runs[-1]
        if len(self._runs) == 1:
            return len(text) == first.length and first.is_at(text, 0)
        end = len(text) - last.length
        fits = len(text) >= self._least and last.is_at(text, end) and first.is_at(text, 0)
        return fits and (not self._inner or self._inner_stand(text, first.length, end))

    def _inner_stand(self, text: str, at: int, end: int) -> bool:
        """Find the runs between the first and the last star, each as early as it can be."""
        for run in self._inner:
            found = run.find(text, at, end)
            if found < 0:
                return False
            at = found + run.length
        return True


def tokens_of(pattern: str) -> Iterator[Token]:
    """Split a pattern in which every ``*`` and ``?`` is a wildcard."""
    start = 0
    for at, character in enumerate(pattern):
        if character in "*?":
            if at > start:
                yield pattern[start:at]
            yield Wild(character)
            start = at + 1
    if start < len(pattern):
        yield pattern[start:]


def glob(pattern: str) -> Glob:
    """Compile a pattern in which every ``*`` and ``?`` is a wildcard."""
    return Glob(tokens_of(pattern))


def _between_stars(tokens: Iterable[Token]) -> list[list[Token]]:
    runs: list[list[Token]] = [[]]
    for token in tokens:
        if token is Wild.MANY:
            runs.append([])
        else:
            runs[-1].append(token)
    return runs


def _only_starts(runs: "tuple[_Run, ...]") -> bool:
    return len(runs) > 1 and not any(run.length for run in runs[1:])


class _Run:
    """Characters of fixed length: pieces of text with holes where ``?`` stands."""

    __slots__ = ("_holes", "_masks", "_pieces", "length", "literal")

    def __init__(self, tokens: list[Token]) -> None:
        pieces: list[tuple[int, str]] = []
        length = 0
        for token in tokens:
            if isinstance(token, str):
                pieces.append((length, token))
                length += len(token)
            else:
                length += 1
        self.length: Final = length
        self._pieces = tuple(pieces)
        holes = Wild.ONE in tokens
        self.literal: Final = None if holes else "".join(text for _, text in pieces)
        self._masks, self._holes = self._bits() if holes else ({}, 0)

    def _bits(self) -> tuple[dict[str, int], int]:
        """For each character, the places of the run where it may stand, as bits."""
        holes = (1 << self.length) - 1
        places: dict[str, int] = {}
        for offset, text in self._pieces:
            for index, character in enumerate(text, offset):
                places[character] = places.get(character, 0) | 1 << index
                holes &= ~(1 << index)
        return {character: bits | holes for character, bits in places.items()}, holes

    def is_at(self, text: str, start: int) -> bool:
        """Tell whether the run stands at ``start``; the caller knows that it fits in."""
        if self.literal is not None:
            return text.startswith(self.literal, start)
        return all(text.startswith(piece, start + offset) for offset, piece in self._pieces)

    def find(self, text: str, start: int, end: int) -> int:
        """Return the first place from ``start`` where the run ends by ``end``, or -1."""
        if self.literal is not None:
            return text.find(self.literal, start, end)
        # Shift-and: one pass over the text, whatever the pattern repeats.
        state, wanted = 0, 1 << (self.length - 1)
        masks, holes = self._masks, self._holes
        for at in range(start, end):
            state = (state << 1 | 1) & masks.get(text[at], holes)
            if state & wanted:
                return at - self.length + 1
        return -1
