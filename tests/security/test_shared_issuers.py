"""A role for an issuer that everybody may use names whose tokens it takes, or is not made.

Elsewhere: hundreds of roles open to every repository of a public forge.
"""

import json
from typing import Any

import pytest

from support.edge import ACCOUNT, Edge
from support.federation import trust
from support.refusals import check_refused

SHARED = {
    "https://token.actions.githubusercontent.com": "repo:acme/site:*",
    "https://gitlab.com": "project_path:acme/site:*",
    "https://agent.buildkite.com": "organization:acme:*",
}
OPEN: dict[str, Any] = {
    "no condition": None,
    "the audience only": {"StringEquals": {"{key}:aud": "sts.amazonaws.com"}},
    "any subject": {"StringLike": {"{key}:sub": "*"}},
    "any subject, in other words": {"StringLike": {"{key}:sub": "??*"}},
    "one of several is any": {"StringLike": {"{key}:sub": ["{sub}", "*"]}},
    "for all values": {"ForAllValues:StringLike": {"{key}:sub": "{sub}"}},
    "if it exists": {"StringLikeIfExists": {"{key}:sub": "{sub}"}},
    "everybody but one": {"StringNotEquals": {"{key}:sub": "repo:evil/site"}},
    "another issuer's subject": {"StringLike": {"other.example:sub": "{sub}"}},
    "that it is there": {"Null": {"{key}:sub": "false"}},
}


def filled(condition: Any, issuer: str) -> Any:
    text = json.dumps(condition).replace("{key}", issuer.partition("://")[2])
    return json.loads(text.replace("{sub}", SHARED[issuer]))


@pytest.mark.parametrize("issuer", SHARED)
@pytest.mark.parametrize("opening", OPEN)
async def test_a_role_open_to_all_customers_is_not_made(
    shared_edge: Edge, opening: str, issuer: str
):
    document = trust(filled(OPEN[opening], issuer), issuer)
    answer = await shared_edge.query(
        "iam", "CreateRole", RoleName="open", AssumeRolePolicyDocument=document
    )
    check_refused(shared_edge, answer, "MalformedPolicyDocument")
    assert shared_edge.wiring.store.directory().role(ACCOUNT, "open") is None


@pytest.mark.parametrize("issuer", SHARED)
async def test_nor_is_a_role_opened_later(edge: Edge, issuer: str):
    key = issuer.partition("://")[2]
    narrow = trust({"StringLike": {f"{key}:sub": SHARED[issuer]}}, issuer)
    made = await edge.query("iam", "CreateRole", RoleName="r", AssumeRolePolicyDocument=narrow)
    assert made.status == 200, made.body
    answer = await edge.query(
        "iam", "UpdateAssumeRolePolicy", RoleName="r", PolicyDocument=trust(None, issuer)
    )
    check_refused(edge, answer, "MalformedPolicyDocument")
    role = edge.wiring.store.directory().role(ACCOUNT, "r")
    assert role is not None
    assert role.trust_policy == narrow


async def test_a_self_hosted_issuer_needs_no_subject(edge: Edge):
    document = trust(None, "https://gitlab.acme.example")
    answer = await edge.query(
        "iam", "CreateRole", RoleName="own", AssumeRolePolicyDocument=document
    )
    assert answer.status == 200, answer.body
