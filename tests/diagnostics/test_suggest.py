"""Did you mean."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valetkey.diagnostics import did_you_mean

OPERATORS = ["StringEquals", "StringLike", "Bool", "ArnLike"]


@pytest.mark.parametrize(
    ("word", "choices", "nearest"),
    [
        ("StringEqulas", OPERATORS, "StringEquals"),
        ("stringlike", OPERATORS, "StringLike"),
        ("subject", ["aud", "sub", "project_path"], "sub"),
        ("xyz", OPERATORS, None),
        ("anything", [], None),
        ("", OPERATORS, None),
        ("a" * 100_000, ["a" * 100_000], None),
    ],
)
def test_nearest(word, choices, nearest):
    assert did_you_mean(word, choices) == nearest


def test_a_higher_cutoff_asks_for_more_likeness():
    assert did_you_mean("subject", ["sub"], cutoff=0.9) is None


@settings(deadline=None)
@given(st.text(), st.lists(st.text(), max_size=5))
def test_the_answer_is_one_of_the_choices(word, choices):
    assert did_you_mean(word, choices) in {*choices, None}
