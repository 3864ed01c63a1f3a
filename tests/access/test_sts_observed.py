"""AWS's observed answers are ours through the whole server, apart from listed differences."""

import datetime as dt
from typing import NamedTuple

import pytest

from support.edge import Answer, Edge
from support.federation import exchange, federate, make_role, register
from support.observed import (
    DIFFERENT,
    MOMENT,
    PROVIDER,
    ROWS,
    Row,
    build,
    key_set,
    message,
    trust,
    value,
)
from support.tokens import ISSUER, claims, header, rsa_key, sign
from valetkey.store import Outcome

NOT_VALIDATED = (
    "The web identity token provided could not be validated. See the AssumeRoleWithWebIdentity"
    " documentation for requirements."
)
NOT_A_JWT = (
    "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
)


class Ours(NamedTuple):
    """What this server answers to a row that AWS answers otherwise, and why."""

    status: int
    code: str
    message: str
    why: str


OURS = {
    "dup-aud-same-value": Ours(
        400,
        "InvalidIdentityToken",
        NOT_A_JWT,
        "two readers of one token must not understand two things",
    ),
    "sub-null": Ours(
        400,
        "InvalidIdentityToken",
        NOT_VALIDATED,
        "it is the token's fault, and repeating it does not help, which a 500 makes clients do",
    ),
    "provider-id-facebook": Ours(
        403,
        "IDPRejectedClaim",
        'graph.facebook.com rejected OAuth token with response "Bad signature" and code 190',
        "AWS repeats what Facebook said; a CI job's token is sent to nobody, so the words that"
        " were observed stand for it",
    ),
}


async def set_up(edge: Edge, row: Row) -> None:
    """Register the provider and make the role as the row says, over the wire."""
    setup = row["setup"]
    await register(edge, client_ids=tuple(setup["provider_client_ids"]))
    await make_role(edge, trust(setup["trust"]), longest=setup["role_max_duration"])
    edge.source.sets[ISSUER] = key_set(setup["jwks"])


def seconds(text: str | None) -> float:
    return dt.datetime.fromisoformat(text or "").timestamp()


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
async def test_answers_as_observed(shared_edge: Edge, row: Row):
    await set_up(shared_edge, row)
    token, sent = build(row)
    answer = await exchange(shared_edge, token, **row["request"])

    expect = row["expect"]
    if (ours := OURS.get(row["id"])) is not None:
        assert (answer.status, answer.code, answer.message) == ours[:3]
    elif expect["code"] is not None:
        wanted = (expect["status"], expect["code"], message(row, sent))
        assert (answer.status, answer.code, answer.message) == wanted
    else:
        assert answer.status == 200, answer.body
        check_response(shared_edge, answer, expect["response"])

    record = shared_edge.record(answer)
    assert (record.outcome is Outcome.GRANTED) is (answer.status == 200)
    assert record.wire_code == answer.code


def check_response(edge: Edge, answer: Answer, response: Row) -> None:
    def text(path: str) -> str | None:
        return answer.text(f"./AssumeRoleWithWebIdentityResult/{path}")

    assert text("Provider") == response["Provider"] == PROVIDER
    assert text("Audience") == response["Audience"]
    subject = value("sub", response["SubjectFromWebIdentityToken"], "")
    assert text("SubjectFromWebIdentityToken") == subject
    assert text("SourceIdentity") == response.get("SourceIdentity")

    role = edge.wiring.store.directory().role(edge.admin.account, "example")
    assert role is not None
    assert text("AssumedRoleUser/Arn") == f"arn:aws:sts::{role.account}:assumed-role/example/job"
    assert text("AssumedRoleUser/AssumedRoleId") == f"{role.id}:job"
    assert (text("Credentials/AccessKeyId") or "").startswith("ASIA")
    lasts = seconds(text("Credentials/Expiration")) - MOMENT
    assert lasts == response["duration_seconds"]
    assert 0 < int(text("PackedPolicySize") or 0) <= 100


def test_the_differences_are_those_of_tokens_and_the_one_of_the_server():
    assert len(ROWS) == 75
    assert set(OURS) == DIFFERENT | {"provider-id-facebook"}
    assert all(ours.why for ours in OURS.values())
    # A difference never lets in whom AWS keeps out.
    assert all(ours.status >= 400 for ours in OURS.values())


# What no row shows: the edges of the tolerance, to the second.
EDGES = [
    ("exp", -299, None),
    ("exp", -300, ("ExpiredTokenException", "Token expired: current date/time {now-300} must be")),
    ("exp", -301, ("ExpiredTokenException", "Token expired: current date/time {now-300} must be")),
    ("iat", +299, None),
    ("iat", +300, None),
    ("iat", +301, ("InvalidIdentityToken", "Token issued in the future: {claim}")),
    ("nbf", +299, None),
    ("nbf", +300, None),
    ("nbf", +301, ("InvalidIdentityToken", "Token not yet valid: current date/time {now+300}")),
]


@pytest.mark.parametrize(("claim", "offset", "wanted"), EDGES)
async def test_the_tolerance_ends_at_300_seconds(
    shared_edge: Edge, claim: str, offset: int, wanted: tuple[str, str] | None
):
    await federate(shared_edge)
    token = sign(rsa_key(), header(), claims(**{claim: MOMENT + offset}))
    answer = await exchange(shared_edge, token)
    if wanted is None:
        assert answer.status == 200, answer.body
        return
    code, text = wanted
    for name, number in (
        ("{now-300}", MOMENT - 300),
        ("{now+300}", MOMENT + 300),
        ("{claim}", MOMENT + offset),
    ):
        text = text.replace(name, str(number))
    assert (answer.status, answer.code) == (400, code)
    assert (answer.message or "").startswith(text)
