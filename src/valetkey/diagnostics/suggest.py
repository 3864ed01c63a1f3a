"""Did you mean: the nearest of the words that would have been right."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

_LONGEST: Final = 200  # comparing is quadratic, and nobody mistypes a word longer than that
_MOST: Final = 1000


def did_you_mean(word: str, choices: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """Return the choice that is spelt most like a word, or None where none comes near.

    Case does not count. ``cutoff`` is the likeness to reach, from 0 to 1.
    """
    known = {choice.lower(): choice for choice, _ in zip(choices, range(_MOST), strict=False)}
    short = [choice for choice in known if len(choice) <= _LONGEST]
    if len(word) > _LONGEST:
        return None
    near = get_close_matches(word.lower(), short, n=1, cutoff=cutoff)
    return known[near[0]] if near else None
