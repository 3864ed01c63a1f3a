"""Tokens that GitLab's own code made verify against its own key set, and come out whole."""

import json

import pytest

from support.vectors import FOLDER, vectors
from valetkey.oidc import (
    KeySet,
    TokenRefused,
    VerifiedClaims,
    claim_values,
    condition_values,
    parse_token,
    verify,
)
from valetkey.oidc.issuers import gitlab, recognise

NAMES = sorted(path.stem for path in FOLDER.glob("gitlab-tokens/token*.txt")) or ["token"]
ISSUER = "https://gitlab.example.test"
CLIENT_IDS = ("https://valetkey.example", "https://vault.example", "https://valetkey.example.test")


def read(name: str):
    folder = vectors("gitlab-tokens")
    text = (folder / f"{name}.txt").read_text().strip()
    return text, json.loads((folder / f"{name}.claims.json").read_text())


def judge(name: str, **options) -> VerifiedClaims:
    text, expected = read(name)
    aud = expected["claims"]["aud"]
    whole = {
        "client_ids": [aud] if isinstance(aud, str) else aud,
        "issuer": ISSUER,
        "now": float(expected["claims"]["iat"]),
    }
    keys = KeySet.from_json((vectors("gitlab-tokens") / "jwks.json").read_bytes())
    return verify(parse_token(text), keys, **(whole | options))


def test_there_are_thirteen():
    vectors("gitlab-tokens")
    assert len(NAMES) == 13


@pytest.mark.parametrize("name", NAMES)
def test_reads_whole_and_in_order(name: str):
    text, expected = read(name)
    token = parse_token(text)
    assert list(token.header.items()) == list(expected["header"].items())
    assert json.dumps(dict(token.unverified_claims)) == json.dumps(expected["claims"])


@pytest.mark.parametrize("name", NAMES)
def test_verifies(name: str):
    _, expected = read(name)
    aud = expected["claims"]["aud"]
    if isinstance(aud, list) and len(aud) > 1:
        with pytest.raises(TokenRefused, match="more than one audience"):
            judge(name)
        return
    verified = judge(name)
    assert json.dumps(dict(verified.claims)) == json.dumps(expected["claims"])
    assert verified.subject == expected["claims"]["sub"]
    assert verified.issued_at == expected["claims"]["iat"]
    assert verified.expires_at == expected["claims"]["exp"]
    assert verified.audience == (aud if isinstance(aud, str) else aud[0])


@pytest.mark.parametrize("name", NAMES)
def test_every_claim_is_known_and_of_its_type(name: str):
    _, expected = read(name)
    claims = expected["claims"]
    assert gitlab.unknown_claims(claims) == ()
    assert gitlab.type_mismatches(claims) == ()
    assert recognise(ISSUER, claims) is gitlab
    assert gitlab.parse_subject(claims["sub"])


@pytest.mark.parametrize("name", NAMES)
def test_every_claim_is_a_condition_key(name: str):
    _, expected = read(name)
    if isinstance(expected["claims"]["aud"], list) and len(expected["claims"]["aud"]) > 1:
        with pytest.raises(TokenRefused):
            judge(name)
        return
    values = condition_values(claim_values(judge(name)), "gitlab.example.test")
    keys = {key.partition(":")[2] for key in values}
    assert keys == set(expected["claims"]) | {"oaud"}
    assert values["gitlab.example.test:ref_protected"] in ("true", "false")
    if "runner_id" in expected["claims"]:
        assert values["gitlab.example.test:runner_id"] == str(expected["claims"]["runner_id"])


def test_a_token_ends_with_its_job():
    _, expected = read("token")
    end = expected["claims"]["exp"]
    assert judge("token", now=end + 299.9)
    with pytest.raises(TokenRefused) as caught:
        judge("token", now=float(end + 300))
    assert caught.value.code == "ExpiredTokenException"


def test_the_other_key_of_the_set_signed_nothing():
    text, expected = read("token")
    body = json.loads((vectors("gitlab-tokens") / "jwks.json").read_text())
    body["keys"] = [key for key in body["keys"] if key["kid"] != expected["header"]["kid"]]
    body["keys"][0]["kid"] = expected["header"]["kid"]
    keys = KeySet.from_json(json.dumps(body).encode())
    with pytest.raises(TokenRefused, match="could not be validated"):
        verify(parse_token(text), keys, client_ids=CLIENT_IDS, issuer=ISSUER, now=1795568878)
