"""Cases from public reports, retold, as far as a token decides them: O-03 to O-05, O-07 to O-11."""

import hashlib
import hmac
import json

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given, settings
from hypothesis import strategies as st

from support.tokens import NOW, b64u, jwk, jwks, rsa_key, sign
from valetkey.oidc import (
    Check,
    KeySet,
    MalformedToken,
    TokenRefused,
    UnknownKey,
    claim_values,
    condition_values,
    parse_token,
    verify,
)
from valetkey.oidc.errors import NO_KEY, NOT_A_JWT
from valetkey.oidc.issuers import gitlab

GITLAB = "https://gitlab.forge.example"
HUB = "https://token.actions.hub.example"
CLIENT_ID = "https://vk.example.test"
T = int(NOW)
KEYS = KeySet.from_json(jwks(jwk(rsa_key(), "k")))


def issued(iss: str, **claims) -> str:
    whole = {"iss": iss, "aud": CLIENT_ID, "iat": T, "nbf": T - 5, "exp": T + 3600} | claims
    whole = {name: value for name, value in whole.items() if value is not ...}
    return sign(rsa_key(), {"kid": "k", "typ": "JWT", "alg": "RS256"}, whole)


def check(text: str, issuer: str, keys: KeySet = KEYS):
    return verify(parse_token(text), keys, client_ids=[CLIENT_ID], issuer=issuer, now=NOW)


def refused(text: str, issuer: str = GITLAB, keys: KeySet = KEYS) -> TokenRefused:
    with pytest.raises(TokenRefused) as caught:
        check(text, issuer, keys)
    return caught.value


def test_o03_an_environment_rewrites_the_subject_and_both_are_keys():
    text = issued(
        HUB, sub="repo:lanterns/kiln:environment:prod", ref="refs/heads/main", environment="prod"
    )
    values = condition_values(claim_values(check(text, HUB)), "token.actions.hub.example")
    assert values["token.actions.hub.example:sub"] == "repo:lanterns/kiln:environment:prod"
    assert values["token.actions.hub.example:ref"] == "refs/heads/main"
    assert values["token.actions.hub.example:environment"] == "prod"


def test_o04_ids_in_the_subject_stay_in_the_subject():
    sub = "repo:newlanterns@7700123/kiln@880045601:ref:refs/heads/main"
    text = issued(HUB, sub=sub, repository_owner_id="7700123", repository_id="880045601")
    verified = check(text, HUB)
    assert verified.subject == sub
    values = condition_values(claim_values(verified), "token.actions.hub.example")
    assert values["token.actions.hub.example:repository_id"] == "880045601"


def test_o05_a_merge_request_is_a_branch():
    sub = "project_path:lanterns/infra:ref_type:branch:ref:feat-42"
    text = issued(GITLAB, sub=sub, pipeline_source="merge_request_event", ref_protected="false")
    values = condition_values(claim_values(check(text, GITLAB)), "gitlab.forge.example")
    assert values["gitlab.forge.example:pipeline_source"] == "merge_request_event"
    parts = {part.label: part.value for part in gitlab.parse_subject(sub) or ()}
    assert parts["ref_type"] in gitlab.SUBJECT_VALUES["ref_type"]
    assert "mr" not in gitlab.SUBJECT_VALUES["ref_type"]


@pytest.mark.parametrize("registered", ["gitlab.forge.example", GITLAB])
def test_o07_a_legacy_job_token_is_named_as_one(registered: str):
    text = issued("gitlab.forge.example", sub="job_81234", aud=..., project_path="lanterns/kiln")
    error = refused(text, registered)
    assert (error.code, error.status) == ("InvalidIdentityToken", 400)
    assert error.message == "Missing a required claim: aud"
    assert error.reason == "this is a legacy CI job token, not an ID token"
    assert "declare `id_tokens:`" in (error.help or "")


def test_o07_a_token_without_audience_is_not_always_a_legacy_one():
    error = refused(issued(GITLAB, sub="project_path:a/b", aud=...))
    assert error.reason == "the token has no `aud`"


