"""What rules say of conditions, held against the evaluator."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.building import (
    ACCOUNT,
    ANN,
    JOB,
    ROLE_ARN,
    SESSION_ARN,
    allow,
    compiled,
    deny,
    document,
    request,
    text_of,
)
from valetkey.diagnostics import Source
from valetkey.lint import all_rules, lint_policy
from valetkey.policy import Policies, PolicyType, Requester, decide

RULES = {rule.name: rule for rule in all_rules()}
KEY = "aws:username"

TYPED: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "Numeric": ("aws:MultiFactorAuthAge", ("0", "5", "5.5", "1e2"), ("-1", "0", "5", "5.2", "6")),
    "Date": (
        "aws:CurrentTime",
        ("2026-01-01", "2026-01-01T00:00:00Z", "1800000000", "2026-06-01"),
        ("2025-01-01", "2026-01-01", "2026-02-01", "1800000000", "2030-01-01"),
    ),
    "Ip": (
        "aws:SourceIp",
        ("10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "2001:db8::/64"),
        ("10.0.0.1", "10.1.0.1", "10.1.2.3", "11.0.0.1", "2001:db8::1"),
    ),
    "Bool": ("aws:SecureTransport", ("true", "false"), ("true", "false")),
    "String": (KEY, ("ann", "Ann", "a*", "*", "b?b", "bob", "x"), ("ann", "Ann", "bob", "x", "b")),
}
OPERATORS = {
    "Numeric": [
        f"Numeric{relation}"
        for relation in (
            "Equals",
            "NotEquals",
            "LessThan",
            "LessThanEquals",
            "GreaterThan",
            "GreaterThanEquals",
        )
    ],
    "Date": ["DateEquals", "DateNotEquals", "DateLessThan", "DateGreaterThanEquals"],
    "Ip": ["IpAddress", "NotIpAddress"],
    "Bool": ["Bool"],
    "String": [
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringNotLike",
        "StringEqualsIgnoreCase",
    ],
}


@st.composite
def blocks(draw: st.DrawFn) -> tuple[str, tuple[str, ...], dict[str, Any]]:
    """Return a key, values that requests have of it, and a condition block about it."""
    family = draw(st.sampled_from(sorted(TYPED)))
    key, wanted, got = TYPED[family]
    block: dict[str, Any] = {}
    for name in draw(
        st.lists(st.sampled_from(OPERATORS[family]), min_size=1, max_size=3, unique=True)
    ):
        suffix = draw(st.sampled_from(["", "", "IfExists"]))
        values = draw(st.lists(st.sampled_from(wanted), min_size=1, max_size=2, unique=True))
        block[name + suffix] = {key: values}
    if draw(st.integers(0, 4)) == 0:
        block["Null"] = {key: draw(st.sampled_from(["true", "false", ["true", "false"]]))}
    return key, got, block


def codes(policy: dict[str, Any], *names: str, type: PolicyType = PolicyType.IDENTITY) -> set[str]:
    source = Source("policy.json", text_of(policy))
    found = lint_policy(source, type, rules=[RULES[name] for name in names])
    return {each.code for each in found}


def allowed(policy: dict[str, Any], values: dict[str, Any]) -> bool:
    return decide(Policies(identity=(compiled(policy),)), request(values=values)).allowed


def contexts(key: str, got: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{}, *({key: text} for text in got)]


class TestExclusion:
    @settings(max_examples=500, deadline=None)
    @given(blocks())
    def test_what_can_not_hold_never_holds(self, case: tuple[str, tuple[str, ...], dict[str, Any]]):
        key, got, block = case
        policy = document(allow(Condition=block))
        denying = document(allow(), deny(Condition=block))
        if codes(policy, "conditions_exclude_each_other"):
            for values in contexts(key, got):
                assert not allowed(policy, values)
                assert allowed(denying, values)

    @settings(max_examples=300, deadline=None)
    @given(blocks())
    def test_of_typed_keys_it_is_always_found(
        self, case: tuple[str, tuple[str, ...], dict[str, Any]]
    ):
        key, got, block = case
        policy = document(allow(Condition=block))
        if key == KEY or len(block) == 1 or codes(policy, "conditions_exclude_each_other"):
            return
        more = {
            "aws:MultiFactorAuthAge": ("4", "5.1", "50", "100", "101", "5.5"),
            "aws:CurrentTime": ("2027-01-01", "2026-06-01", "2028-01-01", "2026-03-01"),
            "aws:SourceIp": ("10.2.0.1", "10.1.2.4", "1.1.1.1", "2001:db9::1"),
        }.get(key, ())
        assert any(allowed(policy, values) for values in contexts(key, (*got, *more)))


class TestRestrictsNothing:
    @settings(max_examples=300, deadline=None)
    @given(blocks())
    def test_what_restricts_nothing_lets_everything_pass(
        self, case: tuple[str, tuple[str, ...], dict[str, Any]]
    ):
        key, got, block = case
        for operator, tested in block.items():
            policy = document(allow(Condition={operator: tested}))
            source = Source("policy.json", text_of(policy))
            rule = RULES["condition_restricts_nothing"]
            for finding in lint_policy(source, PolicyType.IDENTITY, rules=[rule]):
                message = finding.diagnostic.message
                passed = [allowed(policy, values) for values in contexts(key, got)]
                assert all(passed[1:])
                assert passed[0] is message.endswith("restricts nothing")


def one(operator: str, key: str, value: Any) -> dict[str, Any]:
    return {operator: {key: value}}


class TestAbsentKeys:
    """Who lacks the key: passed by an Allow, spared by a Deny, and the twins that are right."""

    @pytest.mark.parametrize(
        ("condition", "reported"),
        [
            (one("ForAllValues:StringEquals", "aws:PrincipalOrgID", "o-1"), True),
            (one("StringEquals", "aws:PrincipalOrgID", "o-1"), False),
            (one("BoolIfExists", "aws:MultiFactorAuthPresent", "true"), True),
            (one("Bool", "aws:MultiFactorAuthPresent", "true"), False),
            (one("StringEqualsIfExists", "aws:PrincipalOrgID", "o-1"), True),
            (
                {
                    "ForAllValues:StringEquals": {"aws:CalledVia": "x"},
                    "Null": {"aws:CalledVia": "false"},
                },
                False,
            ),
        ],
    )
    def test_an_allow(self, condition: dict[str, Any], reported: bool):
        policy = document(allow(Condition=condition))
        found = codes(policy, "for_all_values_in_allow", "if_exists_alone")
        assert bool(found) is reported
        assert allowed(policy, {}) is reported

    @pytest.mark.parametrize(
        ("condition", "reported"),
        [
            (one("Bool", "aws:MultiFactorAuthPresent", "false"), True),
            (one("BoolIfExists", "aws:MultiFactorAuthPresent", "false"), False),
            (one("NumericGreaterThan", "aws:MultiFactorAuthAge", "60"), True),
            (one("NumericGreaterThanIfExists", "aws:MultiFactorAuthAge", "60"), False),
            (one("StringEquals", "s3:x-amz-server-side-encryption", "none"), True),
            (one("StringNotEquals", "s3:x-amz-server-side-encryption", "AES256"), False),
            (one("Null", "s3:x-amz-server-side-encryption", "true"), False),
        ],
    )
    def test_a_deny(self, condition: dict[str, Any], reported: bool):
        policy = document(allow(), deny(Condition=condition))
        assert bool(codes(policy, "deny_spares_absent_key")) is reported
        assert allowed(policy, {}) is reported


@pytest.mark.parametrize(
    ("operator", "key", "value", "got"),
    [
        ("Bool", "aws:SourceIp", "true", "203.0.113.7"),
        ("StringEquals", "aws:SourceIp", "203.0.113.0/24", "203.0.113.7"),
        ("NumericEquals", "aws:PrincipalType", "1", "User"),
        ("StringEquals", "aws:SecureTransport", "True", "true"),
        ("NotIpAddress", "aws:PrincipalArn", "203.0.113.7", "arn:aws:iam::1:role/x"),
    ],
)
def test_an_operator_of_another_type_grants_nothing(operator: str, key: str, value: str, got: str):
    policy = document(allow(Condition=one(operator, key, value)))
    assert codes(policy, "operator_of_another_type")
    assert not allowed(policy, {key: got})


def test_a_variable_without_version_is_text():
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::kiln/${aws:username}/*",
    }
    old, new = {"Statement": statement}, document(statement)
    for policy, expected in ((old, False), (new, True)):
        found = codes(policy, "variables_without_version", type=PolicyType.RESOURCE)
        assert bool(found) is not expected
        resource = compiled(policy, PolicyType.RESOURCE)
        asked = request(resource="arn:aws:s3:::kiln/ann/a", values={KEY: "ann"})
        assert decide(Policies(resource=resource), asked).allowed is expected


ROOT = f"arn:aws:iam::{ACCOUNT}:root"


@pytest.mark.parametrize(
    ("spared", "who", "reported"),
    [
        ([ROLE_ARN], JOB, True),
        ([SESSION_ARN, ROOT], JOB, True),
        ([SESSION_ARN, ROLE_ARN, ROOT], JOB, False),
        ([SESSION_ARN, ROLE_ARN, ACCOUNT], JOB, False),
        ([ANN.names[0]], ANN, True),
        ([ANN.names[0], ROOT], ANN, False),
    ],
)
def test_whom_not_principal_spares(spared: list[str], who: Requester, reported: bool):
    statement = deny(NotPrincipal={"AWS": spared})
    policy = document({**allow(), "Principal": "*"}, statement)
    found = codes(policy, "not_principal_spares_nobody", type=PolicyType.RESOURCE)
    assert bool(found) is reported
    resource = compiled(policy, PolicyType.RESOURCE)
    assert decide(Policies(resource=resource), request(by=who)).allowed is not reported


@pytest.mark.parametrize(
    ("condition", "reported"),
    [
        ({}, True),
        (one("Bool", "aws:SecureTransport", "true"), True),
        (one("StringNotEquals", "aws:SourceVpce", "vpce-1"), True),
        (one("StringEqualsIfExists", "aws:PrincipalOrgID", "o-1"), True),
        (one("StringEquals", "aws:PrincipalOrgID", "o-1"), False),
        (one("IpAddress", "aws:SourceIp", "203.0.113.0/24"), False),
        (one("StringEquals", "aws:SourceVpce", "vpce-1"), False),
    ],
)
def test_who_is_everyone(condition: dict[str, Any], reported: bool):
    policy = document({**allow(Condition=condition), "Principal": "*"})
    assert bool(codes(policy, "everyone_admitted", type=PolicyType.RESOURCE)) is reported
    stranger = Requester("Anonymous", (), None)
    values = {"aws:SecureTransport": "true", "aws:SourceIp": "198.51.100.7"}
    asked = request(values=values, by=stranger)
    resource = compiled(policy, PolicyType.RESOURCE)
    assert decide(Policies(resource=resource), asked).allowed is reported


def test_a_range_that_begins_elsewhere():
    policy = document(allow(Condition=one("IpAddress", "aws:SourceIp", "203.0.113.7/24")))
    assert codes(policy, "address_range_cut")
    assert allowed(policy, {"aws:SourceIp": "203.0.113.200"})
