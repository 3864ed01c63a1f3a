"""A token is three strict base64url segments; nothing is judged "opaque, go on".

Elsewhere: `header.payload.` lost its empty signature in a split, and opened the door.
"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.edge import Edge
from support.federation import exchange, federate
from support.refusals import check_refused
from support.tokens import b64u, claims, header, rsa_key, sign

GOOD = sign(rsa_key(), header(), claims())
HEAD, BODY, SIGNATURE = GOOD.split(".")


def spare_bits(segment: str) -> str:
    """Return another text of the same bytes: the last character's unused bits are set."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return segment[:-1] + alphabet[alphabet.index(segment[-1]) + 1]


BROKEN = {
    "empty signature": f"{HEAD}.{BODY}.",
    "no signature": f"{HEAD}.{BODY}",
    "header only": HEAD,
    "empty header": f".{BODY}.{SIGNATURE}",
    "empty payload": f"{HEAD}..{SIGNATURE}",
    "dots only": "....",
    "two dots": "..aa",
    "four segments": f"{GOOD}.{SIGNATURE}",
    "five segments": f"{GOOD}.a.b",
    "signature cut": GOOD[:-1],
    "signature cut by a byte": GOOD[:-4],
    "signature twice as long": GOOD + SIGNATURE,
    "padded": GOOD + "==",
    "signature with spare bits": f"{HEAD}.{BODY}.{spare_bits(SIGNATURE)}",
    "standard base64": f"{HEAD}.{BODY}.{SIGNATURE.replace('-', '+').replace('_', '/')}+/",
    "line break before": "\n" + GOOD,
    "blank before": f" {GOOD}",
    "blank inside": f"{HEAD} .{BODY}.{SIGNATURE}",
    "line break inside": f"{HEAD}.{BODY[:20]}\n{BODY[20:]}.{SIGNATURE}",
    "not ASCII": f"{HEAD}.{BODY}.{SIGNATURE[:-1]}\u00e9",
    "full-width dot": GOOD.replace(".", "\uff0e"),
    "JSON serialization": f'{{"payload":"{BODY}","protected":"{HEAD}","signature":"{SIGNATURE}"}}',
    "payload of another token": f"{HEAD}.{b64u(b'{}')}.{SIGNATURE}",
    "header is an array": f"{b64u(b'[]')}.{BODY}.{SIGNATURE}",
    "payload is text": f"{HEAD}.{b64u(b'subject')}.{SIGNATURE}",
    "not a token": "hello",
    "variable not expanded": "$ID_TOKEN",
    "GitLab job token": "glcbt-64_aaaaaaaaaaaaaaaaaaaa",
}


@pytest.mark.parametrize("broken", BROKEN)
async def test_a_broken_token_is_refused(shared_edge: Edge, broken: str):
    await federate(shared_edge)
    answer = await exchange(shared_edge, BROKEN[broken])
    check_refused(shared_edge, answer, "InvalidIdentityToken")


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(at=st.integers(0, len(GOOD) - 1), to=st.sampled_from("ABab019-_.+/= \n"))
async def test_no_change_of_one_character_passes(shared_edge: Edge, at: int, to: str):
    await federate_once(shared_edge)
    changed = GOOD[:at] + to + GOOD[at + 1 :]
    answer = await exchange(shared_edge, changed)
    if changed == GOOD:
        assert answer.status == 200
    else:
        check_refused(shared_edge, answer)


async def federate_once(edge: Edge) -> None:
    if edge.wiring.store.directory().role(edge.admin.account, "example") is None:
        await federate(edge)
