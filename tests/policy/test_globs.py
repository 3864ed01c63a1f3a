"""Wildcards: what they match, and that no pattern makes a text expensive."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valetkey.policy import glob

MATCHES = [
    ("", "", True),
    ("", "a", False),
    ("*", "", True),
    ("*", "any/thing:at\nall", True),
    ("**", "", True),
    ("?", "", False),
    ("?", "/", True),
    ("?", "ab", False),
    ("a*", "a", True),
    ("a*", "ba", False),
    ("*a", "ba", True),
    ("*a", "ab", False),
    ("a*a", "a", False),
    ("a*a", "aa", True),
    ("*a*", "bab", True),
    ("a*b*c", "a1b2c", True),
    ("a*b*c", "acb", False),
    ("ab*ba", "aba", False),
    ("*?", "", False),
    ("*?", "a", True),
    ("?*?", "a", False),
    ("?*?", "ab", True),
    ("a??d", "abcd", True),
    ("a??d", "abd", False),
    ("*b?d*", "xxbcbcd", True),
    ("*??*", "a", False),
    ("*??*", "ab", True),
    ("*a?c*a?c", "abcabc", True),
    ("a.c", "abc", False),
    ("[ab]", "a", False),
    ("a|b", "a", False),
    ("a\\*", "a\\b", True),
    ("A", "a", False),
    ("main", "main\n", False),
    ("\U0001f600?", "\U0001f600é", True),
]


@pytest.mark.parametrize(("pattern", "text", "matches"), MATCHES)
def test_whole_text(pattern: str, text: str, matches: bool) -> None:
    assert glob(pattern).matches(text) is matches


def obvious(pattern: str, text: str) -> bool:
    """Match by the table of dynamic programming, one row a character of the pattern."""
    row = [True] + [False] * len(text)
    for token in pattern:
        if token == "*":
            fits = False
            for at, before in enumerate(row):
                fits = fits or before
                row[at] = fits
        else:
            row = [False] + [
                row[at] and token in ("?", character) for at, character in enumerate(text)
            ]
    return row[-1]


@given(st.text("ab*?", max_size=12), st.text("ab", max_size=12))
def test_agrees_with_the_obvious_matcher(pattern: str, text: str) -> None:
    assert glob(pattern).matches(text) is obvious(pattern, text)


@given(st.text(max_size=20).filter(lambda text: not set(text) & set("*?")))
def test_text_without_wildcards_matches_itself_alone(text: str) -> None:
    assert glob(text).matches(text)
    assert not glob(text).matches(text + "x")


@pytest.mark.parametrize(
    "pattern",
    [
        "*a" * 5_000 + "b",
        "a*" * 5_000 + "b",
        "*" + "a?" * 2_000 + "b*",
        "*" + "?a" * 1_000 + "*" + "a?" * 1_000 + "b*c",
        "*" * 10_000 + "b",
        "?" * 10_000 + "*b",
    ],
    ids=["stars-before", "stars-after", "holes", "holes-twice", "only-stars", "only-ones"],
)
def test_hostile_patterns_take_linear_time(pattern: str) -> None:
    text = "a" * 20_000
    compiled = glob(pattern)
    begun = time.process_time()
    assert not compiled.matches(text)
    # A backtracking matcher needs hours here; the bound is wide for slow machines.
    assert time.process_time() - begun < 2
