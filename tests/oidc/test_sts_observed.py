"""AWS's observed answers about tokens are ours, apart from the differences that we list."""

from typing import Any

import pytest

from support.observed import DIFFERENT, ROLE, ROWS, build, key_set, message, value
from support.tokens import ISSUER, NOW
from valetkey.oidc import (
    DIFFERENCES,
    TokenError,
    VerifiedClaims,
    check_role,
    claim_values,
    condition_values,
    parse_token,
    session_tags,
    source_identity,
    verify,
)


def judge(row: dict[str, Any]) -> VerifiedClaims:
    text, _ = build(row)
    verified = verify(
        parse_token(text),
        key_set(row["setup"]["jwks"]),
        client_ids=row["setup"]["provider_client_ids"],
        issuer=ISSUER,
        now=NOW,
    )
    check_role(verified, ROLE)
    session_tags(verified)
    source_identity(verified)
    condition_values(claim_values(verified), "issuer.example")
    return verified


def about_tokens(row: dict[str, Any]) -> bool:
    """Return whether the answer is this room's: it is not with another ProviderId."""
    return row["topic"] != "provider-id"


OURS = [row for row in ROWS if about_tokens(row)]


@pytest.mark.parametrize("row", OURS, ids=[row["id"] for row in OURS])
def test_answers_as_observed(row: dict[str, Any]):
    expect = row["expect"]
    if row["id"] in DIFFERENT:
        with pytest.raises(TokenError) as caught:
            judge(row)
        assert caught.value.status == 400
        return
    if expect["code"] in (None, "AccessDenied"):
        # AccessDenied is the trust policy's word; the token itself is good.
        verified = judge(row)
        if expect["response"]:
            response = expect["response"]
            assert verified.audience == response["Audience"]
            assert verified.subject == value("sub", response["SubjectFromWebIdentityToken"], "")
        return
    with pytest.raises(TokenError) as caught:
        judge(row)
    _, claims = build(row)
    wanted = message(row, claims)
    error = caught.value
    assert (error.code, error.message, error.status) == (expect["code"], wanted, expect["status"])


def test_most_observations_are_judged_here():
    assert len(ROWS) == 75
    assert len(OURS) == 72


def test_differences_name_observations_that_exist_and_differ():
    by_id = {row["id"]: row for row in ROWS}
    for row in DIFFERENT:
        assert by_id[row]["expect"]["status"] in (200, 500)
    names = [difference.name for difference in DIFFERENCES]
    assert len(set(names)) == len(names)
    assert all(difference.why and difference.aws for difference in DIFFERENCES)


def test_every_key_set_of_the_observations_is_built():
    for row in ROWS:
        assert key_set(row["setup"]["jwks"])
