"""The rules over documents and permissions on whatever can be read, and in how much time."""

import json
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valetkey.diagnostics import Severity, Source
from valetkey.lint import all_rules, lint_policy
from valetkey.policy import BASES, PolicyType, counted_characters

RULES = [rule for rule in all_rules() if rule.code.startswith(("POL", "PERM"))]
TEXTS = [
    "",
    "*",
    ":",
    "::",
    "*:*",
    "s3:GetObject",
    "s3:Get*",
    "iam:PassRole",
    "a:b:c:d:e:f:g",
    "arn:aws:s3:::kiln/${aws:username}",
    "arn:aws:s3:::${",
    "arn:aws:iam::*:role/*",
    "arn:aws",
    "arn:aws:${x:y}:::z",
    "arn:aws:secretsmanager:::secret:",
    "arn:aws:secretsmanager:::secret:x*",
    "${*}${?}${$}",
    "${ }",
    "${aws:username, 'x'}",
    "aws:SourceIp",
    "aws:PrincipalTag/",
    "s3:",
    "iam:PassedToService",
    "10.0.0.1/8",
    "1/2/3",
    "1e999",
    "9" * 60,
    "2026-01-01",
    "true",
    "none",
    "\x00*/",
    "\ud83d\ude00",
    "É",
]
texts = st.sampled_from(TEXTS)
values = st.one_of(texts, st.lists(texts, max_size=3), st.integers(), st.booleans())
operators = st.sampled_from(
    [
        f"{qualifier}{base}{suffix}"
        for base in BASES
        for qualifier in ("", "ForAllValues:", "ForAnyValue:")
        for suffix in ("", "IfExists")
        if base != "Null" or not (qualifier or suffix)
    ]
)
kinds = st.sampled_from(["AWS", "Service", "Federated", "CanonicalUser"])
several = st.one_of(texts, st.lists(texts, max_size=4))
principals = st.one_of(st.just("*"), st.dictionaries(kinds, several, max_size=2))
statements = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"])},
    optional={
        "Sid": texts,
        "Principal": principals,
        "Action": several,
        "Resource": several,
        "Condition": st.dictionaries(
            operators, st.dictionaries(texts, values, max_size=3), max_size=3
        ),
    },
)
INVERSE = {"Principal", "Action", "Resource"}


@st.composite
def inverted(draw: st.DrawFn) -> dict[str, Any]:
    """Return a statement, some of whose elements are in their inverse form."""
    chosen = draw(st.sets(st.sampled_from(sorted(INVERSE))))
    return {
        (f"Not{name}" if name in chosen else name): value
        for name, value in draw(statements).items()
    }


documents = st.fixed_dictionaries(
    {"Statement": st.one_of(inverted(), st.lists(inverted(), min_size=1, max_size=3))},
    optional={"Version": st.sampled_from(["2012-10-17", "2008-10-17"])},
)


@settings(max_examples=400, deadline=None)
@given(documents, st.sampled_from(list(PolicyType)))
def test_every_rule_ends_well(document: dict[str, Any], type: PolicyType):
    source = Source("policy.json", json.dumps(document))
    for finding in lint_policy(source, type, rules=RULES):
        diagnostic = finding.diagnostic
        assert "\n" not in diagnostic.message
        assert not diagnostic.message.endswith(".")
        assert all(diagnostic.help)
        for label in diagnostic.labels:
            assert 0 <= label.span.start <= label.span.end <= len(source.text)
        for edit in finding.edits:
            changed = source.text[: edit.start] + edit.text + source.text[edit.end :]
            json.loads(changed)


def of_actions(*actions: str, resources: Any = "*", **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resources, **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def usual() -> dict[str, Any]:
    actions = [
        "s3:GetObject",
        "s3:Put*",
        "ec2:Describe*",
        "iam:PassRole",
        "lambda:*",
        "kms:Decrypt",
    ]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": f"S{at}",
                "Effect": "Allow" if at % 4 else "Deny",
                "Action": actions[at % 3 :][:4],
                "Resource": [f"arn:aws:s3:::kiln-{at}/*", f"arn:aws:lambda:*:*:function:f{at}*"],
                "Condition": {
                    "StringLike": {"aws:PrincipalTag/team": f"t{at}*"},
                    "IpAddress": {"aws:SourceIp": "10.0.0.0/8"},
                },
            }
            for at in range(23)
        ],
    }


DEAR = {
    "usual": usual(),
    "patterns": of_actions(*(f"ec2:*{chr(97 + at % 26)}{at}*" for at in range(400))),
    "unknown": of_actions(*(f"ec2:Descr{at}" for at in range(380))),
    "resources": of_actions(
        "ec2:*", "sagemaker:*", resources=[f"arn:aws:ec2:*:*:{'*a' * 100}{at}" for at in range(25)]
    ),
    "conditions": of_actions(
        "s3:x",
        Condition={
            "StringLike": {
                "aws:username": ["*a" * 90 + str(at) for at in range(15)],
                "aws:UserName": [f"{'*b' * 90}{at}c" for at in range(15)],
            }
        },
    ),
    "keys": of_actions(
        "s3:x", Condition={"StringEquals": {f"aws:zz{at}": "*" for at in range(330)}}
    ),
}


@pytest.mark.parametrize("name", sorted(DEAR))
def test_a_policy_of_full_length_is_no_burden(name: str):
    """50 ms is what it takes at most; a tenfold of it is a fault, not a busy machine."""
    source = Source("policy.json", json.dumps(DEAR[name]))
    assert 4_500 < counted_characters(source.text, PolicyType.IDENTITY) < 7_500
    lint_policy(source, PolicyType.IDENTITY, rules=RULES)
    before = process_time()
    lint_policy(source, PolicyType.IDENTITY, rules=RULES)
    assert process_time() - before < 0.5


@pytest.mark.parametrize(
    ("type", "size", "expected"),
    [
        (PolicyType.IDENTITY, 5_000, None),
        (PolicyType.IDENTITY, 5_600, Severity.NOTE),
        (PolicyType.IDENTITY, 6_200, Severity.WARNING),
        (PolicyType.IDENTITY, 10_300, Severity.ERROR),
        (PolicyType.BOUNDARY, 6_200, Severity.ERROR),
        (PolicyType.TRUST, 4_200, Severity.ERROR),
        (PolicyType.RESOURCE, 20_000, Severity.NOTE),
        (PolicyType.RESOURCE, 20_500, Severity.WARNING),
    ],
)
def test_sizes(type: PolicyType, size: int, expected: Severity | None):
    rule = next(rule for rule in RULES if rule.name == "size_near_limit")
    several = [{"Sid": "x" * (size // 5 - 35), "Effect": "Deny"}] * 5
    text = json.dumps({"Version": "2012-10-17", "Statement": several})
    assert abs(counted_characters(text, type) - size) < 60
    found = [
        finding
        for finding in lint_policy(Source("policy.json", text), type, rules=[rule])
        if finding.code == rule.code
    ]
    assert [finding.diagnostic.severity for finding in found] == ([expected] if expected else [])
