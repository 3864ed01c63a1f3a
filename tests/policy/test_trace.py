"""What a trace shows: all of it, with places, values and the reason for what is not plain."""

from typing import Any

import msgspec
import pytest

from policy.building import (
    ANN,
    PROVIDER_ARN,
    WEB,
    WEB_IDENTITY,
    allow,
    asked_of,
    both_ways,
    compiled,
    deny,
    document,
    request,
    trusts,
)
from valetkey.policy import (
    ConditionTrace,
    Decision,
    ElementTrace,
    Policies,
    PolicyType,
    Request,
    StatementTrace,
)

SUB = "gitlab.forge.example:sub"
ONE_VALUE = "an operator without `ForAnyValue:` or `ForAllValues:` is for one"


def only(decision: Decision) -> StatementTrace:
    """Return the trace of the only statement."""
    assert decision.trace is not None
    ((policy,), (statement,)) = decision.trace, decision.trace[0].statements
    assert policy.statements == (statement,)
    return statement


def condition_of(
    condition: dict[str, Any], values: dict[str, Any], *, denies: bool = False
) -> ConditionTrace:
    """Return the trace of the only condition."""
    make = deny if denies else allow
    return only(asked_of(make(Condition=condition), request(values=values))).conditions[0]


def element_of(statement: dict[str, Any], asked: Request, name: str) -> ElementTrace:
    """Return the trace of an element."""
    found = only(asked_of(statement, asked)).elements
    return next(element for element in found if element.name == name)


def test_everything_is_shown_past_the_first_mismatch() -> None:
    policy = compiled(
        document(
            trusts(
                {"AWS": "*"},
                ["sts:TagSession", "sts:AssumeRole"],
                Sid="first",
                Condition={"StringEquals": {SUB: "a"}, "StringLike": {SUB: ["b*", "c*"]}},
            )
        ),
        PolicyType.TRUST,
        "trust policy of role deploy",
    )
    decision = both_ways(
        Policies(resource=policy),
        request(WEB_IDENTITY, "arn:aws:iam::400000000019:role/deploy", values={SUB: "b1"}, by=WEB),
    )
    statement = only(decision)
    assert not statement.matched
    assert (statement.ref.policy, statement.ref.sid) == ("trust policy of role deploy", "first")
    assert [(part.name, part.matched) for part in statement.elements] == [
        ("Principal", False),
        ("Action", False),
    ]
    assert [(part.operator, part.matched) for part in statement.conditions] == [
        ("StringEquals", False),
        ("StringLike", True),
    ]
    assert [each.matched for each in statement.conditions[1].wanted] == [True, False]
    assert statement.elements[0].note == (
        "`AWS` principals do not admit a web identity; name its provider as `Federated`"
    )
    assert decision.trace is not None
    assert decision.trace[0].sha256 == policy.sha256


def test_ranges_point_at_what_is_written() -> None:
    policy = compiled(document(allow("s3:Get*", Condition={"StringLike": {SUB: "a*"}})))
    decision = both_ways(Policies(identity=(policy,)), request(values={SUB: "b"}))
    assert decision.trace is not None
    statement = decision.trace[0].statements[0]
    condition = statement.conditions[0]
    text = policy.source.text
    shown = [
        text[place.start : place.end]
        for place in (
            statement.ref.range,
            condition.operator_range,
            condition.key_range,
            condition.wanted[0].range,
            statement.elements[0].wanted[0].range,
        )
    ]
    assert shown[0].startswith('{"Effect"')
    assert shown[1:] == ['"StringLike"', f'"{SUB}"', '"a*"', '"s3:Get*"']


@pytest.mark.parametrize(
    ("condition", "values", "matched", "note"),
    [
        ({"StringEquals": {"k": "a"}}, {}, False, "the request does not have this key"),
        ({"StringEquals": {"k": "a"}}, {"k": "b"}, False, None),
        (
            {"StringNotEquals": {"k": "a"}},
            {},
            True,
            "passed because the key is missing: a negated operator is true then",
        ),
        (
            {"StringEqualsIfExists": {"k": "a"}},
            {},
            True,
            "passed because the key is missing: `IfExists` asks only where it is there",
        ),
        (
            {"ForAllValues:StringLike": {"k": "a"}},
            {},
            True,
            "passed because the key is missing: `ForAllValues:` is true of no values at all",
        ),
        ({"ForAnyValue:StringLike": {"k": "a"}}, {}, False, "the request does not have this key"),
        (
            {"StringEquals": {"k": "a"}},
            {"k": ["a", "b"]},
            False,
            f"the key has 2 values; {ONE_VALUE}; an Allow does not apply then",
        ),
        (
            {"NumericEquals": {"k": "1"}},
            {"k": "one"},
            False,
            "the request's value `one` is not a number; an Allow does not apply then",
        ),
        (
            {"StringEquals": {"k": "x${y:z}"}},
            {"k": "xa"},
            False,
            "variable `y:z` has no value in this request; an Allow does not apply then",
        ),
        (
            {"StringEquals": {"k": []}},
            {"k": "xa"},
            False,
            "the condition lists no values; an Allow does not apply then",
        ),
        (
            {"StringEquals": {}},
            {"k": "xa"},
            False,
            "`StringEquals` names no condition key; an Allow does not apply then",
        ),
        ({"Null": {"k": "true"}}, {}, True, None),
        (
            {"Null": {"k": "true"}},
            {"k": ""},
            False,
            (
                "the key is there with an empty value, of which AWS says both;"
                " an Allow does not apply then"
            ),
        ),
        (
            {"ForAnyValue:StringLikeIfExists": {"k": "a"}},
            {},
            False,
            (
                "the key is missing, which `ForAnyValue:` fails and `IfExists` passes;"
                " an Allow does not apply then"
            ),
        ),
        (
            {"ForAllValues:StringLike": {"k": "a"}},
            {"k": ""},
            True,
            "passed because the key is empty: `ForAllValues:` is true of no values at all",
        ),
        (
            {"ForAnyValue:StringLike": {"k": "*"}},
            {"k": [""]},
            False,
            "the key is empty: `ForAnyValue:` is false of no values at all",
        ),
        (
            {"DateLessThan": {"k": "2030"}},
            {"k": "2026-01-01"},
            False,
            "`2030` is a date in no form that AWS documents; an Allow does not apply then",
        ),
    ],
)
def test_notes_say_what_is_not_plain_from_the_values(
    condition: dict[str, Any], values: dict[str, Any], matched: bool, note: str | None
) -> None:
    trace = condition_of(condition, values)
    assert (trace.matched, trace.note) == (matched, note)


