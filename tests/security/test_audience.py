"""`aud` as text and as array of that one text give the same verdict; the audience is explicit.

Elsewhere: a text was ignored where a list was enforced; a token for another service opened S3.
"""

from typing import Any

import pytest

from support.edge import Edge
from support.federation import exchange, federate, make_role, register, trust
from support.refusals import check_refused
from support.tokens import token

BOTH = ["client-1", "client-9", "", " client-1", "client-1 ", "CLIENT-1", "client-1,client-2"]


@pytest.mark.parametrize("aud", BOTH)
async def test_a_text_and_an_array_of_it_mean_the_same(shared_edge: Edge, aud: str):
    await federate(shared_edge)
    answers = [await exchange(shared_edge, token(aud=form)) for form in (aud, [aud])]
    assert len({(a.status, a.code, a.message) for a in answers}) == 1
    assert (answers[0].status == 200) is (aud == "client-1")


@pytest.mark.parametrize(
    "aud",
    [
        ...,
        None,
        [],
        {},
        0,
        1.5,
        True,
        [None],
        [["client-1"]],
        [{"client-1": 1}],
        {"client-1": "client-1"},
        ["client-1", "client-2"],
        ["client-1", None],
        ["client-1", "client-1"],
        "kubernetes.default.svc",
        ["https://kubernetes.default.svc.cluster.local"],
        "sts.amazonaws.com",
    ],
    ids=repr,
)
async def test_another_audience_is_refused(shared_edge: Edge, aud: Any):
    await federate(shared_edge)
    answer = await exchange(shared_edge, token(aud=aud))
    check_refused(shared_edge, answer, "InvalidIdentityToken")


@pytest.mark.parametrize("azp", [None, 0, "", "client-9", ["client-1"], {}, False])
async def test_an_authorized_party_that_is_not_registered_is_refused(shared_edge: Edge, azp: Any):
    await federate(shared_edge)
    answer = await exchange(shared_edge, token(azp=azp))
    assert check_refused(shared_edge, answer, "InvalidIdentityToken").check == "audience"


async def test_no_client_ids_are_nobody(edge: Edge):
    """Elsewhere an empty list meant no restriction."""
    await register(edge, client_ids=())
    await make_role(edge, trust())
    for aud in ("client-1", "", [], [""], "*"):
        answer = await exchange(edge, token(aud=aud))
        check_refused(edge, answer, "InvalidIdentityToken")
