"""The corpus of policies, requests and decisions, with and without a trace."""

from typing import Any

import pytest

from policy.building import allow, asked_of, both_ways, compiled, context, deny, document, request
from support.vectors import own
from valetkey.policy import Policies, PolicyType, Reason, Request, Requester

OPERATORS = own("policy/operators.json")["cases"]
DECISIONS = own("policy/decisions.json")["cases"]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in OPERATORS])
def test_an_allow_applies_only_where_its_condition_holds(case: dict[str, Any]) -> None:
    decision = asked_of(allow(Condition=case["condition"]), request(values=case["context"]))
    assert decision.allowed is case["allow_applies"], case.get("why")


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in OPERATORS])
def test_a_deny_applies_where_its_condition_holds_or_is_unknown(case: dict[str, Any]) -> None:
    policy = compiled(document(allow(), deny(Condition=case["condition"])))
    decision = both_ways(Policies(identity=(policy,)), request(values=case["context"]))
    assert (decision.reason is Reason.EXPLICIT_DENY) is case["deny_applies"], case.get("why")


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in DECISIONS])
def test_decision(case: dict[str, Any]) -> None:
    decision = both_ways(policies_of(case["policies"]), request_of(case))
    expected = case["expected"]
    assert (decision.allowed, decision.reason.value) == (
        expected["allowed"],
        expected["reason"],
    ), case.get("why")
    if "determining" in expected:
        found = [[ref.policy, ref.index] for ref in decision.determining]
        assert found == expected["determining"]


def test_the_corpus_is_of_the_size_it_claims() -> None:
    every = OPERATORS + DECISIONS
    assert len({case["id"] for case in every}) == len(every) > 800


def policies_of(given: dict[str, Any]) -> Policies:
    """Compile the policies of a case; their names are their places."""
    identity = tuple(
        compiled(each, PolicyType.IDENTITY, f"identity-{place}")
        for place, each in enumerate(given.get("identity", []))
    )
    boundary = given.get("boundary")
    session = given.get("session")
    resource = None
    if "resource" in given:
        resource = compiled(given["resource"], PolicyType.RESOURCE, "resource")
    if "resource_trust" in given:
        resource = compiled(given["resource_trust"], PolicyType.TRUST, "trust")
    return Policies(
        identity,
        None if boundary is None else compiled(boundary, PolicyType.BOUNDARY, "boundary"),
        None
        if session is None
        else tuple(
            compiled(each, PolicyType.SESSION, f"session-{place}")
            for place, each in enumerate(session)
        ),
        resource,
    )


def request_of(case: dict[str, Any]) -> Request:
    """Build the request of a case."""
    asked, by = case["request"], case["request"]["requester"]
    return Request(
        asked["action"],
        asked["resource"],
        context(case["context"]),
        Requester(by["kind"], tuple(by["names"]), by["account"], tuple(by.get("ids", ()))),
        asked["resource_account"],
    )
