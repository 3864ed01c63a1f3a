"""Policy variables in a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valetkey.policy.globs import Glob, Wild
from valetkey.policy.templates import TemplateFlaw, Variable, parse_template

READ = [
    ("", ()),
    ("a", ("a",)),
    ("a*b", ("a", Wild.MANY, "b")),
    ("?", (Wild.ONE,)),
    ("${k}", (Variable("k", "k", None),)),
    ("${K}", (Variable("k", "K", None),)),
    ("a${aws:x}b", ("a", Variable("aws:x", "aws:x", None), "b")),
    ("${k, 'd'}", (Variable("k", "k", "d"),)),
    ("${k, ''}", (Variable("k", "k", ""),)),
    ("${k, 'a}b,c*'}", (Variable("k", "k", "a}b,c*"),)),
    ("${*}${?}${$}", ("*?$",)),
    ("$", ("$",)),
    ("$${k}", ("$", Variable("k", "k", None))),
    ("{k}", ("{k}",)),
    ("${h/p:c d}", (Variable("h/p:c d", "h/p:c d", None),)),
]


@pytest.mark.parametrize(("text", "parts"), READ)
def test_read(text: str, parts: tuple[object, ...]) -> None:
    assert parse_template(text, variables=True, wildcards=True).parts == parts


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("ab${", 2, 4),
        ("${k", 0, 2),
        ("${}", 0, 3),
        ("x${ }", 1, 5),
        ("${a${b}", 0, 7),
        ("${k,d}", 0, 4),
        ("${k,'d}", 0, 4),
        ("${k, 'd'x}", 0, 8),
        ("${k, 'd'", 0, 8),
        ("${k,'d'}", 0, 4),
        ("${k,  'd'}", 0, 4),
        ("${k, 'd' }", 0, 8),
        ("${ k}", 0, 5),
        ("${k , 'd'}", 0, 5),
        ("${k\t}", 0, 5),
    ],
)
def test_flaw_points_at_the_variable(text: str, start: int, end: int) -> None:
    with pytest.raises(TemplateFlaw) as caught:
        parse_template(text, variables=True, wildcards=True)
    assert (caught.value.start, caught.value.end) == (start, end)


@given(st.text("ab*?${},' "))
def test_without_variables_every_text_is_read_and_keeps_its_characters(text: str) -> None:
    template = parse_template(text, variables=False, wildcards=True)
    assert template.shown(lambda _: None) == text
    assert template.constant


@given(st.text("ab*?${}"), st.text("ab*?${}"))
def test_a_value_is_never_more_than_itself(value: str, other: str) -> None:
    template = parse_template("x${k}y", variables=True, wildcards=True)
    tokens, complete = template.filled({"k": value}.get)
    assert complete
    assert Glob(tokens).matches(f"x{value}y")
    assert Glob(tokens).matches(f"x{other}y") is (other == value)
