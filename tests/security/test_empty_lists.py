"""An empty list is nobody: in client ids, in principals, in conditions, in subjects.

Elsewhere "empty means unrestricted".
"""

import json
from typing import Any

import pytest

from support.edge import Edge
from support.federation import ASSUME, exchange, make_role, provider_arn, register, trust
from support.refusals import check_refused
from support.tokens import token

EMPTY: dict[str, dict[str, Any]] = {
    "no principal": {"Principal": ...},
    "principal of nobody": {"Principal": {}},
    "federated by nobody": {"Principal": {"Federated": []}},
    "federated by an empty name": {"Principal": {"Federated": ""}},
    "no action": {"Action": ...},
    "empty actions": {"Action": []},
    "no effect": {"Effect": ...},
}


@pytest.mark.parametrize("empty", EMPTY)
async def test_a_trust_policy_of_nothing_is_not_kept(shared_edge: Edge, empty: str):
    await register(shared_edge)
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": provider_arn()},
        "Action": ASSUME,
        **EMPTY[empty],
    }
    statement = {name: value for name, value in statement.items() if value is not ...}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    answer = await shared_edge.query(
        "iam", "CreateRole", RoleName="empty", AssumeRolePolicyDocument=document
    )
    check_refused(shared_edge, answer, "MalformedPolicyDocument")
    assert shared_edge.wiring.store.directory().role(shared_edge.admin.account, "empty") is None


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"issuer.example:sub": []}},
        {"StringLike": {"issuer.example:sub": []}},
        {"StringEquals": {"issuer.example:sub": ""}},
        {"ForAnyValue:StringEquals": {"issuer.example:groups": []}},
    ],
    ids=json.dumps,
)
async def test_a_condition_on_no_value_admits_nobody(shared_edge: Edge, condition: dict[str, Any]):
    await register(shared_edge)
    await make_role(shared_edge, trust(condition))
    for groups in ([], ["a"], ""):
        answer = await exchange(shared_edge, token(groups=groups))
        check_refused(shared_edge, answer, "AccessDenied")


@pytest.mark.parametrize("sub", ["", None, [], {}, False, ...], ids=repr)
async def test_an_empty_subject_is_nobody(shared_edge: Edge, sub: Any):
    await register(shared_edge)
    await make_role(shared_edge, trust({"StringLike": {"issuer.example:sub": "*"}}))
    check_refused(shared_edge, await exchange(shared_edge, token(sub=sub)), "InvalidIdentityToken")
