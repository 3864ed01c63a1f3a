"""Keys are fetched once a cool-down, whatever kids tokens name; old ones outlive a bad hour.

Elsewhere: each unknown kid fetched the keys again (50 forged tokens, 50 fetches).
"""

import asyncio

import pytest

from support.edge import Edge
from support.federation import exchange, federate
from support.refusals import check_refused
from support.tokens import b64u, claims, header, jwk, jwks, rsa_key, sign, token
from support.way_out import CountingIssuer, fetching

BODY = jwks(jwk(rsa_key(), "k-rs256", use="sig", alg="RS256"))
FORGED = 10_000


def forged(number: int) -> str:
    """Return a token of a kid of its own; no signature of it is ever looked at."""
    return sign(rsa_key("attacker"), header(kid=f"k{number}"), claims())


async def test_ten_thousand_kids_are_one_fetch(edge: Edge):
    await federate(edge)
    issuer = CountingIssuer(BODY)
    template = sign(rsa_key("attacker"), header(kid="k"), claims()).split(".")
    heads = (b64u(f'{{"alg":"RS256","kid":"k{n}"}}'.encode()) for n in range(FORGED))
    async with fetching(edge, issuer):
        good = token()
        assert (await exchange(edge, good)).status == 200
        assert issuer.fetches == 1
        edge.now[0] += 11  # the cool-down is over: one fetch is due
        for number, head in enumerate(heads):
            answer = await exchange(edge, ".".join((head, *template[1:])))
            assert answer.code == "InvalidIdentityToken"
            if number % 1000 == 0:
                assert (await exchange(edge, good)).status == 200
        assert issuer.fetches == 2
        assert (await exchange(edge, good)).status == 200


async def test_many_at_once_share_one_fetch(edge: Edge):
    await federate(edge)
    issuer = CountingIssuer(BODY)
    async with fetching(edge, issuer):
        texts = [token(), *(forged(number) for number in range(50)), token(jti="2")]
        answers = await asyncio.gather(*(exchange(edge, text) for text in texts))
    assert issuer.fetches == 1
    assert [answer.status for answer in answers] == [200, *[400] * 50, 200]


async def test_a_new_key_is_found_after_the_cool_down(edge: Edge):
    await federate(edge)
    issuer = CountingIssuer(BODY)
    rotated = sign(rsa_key("second"), header(kid="k-new"), claims())
    async with fetching(edge, issuer):
        assert (await exchange(edge, token())).status == 200
        issuer.body = jwks(
            jwk(rsa_key(), "k-rs256", use="sig", alg="RS256"), jwk(rsa_key("second"), "k-new")
        )
        check_refused(edge, await exchange(edge, rotated), "InvalidIdentityToken")
        edge.now[0] += 10
        assert (await exchange(edge, rotated)).status == 200
    assert issuer.fetches == 2


@pytest.mark.parametrize(("later", "passes"), [(3_700, True), (86_000, True), (86_500, False)])
async def test_old_keys_serve_while_the_issuer_is_down_within_a_bound(
    edge: Edge, later: int, *, passes: bool
):
    await federate(edge)
    issuer = CountingIssuer(BODY)
    async with fetching(edge, issuer):
        assert (await exchange(edge, token())).status == 200
        issuer.down = True
        edge.now[0] += later
        moment = int(edge.now[0])
        answer = await exchange(edge, token(iat=moment, exp=moment + 600))
        if passes:
            assert answer.status == 200, answer.body
        else:
            assert check_refused(edge, answer, "InvalidIdentityToken").check == "keys"


async def test_a_key_that_is_taken_back_opens_nothing_once_it_is_known(edge: Edge):
    await federate(edge)
    issuer = CountingIssuer(BODY)
    async with fetching(edge, issuer):
        assert (await exchange(edge, token())).status == 200
        issuer.body = jwks(jwk(rsa_key("second"), "k-new"))
        edge.now[0] += 3_601
        moment = int(edge.now[0])
        late = token(iat=moment, exp=moment + 600)
        # Served once more while the keys are fetched anew; then the old one is gone.
        await exchange(edge, late)
        await asyncio.sleep(0.05)
        check_refused(edge, await exchange(edge, late), "InvalidIdentityToken")
