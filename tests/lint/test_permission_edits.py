"""The edits of the rules over documents change no decision, and leave a document that compiles."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from policy.building import compiled, request, text_of
from valetkey.diagnostics import Source
from valetkey.lint import Finding, all_rules, lint_policy
from valetkey.lint.fix import edited
from valetkey.policy import Policies, PolicyType, decide

NAMES = ("version_missing", "statement_said_twice", "sid_characters", "value_covered_by_wider")
RULES = {rule.name: rule for rule in all_rules() if rule.name in NAMES}
ACTIONS = ["s3:GetObject", "S3:Getobject", "s3:Get*", "s3:*", "*", "s3:?etObject", "s3:Get**"]
RESOURCES = [
    "*",
    "arn:aws:s3:::kiln/*",
    "arn:aws:s3:::kiln/a",
    "arn:aws:s3:::kiln/a*",
    "arn:aws:s3:::*",
    "arn:aws:lambda:*:400000000019:function:a",
    "arn:aws:lambda:eu-test-1:*:function:a",
    "arn:aws:s3:::kiln/${aws:username}",
    "arn:aws:s3:::kiln/$*",
]
# Characters that a text may escape, as JSON allows it for any.
ESCAPES = [("$", "\\u0024"), ("${", "$\\u007b"), ("*", "\\u002a"), ("s3:", "\\u00733:"), ("", "")]
LAMBDA = "arn:aws:lambda:us-east-1:400000000019:function:a"
ASKED = [
    request(action, resource, values={"aws:username": name})
    for action in ("s3:GetObject", "s3:PutObject", "iam:GetRole")
    for resource in ("arn:aws:s3:::kiln/a", "arn:aws:s3:::kiln/ann", "arn:aws:s3:::kiln/$x", LAMBDA)
    for name in ("ann", "*")
]


@st.composite
def statements(draw: st.DrawFn, type: PolicyType) -> dict[str, Any]:
    found: dict[str, Any] = {"Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"]))}
    sid = draw(st.sampled_from([None, None, "read it", "read-it", "ReadIt"]))
    if sid and type is PolicyType.IDENTITY:
        found["Sid"] = sid
    if type is PolicyType.RESOURCE:
        found["Principal"] = "*"
    negated = draw(st.sampled_from(["Action", "Action", "NotAction"]))
    found[negated] = draw(st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=5))
    resource = draw(st.sampled_from(["Resource", "Resource", "NotResource"]))
    found[resource] = draw(st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=5))
    return found


@st.composite
def policies(draw: st.DrawFn, type: PolicyType) -> dict[str, Any]:
    listed = draw(st.lists(statements(type), min_size=1, max_size=4))
    sids: set[str] = set()
    for each in listed:
        if each.get("Sid") in sids:
            del each["Sid"]
        sids.add(each.get("Sid", ""))
    version = (
        {} if type is PolicyType.RESOURCE and draw(st.booleans()) else {"Version": "2012-10-17"}
    )
    return {**version, "Statement": listed}


def found_by(name: str, text: str, type: PolicyType) -> tuple[Finding, ...]:
    return lint_policy(Source("policy.json", text), type, rules=[RULES[name]])


def decisions(text: str, type: PolicyType) -> list[bool]:
    policy = compiled(text, type)
    held = Policies(resource=policy) if type is PolicyType.RESOURCE else Policies((policy,))
    return [decide(held, asked).allowed for asked in ASKED]


def hold(policy: dict[str, Any], type: PolicyType, indent: int | None, escape: tuple[str, str]):
    text = json.dumps(policy, indent=indent).replace(*escape)
    before = decisions(text, type)
    for name in NAMES:
        editable = [each for each in found_by(name, text, type) if each.edits]
        changed = edited(text, editable)
        assert decisions(changed, type) == before
        if editable and name != "sid_characters":
            assert not found_by(name, changed, type)
        for each in editable:
            assert decisions(edited(text, [each]), type) == before


@settings(max_examples=120, deadline=None)
@given(policies(PolicyType.IDENTITY), st.sampled_from([None, 2]), st.sampled_from(ESCAPES))
def test_policies_of_identities(
    policy: dict[str, Any], indent: int | None, escape: tuple[str, str]
):
    hold(policy, PolicyType.IDENTITY, indent, escape)


@settings(max_examples=120, deadline=None)
@given(policies(PolicyType.RESOURCE), st.sampled_from([None, 2]), st.sampled_from(ESCAPES))
def test_policies_of_resources(policy: dict[str, Any], indent: int | None, escape: tuple[str, str]):
    hold(policy, PolicyType.RESOURCE, indent, escape)


def test_the_edit_of_a_version_is_there_only_without_variables():
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::kiln/${aws:username}",
    }
    text = text_of({"Statement": statement})
    for escape in ESCAPES:
        written = text.replace(*escape)
        assert found_by("version_missing", written, PolicyType.RESOURCE) == ()
