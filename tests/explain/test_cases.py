"""The cases of public reports and their twins, by the very command that people run."""

import pytest

from support.case_lines import CASES, case_lines, run
from support.vectors import PROJECT, own


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_case_is_explained_in_one_line(case):
    said = run(case)
    assert (said.code, said.line) == (case["exit"], case["line"])


def test_every_case_has_a_twin_with_another_verdict():
    verdicts = {}
    for case in CASES:
        verdicts.setdefault(case["id"][:4], set()).add(case["exit"])
    alone = {name for name, seen in verdicts.items() if len(seen) == 1}
    assert set(verdicts) == {f"O-{n:02}" for n in (*range(1, 9), *range(15, 19), 23)}
    assert alone == {"O-23"}  # its twin is a role that is there, which takes a server


@pytest.mark.parametrize("word", ["audience", "issuer `", "another branch"])
def test_a_literal_star_is_all_that_is_blamed_for_a_literal_star(word):
    case = next(case for case in CASES if case["id"] == "O-02")
    said = run(case)
    assert word not in said.output.split("write instead")[0].split("error[", 1)[1]


def test_the_table_of_the_documentation_is_this_one():
    assert case_lines() in (PROJECT / "docs" / "explain.md").read_text()


def test_the_cases_say_where_they_are_from():
    table = own("explain/cases.json")
    assert {"source", "retrieved", "licence", "about"} <= table.keys()
