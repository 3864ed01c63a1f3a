"""The form without a server: GitLab's own tokens, a key set, a policy, and nothing else."""

import json
import re

import pytest

from support.explained import statement
from support.vectors import vectors
from valetkey.diagnostics import Source
from valetkey.explain import State, as_text, explain_token
from valetkey.oidc import KeySet, TokenError, claim_values, condition_values, parse_token, verify
from valetkey.policy import (
    Context,
    Policies,
    PolicyType,
    Request,
    Requester,
    compile_policy,
    decide,
)

ISSUER = "https://gitlab.example.test"
HOST = "gitlab.example.test"
CLIENT_ID = "https://valetkey.example"
ACCOUNT = "400000000019"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"
REQUESTER = Requester("Federated", (f"arn:aws:iam::{ACCOUNT}:oidc-provider/{HOST}",), ACCOUNT)
MAIN = "project_path:acme/payments/api:ref_type:branch:ref:main"


def token_of(name):
    return parse_token(vectors(f"gitlab-tokens/{name}.txt").read_text().strip())


def keys():
    return KeySet.from_json(vectors("gitlab-tokens/jwks.json").read_bytes())


def trust_of(**condition):
    text = json.dumps(
        {"Version": "2012-10-17", "Statement": [statement(condition, ISSUER)]}, indent=2
    )
    return compile_policy(Source("trust.json", text), PolicyType.TRUST, name="trust.json")


def run(name, trust, *, client_ids=(CLIENT_ID,), late=0, role_arn=ROLE):
    """Do what the command does: verify with the keys, decide with the policy, explain."""
    token = token_of(name)
    now = float(token.unverified_claims["iat"]) + late
    shared = {"now": now, "role_arn": role_arn, "trust": trust, "keys": keys()}
    try:
        claims = verify(token, keys(), client_ids=client_ids, issuer=ISSUER, now=now)
    except TokenError as refusal:
        return explain_token(token, refusal=refusal, client_ids=client_ids, **shared)
    context = Context(condition_values(claim_values(claims), HOST))
    request = Request("sts:AssumeRoleWithWebIdentity", ROLE, context, REQUESTER, ACCOUNT)
    decision = decide(Policies(resource=trust), request, trace=True)
    return explain_token(token, decision=decision, context=context, **shared)


ONLY_MAIN = {"StringEquals": {f"{HOST}:sub": MAIN, f"{HOST}:aud": CLIENT_ID}}

TOKENS = [
    ("token", True, None, None),
    ("token-tag", False, "branch-or-tag", "b"),
    ("token-fork-merge-request", False, "fork", "a"),
    ("token-unprotected-branch", False, "other-branch", None),
    ("token-sub-project-path-only", False, "other-components", "r"),
    ("token-environment", True, None, None),
]


@pytest.mark.parametrize(("name", "allowed", "code", "underlined"), TOKENS)
def test_tokens_of_gitlab(name, allowed, code, underlined):
    explanation = run(name, trust_of(**ONLY_MAIN))
    assert explanation.allowed is allowed
    assert [one.code for one in explanation.diagnostics] == ([code] if code else [])
    if underlined:
        assert explanation.diagnostics[0].labels[0].span.text == underlined


def test_a_grant_climbs_the_whole_ladder():
    steps = run("token", trust_of(**ONLY_MAIN)).steps
    assert [step.name for step in steps if step.state is not State.PASSED] == [
        "issuer registered",
        "role there",
    ]
    facts = {step.name: step.fact for step in steps}
    assert facts["key found"] == f"`{token_of('token').kid}`"
    assert facts["audience"] == f"`{CLIENT_ID}`"


def test_an_expired_token():
    explanation = run("token", trust_of(**ONLY_MAIN), late=10_000)
    assert explanation.diagnostics[0].code == "token-expired"
    assert "1 h 46 min before the request" in explanation.diagnostics[0].message


def test_an_audience_with_a_slash():
    explanation = run("token", trust_of(**ONLY_MAIN), client_ids=(f"{CLIENT_ID}/",))
    assert explanation.diagnostics[0].code == "audience-unknown"
    assert "trailing slash" in explanation.diagnostics[0].message


def test_a_role_without_its_account_comes_before_everything_else():
    explanation = run("token", trust_of(**ONLY_MAIN), role_arn="arn:aws:iam:::role/deploy")
    assert not explanation.allowed
    assert [one.code for one in explanation.diagnostics] == ["account-empty"]


def test_without_keys_nothing_that_they_prove_was_checked():
    trust = trust_of(**ONLY_MAIN)
    token = token_of("token")
    context = Context({f"{HOST}:{k}": str(v) for k, v in token.unverified_claims.items()})
    request = Request("sts:AssumeRoleWithWebIdentity", ROLE, context, REQUESTER, ACCOUNT)
    decision = decide(Policies(resource=trust), request, trace=True)
    explanation = explain_token(token, decision=decision, trust=trust, context=context, now=0.0)
    states = {step.name: step.state for step in explanation.steps}
    assert {name for name, state in states.items() if state is State.PASSED} == {
        "token read",
        "trust policy",
    }
    assert re.search(
        r"not checked +signature +no keys were given", as_text(explanation, whole=True)
    )
    assert "not checked: " in as_text(explanation)
    assert explanation.title.startswith("allowed, if the signature is the issuer's:")


def test_claims_that_were_judged_without_keys():
    explanation = explain_token(token_of("token"), now=0.0, supposed=True, role_arn=ROLE)
    unchecked = [s.name for s in explanation.steps if s.state is State.NOT_CHECKED]
    assert unchecked == ["issuer registered", "key found", "signature", "role there"]


def test_without_a_policy_nothing_is_allowed():
    assert not explain_token(token_of("token"), now=0.0).allowed


def test_a_text_that_is_no_token():
    with pytest.raises(TokenError) as caught:
        parse_token("glpat-xyz")
    explanation = explain_token(None, refusal=caught.value, now=0.0, role_arn=ROLE)
    assert not explanation.allowed
    assert [s.name for s in explanation.steps if s.state is State.FAILED] == ["token read"]
    assert "glpat" not in as_text(explanation)
