"""Session tokens are sealed, good for one purpose and one key, and derived from nothing public.

Elsewhere: the session token was a readable JWT with an e-mail address; a session's secret was a
plain hash of its id; session tokens doubled as tokens of the administration.
"""

import base64
import json
import re
import zlib
from typing import Any

import pytest

from support.edge import Edge, credentials_of
from support.federation import exchange, federate, make_role, trust
from support.refusals import check_refused
from support.tokens import token
from valetkey.api.sts import OPERATIONS as STS
from valetkey.credentials import SealBroken

CANARIES = {
    "sub": "canary-of-the-subject",
    "user_email": "canary@example.org",
    "project_path": "canary/project",
}


async def session(edge: Edge, **claims: Any) -> dict[str, str]:
    answer = await exchange(edge, token(**claims))
    assert answer.status == 200, answer.body
    return credentials_of(answer)


async def test_nothing_can_be_read_from_a_session_token(edge: Edge):
    await federate(edge)
    given = await session(edge, **CANARIES)
    text = given["token"]
    assert not text.startswith("eyJ")
    sealed = base64.b64decode(text, validate=True)
    readings = [text.encode(), sealed, sealed[::-1]]
    for window in range(-15, 16):
        try:
            readings.append(zlib.decompress(sealed, window))
        except zlib.error:
            continue
    known = [*CANARIES.values(), given["id"], given["secret"], edge.admin.account, "example"]
    for reading in readings:
        assert not [word for word in known if word.encode() in reading]
    # Sealed text has no structure: no byte stands out.
    assert max(sealed.count(bytes([byte])) for byte in range(256)) < len(sealed) / 16


async def test_two_sessions_of_one_token_have_nothing_in_common(edge: Edge):
    await federate(edge)
    same = token()
    sessions = []
    for _ in range(8):
        answer = await exchange(edge, same)
        assert answer.status == 200
        sessions.append(credentials_of(answer))
    for name in ("id", "secret", "token"):
        values = [given[name] for given in sessions]
        assert len(set(values)) == len(values)
    assert all(re.fullmatch(r"ASIA[A-Z2-7]{16}", given["id"]) for given in sessions)
    assert all(re.fullmatch(r"[A-Za-z0-9+/]{40}", given["secret"]) for given in sessions)
    beginnings = [base64.b64decode(given["token"])[16:64] for given in sessions]
    assert len(set(beginnings)) == len(beginnings)


async def test_a_session_token_is_no_other_token(edge: Edge):
    """Not an ID token, not a bearer token, not a password, not an access key, not a secret."""
    await federate(edge)
    given = await session(edge)
    check_refused(edge, await exchange(edge, given["token"]), "InvalidIdentityToken")
    plain = {"content-type": "application/x-www-form-urlencoded"}
    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    for value in (
        f"Bearer {given['token']}",
        f"Basic {base64.b64encode(given['token'].encode()).decode()}",
        given["token"],
        f"AWS {given['id']}:{given['token']}",
    ):
        answer = await edge.send("sts", {**plain, "authorization": value}, body, None)
        check_refused(edge, answer, "IncompleteSignature")
    for key in (
        {"id": given["token"][:20], "secret": given["secret"]},
        {"id": given["id"], "secret": given["token"]},
        {"id": given["id"], "secret": given["secret"]},
    ):
        check_refused(edge, await edge.query("sts", "GetCallerIdentity", key=key))
    unsigned = {**plain, "x-amz-security-token": given["token"]}
    answer = await edge.send("sts", unsigned, body, None)
    check_refused(edge, answer, "MissingAuthenticationToken")


async def test_a_session_token_is_good_with_its_own_key_only(edge: Edge):
    await federate(edge)
    mine, other = await session(edge), await session(edge)
    admin = {"id": edge.admin.access_key_id, "secret": edge.admin.secret_key}
    assert (await edge.query("sts", "GetCallerIdentity", key=mine)).status == 200
    for key in (
        {**mine, "token": other["token"]},
        {**other, "token": mine["token"]},
        {**mine, "id": other["id"]},
        {**mine, "secret": other["secret"]},
        {**admin, "token": mine["token"]},
        {**mine, "id": admin["id"]},
        {**mine, "secret": admin["secret"]},
    ):
        check_refused(edge, await edge.query("sts", "GetCallerIdentity", key=key))


@pytest.mark.parametrize("at", [0, 1, 2, 8, 40, 200, -40, -3])
async def test_no_changed_token_opens(edge: Edge, at: int):
    await federate(edge)
    given = await session(edge)
    text = given["token"]
    changed = text[:at] + ("A" if text[at] != "A" else "B") + text[at:][1:]
    for forged in (
        changed,
        text[:at],
        text + "AAAA",
        text + "=",
        "A" * len(text),
        "=",
    ):
        answer = await edge.query("sts", "GetCallerIdentity", key={**given, "token": forged})
        check_refused(edge, answer)
        assert answer.code in ("InvalidClientTokenId", "SignatureDoesNotMatch")


async def test_a_token_ends_on_time_and_with_its_role(edge: Edge):
    await federate(edge)
    given = await session(edge)
    edge.now[0] += 3601
    expired = await edge.query("sts", "GetCallerIdentity", key=given)
    check_refused(edge, expired, "ExpiredToken")
    edge.now[0] -= 3601
    assert (await edge.query("iam", "DeleteRole", RoleName="example")).status == 200
    check_refused(edge, await edge.query("sts", "GetCallerIdentity", key=given))
    await make_role(edge, trust())
    # Of the same name, and another role.
    answer = await edge.query("sts", "GetCallerIdentity", key=given)
    check_refused(edge, answer, "InvalidClientTokenId")


async def test_what_is_sealed_for_one_purpose_opens_for_no_other(edge: Edge):
    await federate(edge)
    ring = edge.wiring.services.keys.ring
    sealed = base64.b64decode((await session(edge))["token"])
    assert ring.open("session", sealed, b"1")
    for purpose in ("secret", "access-key", "Session", ""):
        with pytest.raises((SealBroken, ValueError)):
            ring.open(purpose, sealed, b"1")


def test_what_a_session_may_not_get_is_not_offered():
    """Long-term or unlimited credentials are not had from a session."""
    offered = {operation.name for operation in STS}
    assert not offered & {"GetSessionToken", "GetFederationToken"}
    assert json.dumps(sorted(offered))
