"""Places of the characters of a text in the YAML file that it is written in."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from valetkey.diagnostics import Source
from valetkey.gitlabci import Command, layout, parse


def command(entry: str) -> Command:
    (only,) = parse(Source("ci.yml", f"job:\n  script:\n    - {entry}\n")).jobs["job"].script
    return only


def shown(entry: str, part: str) -> str:
    found = command(entry)
    places = layout(found.span, found.text)
    assert places is not None
    start = found.text.index(part)
    first, last = places.range(start, start + len(part))
    return found.span.source.text[first:last]


@pytest.mark.parametrize(
    ("entry", "part", "written"),
    [
        ("aws s3 ls", "s3", "s3"),
        ("aws s3\n      ls", "s3 ls", "s3\n      ls"),
        ("'it''s $X'", "$X", "$X"),
        ("'it''s $X'", "'s", "''s"),
        (r'"a \"b\" \u00e9 $X"', "$X", "$X"),
        (r'"a \"b\" \u00e9 $X"', "é", r"\u00e9"),
        (r'"a \"b\" \u00e9 $X"', '"b"', r"\"b\""),
        (r'"a\tb\nc"', "c", "c"),
        ('"a \\\n      b"', "b", "b"),
        (r'"\x41 \/ \\ x"', "x", "x"),
        (">\n      a b\n      c", "b c", "b\n      c"),
        ("|\n      a $X\n        b\n", "$X\n  b", "$X\n        b"),
        (">- # why\n      # no comment\n      a", "a", "a"),
        ("|2-\n        a", "a", "a"),
        ("&x |\n      a b", "b", "b"),
        ("!!str a b", "b", "b"),
        ("&x 'a b'", "b", "b"),
        ("&x # why\n      a b", "a", "a"),
        ("&x # why\n\n      # not\n      'a b'", "b", "b"),
        ("!!str # why\n      &x # b\n      a b", "b", "b"),
        ("é $X ü", "$X", "$X"),
        ('a "b" c', '"b"', '"b"'),
    ],
)
def test_place(entry: str, part: str, written: str):
    assert shown(entry, part) == written


@pytest.mark.parametrize(
    ("entry", "style"),
    [("a", ""), ('"a"', '"'), ("'a'", "'"), ("|\n      a", "|"), ('&x # why\n      "a"', '"')],
)
def test_style(entry: str, style: str):
    found = command(entry)
    places = layout(found.span, found.text)
    assert places is not None
    assert places.style == style


def test_what_does_not_fit_has_no_places():
    assert layout(command("a b").span, "a c") is None


PLAIN = st.text(st.sampled_from("ab$\"'{}\\é#|> "), min_size=1, max_size=30)


@given(st.lists(PLAIN, min_size=1, max_size=4), st.sampled_from(["|", ">", "'", '"']))
def test_every_character_stands_where_it_is_said_to(lines: list[str], style: str):
    lines = [line.strip() or "x" for line in lines]
    if style in "|>":
        entry = style + "".join(f"\n      {line}" for line in lines)
    elif style == "'":
        entry = "'" + "\n      ".join(line.replace("'", "''") for line in lines) + "'"
    else:
        escaped = (line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
        entry = '"' + "\n      ".join(escaped) + '"'
    found = command(entry)
    places = layout(found.span, found.text)
    assume(found.text.strip())
    assert places is not None
    for at, char in enumerate(found.text):
        if not char.isspace():
            first, last = places.range(at, at + 1)
            written = found.span.source.text[first:last]
            assert written in {char, f"\\{char}", char * 2}
