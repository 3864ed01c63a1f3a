"""The order of evaluation, without chance: every principal against every requester and policy.

One resource or trust policy names one principal (or all but some); beside it identity policies, a
boundary and session policies allow, lack or are absent, for each owner of the resource. Every
combination is decided by both evaluators.
"""

from collections import Counter
from itertools import product
from typing import Any

import pytest

from reference import evaluator
from reference.both import Case, asked_of, assert_agree, documents_of, policies_of, request_of
from reference.vocabulary import ACCOUNT, OTHER, PRINCIPALS, REQUESTERS
from valetkey.policy import Reason, decide

ROLE = f"arn:aws:iam::{ACCOUNT}:role/target"


def document(*statements: Case) -> Case:
    return {"Version": "2012-10-17", "Statement": list(statements)}


ALLOWS = document({"Effect": "Allow", "Action": "sts:*", "Resource": "*"})
LACKS = document({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
OWN = [
    {"identity": identity, **boundary, **session}
    for identity, boundary, session in product(
        ([], [ALLOWS]),
        ({}, {"boundary": ALLOWS}, {"boundary": LACKS}),
        ({}, {"session": []}, {"session": [ALLOWS]}),
    )
]
"""What the requester's own policies may be."""

SINGLE = [{kind: value} for kind, values in PRINCIPALS.items() for value in values]


def all_but_one() -> list[Case]:
    """For each AWS requester: every name of it and its account, then one of them missing."""
    found: list[Case] = []
    for by in REQUESTERS:
        own = [*by["names"], *([by["account"]] if by["account"] else [])]
        if by["kind"] == "AWS":
            found += [{"AWS": own}, *({"AWS": [n for n in own if n != out]} for out in own)]
    return [each for each in found if each["AWS"]]


def statement(effect: str, place: str, **more: Any) -> Case:
    covered = {} if place == "resource_trust" else {"Resource": ROLE}
    return {"Effect": effect, "Action": "sts:AssumeRole", **covered, **more}


def everyone(place: str) -> list[Case]:
    """Allow whoever can be allowed."""
    named = {
        kind: values for kind, values in PRINCIPALS.items() if kind in ("Federated", "Service")
    }
    return [statement("Allow", place, Principal={"AWS": "*", **named})]


def by_arn(operator: str) -> Case:
    """Allow everyone whose ARN a condition names."""
    condition = {operator: {"aws:PrincipalArn": "arn:aws:iam::*:*"}}
    return statement("Allow", "resource", Principal="*", Condition=condition)


def policies(place: str) -> list[Case]:
    """Every policy of the resource that is tried."""
    singles = [each for each in SINGLE if place == "resource" or "CanonicalUser" not in each]
    found = [document(statement("Allow", place, Principal=each)) for each in singles]
    found += [
        document(*everyone(place), statement("Deny", place, Principal=each)) for each in singles
    ]
    if place == "resource_trust":
        return found
    apart = [*singles, *all_but_one(), "*", {"AWS": "*", "Service": "events.amazonaws.com"}]
    found += [
        document(*everyone(place), statement("Deny", place, NotPrincipal=each)) for each in apart
    ]
    found.append(document(statement("Allow", place, Principal="*")))
    operators = ["ArnLike", "ArnLikeIfExists", "ArnNotLike", "StringLike", "ForAnyValue:ArnEquals"]
    return found + [document(by_arn(each)) for each in [*operators, "ForAllValues:ArnLike"]]


def requests() -> list[Case]:
    """Every requester asking for every owner's resource."""
    return [
        {
            "request": {
                "action": "sts:AssumeRole",
                "resource": ROLE,
                "requester": by,
                "resource_account": owner,
            },
            "context": {"aws:PrincipalArn": by["names"][-1]} if by["kind"] == "AWS" else {},
        }
        for by, owner in product(REQUESTERS, (ACCOUNT, OTHER, None))
    ]


@pytest.mark.parametrize("place", ["resource", "resource_trust"])
def test_every_combination(place: str) -> None:
    seen: Counter[Reason] = Counter()
    asking = [(each, request_of(each), asked_of(each)) for each in requests()]
    for own, of_resource in product(OWN, policies(place)):
        given = {**own, place: of_resource}
        fast, slow = policies_of(given), documents_of(given)
        for case, request, asked in asking:
            decision = decide(fast, request)
            assert_agree({"policies": given, **case}, decision, evaluator.decide(slow, asked))
            seen[decision.reason] += 1
    print(place, {reason.value: count for reason, count in seen.most_common()})
    other = Reason.NO_TRUST_ALLOW if place == "resource" else Reason.NO_RESOURCE_ALLOW
    assert set(seen) == set(Reason) - {other}
