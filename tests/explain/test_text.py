"""The two forms of an explanation, whole."""

import json
import re
from pathlib import Path

import pytest

from support.documents import Section, sections
from support.explained import CLAIMS, explained
from valetkey.explain import Explanation, State, Step, as_json, as_text

DOCUMENT = Path(__file__).parent / "rendering.md"


def explanation_of(section: Section) -> Explanation:
    claims = {**CLAIMS, **json.loads(section.one("claims"))}
    return explained(section.one("policy"), claims)


@pytest.mark.parametrize("section", sections(DOCUMENT), ids=str)
def test_text_is_as_documented(section):
    assert as_text(explanation_of(section)) == section.one("text") + "\n"


@pytest.mark.parametrize("section", sections(DOCUMENT), ids=str)
def test_colour_changes_nothing_but_colour(section):
    coloured = as_text(explanation_of(section), color=True)
    assert "\x1b[" in coloured
    plain = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert [row.rstrip() for row in plain.split("\n")] == [
        row.rstrip() for row in f"{section.one('text')}\n".split("\n")
    ]


def test_json():
    explanation = Explanation(
        allowed=False,
        title="refused: x",
        steps=(Step("token read", State.FAILED, "no"),),
        diagnostics=(),
        request_id="r-1",
        answer="AccessDenied: no",
    )
    assert as_json(explanation) == {
        "version": 1,
        "allowed": False,
        "title": "refused: x",
        "decided_by": None,
        "request_id": "r-1",
        "answer": "AccessDenied: no",
        "steps": [{"name": "token read", "state": "failed", "fact": "no"}],
        "diagnostics": [],
        "near_misses": [],
        "suggestion": None,
        "warnings": [],
        "policies": None,
    }
    assert as_text(explanation) == (
        "refused: x\nrequest r-1\nthe client was told AccessDenied: no\n"
    )
    assert as_text(explanation, whole=True).endswith("\n\n  FAILED       token read  no\n")
