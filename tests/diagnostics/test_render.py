"""The renderer against its documents, and laws that hold for every text."""

import json
import re
import tomllib
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.documents import Block, Section, sections
from valetkey.diagnostics import Diagnostic, Label, Severity, Source, Span, render, to_json, visible

DOCUMENT = Path(__file__).parent / "rendering.md"


def decoded(text: str) -> str:
    return text.encode("latin-1", "backslashreplace").decode("unicode_escape")


def read_source(block: Block) -> Source:
    if block.info[-1] == "escaped":
        return Source(decoded(block.info[1]), decoded(block.body))
    return Source(block.info[1], block.body)


def place(sources: list[Source], label: dict) -> Label:
    source = sources[label.get("source", 0)]
    after = label.get("after", "")
    start = source.text.index(label["at"], source.text.index(after) + len(after))
    return Label(source.span(start, start + len(label["at"])), label.get("text", ""))


def read_finding(section: Section) -> tuple[Diagnostic, int]:
    finding = tomllib.loads(section.one("finding"))
    sources = [read_source(block) for block in section.all("source")]
    diagnostic = Diagnostic(
        finding["code"],
        finding["message"],
        Severity(finding.get("severity", "error")),
        tuple(place(sources, label) for label in finding.get("labels", ())),
        tuple(finding.get("notes", ())),
        tuple(finding.get("help", ())),
    )
    return diagnostic, finding.get("context_lines", 1)


@pytest.mark.parametrize("section", sections(DOCUMENT), ids=str)
def test_text_is_as_documented(section):
    diagnostic, context_lines = read_finding(section)
    assert render(diagnostic, context_lines=context_lines) == section.one("rendered") + "\n"


@pytest.mark.parametrize("section", sections(DOCUMENT), ids=str)
def test_colour_changes_nothing_but_colour(section):
    diagnostic, context_lines = read_finding(section)
    coloured = render(diagnostic, color=True, context_lines=context_lines)
    assert coloured != section.one("rendered") + "\n"
    plain = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert [line.rstrip() for line in plain.split("\n")] == [
        line.rstrip() for line in section.one("rendered").split("\n")
    ] + [""]


def test_severities_have_colours_of_their_own():
    painted = {s: render(Diagnostic("X", "m", s), color=True) for s in Severity}
    assert painted[Severity.ERROR].startswith("\x1b[1;31merror[X]\x1b[0m")
    assert painted[Severity.WARNING].startswith("\x1b[1;33mwarning[X]\x1b[0m")
    assert painted[Severity.NOTE].startswith("\x1b[1;36mnote[X]\x1b[0m")


def test_json_has_positions_and_offsets():
    source = Source("a.json", '{\n  "a": 1\n}')
    diagnostic = Diagnostic(
        "X", "m", Severity.WARNING, (Label(source.span(4, 7), "here"),), ("n",), ("h",)
    )
    assert to_json(diagnostic) == {
        "code": "X",
        "severity": "warning",
        "message": "m",
        "labels": [
            {
                "file": "a.json",
                "start": {"line": 2, "column": 3, "offset": 4},
                "end": {"line": 2, "column": 6, "offset": 7},
                "text": "here",
            }
        ],
        "notes": ["n"],
        "help": ["h"],
    }


SAFE_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def is_safe(text: str) -> bool:
    return all(c == "\n" or unicodedata.category(c) not in SAFE_CATEGORIES for c in text)


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_visible_text_is_safe_and_stays_so(text):
    shown = visible(text)
    assert is_safe(shown)
    assert "\n" not in shown
    assert visible(shown) == shown


TEXTS = st.text(alphabet=st.one_of(st.characters(exclude_categories=()), st.sampled_from("\n\t a")))


@st.composite
def diagnostics(draw):
    source = Source(draw(TEXTS), draw(TEXTS))
    offsets = st.integers(0, len(source.text))
    labels = [
        Label(Span(source, min(a, b), max(a, b)), draw(TEXTS))
        for a, b in draw(st.lists(st.tuples(offsets, offsets), max_size=5))
    ]
    return Diagnostic(draw(TEXTS), draw(TEXTS), labels=tuple(labels), notes=(draw(TEXTS),))


@settings(deadline=None)
@given(diagnostics(), st.integers(0, 3))
def test_every_finding_can_be_shown(diagnostic, context_lines):
    text = render(diagnostic, context_lines=context_lines)
    assert is_safe(text)
    text.encode()
    assert text.endswith("\n")
    json.dumps(to_json(diagnostic))


@settings(deadline=None)
@given(
    st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\n\r^"), max_size=400),
    st.data(),
)
def test_a_caret_stands_under_its_character(line, data):
    """The character is a hash here, and no other hash or caret is in the line."""
    line = line.replace("#", "-")
    at = data.draw(st.integers(0, len(line)))
    source = Source("x", line[:at] + "#" + line[at:])
    rows = render(Diagnostic("X", "m", labels=(Label(source.span(at, at + 1)),))).split("\n")
    shown, marks = rows[3], rows[4]
    column = columns(shown[: shown.index("#")])
    assert column == columns(marks[: marks.index("^")])


def columns(text: str) -> int:
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    none = sum(unicodedata.category(c) in {"Mn", "Me"} for c in text)
    return len(text) + wide - none


def test_a_line_of_a_megabyte_is_cropped():
    source = Source("x", "a" * 500_000 + "!" + "b" * 500_000)
    text = render(Diagnostic("X", "m", labels=(Label(source.span(500_000, 500_001), "here"),)))
    assert len(text) < 400
    assert "…" in text
