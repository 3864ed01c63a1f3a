"""Keys that nobody knows the value of: no Allow applies by them, and every Deny does."""

import json

import pytest

from valetkey.diagnostics import Source
from valetkey.policy import (
    Context,
    Policies,
    PolicyType,
    Request,
    Requester,
    compile_policy,
    decide,
)

ALICE = Requester("AWS", ("arn:aws:iam::111122223333:user/alice",), "111122223333")
CONDITIONS = [
    {"StringEquals": {"x:Key": "a"}},
    {"StringNotEquals": {"x:Key": "a"}},
    {"StringEqualsIfExists": {"x:Key": "a"}},
    {"ForAllValues:StringEquals": {"x:Key": "a"}},
    {"ForAnyValue:StringEquals": {"x:Key": "a"}},
    {"NumericLessThan": {"X:KEY": "1"}},
    {"Null": {"x:Key": "true"}},
    {"Null": {"x:Key": "false"}},
    {"StringLike": {"x:Tag/any": "*"}},
    {"StringEquals": {"x:Known": "${x:Key}"}},
    {"StringEquals": {"x:Known": "${x:Key, 'known'}"}},
]
UNKNOWN = Context({"x:Known": "known", "x:Tag/known": "a"}, unknown=("x:Key", "x:Tag/"))


def decided(effect, condition, context=UNKNOWN):
    statement = {"Effect": effect, "Action": "*", "Resource": "*", "Condition": condition}
    whole = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    statements = [statement, whole] if effect == "Deny" else [statement]
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    policy = compile_policy(Source("policy", text), PolicyType.IDENTITY, name="policy")
    request = Request("x:Do", "*", context, ALICE, "111122223333")
    return [decide(Policies((policy,)), request, trace=trace) for trace in (False, True)]


@pytest.mark.parametrize("condition", CONDITIONS, ids=str)
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_an_unknown_value_lets_nobody_in(effect, condition):
    for decision in decided(effect, condition):
        assert not decision.allowed
    (trace,) = decision.trace
    (judged,) = trace.statements[0].conditions
    outcome = "a Deny applies then" if effect == "Deny" else "an Allow does not apply then"
    assert judged.note.endswith(outcome)


@pytest.mark.parametrize("key", ["x:Known", "x:Tag/known", "X:TAG/Known"])
def test_what_is_known_is_not_unknown(key):
    value = "known" if key == "x:Known" else "a"
    assert decided("Allow", {"StringEquals": {key: value}})[0].allowed


def test_a_statement_that_is_ruled_out_for_certain():
    condition = {"StringEquals": {"x:Key": "a", "x:Known": "other"}}
    assert decided("Deny", condition)[0].allowed


def test_what_is_unknown_stays_so_in_a_larger_context():
    larger = UNKNOWN.merged({"x:More": "1"})
    assert not decided("Deny", CONDITIONS[0], larger)[0].allowed
    assert larger != Context(dict(larger.items()))
