"""Requests from the decision log."""

import pytest

from support.explained import CLAIMS, ROLE, case_of, policy, statement
from valetkey.explain import State, as_json, explain_record
from valetkey.store import Outcome, RequestRecord

TEXT = policy(statement({"StringEquals": {"gitlab.forge.example:ref": "prod"}}))
DENIED = case_of(TEXT)
DENIAL = "Not authorized to perform sts:AssumeRoleWithWebIdentity"


def record(**fields):
    return RequestRecord(
        **{
            "request_id": "r-1",
            "time": 1_795_568_900.0,
            "service": "sts",
            "operation": "AssumeRoleWithWebIdentity",
            "action": "sts:AssumeRoleWithWebIdentity",
            "outcome": Outcome.REFUSED,
            "status": 403,
            "resource": ROLE,
            "issuer": CLAIMS["iss"],
            "claims": CLAIMS,
            **fields,
        }
    )


def documents(sha256):
    return TEXT if sha256 == DENIED.decision.trace[0].sha256 else None


def test_a_refusal_by_the_trust_policy():
    context = {k: v if isinstance(v, str) else list(v) for k, v in DENIED.context.items()}
    explanation = explain_record(
        record(
            check="policy",
            wire_code="AccessDenied",
            wire_message=DENIAL,
            decision=DENIED.decision,
            context=context,
        ),
        documents,
    )
    assert explanation.request_id == "r-1"
    assert explanation.answer == f"AccessDenied: {DENIAL}"
    assert explanation.diagnostics[0].labels[0].span.text == "p"
    assert explanation.steps[-1].state is State.FAILED


def test_a_text_that_is_no_longer_kept_leaves_the_words():
    explanation = explain_record(record(decision=DENIED.decision), lambda _: None)
    assert explanation.diagnostics[0].labels == ()
    assert "wanted `prod`, got `main`" in explanation.diagnostics[0].message


CHECKS = [
    ({"check": "policy", "reason": f"there is no role `{ROLE}`"}, "role-not-there", "role there"),
    (
        {"wire_message": "Request ARN is invalid", "resource": "arn:aws:iam:::role/deploy"},
        "account-empty",
        "role ARN",
    ),
    (
        {"check": "provider", "details": {"registered_issuers": ["https://gitlab.forge.example/"]}},
        "issuer-differs",
        "issuer registered",
    ),
    (
        {"check": "audience", "details": {"client_ids": ["https://vk.example.test/", 7]}},
        "audience-unknown",
        "audience",
    ),
    ({"check": "signature"}, "bad-signature", "signature"),
]


@pytest.mark.parametrize(("fields", "code", "rung"), CHECKS)
def test_a_refusal_by_a_check(fields, code, rung):
    explanation = explain_record(record(**fields), documents)
    assert [one.code for one in explanation.diagnostics] == [code]
    assert [s.name for s in explanation.steps if s.state is State.FAILED] == [rung]


def test_a_grant():
    text = policy(statement({"StringLike": {"gitlab.forge.example:ref": "*"}}))
    case = case_of(text)
    explanation = explain_record(
        record(outcome=Outcome.GRANTED, status=200, decision=case.decision), lambda _: text
    )
    assert explanation.allowed
    assert as_json(explanation)["allowed"] is True
    assert {step.state for step in explanation.steps} == {State.PASSED}


def test_a_failure_of_the_server_shows_no_ladder():
    explanation = explain_record(
        record(outcome=Outcome.FAILED, status=500, wire_code="InternalFailure", reason="disk full"),
        documents,
    )
    assert not explanation.allowed
    assert explanation.diagnostics[0].message == "disk full"
    assert {step.state for step in explanation.steps} == {State.NOT_REACHED}


def test_a_signed_request_that_was_not_authenticated():
    explanation = explain_record(
        record(operation="GetSecretValue", issuer=None, claims=None, reason="the key is unknown"),
        documents,
    )
    assert explanation.steps[0].state is State.FAILED
    assert explanation.steps[0].fact == "the key is unknown"


def test_a_request_refused_after_the_policies_allowed_it():
    text = policy(statement({"StringEqualsIfExists": {"gitlab.forge.example:nonce": "x"}}))
    case = case_of(text)
    reason = "`DurationSeconds` is more than the role's maximum"
    explanation = explain_record(
        record(outcome=Outcome.INVALID, status=400, decision=case.decision, reason=reason),
        lambda _: text,
    )
    assert not explanation.allowed
    assert explanation.diagnostics[0].message == reason
    assert explanation.diagnostics[1].code == "matched-because-missing"
    assert [s.name for s in explanation.steps if s.state is State.FAILED] == ["request"]
