"""Which statement is explained: the nearest one, the Deny that matched, or that there is none."""

import json
import re

import pytest

from support.explained import (
    ACCOUNT,
    CLAIMS,
    ROLE,
    case_of,
    compiled,
    explained,
    policy,
    provider_arn,
    statement,
    words,
)
from valetkey.explain import Case, DecidedBy, State, as_text, explain
from valetkey.policy import Context, Policies, PolicyType, Request, Requester, decide

SUB = "gitlab.forge.example:sub"
ANY = {"StringLike": {SUB: "*"}}


def subject(project, ref="main"):
    return {"StringEquals": {SUB: f"project_path:{project}:ref_type:branch:ref:{ref}"}}


def test_the_nearest_statement_is_explained_and_the_others_are_named():
    text = policy(
        statement(subject("miners/pit"), Sid="Pit"),
        statement(subject("lanterns/kiln", "prod"), Sid="Kiln"),
        statement(subject("lanterns/kiln"), issuer="https://elsewhere.example"),
    )
    explanation = explained(text)
    (main,) = explanation.diagnostics
    assert main.code == "other-branch"
    assert main.labels[0].span.text == "p"
    assert [(one.where, one.code) for one in explanation.near_misses] == [
        ("statement 2 (`Kiln`) of trust.json", "other-branch"),
        ("statement 1 (`Pit`) of trust.json", "other-project"),
        ("statement 3 of trust.json", "principal-differs"),
    ]
    assert explanation.decided_by == DecidedBy(
        "trust policy",
        "no statement of the trust policy admits this; statement 2 (`Kiln`) comes nearest",
        "trust.json",
        2,
        "Kiln",
    )
    row = next(row for row in as_text(explanation).splitlines() if row.startswith("  1. "))
    assert re.fullmatch(r"  1\. statement 2 \(`Kiln`\) of trust\.json:\d+:\d+: this is .*", row)


def test_fewer_failed_parts_are_nearer():
    far = {"StringEquals": {SUB: "x", "gitlab.forge.example:aud": "y"}}
    text = policy(statement(far), statement({"StringEquals": {"gitlab.forge.example:ref": "z"}}))
    assert explained(text).diagnostics[0].labels[0].span.text == "z"


def test_a_deny_that_matches_is_shown_with_what_matched():
    text = policy(
        statement(ANY),
        statement({"StringEquals": {"gitlab.forge.example:ref": "main"}}, Sid="No", Effect="Deny"),
    )
    explanation = explained(text)
    (finding,) = explanation.diagnostics
    assert not explanation.allowed
    assert finding.code == "explicit-deny"
    assert finding.message == "statement 2 (`No`) denies this; a Deny wins over every Allow"
    assert '"main"' in [label.span.text for label in finding.labels]
    assert finding.help[0].startswith("nothing should be changed")


PRINCIPALS = [
    (
        {"Federated": provider_arn(account="400000000018")},
        "principal-differs",
        "8",
        "the account differs",
        provider_arn(),
    ),
    (
        {"Federated": provider_arn("https://gitlab.forge.example/")},
        "principal-differs",
        "/",
        "a trailing slash differs",
        provider_arn(),
    ),
    (
        {"Federated": provider_arn("https://gitlab.forge.exampel")},
        "principal-differs",
        "e",
        "another issuer's provider",
        "nothing should be changed otherwise",
    ),
    (
        {"Federated": provider_arn("https://Gitlab.forge.example")},
        "principal-differs",
        "G",
        "upper and lower case differ",
        provider_arn(),
    ),
    (
        {"Federated": "accounts.google.com"},
        "principal-differs",
        "c",
        "a provider is named by its ARN",
        provider_arn(),
    ),
    ({"AWS": "*"}, "principal-kind", "*", "`Principal` names `*`", '{"Federated": "arn:aws:iam::'),
]


@pytest.mark.parametrize(("principal", "code", "underlined", "message", "help"), PRINCIPALS)
def test_principal(principal, code, underlined, message, help):
    (finding,) = explained(policy(statement(ANY, Principal=principal))).diagnostics
    assert finding.code == code
    assert finding.labels[0].span.text == underlined
    assert message in finding.message
    assert help in finding.help[0]


ACTIONS = [
    ("sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", '"', "write `sts:AssumeRoleWithWebId"),
    ("sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity", "S", "write"),
    ("sts:AssumeRoleWithWebIdentity", "sts:TagSession", "A", "the token carries session tags"),
    (
        "sts:AssumeRoleWithWebIdentity",
        "sts:SetSourceIdentity",
        "A",
        "the token carries a source identity: add `sts:SetSourceIdentity`",
    ),
]


