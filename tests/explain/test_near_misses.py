"""Near misses: each is recognised, its twin is not, and what is suggested is no wider than needed.

The strangers here are written down by hand, apart from those that `explain` itself asks about.
"""

import re

import pytest

from support.explained import CLAIMS, case_of, compiled, context_of, decided, policy
from support.strangers import patched, strangers
from support.vectors import own
from valetkey.explain import explain

ROWS = own("explain/near_misses.json")["rows"]
TABLE = own("explain/conditions.json")["cases"]
ASSUME = "sts:AssumeRoleWithWebIdentity"


def explained(row, statements=None, claims=None):
    whole = {
        "iss": row["issuer"],
        "aud": CLAIMS["aud"],
        **(row["claims"] if claims is None else claims),
    }
    text = policy(*(statements or row["statements"]))
    case = case_of(text, whole, action=row.get("action", ASSUME))
    return explain(case), text, whole


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_a_near_miss_is_recognised(row):
    explanation, _, _ = explained(row)
    assert explanation.diagnostics[0].code == row["code"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_its_twin_is_not_taken_for_it(row):
    twin, _, _ = explained(row, **row["twin"])
    assert row["code"] not in {one.code for one in twin.diagnostics}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_what_is_suggested(row):
    suggestion = explained(row)[0].suggestion
    if row["writes"] is None:
        assert suggestion is None
    else:
        added = [line for line in suggestion.diff.splitlines()[2:] if line.startswith("+")]
        assert any(row["writes"] in line for line in added)


def assert_narrow(suggestion, text, claims, action=ASSUME):
    """Ask the evaluator of the policy as it is, and as it would be."""
    before, after = compiled(text), compiled(suggestion.after)

    def allowed(trust, claims):
        return decided(trust, claims, context_of(claims), action=action).allowed

    assert not allowed(before, claims)
    assert allowed(after, claims)
    tried = 0
    for change in strangers(claims["sub"]):
        other = {**claims, **{k: v for k, v in change.items() if k == "sub" or k in claims}}
        if other != claims:
            tried += 1
            assert allowed(after, other) is allowed(before, other), change
    assert tried


def suggested():
    for row in ROWS:
        explanation, text, claims = explained(row)
        if explanation.suggestion is not None:
            action = row.get("action", ASSUME)
            yield pytest.param(explanation.suggestion, text, claims, action, id=row["id"])
    for row in TABLE:
        issuer = row.get("issuer", CLAIMS["iss"])
        again = {
            "issuer": issuer,
            "statements": [
                {
                    "Effect": "Allow",
                    "Principal": {
                        "Federated": "arn:aws:iam::400000000019:oidc-provider/"
                        + issuer.split("://", 1)[-1]
                    },
                    "Action": ASSUME,
                    "Condition": row["condition"],
                }
            ],
            "claims": {**CLAIMS, "iss": issuer, **row["claims"]},
        }
        explanation, text, claims = explained(again)
        if explanation.suggestion is not None and re.match("project_path:|repo:", claims["sub"]):
            yield pytest.param(explanation.suggestion, text, claims, ASSUME, id=row["id"])


SUGGESTED = list(suggested())


@pytest.mark.parametrize(("suggestion", "text", "claims", "action"), SUGGESTED)
def test_a_suggestion_lets_the_request_in_and_no_stranger(suggestion, text, claims, action):
    assert_narrow(suggestion, text, claims, action)


@pytest.mark.parametrize(("suggestion", "text", "claims", "action"), SUGGESTED)
def test_the_diff_is_the_change(suggestion, text, claims, action):
    assert patched(text, suggestion.diff) == suggestion.after


TEMPTING = [
    ("a literal star", "`StringLike` in place of `StringEquals`", "another branch"),
    ("a literal star that would open to look-alikes", "`StringLike` in", "a look-alike group"),
    ("ref_type:mr", "`ref_type:branch` in place of `ref_type:mr`", "another branch"),
    ("a tag where a branch is wanted", "a wildcard in place of `ref_type`", "another tag"),
    ("the environment form", "a wildcard in place of the environment", "another environment"),
    ("ids in the subject", "wildcards in place of the ids", "a look-alike of both names"),
    ("two issuers' audiences and nothing else", "a statement for each issuer", "a fork"),
    ("a misspelt claim and a pattern", "with the values as they stand", "another project of"),
]


@pytest.mark.parametrize(("name", "fix", "who"), TEMPTING)
def test_the_tempting_fix_comes_with_a_warning(name, fix, who):
    explanation, _, _ = explained(next(row for row in ROWS if row["id"] == name))
    said = {one.fix: ", ".join(one.admits) for one in explanation.temptations}
    assert any(fix in words and who in admits for words, admits in said.items()), said


def test_no_warning_where_the_plain_fix_is_narrow():
    explanation, _, _ = explained(next(row for row in ROWS if row["id"] == "capitals"))
    assert explanation.temptations == ()
