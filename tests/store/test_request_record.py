"""The record of a request: no place for secrets, a bound on everything strangers send."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.making import request
from valetkey.policy.decision import (
    ConditionTrace,
    Decision,
    PolicyTrace,
    PolicyType,
    Reason,
    StatementRef,
    StatementTrace,
    TextRange,
    Wanted,
)
from valetkey.store import Outcome, RequestRecord, UnfitRecord, UnreadableRecord
from valetkey.store.request_record import FORMAT, MAX_TEXT, PLENTY, decode, encode

AT = TextRange(0, 1)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def trace(statements: int, got: str = "x") -> Decision:
    ref = StatementRef("p", PolicyType.TRUST, 0, None, "Allow", AT)
    condition = ConditionTrace(
        "StringLike", "gitlab.example:sub", AT, AT, (got,), (Wanted("a", "a", AT, False),), False
    )
    statement = StatementTrace(ref, False, (), (condition,))
    policy = PolicyTrace("p", PolicyType.TRUST, "0" * 64, (statement,) * statements)
    return Decision(False, Reason.NO_TRUST_ALLOW, (), PolicyType.TRUST, (policy,))


def test_it_has_no_place_for_a_secret():
    names = set(RequestRecord.__struct_fields__)
    suspicious = {
        name
        for name in names
        for word in ("token", "secret", "password", "jwt", "signature", "authorization", "header")
        if word in name
    }
    assert suspicious == {"token_sha256"}
    assert not any("bytes" in str(field.type) for field in msgspec.structs.fields(RequestRecord))


@pytest.mark.parametrize(
    "record",
    [
        request(),
        request(decision=trace(3)),
        request(claims={"sub": "x", "n": 1, "list": ["a", {"b": None}], "ref_protected": "true"}),
        request(context={"aws:SourceIp": "1.2.3.4", "aws:TagKeys": ["a", "b"]}),
        *(request(outcome=outcome) for outcome in Outcome),
    ],
)
def test_it_reads_back_as_it_was(record):
    assert decode(FORMAT, encode(record)) == record


@given(claims=st.dictionaries(st.text(), JSON), agent=st.text())
def test_whatever_strangers_send_reads_back(claims, agent):
    record = request(claims=claims, user_agent=agent)
    assert decode(FORMAT, encode(record)) == record


@pytest.mark.parametrize(
    ("record", "want"),
    [
        (request(user_agent="a" * PLENTY), {"user_agent": "a" * MAX_TEXT + "…"}),
        (request(user_agent="\ud800x"), {"user_agent": "\\ud800x"}),
        (request(claims={"sub": "\udfff"}), {"claims": {"sub": "\\udfff"}}),
        (request(claims={"n": 10**5000}), {"claims": {"n": "<number of 16610 bits>"}}),
        (request(details={"x": object()}), {"details": {"x": "<object>", "valetkey:cut": True}}),
        (
            request(details={"x": b"\x00" * PLENTY}),
            {"details": {"x": "<bytes>", "valetkey:cut": True}},
        ),
        (request(decision=trace(1, "y" * PLENTY)), {"decision": trace(1, "y" * MAX_TEXT)}),
        (request(decision=trace(1, "\ud800")), {"decision": trace(1, "\\ud800")}),
        (
            request(decision=trace(5_000)),
            {"decision": msgspec.structs.replace(trace(1), trace=None)},
        ),
    ],
)
def test_what_is_too_much_or_no_text_is_cut(record, want):
    read = decode(FORMAT, encode(record))
    assert {name: getattr(read, name) for name in want} == want
    assert read.details["valetkey:cut"] is True
    assert (read.request_id, read.time, read.outcome) == ("r1", 1_000.0, Outcome.REFUSED)


def nested(depth):
    value = "x"
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "claims",
    [
        {"a": nested(100_000)},
        {"a": ["x"] * 200_000},
        {"a": [["y" * 100] * 100] * 100},
        {str(number): number for number in range(100_000)},
        {"k" * 100_000: {"k" * 100_000: "v" * 100_000}},
        {"a": "\u20ac" * 1_000_000},
        {f"k{number}": {f"k{inner}": "z" * 500 for inner in range(50)} for number in range(50)},
    ],
    ids=range(7),
)
def test_no_claims_make_a_record_that_is_large(claims):
    body = encode(request(claims=claims, context={"c": "d" * PLENTY}))
    assert len(body) < 4 * PLENTY
    assert decode(FORMAT, body).details["valetkey:cut"] is True


@settings(max_examples=50)
@given(st.dictionaries(st.text(alphabet=st.characters(codec=None)), JSON))
def test_no_text_makes_a_record_unfit(details):
    decode(FORMAT, encode(request(details=details)))


@pytest.mark.parametrize("time", [float("nan"), float("inf"), float("-inf")])
def test_a_time_that_is_none_is_refused(time):
    with pytest.raises(UnfitRecord, match="a record's time can't be"):
        encode(request(time=time))


@pytest.mark.parametrize(
    ("format", "body"),
    [(FORMAT + 1, encode(request())), (FORMAT, b""), (FORMAT, b"{}"), (FORMAT, b"\xff")],
)
def test_a_damaged_body_is_unreadable(format, body):
    with pytest.raises(UnreadableRecord):
        decode(format, body)


@pytest.mark.parametrize(
    ("fields", "job_id"),
    [
        ({}, None),
        ({"claims": {"job_id": "77"}}, "77"),
        ({"claims": {"job_id": 77}}, "77"),
        ({"claims": {"job_id": True}}, None),
        ({"claims": {"job_id": ["77"]}}, None),
        ({"claims": {"job_id": None}}, None),
        ({"claims": {"job_id": 10**5000}}, None),
        ({"claims": {}, "context": {"valetkey:claim/job_id": "78"}}, "78"),
        ({"context": {"valetkey:claim/job_id": "78"}}, "78"),
        ({"context": {"valetkey:claim/job_id": ["78"]}}, None),
        ({"claims": {"job_id": "77"}, "context": {"valetkey:claim/job_id": "78"}}, "77"),
    ],
)
def test_the_job_behind_a_request(fields, job_id):
    assert request(**fields).job_id == job_id
