"""What a policy is about."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.building import allow, compiled, document, trusts
from valetkey.policy import (
    PolicyType,
    condition_keys,
    counted_characters,
    key_uses,
    principals_of,
    required_keys,
)

POLICY = compiled(
    document(
        allow(
            Resource=["arn:aws:s3:::home/${AWS:username}/*", "*"],
            Condition={
                "StringLike": {"aws:PrincipalTag/team": ["${h:Sub}", "${h:aud, 'x'}"]},
                "Bool": {"aws:SecureTransport": "true"},
            },
        )
    )
)


def test_condition_keys_of_conditions_and_variables() -> None:
    assert condition_keys(POLICY) == {
        "aws:principaltag/team",
        "aws:securetransport",
        "aws:username",
        "h:aud",
        "h:sub",
    }
    assert condition_keys(POLICY.document) == condition_keys(POLICY)


def test_key_uses_say_where() -> None:
    text = POLICY.source.text
    uses = [
        (use.key, use.operator, text[use.range.start : use.range.end]) for use in key_uses(POLICY)
    ]
    assert uses[0] == ("aws:PrincipalTag/team", "StringLike", '"aws:PrincipalTag/team"')
    assert uses[1] == ("h:Sub", None, '"${h:Sub}"')
    assert uses[-1] == ("AWS:username", None, '"arn:aws:s3:::home/${AWS:username}/*"')


def test_an_old_policy_has_no_variables() -> None:
    old = {
        "Version": "2008-10-17",
        "Statement": {**allow(Resource="arn:aws:s3:::${a:b}"), "Principal": "*"},
    }
    assert condition_keys(compiled(old, PolicyType.RESOURCE)) == frozenset()


def test_principals() -> None:
    policy = compiled(
        document(
            trusts({"AWS": ["400000000019", "*"], "Federated": "accounts.google.com"}),
            trusts({"Service": "ec2.amazonaws.com"}),
        ),
        PolicyType.TRUST,
    )
    found = [
        (use.statement.index, use.kind, use.value.text, use.negated)
        for use in principals_of(policy.document)
    ]
    assert found == [
        (0, "AWS", "400000000019", False),
        (0, "AWS", "*", False),
        (0, "Federated", "accounts.google.com", False),
        (1, "Service", "ec2.amazonaws.com", False),
    ]


@pytest.mark.parametrize(
    ("text", "counted"),
    [("", 0), (' { "a b" : 1 }\r\n\t', 9), ('"\\" "', 5), ('"\\\\" "', 5), ('"é\U0001f600"', 4)],
)
def test_counted_characters(text: str, counted: int) -> None:
    assert counted_characters(text, PolicyType.IDENTITY) == counted
    assert counted_characters(text, PolicyType.TRUST) == len(text)


@given(st.dictionaries(st.text(), st.text() | st.integers(), max_size=5))
def test_blanks_between_tokens_do_not_count(value: dict[str, str | int]) -> None:
    compact = json.dumps(value, separators=(",", ":"))
    spacious = json.dumps(value, indent=4)
    assert counted_characters(spacious, PolicyType.SESSION) == len(compact)


def test_required_keys() -> None:
    assert required_keys("gitlab.com") == ("gitlab.com:sub",)
    assert required_keys("gitlab.forge.example") == ()
