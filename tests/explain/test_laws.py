"""What holds for every policy, token and record: the verdict is the decision's, and no crash."""

import json
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from support.explained import CLAIMS, ISSUER, case_of, policy, statement
from valetkey.diagnostics import render
from valetkey.errors import ValetkeyError
from valetkey.explain import Case, as_json, as_text, explain
from valetkey.explain.compare import difference, matches, quoted
from valetkey.oidc import Check
from valetkey.policy import (
    ConditionTrace,
    Decision,
    ElementTrace,
    PolicyTrace,
    PolicyType,
    Reason,
    StatementRef,
    StatementTrace,
    TextRange,
    Wanted,
    glob,
)

ADVISED = re.compile(r"(?<=add the value )`[^`]*`")
"""What is to be added to a policy: never a pattern, always what was there."""
HOST = "gitlab.forge.example"
OPERATORS = [
    "StringEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringEqualsIfExists",
    "ForAllValues:StringEquals",
    "ForAnyValue:StringLike",
    "ArnLike",
    "Bool",
    "Null",
    "NumericLessThan",
    "DateGreaterThan",
    "IpAddress",
]
PIECES = st.sampled_from(
    ["project_path:", "acme", "acme/app", "*", "?", ":", "ref_type:", "branch", "tag", ":ref:",
     "main", "repo:", "@12", "environment:", "${", "}", "aws:username", " ", "\n", "é", "\u200b",
     "https://", "/", "true", "false", "1", "arn:aws:iam::1:role/x", "\ud800", "😀", '"', "\\"]
)  # fmt: skip
TEXTS = st.one_of(
    st.lists(PIECES, max_size=8).map("".join), st.text(max_size=20), st.just(CLAIMS["sub"])
)
CLAIM_NAMES = st.sampled_from(
    ["sub", "aud", "ref", "ref_type", "subject", "groups", "namespace_path"]
)
KEYS = st.one_of(
    CLAIM_NAMES.map(lambda name: f"{HOST}:{name}"),
    st.sampled_from(["aws:SourceIp", "aws:username", "gitlab.com:sub", f"https://{HOST}:sub", "x"]),
    TEXTS,
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)
CLAIM_SETS = st.dictionaries(
    st.one_of(CLAIM_NAMES, st.sampled_from(["iss", "exp", "iat", "nbf", "azp"]), TEXTS),
    JSON,
    max_size=6,
)
# Mostly policies that can be read: what an operator can't use would only be refused.
SUBJECTS = st.sampled_from(
    [
        "project_path:acme/*",
        "project_path:lanterns/kiln:ref_type:mr:ref:*",
        "project_path:Lanterns/kiln:ref_type:branch:ref:main",
        "project_path:lanterns/kiln:ref_type:tag:ref:v1",
        "project_path:lanterns/kiln:ref_type:branch:ref:dev",
        "repo:lanterns/kiln:ref:refs/heads/main",
        "x-${aws:username}",
        CLAIMS["sub"] + " ",
        "*",
    ]
)
PLAIN = st.one_of(
    SUBJECTS,
    TEXTS.map(lambda text: text.replace("$", "").encode("utf-8", "ignore").decode()),
)
TYPED = {
    "ArnLike": st.just("arn:aws:iam::*:role/x"),
    "Bool": st.sampled_from(["true", "false"]),
    "Null": st.sampled_from(["true", "false"]),
    "NumericLessThan": st.just("5"),
    "DateGreaterThan": st.just("2025-01-01T00:00:00Z"),
    "IpAddress": st.just("10.0.0.0/8"),
}
CONDITIONS = st.lists(
    st.sampled_from(OPERATORS).flatmap(
        lambda operator: st.tuples(
            st.just(operator),
            st.dictionaries(
                st.one_of(CLAIM_NAMES.map(lambda name: f"{HOST}:{name}"), KEYS),
                st.lists(TYPED.get(operator, PLAIN), min_size=1, max_size=3),
                min_size=1,
                max_size=2,
            ),
        )
    ),
    max_size=3,
).map(dict)


EFFECTS = st.sampled_from(["Allow", "Allow", "Allow", "Deny"])


def show(explanation):
    """Everything that can be done with an explanation; also what is shown is safe to print."""
    shown = as_text(explanation)
    shown.encode()
    assert "\x1b" not in shown
    as_text(explanation, color=True)
    json.dumps(as_json(explanation))
    for diagnostic in explanation.diagnostics:
        render(diagnostic)


@settings(deadline=None, max_examples=300)
@given(
    st.lists(
        st.tuples(CONDITIONS, st.sampled_from(["Allow", "Allow", "Allow", "Deny"])),
        min_size=1,
        max_size=3,
    ),
    st.dictionaries(CLAIM_NAMES, st.one_of(TEXTS, st.lists(TEXTS, max_size=3)), max_size=4),
    st.booleans(),
)
def test_the_verdict_is_the_decisions(statements, claims, known):
    text = policy(*(statement(condition, Effect=effect) for condition, effect in statements))
    try:
        case = case_of(text, {**CLAIMS, **claims}, known=known)
    except ValetkeyError:
        return  # no policy of ours, so there is no decision to explain
    explanation = explain(case)
    assert explanation.allowed is case.decision.allowed
    assert explanation.allowed or explanation.diagnostics
    show(explanation)
    present = {
        quoted(one.replace("${", "${$}{"))
        for value in case.context.values()
        for one in ([value] if isinstance(value, str) else value)
    }
    if any("`" in one[1:-1] for one in present):
        return  # a value that holds the quotes that advice is quoted with
    for advice in (text for one in explanation.diagnostics for text in one.help):
        assert {value[0] for value in ADVISED.finditer(advice)} <= present


