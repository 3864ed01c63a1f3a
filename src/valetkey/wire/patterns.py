"""The models' patterns, read as AWS reads them: Java's syntax, the whole value, ASCII classes."""

import functools
import re
from collections.abc import Callable

import regex  # type: ignore[import-untyped] # it ships no types


@functools.cache
def matcher(pattern: str) -> Callable[[str], object]:
    r"""Return a function that is true of the strings that match a pattern as a whole.

    ``\w`` and ``\d`` are ASCII. Properties such as ``\p{L}`` need another engine, whose ASCII
    mode would cut them down too; no model's pattern has both (a test looks).
    """
    if r"\p{" in pattern:
        found: Callable[[str], object] = regex.compile(pattern).fullmatch
        return found
    return re.compile(pattern, re.ASCII).fullmatch
