"""Requests decided by the real evaluator, for the tests of their explanations."""

import json
from collections.abc import Mapping
from typing import Any

from valetkey.diagnostics import Source
from valetkey.explain import Case, Explanation, explain
from valetkey.policy import (
    CompiledPolicy,
    Context,
    Decision,
    Policies,
    PolicyType,
    Request,
    Requester,
    compile_policy,
    decide,
)

ACCOUNT = "400000000019"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"
ASSUME = "sts:AssumeRoleWithWebIdentity"
ISSUER = "https://gitlab.forge.example"
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": "https://vk.example.test",
    "sub": "project_path:lanterns/kiln:ref_type:branch:ref:main",
    "project_path": "lanterns/kiln",
    "ref": "main",
    "ref_type": "branch",
}


def provider_arn(issuer: str = ISSUER, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:oidc-provider/{issuer.split('://', 1)[-1]}"


def statement(condition: Mapping[str, Any], issuer: str = ISSUER, **others: Any) -> dict[str, Any]:
    """Return a statement that trusts an issuer's tokens under a condition."""
    return {
        "Effect": "Allow",
        "Principal": {"Federated": provider_arn(issuer)},
        "Action": ASSUME,
        "Condition": condition,
        **others,
    }


def policy(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)


def compiled(text: str, type: PolicyType = PolicyType.TRUST) -> CompiledPolicy:
    return compile_policy(Source("trust.json", text), type, name="trust.json")


def context_of(claims: Mapping[str, Any], others: Mapping[str, Any] | None = None) -> Context:
    """Return the condition keys of a token, as `oidc` makes them of verified claims."""
    host = str(claims["iss"]).split("://", 1)[-1]
    values: dict[str, Any] = {}
    for name, claim in claims.items():
        if isinstance(claim, list):
            values[f"{host}:{name}"] = tuple(str(item) for item in claim)
        elif claim is not None:
            values[f"{host}:{name}"] = claim if isinstance(claim, str) else json.dumps(claim)
    return Context({**values, **(others or {})})


def decided(
    trust: CompiledPolicy, claims: Mapping[str, Any], context: Context, *, action: str = ASSUME
) -> Decision:
    requester = Requester("Federated", (provider_arn(claims["iss"]),), ACCOUNT)
    request = Request(action, ROLE, context, requester, ACCOUNT)
    return decide(Policies(resource=trust), request, trace=True)


def case_of(
    text: str,
    claims: Mapping[str, Any] = CLAIMS,
    *,
    others: Mapping[str, Any] | None = None,
    action: str = ASSUME,
    known: bool = True,
) -> Case:
    """Return a decided case; ``known`` says whether the policy's text can still be had."""
    trust = compiled(text)
    context = context_of(claims, others)
    decision = decided(trust, claims, context, action=action)
    return Case(
        allowed=decision.allowed,
        time=1_795_568_900.0,
        documents={trust.sha256: text}.get if known else lambda _: None,
        action=action,
        resource=ROLE,
        role_arn=ROLE,
        issuer=claims["iss"],
        claims=claims,
        context=dict(context.items()),
        decision=decision,
    )


def explained(text: str, claims: Mapping[str, Any] = CLAIMS, **others: Any) -> Explanation:
    return explain(case_of(text, claims, **others))


def words(explanation: Explanation) -> str:
    """Return all that an explanation advises and says, without the policy's text."""
    return "\n".join(
        text
        for one in explanation.diagnostics
        for text in (one.message, *one.help, *(label.text for label in one.labels))
    )
