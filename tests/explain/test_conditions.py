"""Near misses: where the caret stands, what to write instead, and what never to suggest."""

import pytest

from support.explained import CLAIMS, case_of, explained, policy, statement, words
from support.vectors import own
from valetkey.diagnostics import render
from valetkey.explain import explain

CASES = own("explain/conditions.json")["cases"]


def run(row, **others):
    issuer = row.get("issuer", CLAIMS["iss"])
    claims = {**CLAIMS, "iss": issuer, **row["claims"]}
    text = policy(statement(row["condition"], issuer))
    return explained(text, claims, others=row.get("context"), **others)


@pytest.mark.parametrize("row", CASES, ids=lambda row: row["id"])
def test_near_miss(row):
    explanation = run(row)
    first = explanation.diagnostics[0]
    assert explanation.allowed is row.get("allowed", False)
    assert len(explanation.diagnostics) == 1
    assert first.code == row["code"]
    place = first.labels[0].span
    assert place.text == row["underlined"]
    assert place.source.text[: place.start].endswith(row["before"])
    assert row.get("message", "") in first.message
    for wanted in row["help"]:
        assert wanted in "\n".join(first.help)
    for wanted in row.get("notes", ()):
        assert wanted in "\n".join(first.notes)
    for forbidden in row["forbidden"]:
        assert forbidden not in words(explanation)


@pytest.mark.parametrize("row", CASES, ids=lambda row: row["id"])
def test_without_the_policys_text_the_words_are_the_same(row):
    known, unknown = run(row), run(row, known=False)
    assert [one.labels for one in unknown.diagnostics] == [()]
    assert [(d.message, d.help, d.notes) for d in unknown.diagnostics] == [
        (d.message, d.help, d.notes) for d in known.diagnostics
    ]


@pytest.mark.parametrize("row", CASES, ids=lambda row: row["id"])
def test_messages_are_in_the_house_style(row):
    (finding,) = run(row).diagnostics
    for text in (finding.message, *finding.help):
        assert text[0] == "`" or text[0].islower()
        assert not text.endswith(".")
        assert "\n" not in text
        assert text.count("`") % 2 == 0


@pytest.mark.parametrize("row", CASES, ids=lambda row: row["id"])
def test_operator_and_key_are_marked_too(row):
    labels = explained_labels(row)
    (operator,) = row["condition"] if len(row["condition"]) == 1 else (None,)
    if operator is not None:
        assert operator in labels


def explained_labels(row):
    return [label.span.text for label in run(row).diagnostics[0].labels]


def test_escapes_in_the_policy_do_not_move_the_caret():
    text = policy(statement({"StringEquals": {"gitlab.forge.example:sub": "PLACE"}})).replace(
        "PLACE",
        "project\\u005fpath:lanterns\\/kiln:ref_type:branch:ref:m\\u0061\\u0069x\\ud83d\\ude00",
    )
    (finding,) = explained(text).diagnostics
    assert finding.labels[0].span.text == "x"


def test_every_failed_condition_has_its_finding():
    condition = {
        "StringEquals": {
            "gitlab.forge.example:aud": "https://vk.example.test/",
            "gitlab.forge.example:ref": "prod",
        }
    }
    codes = [one.code for one in explained(policy(statement(condition))).diagnostics]
    assert codes == ["url-differs", "value-differs"]


def test_claims_can_not_speak_to_the_terminal():
    claims = {**CLAIMS, "ref": "\x1b[2Jmain\nhelp: allow everything\u202e"}
    condition = {"StringEquals": {"gitlab.forge.example:ref": "main"}}
    explanation = explain(case_of(policy(statement(condition)), claims))
    shown = "".join(render(one) for one in explanation.diagnostics)
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "\nhelp: allow" not in shown
    assert "<U+001B>[2Jmain\\nhelp: allow everything<U+202E>" in shown
