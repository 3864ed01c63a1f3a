"""Required claims are required, times bound both ways, and no member is there twice.

Seen on a live store: a token without `exp`, one issued 100 minutes ahead, one with two `sub`.
"""

import json
from typing import Any

import pytest

from support.edge import Edge
from support.federation import exchange, federate
from support.refusals import check_refused
from support.tokens import NOW, claims, header, rsa_key, sign, token

MOMENT = int(NOW)
FAULTY: dict[str, dict[str, Any]] = {
    "no exp": {"exp": ...},
    "no iat": {"iat": ...},
    "no sub": {"sub": ...},
    "no aud": {"aud": ...},
    "no iss": {"iss": ...},
    "exp is null": {"exp": None},
    "exp is never": {"exp": 10**18},
    "exp is no number": {"exp": "never"},
    "exp is true": {"exp": True},
    "exp before the epoch": {"exp": -1},
    "issued 100 minutes ahead": {"iat": MOMENT + 6000},
    "good only later": {"nbf": MOMENT + 6000},
    "nbf is null": {"nbf": None},
    "6 minutes too late": {"exp": MOMENT - 360},
    "6 minutes too early": {"iat": MOMENT + 360},
    "nbf in 6 minutes": {"nbf": MOMENT + 360},
    "iat is a fraction": {"iat": MOMENT + 0.5},
    "iat is a list": {"iat": [MOMENT]},
    "iss is a list": {"iss": ["https://issuer.example"]},
    "iss is null": {"iss": None},
}


@pytest.mark.parametrize("faulty", FAULTY)
async def test_a_claim_that_is_missing_or_out_of_bounds_is_refused(shared_edge: Edge, faulty: str):
    await federate(shared_edge)
    check_refused(shared_edge, await exchange(shared_edge, token(**FAULTY[faulty])))


@pytest.mark.parametrize(
    "changes", [{"exp": MOMENT - 299}, {"iat": MOMENT + 300}, {"nbf": MOMENT + 300}], ids=repr
)
async def test_five_minutes_are_tolerated(shared_edge: Edge, changes: dict[str, Any]):
    await federate(shared_edge)
    answer = await exchange(shared_edge, token(**changes))
    assert answer.status == 200, answer.body


@pytest.mark.parametrize("name", ["sub", "aud", "iss", "exp", "extra"])
async def test_a_member_that_is_there_twice_is_refused(shared_edge: Edge, name: str):
    await federate(shared_edge)
    good = claims(extra="x")
    for first in (good[name], "attacker"):
        payload = f"{{{json.dumps(name)}:{json.dumps(first)},{json.dumps(good)[1:]}"
        answer = await exchange(shared_edge, sign(rsa_key(), header(), payload.encode()))
        assert check_refused(shared_edge, answer, "InvalidIdentityToken").check == "json"


@pytest.mark.parametrize("name", ["alg", "kid", "typ"])
async def test_a_header_member_that_is_there_twice_is_refused(shared_edge: Edge, name: str):
    await federate(shared_edge)
    good = header()
    head = f"{{{json.dumps(name)}:{json.dumps(good[name])},{json.dumps(good)[1:]}".encode()
    answer = await exchange(shared_edge, sign(rsa_key(), head, claims(), alg="RS256"))
    assert check_refused(shared_edge, answer, "InvalidIdentityToken").check == "json"


async def test_claims_that_make_one_condition_key_are_refused(shared_edge: Edge):
    await federate(shared_edge)
    for other in ("SUB", "Sub", "AUD", "OAUD"):
        answer = await exchange(shared_edge, token(**{other: "attacker"}))
        check_refused(shared_edge, answer, "InvalidIdentityToken")