def test_what_can_not_be_evaluated_counts_by_the_effect() -> None:
    trace = condition_of({"Bool": {"k": "true"}}, {"k": "maybe"}, denies=True)
    assert trace.matched
    assert trace.note == (
        "the request's value `maybe` is not `true` or `false`; a Deny applies then"
    )


def test_wanted_values_are_shown_filled_in() -> None:
    trace = condition_of(
        {"StringLike": {"k": ["${a:b}/*", "${a:c, 'x'}", "${a:d}"]}}, {"a:b": "*", "k": "*/1"}
    )
    assert [(each.written, each.value, each.matched) for each in trace.wanted] == [
        ("${a:b}/*", "*/*", True),
        ("${a:c, 'x'}", "x", False),
        ("${a:d}", None, False),
    ]
    assert trace.matched


def test_a_negated_operator_shows_which_value_it_stumbled_over() -> None:
    trace = condition_of({"StringNotEquals": {"k": ["a", "b"]}}, {"k": "b"})
    assert not trace.matched
    assert [each.matched for each in trace.wanted] == [False, True]


def test_resource_with_a_variable() -> None:
    statement = allow(Resource="arn:aws:s3:::home/${aws:username}")
    asked = request(resource="arn:aws:s3:::home/ann", values={"aws:username": "ann"})
    found = element_of(statement, asked, "Resource")
    assert (found.wanted[0].value, found.matched) == ("arn:aws:s3:::home/ann", True)
    gone = element_of(statement, request(resource="arn:aws:s3:::home/ann"), "Resource")
    assert (gone.wanted[0].value, gone.matched) == (None, False)
    assert gone.note == (
        "variable `aws:username` has no value in this request; an Allow does not apply then"
    )


def test_resource_of_few_fields() -> None:
    found = element_of(deny(Resource="arn:aws:s3"), request(), "Resource")
    assert found.matched
    assert found.note == "the pattern has fewer than six fields; a Deny applies then"


@pytest.mark.parametrize(
    ("resource", "note"),
    [
        (
            "arn:aws:iam::*:role/x",
            "a `*` that ends a field of the pattern may run on past its colon; a Deny applies then",
        ),
        (["arn:aws:sqs:::x", None], "there is a null among the resources; a Deny applies then"),
    ],
)
def test_resource_that_can_not_be_evaluated(resource: Any, note: str) -> None:
    asked = request(resource="arn:aws:iam::1:user/a:role/x")
    found = element_of(deny(Resource=resource), asked, "Resource")
    assert (found.matched, found.note) == (True, note)


def test_action_is_shown_as_asked() -> None:
    found = element_of(allow(["S3:Get*", "s3:put*"]), request("s3:GetObject"), "Action")
    assert found.got == ("s3:GetObject",)
    assert [(each.written, each.matched) for each in found.wanted] == [
        ("S3:Get*", True),
        ("s3:put*", False),
    ]


def test_principals_are_shown_by_value() -> None:
    policy = compiled(
        document(
            {
                **allow(),
                "Principal": {"AWS": ["400000000019", "400000000027"], "Federated": PROVIDER_ARN},
            }
        ),
        PolicyType.RESOURCE,
    )
    found = only(both_ways(Policies(resource=policy), request(by=ANN))).elements[0]
    assert [each.matched for each in found.wanted] == [True, False, False]
    assert found.got == (*ANN.names, *ANN.ids)


def test_a_trace_can_be_stored_and_read_back() -> None:
    decision = asked_of(allow(Condition={"StringLike": {"k": "a*"}}), request(values={"k": "b"}))
    stored = msgspec.json.encode(decision)
    assert msgspec.json.decode(stored, type=Decision) == decision