def test_o08_one_trailing_slash():
    text = issued("https://id.forge.example/", sub="x")
    error = refused(text, "https://id.forge.example")
    assert (error.code, error.check) == ("InvalidIdentityToken", Check.ISSUER)
    assert error.help == (
        "register the provider as `https://id.forge.example/`: the two differ by a trailing slash"
    )
    verified = check(text, "https://id.forge.example/")
    assert (
        condition_values(claim_values(verified), "id.forge.example/")["id.forge.example/:sub"]
        == "x"
    )


ENC = jwk(rsa_key(), "k", use="enc", alg="RSA-OAEP")
SIG = jwk(rsa_key(), "k", use="sig", alg="RS256")
OTHER_ENC = jwk(rsa_key("other"), "k", use="enc", alg="RSA-OAEP")


@pytest.mark.parametrize(
    "members",
    [
        [ENC, SIG],
        [SIG, ENC],
        [OTHER_ENC, SIG],
        [SIG, OTHER_ENC],
        [SIG | {"alg": "RS384"}, SIG],
        [SIG, SIG | {"alg": "RS384"}],
        [SIG | {"key_ops": ["sign"]}, SIG],
        [SIG, SIG | {"key_ops": ["sign"]}],
    ],
)
def test_o09_the_signing_key_is_found_among_keys_of_one_kid(members):
    keys = KeySet.from_json(jwks(*members))
    assert check(issued(GITLAB, sub="x"), GITLAB, keys).kid == "k"


@given(st.permutations([ENC, SIG, OTHER_ENC, {"kty": "XYZ", "kid": "k"}]))
@settings(deadline=None)
def test_o09_in_any_order(members):
    keys = KeySet.from_json(jwks(*members))
    assert check(issued(GITLAB, sub="x"), GITLAB, keys).kid == "k"


def test_o10_a_key_without_alg():
    keys = KeySet.from_json(jwks(jwk(rsa_key(), "m1", use="sig", x5t="abc")))
    payload = {"iss": GITLAB, "sub": "x", "aud": CLIENT_ID, "iat": T, "exp": T + 60}
    for alg in ("RS256", "RS512"):
        text = sign(rsa_key(), {"alg": alg, "kid": "m1"}, payload)
        assert check(text, GITLAB, keys).alg == alg

    pem = (
        rsa_key()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    for alg in ("HS256", "none"):
        head = b64u(json.dumps({"alg": alg, "kid": "m1"}).encode())
        signed = f"{head}.{b64u(json.dumps(payload).encode())}"
        mac = b64u(hmac.digest(pem, signed.encode(), hashlib.sha256))
        with pytest.raises(MalformedToken) as caught:
            parse_token(f"{signed}.{mac}")
        assert (caught.value.code, caught.value.message) == ("InvalidIdentityToken", NOT_A_JWT)
        assert caught.value.reason == f"algorithm `{alg}` is not allowed"
        with pytest.raises(MalformedToken):
            parse_token(f"{signed}.")


def test_o11_one_key_of_an_unknown_type_does_not_sink_the_set():
    keys = KeySet.from_json(
        jwks(
            {"kty": "OKP", "crv": "Ed25519", "kid": "e1", "x": "AA"},
            jwk(rsa_key(), "r1", use="sig"),
            {"kty": "XYZ", "kid": "q"},
        )
    )
    assert [(skip.kid, skip.reason) for skip in keys.skipped] == [
        ("e1", "its type is not supported: `OKP`"),
        ("q", "its type is not supported: `XYZ`"),
    ]
    payload = {"iss": GITLAB, "sub": "x", "aud": CLIENT_ID, "iat": T, "exp": T + 60}
    assert check(sign(rsa_key(), {"alg": "RS256", "kid": "r1"}, payload), GITLAB, keys)

    # The token of the Ed25519 key fails for its algorithm, and one that names the key and another
    # algorithm for the key: neither reads as "not found", which would look like a rotation.
    with pytest.raises(MalformedToken) as caught:
        parse_token(sign(rsa_key(), {"alg": "EdDSA", "kid": "e1"}, payload, "RS256"))
    assert caught.value.reason == "algorithm `EdDSA` is not allowed"
    error = refused(sign(rsa_key(), {"alg": "RS256", "kid": "e1"}, payload), GITLAB, keys)
    assert not isinstance(error, UnknownKey)
    assert (error.code, error.message) == ("InvalidIdentityToken", NO_KEY)
    assert error.reason == "key `e1` is present but its type is not supported: `OKP`"
