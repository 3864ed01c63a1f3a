"""Permission questions: the step that decided, the sides that must agree, and what to write."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from support.explained import ACCOUNT
from valetkey.diagnostics import Source
from valetkey.explain import Asked, State, as_text, explain_permission
from valetkey.policy import (
    Context,
    Policies,
    PolicyType,
    Request,
    Requester,
    compile_policy,
    decide,
)

OTHER = "400000000020"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/kiln"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/kiln/job"
OBJECT = "arn:aws:s3:::kiln/a"
KMS = f"arn:aws:kms:eu-test-1:{OTHER}:key/1"


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action, resource="*", **more):
    return {**allow(action, resource, **more), "Effect": "Deny"}


ANYTHING = (allow("*"),)


def compiled(name: str, statements: Sequence[Any] | None, type: PolicyType):
    if statements is None:
        return None
    text = json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)
    return compile_policy(Source(name, text), type, name=name)


def asked(
    identity=ANYTHING,
    *,
    action="s3:GetObject",
    resource=OBJECT,
    boundary=None,
    session=None,
    policy=None,
    owner=ACCOUNT,
    context=None,
    names=(SESSION, ROLE),
):
    of_session = compiled("session.json", session, PolicyType.SESSION)
    return Asked(
        Policies(
            identity=(compiled("identity.json", identity, PolicyType.IDENTITY),),
            boundary=compiled("boundary.json", boundary, PolicyType.BOUNDARY),
            session=None if of_session is None else (of_session,),
            resource=compiled("resource.json", policy, PolicyType.RESOURCE),
        ),
        Request(
            action,
            resource,
            Context({"aws:PrincipalAccount": ACCOUNT, **(context or {})}),
            Requester("AWS", names, ACCOUNT),
            owner,
        ),
    )


def explained(*args, **more):
    question = asked(*args, **more)
    explanation = explain_permission(question, now=0.0)
    assert explanation.allowed is decide(question.policies, question.request).allowed
    return explanation


def principal(*names):
    return {"Principal": {"AWS": list(names)}}


MINE = allow("kms:Decrypt", KMS)
SIDES = [
    # (the question, who decided, what stands in the first finding's notes)
    ({"identity": [allow("s3:Put*")]}, "identity policies", ""),
    (
        {"boundary": [allow("ec2:*")]},
        "permissions boundary",
        "allowed already by statement 1 of identity.json",
    ),
    ({"boundary": [allow("ec2:*")]}, "permissions boundary", "it limits: the boundary must"),
    ({"session": [allow("ec2:*")]}, "session policies", "what the session was opened with"),
    (
        {"identity": [MINE], "action": "kms:Decrypt", "resource": KMS, "owner": OTHER},
        "resource policy",
        "across accounts",
    ),
    (
        {
            "identity": [allow("s3:*")],
            "action": "kms:Decrypt",
            "resource": KMS,
            "owner": OTHER,
            "policy": [allow("kms:*", **principal(ROLE))],
        },
        "identity policies",
        "allowed already by statement 1 of resource.json",
    ),
    (
        {
            "identity": [MINE],
            "action": "kms:Decrypt",
            "resource": KMS,
            "owner": OTHER,
            "policy": [allow("kms:Encrypt", **principal(ROLE))],
        },
        "resource policy",
        f"the caller is of account `{ACCOUNT}`, the resource of `{OTHER}`",
    ),
    ({"identity": [allow("*"), deny("s3:*")]}, "identity policies", ""),
]


@pytest.mark.parametrize(("question", "step", "note"), SIDES)
def test_the_side_that_is_missing(question, step, note):
    explanation = explained(**question)
    assert not explanation.allowed
    assert explanation.decided_by.step == step
    assert note in "\n".join(explanation.diagnostics[0].notes)


TWINS = [
    {"identity": [allow("s3:Get*")]},
    {"boundary": [allow("s3:*")]},
    {"session": [allow("s3:*")]},
    {
        "identity": [MINE],
        "action": "kms:Decrypt",
        "resource": KMS,
        "owner": OTHER,
        "policy": [allow("kms:*", **principal(ROLE))],
    },
    {"identity": [allow("*"), deny("s3:Put*")]},
]


@pytest.mark.parametrize("question", TWINS)
def test_where_all_sides_agree_nothing_is_said(question):
    explanation = explained(**question)
    assert explanation.allowed
    assert explanation.diagnostics == ()
    assert explanation.decided_by.policy in {"identity.json", "resource.json"}
    assert {step.state for step in explanation.steps[1:]} == {State.PASSED}


def test_a_resource_in_other_letters():
    explanation = explained([allow("s3:Get*", "arn:aws:s3:::Kiln/*")])
    (finding,) = explanation.diagnostics
    assert finding.code == "capitals-differ"
    assert finding.labels[0].span.text == "K"
    twin = explained([allow("s3:Get*", "arn:aws:s3:::Wick/*")])
    assert twin.diagnostics[0].code == "resource-differs"


def test_what_is_suggested_is_one_action_on_one_resource():
    explanation = explained([allow("s3:Put*"), allow("s3:Get*", "arn:aws:s3:::wick/*")])
    after = json.loads(explanation.suggestion.after)
    assert after["Statement"][2:] == [allow("s3:GetObject", OBJECT)]
    assert explanation.suggestion.why.startswith("only if it shall be allowed")
    (warning,) = explanation.temptations
    assert warning.fix == "`s3:*` on `*`"
    assert "another action" in warning.admits


@pytest.mark.parametrize("resource", ["*", "arn:aws:s3:::kiln/*", "arn:aws:s3:::kiln/${x}"])
def test_a_resource_that_is_no_single_one_is_not_suggested(resource):
    suggestion = explained([allow("ec2:*")], resource=resource).suggestion
    assert suggestion is None or json.loads(suggestion.after)["Statement"][1]["Resource"] == "*"


@pytest.mark.parametrize(
    "question",
    [
        {"boundary": [allow("ec2:*")]},
        {"session": [allow("ec2:*")]},
        {"identity": [allow("*"), deny("s3:*")]},
        {"identity": [MINE], "action": "kms:Decrypt", "resource": KMS, "owner": OTHER},
    ],
)
def test_what_protects_is_not_to_be_widened(question):
    explanation = explained(**question)
    assert explanation.suggestion is None
    assert "nothing should be changed" in explanation.diagnostics[0].help[0]


def test_a_single_statement_gets_a_second_one():
    text = '{"Version":"2012-10-17","Statement":' + json.dumps(allow("s3:Put*")) + "}"
    identity = compile_policy(Source("one.json", text), PolicyType.IDENTITY, name="one.json")
    question = asked()
    question = Asked(Policies(identity=(identity,)), question.request)
    after = explain_permission(question, now=0.0).suggestion.after
    assert json.loads(after)["Statement"] == [allow("s3:Put*"), allow("s3:GetObject", OBJECT)]


DENIALS = [
    (
        {"Effect": "Deny", "NotAction": ["s3:ListBucket"], "Resource": "*"},
        "as `NotAction` covers everything but `s3:ListBucket`, so also `s3:GetObject`",
    ),
    (
        deny("s3:*", Condition={"StringNotEquals": {"aws:PrincipalTag/team": "kiln"}}),
        "as the request has no `aws:PrincipalTag/team`: a negated operator is true then",
    ),
    (
        deny("s3:*", Condition={"StringEqualsIfExists": {"aws:PrincipalTag/team": "kiln"}}),
        "as the request has no `aws:PrincipalTag/team`: `IfExists` asks only where it is there",
    ),
]


@pytest.mark.parametrize(("statement", "words"), DENIALS)
def test_a_deny_that_applied_by_absence_says_so(statement, words):
    explanation = explained([allow("*"), statement])
    assert explanation.diagnostics[0].code == "explicit-deny"
    assert words in explanation.diagnostics[0].message
    assert explanation.decided_by.statement == 2


def test_a_deny_by_another_value_names_both():
    statement = deny("s3:*", Condition={"StringNotEquals": {"aws:PrincipalTag/team": "kiln"}})
    context = {"aws:PrincipalTag/team": "wick"}
    finding = explained([allow("*"), statement], context=context).diagnostics[0]
    assert finding.message == "statement 2 denies this; a Deny wins over every Allow"
    assert "`wick` is not `kiln`" in finding.notes[0]
    twin = explained([allow("*"), statement], context={"aws:PrincipalTag/team": "kiln"})
    assert twin.allowed


def test_a_grant_by_an_inverse_element_is_warned_of():
    explanation = explained([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}])
    (warning,) = explanation.diagnostics
    assert explanation.allowed
    assert warning.code == "allowed-by-notaction"
    assert "everything but `iam:*`, so also `s3:GetObject`" in warning.message


def test_the_root_user_needs_no_policy():
    root = (f"arn:aws:iam::{ACCOUNT}:root",)
    explanation = explained([allow("ec2:*")], names=root)
    assert explanation.allowed
    assert explanation.decided_by.step == "account's root user"
    assert not explained([deny("s3:*")], names=root).allowed


def test_the_tree_shows_every_statement():
    rows = as_text(explained([allow("s3:Put*"), deny("ec2:*")]), whole=True).splitlines()
    tree = rows[rows.index("identity.json (identity policy)") :]
    assert tree == [
        "identity.json (identity policy)",
        "├─ statement 1, Allow: not matched",
        "│  ├─ Action: not matched",
        "│  │  got     `s3:GetObject`",
        "│  │  wanted  `s3:Put*`",
        "│  └─ Resource: matched",
        f"│     got     `{OBJECT}`",
        "│     wanted  `*`",
        "└─ statement 2, Deny: not matched",
        "   ├─ Action: not matched",
        "   │  got     `s3:GetObject`",
        "   │  wanted  `ec2:*`",
        "   └─ Resource: matched",
        f"      got     `{OBJECT}`",
        "      wanted  `*`",
    ]
