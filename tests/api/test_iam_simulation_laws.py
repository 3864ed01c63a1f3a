"""What holds of every simulation, whatever is asked."""

import itertools
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.making import iam_arn, policy
from api.simulated import entry, read
from support.edge import Edge
from valetkey.api.iam.simulation_results import Places
from valetkey.diagnostics import Source
from valetkey.policy import PolicyType, compile_policy

BLANKS = st.text(" \t\n\r", max_size=4)
EFFECTS = st.sampled_from(["Allow", "Allow", "Deny"])
ACTIONS = st.sampled_from(["s3:GetObject", "s3:PutObject", "sts:AssumeRole", "sts:TagSession"])
PATTERNS = st.sampled_from(["*", "s3:*", "s3:GetObject", "sts:AssumeRole"])
RESOURCES = st.sampled_from(["arn:aws:s3:::kiln/a", "arn:aws:s3:::kiln", iam_arn("role/deploy")])
CALLERS = st.sampled_from(
    [iam_arn("user/admin"), iam_arn("role/deploy"), "arn:aws:iam::999999999999:user/x"]
)
CONDITIONS = st.sampled_from(
    [{"Bool": {"a:key": "true"}}, {"Null": {"a:key": "true"}}, {"StringLike": {"a:key": "${a:k}"}}]
)
IDENTITY = st.fixed_dictionaries(
    {
        "Effect": EFFECTS,
        "Action": PATTERNS,
        "Resource": st.sampled_from(["*", "arn:aws:s3:::kiln/*", "arn:aws:s3:::${aws:username}"]),
    },
    optional={"Condition": CONDITIONS},
)
OF_RESOURCE = st.builds(
    lambda statement, principal: {**statement, "Principal": principal},
    IDENTITY,
    st.one_of(st.just("*"), CALLERS.map(lambda arn: {"AWS": arn})),
)
TRUST = st.fixed_dictionaries(
    {
        "Effect": EFFECTS,
        "Action": st.just("sts:AssumeRole"),
        "Principal": CALLERS.map(lambda arn: {"AWS": arn}),
    },
    optional={"Condition": CONDITIONS},
)


def documents(statements: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[str]:
    return st.lists(statements, min_size=1, max_size=3).map(lambda found: policy(*found))


KINDS = st.sampled_from(["string", "boolean"])
ENTRIES = st.lists(
    st.builds(
        lambda key, value, kind: entry(key, value, kind=kind),
        st.sampled_from(["a:key", "aws:username", "aws:PrincipalArn"]),
        st.sampled_from(["true", "x", ""]),
        KINDS,
    ),
    max_size=2,
    unique_by=lambda found: found["ContextKeyName"],
)
QUESTIONS = st.fixed_dictionaries(
    {
        "ActionNames": st.lists(ACTIONS, min_size=1, max_size=3),
        "PolicyInputList": st.lists(documents(IDENTITY), max_size=2),
        "CallerArn": CALLERS,
    },
    optional={
        "ResourceArns": st.lists(RESOURCES, min_size=1, max_size=3),
        "PermissionsBoundaryPolicyInputList": documents(IDENTITY).map(lambda one: [one]),
        "ResourcePolicy": st.one_of(documents(OF_RESOURCE), documents(TRUST)),
        "ResourceOwner": st.just("arn:aws:iam::999999999999:root"),
        "ContextEntries": ENTRIES,
        "MaxItems": st.integers(1, 3),
        "PolicySourceArn": st.just(iam_arn("user/admin")),
    },
)
JUNK = st.one_of(
    st.text(max_size=9),
    st.integers(-1, 2000).map(str),
    st.sampled_from(["*", ":", "arn:::::", iam_arn("root"), policy(), "{}", "x" * 3000]),
)
SPOILT = st.one_of(
    st.just({}),
    st.dictionaries(
        st.sampled_from(
            [
                "CallerArn",
                "Marker",
                "MaxItems",
                "PolicySourceArn",
                "ResourceOwner",
                "ResourcePolicy",
                "ResourceHandlingOption",
            ]
        ),
        JUNK,
        max_size=1,
    ),
    st.dictionaries(
        st.sampled_from(["ActionNames", "ResourceArns", "PolicyInputList", "ContextEntries"]),
        st.lists(JUNK, max_size=2),
        max_size=1,
    ),
)
BLANKS = st.text(" \t\n\r", max_size=4)
STRICTNESS = ["allowed", "implicitDeny", "explicitDeny"]


@settings(max_examples=150)
@given(question=QUESTIONS, spoilt=SPOILT)
async def test_any_question(shared_edge: Edge, question: dict[str, Any], spoilt: dict[str, Any]):
    """It is answered or refused as a client's fault; and an answer agrees with itself."""
    question |= spoilt
    principal = "PolicySourceArn" in question
    operation = "SimulatePrincipalPolicy" if principal else "SimulateCustomPolicy"
    sent = {name: "" if value == [] else value for name, value in question.items()}
    answer = await shared_edge.query("iam", operation, **sent)
    if answer.status != 200:
        assert answer.code in ("InvalidInput", "ValidationError", "NoSuchEntity", "MalformedInput")
        return
    for result in read(operation, answer)["EvaluationResults"]:
        specific = result.get("ResourceSpecificResults", [])
        verdict = result["EvalDecision"]
        if specific:
            decided = [each["EvalResourceDecision"] for each in specific]
            assert verdict == max(decided, key=STRICTNESS.index)
        assert verdict != "explicitDeny" or result["MatchedStatements"]
        assert verdict != "allowed" or result["MatchedStatements"]
        assert verdict == "implicitDeny" or specific or not result["MissingContextValues"]


@given(
    statements=st.lists(IDENTITY, min_size=1, max_size=4),
    blanks=st.lists(BLANKS, min_size=12, max_size=12),
)
def test_places_are_those_of_the_text(statements: list[dict[str, Any]], blanks: list[str]):
    """Read back by lines and columns they hold the statement and nothing after it."""
    pad = iter(blanks)
    written = [json.dumps(each) for each in statements]
    listed = ",".join(f"{next(pad)}{each}{next(pad)}" for each in written)
    text = f'{{"Version": "2012-10-17",{next(pad)}"Statement":{next(pad)}[{listed}]{next(pad)}}}'
    places = Places(compile_policy(Source("p", text), PolicyType.IDENTITY, name="p"))
    lengths = map(len, text.splitlines(keepends=True))
    starts = [0, *itertools.accumulate(lengths)]

    def at(position: Any) -> int:
        return starts[position["Line"] - 1] + position["Column"] - 1

    before = text.index("[") + 1
    for index, each in enumerate(written):
        start, end = places.of(index)
        assert at(start) == before
        assert text[at(start) : at(end)].lstrip(" \t\n\r,") == each
        before = at(end)


@pytest.mark.parametrize("text", ["\r\n", "\r", "\n"])
def test_each_line_end_is_one(text: str):
    document = text.join(["{", '"Version": "2012-10-17",', '"Statement": [', "{", '"Effect":'])
    document += f' "Allow", "Action": "*", "Resource": "*"{text}}}]}}'
    places = Places(compile_policy(Source("p", document), PolicyType.IDENTITY, name="p"))
    assert places.of(0) == ({"Line": 3, "Column": 15}, {"Line": 6, "Column": 2})
