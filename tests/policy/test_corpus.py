"""The corpus of policies, requests and decisions, with and without a trace."""

import re
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


EVERY = {
    name: own(f"policy/{name}.json")["cases"]
    for name in ("decisions", "operators", "refusals", "accepted")
}
PROVENANCE = re.compile(
    r"IAM User Guide, reference_|IAM User Guide, id_roles_|facts/(aws\.md \d|sts-observed\.json)|"
    r"cases\.md O-\d\d|lessons\.md \d|RFC \d|moto, |DESIGN\.md, |STYLE\.md habit \d|undocumented; |"
    r"texts of resource policies were seen nowhere; |no AWS text |observed on AWS, \d{4}-\d\d-\d\d "
)
REPORTED = [
    *(f"cases.md O-0{n}" for n in range(1, 7)),
    "cases.md O-01 twin ForAnyValue",
    "cases.md O-06 twin two issuers",
    "cases.md O-15",
    "cases.md O-15 second policy",
    "cases.md O-15; facts/aws.md 7",
    *(f"cases.md O-16{twin}" for twin in ("", " twin 1", " twin 2", " twin 3")),
    *(f"cases.md O-17 {part}" for part in "abc"),
    "cases.md O-18 first request",
    "cases.md O-18 second request",
    "cases.md O-18 condition keys",
]


def test_every_case_says_where_its_rule_stands() -> None:
    without = [
        case["id"]
        for cases in EVERY.values()
        for case in cases
        if not PROVENANCE.match(case.get("from", ""))
    ]
    assert without == []


@pytest.mark.parametrize("name", EVERY)
def test_ids_are_unique(name: str) -> None:
    ids = [case["id"] for case in EVERY[name]]
    assert len(set(ids)) == len(ids)


def test_every_reported_case_of_the_language_is_there_with_its_twins() -> None:
    there = {case["from"] for cases in EVERY.values() for case in cases}
    assert set(REPORTED) <= there


def test_every_reason_is_expected_somewhere_and_the_corpus_is_of_the_size_it_claims() -> None:
    assert {case["expected"]["reason"] for case in DECISIONS} == set(Reason)
    assert len(DECISIONS) >= 275
    assert len(OPERATORS) >= 700


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