@pytest.mark.parametrize(("written", "asked", "underlined", "help"), ACTIONS)
def test_action(written, asked, underlined, help):
    (finding,) = explained(policy(statement(ANY, Action=written)), action=asked).diagnostics
    assert finding.code == "action-differs"
    assert finding.labels[0].span.text == underlined
    assert help in finding.help[0]


def test_an_inverse_element_names_what_it_excludes():
    text = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "NotAction": "s3:Get*", "Resource": "*"},
        }
    )
    finding = signed(text, "s3:GetObject").diagnostics[0]
    assert finding.code == "notaction-differs"
    assert finding.message == "`NotAction` excludes `s3:GetObject`"
    assert finding.labels[0].span.text == '"s3:Get*"'


def signed(text, action, resource="arn:aws:s3:::kiln/a", *, boundary=None):
    """Explain a request of a user with an identity policy."""
    identity = compiled(text, PolicyType.IDENTITY)
    limits = compiled(boundary, PolicyType.BOUNDARY) if boundary else None
    user = f"arn:aws:iam::{ACCOUNT}:user/ada"
    context = Context({"aws:username": "ada"})
    request = Request(action, resource, context, Requester("AWS", (user,), ACCOUNT), ACCOUNT)
    decision = decide(Policies((identity,), limits), request, trace=True)
    texts = {one.sha256: one.source.text for one in (identity, limits) if one is not None}
    return explain(
        Case(
            allowed=decision.allowed,
            time=0.0,
            documents=texts.get,
            operation="GetObject",
            action=action,
            resource=resource,
            caller=user,
            context=dict(context.items()),
            decision=decision,
        )
    )


S3 = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::kiln/public/*"},
            {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::kiln/${aws:username}"},
        ],
    }
)


def test_a_signed_request_has_a_ladder_of_its_own():
    explanation = signed(S3, "s3:GetObject")
    assert [(step.name, step.state) for step in explanation.steps] == [
        ("request authenticated", State.PASSED),
        ("no Deny", State.PASSED),
        ("identity policies", State.FAILED),
    ]
    assert explanation.steps[-1].fact == "no identity policy allows this"


def test_a_resource_that_differs():
    finding = signed(S3, "s3:GetObject", "arn:aws:s3:::kiln/private/x").diagnostics[0]
    assert finding.code == "resource-differs"
    assert finding.labels[0].span.text == "u"
    assert "in the request" in finding.labels[0].text
    assert "`arn:aws:s3:::kiln/private/x`" in finding.help[0]


def test_a_boundary_that_does_not_allow_is_what_is_explained():
    boundary = S3.replace("public", "nobody").replace("s3:*", "s3:Put*")
    explanation = signed(S3, "s3:GetObject", "arn:aws:s3:::kiln/public/x", boundary=boundary)
    finding = explanation.diagnostics[0]
    assert explanation.steps[-1].fact == "no permissions boundary allows this"
    assert finding.labels[0].span.source.text == boundary
    assert finding.labels[0].span.text == "n"


def test_a_policy_without_an_allow():
    text = policy(statement({"StringEquals": {SUB: "x"}}, Effect="Deny"))
    (finding,) = explained(text).diagnostics
    assert finding.code == "no-allow"
    assert "no trust policy has a statement that could allow" in finding.message


def test_a_grant_names_its_statement():
    explanation = explained(policy(statement(ANY, Sid="Any")))
    assert explanation.allowed
    assert explanation.diagnostics == ()
    assert explanation.steps[-1].fact == "allowed by statement 1 (`Any`)"
    assert {step.state for step in explanation.steps} == {State.PASSED}


def test_a_decision_without_its_trace_is_told_in_words():
    case = case_of(policy(statement(subject("miners/pit"))))
    bare = Case(
        allowed=False,
        time=0.0,
        documents=lambda _: None,
        resource=ROLE,
        issuer=CLAIMS["iss"],
        decision=type(case.decision)(False, case.decision.reason),
        wire_message="Not authorized to perform sts:AssumeRoleWithWebIdentity",
    )
    explanation = explain(bare)
    assert "Not authorized" in words(explanation)
    assert explanation.steps[-1].fact == "no statement of the trust policy admits this"


MANY = policy(*(statement(subject(f"miners/pit-{index}")) for index in range(12)))


def test_of_many_near_misses_the_nearest_are_shown():
    explanation = explained(MANY)
    assert len(explanation.near_misses) == 8
    assert {one.code for one in explanation.near_misses} == {"other-project"}
