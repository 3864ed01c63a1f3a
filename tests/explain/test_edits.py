"""Changes to a policy's text, and their diffs: what is applied is what was meant."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.explained import CLAIMS, case_of, compiled, context_of, decided, policy, statement
from support.strangers import patched, strangers
from valetkey.diagnostics import Source
from valetkey.errors import ValetkeyError
from valetkey.explain import explain
from valetkey.explain.diff import unified
from valetkey.explain.edits import Edit, added, another_statement, applied, without_conditions
from valetkey.policy import PolicyType, TextRange, parse

LINES = st.lists(st.sampled_from(["a", "b", "", "{", "-x", "+y", "@@", " "]), max_size=12)


@given(LINES, LINES)
def test_a_diff_makes_the_one_text_of_the_other(before, after):
    one, other = "\n".join(before), "\n".join(after)
    diff = unified("p.json", one, other)
    assert (diff == "") is (one == other)
    if diff:
        assert patched(one, diff) == other


def test_many_lines_are_no_burden():
    one, other = "\n".join(["a", "b"] * 20_000), "\n".join(["b", "a"] * 20_000)
    assert unified("p", one, other).count("\n") >= 40_000


@given(
    st.text(max_size=8),
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8), st.text(max_size=2)), max_size=3),
)
def test_edits_that_meet_are_refused(text, edits):
    done = applied(text, [Edit(*edit) for edit in edits])
    inside = [(a, b) for a, b, _ in edits]
    if done is not None:
        assert all(a <= b for a, b in inside)


PLACES = [
    ('{"k": "a"}', '{"k": ["a", "z"]}'),
    ('{"k": ["a"]}', '{"k": ["a", "z"]}'),
    ('{"k": ["b", "a", "c"]}', '{"k": ["b", "a", "z", "c"]}'),
    ('{"k": [\n  "a"\n]}', '{"k": [\n  "a",\n  "z"\n]}'),
    ('{"k": [\n  "b", "a"\n]}', '{"k": [\n  "b", "a", "z"\n]}'),
]


@pytest.mark.parametrize(("text", "after"), PLACES)
def test_a_value_is_added_as_the_others_are_written(text, after):
    at = text.index('"a"')
    assert applied(text, [added(text, TextRange(at, at + 3), "z")]) == after


@settings(max_examples=150)
@given(
    st.lists(
        st.tuples(st.sampled_from(["StringEquals", "StringLike", "Bool"]), st.sampled_from("abcd")),
        min_size=1,
        max_size=6,
        unique=True,
    ),
    st.data(),
    st.sampled_from([None, 1, 2]),
)
def test_conditions_are_taken_away_and_nothing_else(pairs, data, indent):
    condition = {}
    for operator, key in pairs:
        condition.setdefault(operator, {})[f"x:{key}"] = "true"
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}],
    }
    text = json.dumps(document, indent=indent)
    parsed = parse(Source("p", text), PolicyType.IDENTITY)
    entries = parsed.statements[0].conditions
    gone = data.draw(st.sets(st.sampled_from(range(len(entries)))))
    edits = without_conditions(text, parsed.statements[0], [entries[i] for i in gone])
    left = {}
    for index, entry in enumerate(entries):
        if index not in gone:
            left.setdefault(entry.operator.written, {})[entry.key] = "true"
    if not left:
        assert edits is None
        return
    after = json.loads(applied(text, edits))
    assert after["Statement"][0].pop("Condition") == left
    document["Statement"][0].pop("Condition")
    assert after == document


@pytest.mark.parametrize("indent", [None, 1, 2, 4])
@pytest.mark.parametrize("listed", [True, False])
def test_a_statement_is_written_behind_the_last_one(indent, listed):
    first = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    text = json.dumps(
        {"Version": "2012-10-17", "Statement": [first] if listed else first}, indent=indent
    )
    document = parse(Source("p", text), PolicyType.IDENTITY)
    more = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    after = applied(text, [another_statement(text, document, more)])
    assert json.loads(after)["Statement"] == [first, more]


NAMES = st.sampled_from(["lanterns/kiln", "lanterns/wick", "Lanterns/kiln", "miners/pit"])
KINDS = st.sampled_from(["branch", "tag", "mr", "*"])
REFS = st.sampled_from(["main", "dev", "v1", "*", "main\n"])
SUBJECTS = st.builds("project_path:{}:ref_type:{}:ref:{}".format, NAMES, KINDS, REFS)
PATTERNS = st.one_of(
    SUBJECTS,
    st.sampled_from(["project_path:lanterns/*", "project_path:lanterns*", "*", "x", "repo:a/b:*"]),
)
KEYS = st.sampled_from(["sub", "subject", "ref", "aud", "project_path"]).map(
    lambda name: f"gitlab.forge.example:{name}"
) | st.sampled_from(["gitlab.com:sub", "aws:SourceIp", "GitLab.forge.example:SUB"])
OPERATORS = st.sampled_from(
    ["StringEquals", "StringLike", "ForAnyValue:StringLike", "StringEqualsIfExists"]
)
CONDITIONS = st.dictionaries(
    OPERATORS,
    st.dictionaries(KEYS, st.lists(PATTERNS, min_size=1, max_size=2), min_size=1, max_size=2),
    min_size=1,
    max_size=2,
)
TOKENS = st.builds(
    lambda name, kind, ref: {
        "sub": f"project_path:{name}:ref_type:{kind}:ref:{ref}",
        "project_path": name,
        "ref_type": kind,
        "ref": ref,
    },
    NAMES,
    st.sampled_from(["branch", "tag"]),
    st.sampled_from(["main", "dev", "v1"]),
)


@settings(max_examples=300)
@given(st.lists(CONDITIONS, min_size=1, max_size=2), TOKENS)
def test_whatever_is_suggested_is_narrow(conditions, token):
    """Allowed is the request, and of its strangers nobody who was not let in before."""
    text = policy(*(statement(one) for one in conditions))
    claims = {**CLAIMS, **token}
    try:
        case = case_of(text, claims)
    except ValetkeyError:
        return  # no policy of ours
    suggestion = explain(case).suggestion
    if suggestion is None:
        return
    assert not case.allowed
    assert patched(text, suggestion.diff) == suggestion.after
    before, after = compiled(text), compiled(suggestion.after)
    assert decided(after, claims, context_of(claims)).allowed
    for change in strangers(claims["sub"]):
        other = {**claims, **{k: v for k, v in change.items() if k in claims}}
        was = decided(before, other, context_of(other)).allowed
        assert decided(after, other, context_of(other)).allowed is was, change
