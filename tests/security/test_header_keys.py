"""A token can't bring its own key: `jwk`, `jku`, `x5u`, `x5c` and `crit` never choose one.

Elsewhere: the header's `jwk` was trusted where no key was found.
"""

from typing import Any

import pytest

from support.edge import Edge
from support.federation import exchange, federate
from support.refusals import check_refused
from support.tokens import certificate, claims, header, jwk, rsa_key, sign

MINE = rsa_key("attacker")
BROUGHT: dict[str, dict[str, Any]] = {
    "jwk": {"jwk": jwk(MINE, "k-rs256", use="sig", alg="RS256")},
    "jwk without kid": {"jwk": jwk(MINE, None), "kid": ...},
    "jku": {"jku": "https://attacker.example/jwks.json"},
    "jku of this machine": {"jku": "http://127.0.0.1:1/jwks.json"},
    "x5u": {"x5u": "https://attacker.example/chain.pem"},
    "x5c": {"x5c": [certificate(MINE)]},
    "x5c and x5t": {"x5c": [certificate(MINE)], "x5t": "AAAA", "x5t#S256": "AAAA"},
    "all of them": {
        "jwk": jwk(MINE, "k-rs256"),
        "jku": "https://attacker.example/jwks.json",
        "x5u": "https://attacker.example/chain.pem",
        "x5c": [certificate(MINE)],
    },
}


@pytest.mark.parametrize("brought", BROUGHT)
async def test_a_key_in_the_header_opens_nothing(
    shared_edge: Edge, sockets: list[Any], brought: str
):
    await federate(shared_edge)
    answer = await exchange(shared_edge, sign(MINE, header(**BROUGHT[brought]), claims()))
    check_refused(shared_edge, answer, "InvalidIdentityToken")
    assert sockets == []
    assert shared_edge.source.fetched == []


@pytest.mark.parametrize("brought", BROUGHT)
async def test_a_key_in_the_header_does_not_replace_the_issuer_s(
    shared_edge: Edge, sockets: list[Any], brought: str
):
    """Beside a good signature of the issuer's the header's words change nothing."""
    await federate(shared_edge)
    head = header(**BROUGHT[brought])
    answer = await exchange(shared_edge, sign(rsa_key(), head, claims()))
    assert answer.status == 200, answer.body
    assert sockets == []


@pytest.mark.parametrize("crit", [["exp"], [], ["b64"], "exp", None, ["http://example/ext"]])
async def test_a_critical_header_is_refused(shared_edge: Edge, crit: Any):
    await federate(shared_edge)
    answer = await exchange(shared_edge, sign(rsa_key(), header(crit=crit), claims()))
    assert check_refused(shared_edge, answer, "InvalidIdentityToken").check == "header"