RANGES = st.tuples(st.integers(-5, 200), st.integers(-5, 200)).map(lambda pair: TextRange(*pair))
WANTED = st.builds(Wanted, TEXTS, st.one_of(st.none(), TEXTS), RANGES, st.booleans())
MANY = st.lists(TEXTS, max_size=3).map(tuple)
WANTED_MANY = st.lists(WANTED, max_size=3).map(tuple)
NOTES = st.one_of(st.none(), TEXTS)
ELEMENTS = st.builds(
    ElementTrace,
    st.sampled_from(["Principal", "NotPrincipal", "Action", "NotAction", "Resource"]),
    RANGES, MANY, WANTED_MANY, st.booleans(), NOTES,
)  # fmt: skip
CONDITION_TRACES = st.builds(
    ConditionTrace,
    st.one_of(st.sampled_from(OPERATORS), TEXTS),
    KEYS, RANGES, RANGES, st.one_of(st.none(), MANY), WANTED_MANY, st.booleans(), NOTES,
)  # fmt: skip
REFS = st.builds(
    StatementRef,
    TEXTS, st.sampled_from(PolicyType), st.integers(0, 5), NOTES,
    st.sampled_from(["Allow", "Deny"]), RANGES,
)  # fmt: skip
STATEMENTS = st.builds(
    StatementTrace,
    REFS,
    st.booleans(),
    st.lists(ELEMENTS, max_size=2).map(tuple),
    st.lists(CONDITION_TRACES, max_size=2).map(tuple),
)
TRACES = st.builds(
    PolicyTrace,
    TEXTS,
    st.sampled_from(PolicyType),
    TEXTS,
    st.lists(STATEMENTS, max_size=3).map(tuple),
)
DECISIONS = st.builds(
    Decision,
    st.booleans(),
    st.sampled_from(Reason),
    st.lists(REFS, max_size=2).map(tuple),
    st.one_of(st.none(), st.sampled_from(PolicyType)),
    st.one_of(st.none(), st.lists(TRACES, max_size=2).map(tuple)),
)


@settings(deadline=None, max_examples=500)
@given(
    DECISIONS,
    CLAIM_SETS,
    st.dictionaries(KEYS, st.one_of(TEXTS, MANY), max_size=4),
    st.one_of(st.none(), TEXTS),
    st.one_of(st.just(ISSUER), TEXTS),
)
def test_any_decision_can_be_explained(decision, claims, context, document, issuer):
    """Also one whose ranges fit no text: a record outlives the policy that it was about."""
    case = Case(
        allowed=decision.allowed,
        time=0.0,
        documents=lambda _: document,
        issuer=issuer,
        claims=claims,
        context=context,
        decision=decision,
    )
    explanation = explain(case)
    assert explanation.allowed is decision.allowed
    show(explanation)


@settings(deadline=None, max_examples=500)
@given(
    st.one_of(st.sampled_from([*Check, "provider", "role", "role-arn"]), TEXTS),
    CLAIM_SETS,
    st.lists(TEXTS, max_size=3),
    st.one_of(st.none(), TEXTS),
    st.floats(0, 1e12),
)
def test_any_refusal_can_be_explained(check, claims, known, text, time):
    issuer = claims.get("iss")
    case = Case(
        allowed=False,
        time=time,
        documents=lambda _: None,
        check=check,
        reason=text,
        help=text,
        role_arn=text,
        issuer=issuer if isinstance(issuer, str) else text,
        claims=claims,
        issuers=known,
        client_ids=known,
        kids=known,
        kid=text,
    )
    explanation = explain(case)
    assert not explanation.allowed
    assert len(explanation.diagnostics) == 1
    show(explanation)


@settings(deadline=None, max_examples=500)
@given(st.text(alphabet="ab*?:", max_size=12), st.text(alphabet="ab:", max_size=12))
def test_where_a_pattern_parts_is_the_longest_beginning_that_fits(wanted, got):
    if matches(wanted, got, pattern=True):
        return
    where = difference(wanted, got, pattern=True)
    fits = [n for n in range(len(wanted) + 1) if glob(f"{wanted[:n]}*").matches(got)]
    assert where.wanted == max(fits)
    assert 0 <= where.got <= len(got)


@given(st.text(max_size=12), st.text(max_size=12))
def test_where_texts_part_all_before_is_the_same(wanted, got):
    at, _ = difference(wanted, got, pattern=False)
    assert wanted[:at] == got[:at]
    assert wanted[at : at + 1] != got[at : at + 1] or wanted == got


def test_long_values_are_compared_in_reasonable_time():
    hostile = "a" * 20_000
    for pattern in ("*a" * 1000 + "b", "?" * 2000 + "b", "*?a" * 500 + "b", "a" * 19_999 + "b"):
        where = difference(pattern, hostile, pattern=True)
        assert where.wanted <= len(pattern)
