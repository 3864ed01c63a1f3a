"""The reference evaluator gives each decision that the project's own corpus expects."""

from typing import Any

import pytest

from reference.both import by_reference
from reference.vocabulary import ACCOUNT, REQUESTERS
from support.vectors import own

OPERATORS = own("policy/operators.json")["cases"]
DECISIONS = own("policy/decisions.json")["cases"]


def statement(effect: str, **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": "*", "Resource": "*", **more}


def asked_with(context: dict[str, Any], *statements: dict[str, Any]) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    request = {
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::kiln/a",
        "requester": REQUESTERS[0],
        "resource_account": ACCOUNT,
    }
    return {"policies": {"identity": [document]}, "request": request, "context": context}


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in OPERATORS])
def test_operator(case: dict[str, Any]) -> None:
    condition, context = case["condition"], case["context"]
    alone = by_reference(asked_with(context, statement("Allow", Condition=condition)))
    assert alone.allowed is case["allow_applies"], case.get("why")
    beside = asked_with(context, statement("Allow"), statement("Deny", Condition=condition))
    assert (by_reference(beside).reasons == {"explicit-deny"}) is case["deny_applies"]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in DECISIONS])
def test_decision(case: dict[str, Any]) -> None:
    verdict = by_reference(case)
    assert verdict.allowed is case["expected"]["allowed"], case.get("why")
    assert case["expected"]["reason"] in verdict.reasons, case.get("why")
