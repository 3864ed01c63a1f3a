"""The engine and the reference evaluator, held against each other over random policies.

A run has a fixed number of examples. For a long one set ``VALETKEY_REFERENCE_EXAMPLES`` to the
number wanted in all, half of them whole cases, the rest operators one by one::

    VALETKEY_REFERENCE_EXAMPLES=200000 pytest tests/reference/test_differential.py -s

A whole case is asked as drawn and then by every other requester, for every other owner and
resource, and without each of its condition keys, so that a run compares many times more decisions
than it has examples.
"""

import json
import os
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from reference import evaluator
from reference.both import asked_of, assert_agree, by_engine, documents_of, policies_of, request_of
from reference.conditions import holds
from reference.statements import read
from reference.strategies import cases, neighbours, operator_cases
from reference.typed_values import FAMILY
from reference.vocabulary import ACCOUNT, REQUESTERS
from valetkey.policy import Decision, Reason, decide

TOTAL = int(os.environ.get("VALETKEY_REFERENCE_EXAMPLES", "0"))
WHOLE = TOTAL // 2 or 1200
EACH_OPERATOR = (TOTAL - TOTAL // 2) // (len(FAMILY) + 1) or 300
AT_LENGTH = {"suppress_health_check": list(HealthCheck), "database": None}


def test_whole_cases() -> None:
    seen: Counter[Reason] = Counter()

    @settings(max_examples=WHOLE, **AT_LENGTH)
    @given(cases())
    def agree(case: dict[str, Any]) -> None:
        policies, documents = policies_of(case["policies"]), documents_of(case["policies"])
        for each in neighbours(case):
            decision = decide(policies, request_of(each))
            assert_agree(each, decision, evaluator.decide(documents, asked_of(each)))
            seen[decision.reason] += 1

    agree()
    print({reason.value: f"{count / seen.total():.1%}" for reason, count in seen.most_common()})
    # A generator whose policies never fit the request would prove nothing.
    assert set(seen) == set(Reason)
    assert seen[Reason.ALLOWED] > seen.total() / 12


def statement(effect: str, condition: dict[str, Any]) -> dict[str, Any]:
    return {"Effect": effect, "Action": "*", "Resource": "*", "Condition": condition}


def decided(context: dict[str, Any], *statements: dict[str, Any]) -> Decision:
    request = {
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::kiln/a",
        "requester": REQUESTERS[0],
        "resource_account": ACCOUNT,
    }
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return by_engine({"policies": {"identity": [document]}, "request": request, "context": context})


def allows(condition: dict[str, Any], context: dict[str, Any]) -> bool:
    return decided(context, statement("Allow", condition)).allowed


def denies(condition: dict[str, Any], context: dict[str, Any]) -> bool:
    return not decided(context, statement("Allow", {}), statement("Deny", condition)).allowed


@pytest.mark.parametrize("base", [*FAMILY, "Null"])
def test_operator(base: str) -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=EACH_OPERATOR, **AT_LENGTH)
    @given(operator_cases(base))
    def agree(drawn: tuple[dict[str, Any], dict[str, Any]]) -> None:
        condition, context = drawn
        slowly = holds(read(json.dumps(condition)), context, variables=True)
        expected = (slowly is True, slowly is not False)
        assert (allows(condition, context), denies(condition, context)) == expected, drawn
        seen[str(slowly)] += 1

    agree()
    print(base, dict(seen))
    assert set(seen) == {"True", "False", "None"}
