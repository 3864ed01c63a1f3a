"""What can be told of two patterns without any request.

That is whether one takes in the other, and whether any text fits both. The patterns are IAM's
globs, in which ``*`` stands for any characters and ``?`` for one.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from valetkey.policy import Glob, glob

FIELDS: Final = 6
NO_SLASH: Final = "\x00"
"""Within a pattern of ours: any characters, but no slash."""

_STARS = re.compile(r"\*+")
_VARIABLE = re.compile(r"\$\{[^}]*\}")
_PLACEHOLDER = re.compile(r"\$\{([A-Za-z]+)\}")
# What can be no part of a name, however it is chosen: a bucket's name has no slash.
_WITHOUT_SLASH: Final = frozenset({"BucketName"})
_MOST_COMPARED: Final = 20_000


def is_wild(text: str) -> bool:
    """Tell whether a text has a wildcard."""
    return "*" in text or "?" in text


class _Elements(NamedTuple):
    """A pattern as bits, one for each of its elements: where which character may stand."""

    length: int
    stars: int
    singles: int
    letters: dict[str, int]
    slashes: int


def overlap(first: str, second: str) -> bool:
    """Tell whether some text fits both patterns; exact, one step for each element of ``second``.

    The bits of ``here`` are the places in ``first`` to which a text can have come that has also
    come to the element of ``second`` at hand.
    """
    elements = _elements(first)
    stars, here = elements.stars, 1
    every = (1 << elements.length) - 1
    for element in second:
        here |= (here & stars) << 1
        if element == "*":
            here = (every << 1 | 1) & ~((here & -here) - 1)
        elif element == NO_SLASH:
            here = _up_to_slashes(here, elements)
        else:
            one = elements.letters.get(element, 0) | elements.singles
            taken = every & ~stars if element == "?" else one
            here = (here & taken) << 1 | here & stars
        if not here:
            return False
    here |= (here & stars) << 1
    return bool(here >> elements.length & 1)


def may_be_one(first: str, second: str, *, wild: bool, more_wild: bool) -> bool:
    """Tell whether some text is both; ``wild`` and ``more_wild`` say which of them is a pattern."""
    if wild and more_wild:
        return overlap(first, second)
    if wild:
        return glob(first).matches(second)
    return glob(second).matches(first) if more_wild else first == second


@lru_cache(maxsize=4096)
def _elements(pattern: str) -> _Elements:
    stars = singles = 0
    letters: dict[str, int] = {}
    pattern = _STARS.sub("*", pattern)
    for at, character in enumerate(pattern):
        bit = 1 << at
        if character == "*":
            stars |= bit
        elif character == "?":
            singles |= bit
        else:
            letters[character] = letters.get(character, 0) | bit
    return _Elements(len(pattern), stars, singles, letters, letters.get("/", 0))


def _up_to_slashes(here: int, elements: _Elements) -> int:
    """Go on from each place over any characters, up to the next slash of the pattern."""
    reached, start = 0, 0
    slashes = elements.slashes | 1 << elements.length
    while slashes:
        slash = slashes & -slashes
        stretch = (slash << 1) - (1 << start)
        within = here & stretch
        if within:
            reached |= stretch & ~((within & -within) - 1)
        start = slash.bit_length()
        slashes ^= slash
    return reached


@lru_cache(maxsize=16384)
def arn_overlap(pattern: str, template: str) -> bool:
    """Tell whether a resource of a policy may be one of a type of resource.

    ``template`` is the type's ARN with ``${Placeholders}``. False is certain: wildcards of the
    first five fields stay within their field, and a policy's variables may be anything.
    """
    got = _VARIABLE.sub("*", pattern).split(":", FIELDS - 1)
    wanted = template.split(":", FIELDS - 1)
    if len(got) < FIELDS or len(wanted) < FIELDS:
        return True
    heads = zip(got[:-1], wanted[:-1], strict=True)
    return all(overlap(one, _PLACEHOLDER.sub("*", other)) for one, other in heads) and overlap(
        got[-1], _PLACEHOLDER.sub(_stand_in, wanted[-1])
    )


def wider_ones(texts: tuple[str, ...]) -> list[int | None]:
    """Return for each text the place of another one that takes it in; the first of equals stays.

    Sound, not complete: patterns with ``?`` are no wider ones here, as what they take in is not
    told by a glance, and the search ends when it has compared a great many.
    """
    by_start: dict[str, list[int]] = {}
    for at, text in enumerate(texts):
        if "*" in text and "?" not in text:
            by_start.setdefault(text.partition("*")[0], []).append(at)
    lengths = sorted({len(start) for start in by_start})
    globs = {at: glob(texts[at]) for places in by_start.values() for at in places}
    first: dict[str, int] = {}
    found: list[int | None] = []
    left = _MOST_COMPARED
    for at, text in enumerate(texts):
        wider = first.setdefault(text, at)
        if wider == at:
            near = [o for size in lengths for o in by_start.get(text[:size], ()) if o != at]
            left -= len(near)
            wider = _first_wider(texts, globs, at, near) if left > 0 else at
        found.append(None if wider == at else wider)
    return found


def _first_wider(texts: tuple[str, ...], globs: dict[int, Glob], at: int, near: list[int]) -> int:
    """Return the first that takes in the text at a place, or that place itself."""
    text, own = texts[at], globs.get(at)
    for other in near:
        if texts[other] == text or not globs[other].matches(text):
            continue
        # Two spellings of one pattern, such as `a*` and `a**`: the first one stays.
        if own is None or other < at or not own.matches(texts[other]):
            return other
    return at


def _stand_in(placeholder: re.Match[str]) -> str:
    return NO_SLASH if placeholder[1] in _WITHOUT_SLASH else "*"
