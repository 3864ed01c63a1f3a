"""Every claim is a condition key, and no two claims are the same one."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.tokens import CLIENT_IDS, ISSUER, NOW, claims, jwk, jwks, rsa_key, token
from valetkey.oidc import (
    Check,
    KeySet,
    TokenRefused,
    VerifiedClaims,
    claim_values,
    condition_values,
    parse_token,
    persistent_values,
    verify,
)

KEYS = KeySet.from_json(jwks(jwk(rsa_key(), "k-rs256")))
PROVIDER = "issuer.example/path"


def verified(**changes) -> VerifiedClaims:
    return verify(
        parse_token(token(**changes)), KEYS, client_ids=CLIENT_IDS, issuer=ISSUER, now=NOW
    )


@pytest.mark.parametrize(
    ("claim", "values"),
    [
        ("text", {"x": "text"}),
        ("", {"x": ""}),
        (True, {"x": "true"}),
        (False, {"x": "false"}),
        (0, {"x": "0"}),
        (-12, {"x": "-12"}),
        (1.5, {"x": "1.5"}),
        (1e300, {"x": "1e300"}),
        (10**40, {"x": "1" + "0" * 40}),
        (None, {}),
        ([], {"x": ()}),
        (["a", "b"], {"x": ("a", "b")}),
        (["a", 1, True, None], {"x": ("a", "1", "true")}),
        ([["a", 1]], {"x": ('["a",1]',)}),
        ([{"provider": "github", "extern_uid": "2"}],
         {"x": ('{"provider":"github","extern_uid":"2"}',)}),
        ({}, {}),
        ({"url": "u", "sha": "s"}, {"x.url": "u", "x.sha": "s"}),
        ({"a": {"b": {"c": 1}}, "d": [1]}, {"x.a.b.c": "1", "x.d": ("1",)}),
        ({"a": None, "": "e"}, {"x.": "e"}),
    ],
)  # fmt: skip
def test_values(claim, values):
    registered = {"iss", "sub", "aud", "oaud", "iat", "exp"}
    got = claim_values(verified(x=claim))
    assert {name: value for name, value in got.items() if name not in registered} == values


def test_keys_are_the_provider_and_the_claim():
    values = condition_values(
        claim_values(verified(**{"oidc.circleci.com/project-id": "p"})), PROVIDER
    )
    assert values == {
        "issuer.example/path:aud": "client-1",
        "issuer.example/path:oaud": "client-1",
        "issuer.example/path:iss": ISSUER,
        "issuer.example/path:sub": "subject-alpha",
        "issuer.example/path:iat": str(claims()["iat"]),
        "issuer.example/path:exp": str(claims()["exp"]),
        "issuer.example/path:oidc.circleci.com/project-id": "p",
    }


@pytest.mark.parametrize(
    ("changes", "aud", "oaud"),
    [
        ({}, "client-1", "client-1"),
        ({"aud": ["client-1"]}, "client-1", "client-1"),
        ({"aud": "client-9", "azp": "client-2"}, "client-2", "client-9"),
        ({"aud": ["a", "b"], "azp": "client-2"}, "client-2", ("a", "b")),
    ],
)
def test_aud_is_the_effective_audience(changes, aud, oaud):
    values = claim_values(verified(**changes))
    assert (values["aud"], values["oaud"]) == (aud, oaud)
    assert values.get("azp") == changes.get("azp")


@pytest.mark.parametrize(
    ("amr", "values"), [("pwd", ("pwd",)), (["pwd", "mfa"], ("pwd", "mfa")), (1, ("1",))]
)
def test_amr_has_several_values(amr, values):
    assert claim_values(verified(amr=amr))["amr"] == values


def test_a_numeric_subject_is_its_text():
    assert claim_values(verified(sub=123))["sub"] == "123"


def test_what_a_session_keeps():
    kept = persistent_values(
        claim_values(verified(amr=["mfa"], ref="main", job={"a": 1})), "issuer.example"
    )
    assert kept == {
        "issuer.example:sub": "subject-alpha",
        "issuer.example:aud": "client-1",
        "issuer.example:amr": ("mfa",),
        "valetkey:claim/iss": ISSUER,
        "valetkey:claim/sub": "subject-alpha",
        "valetkey:claim/aud": "client-1",
        "valetkey:claim/oaud": "client-1",
        "valetkey:claim/iat": str(claims()["iat"]),
        "valetkey:claim/exp": str(claims()["exp"]),
        "valetkey:claim/amr": ("mfa",),
        "valetkey:claim/ref": "main",
        "valetkey:claim/job.a": "1",
    }
    assert "issuer.example:amr" not in persistent_values(claim_values(verified()), "issuer.example")


@pytest.mark.parametrize(
    "changes",
    [
        {"SUB": "admin"},
        {"Aud": "client-1"},
        {"OAUD": "x"},
        {"oaud": "x"},
        {"Iss": "x"},
        {"ref": "a", "Ref": "b"},
        {"ref": "a", "REF": ["b"]},
        {"a.b": "1", "a": {"b": "2"}},
        {"a": {"b.c": "1", "b": {"c": "2"}}},
        {"a": {"B": "1", "b": "2"}},
        {"\u212a": "1", "k": "2"},
    ],
)
def test_two_claims_of_one_key_are_refused(changes):
    with pytest.raises(TokenRefused) as caught:
        condition_values(claim_values(verified(**changes)), PROVIDER)
    assert caught.value.check is Check.CLAIM_NAMES
    assert "makes a condition key that is there already" in (caught.value.reason or "")


def test_an_absent_value_is_no_second_one():
    assert claim_values(verified(ref="a", REF=None))["ref"] == "a"


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
@settings(max_examples=150, deadline=None)
def test_keys_differ_whatever_the_claims(extra):
    extra = {name: value for name, value in extra.items() if name not in claims() | {"nbf": 0}}
    extra.pop("azp", None)
    proof = verified(**extra)
    try:
        values = claim_values(proof)
    except TokenRefused:
        return
    assert len({name.casefold() for name in values}) == len(values)
    for name, value in extra.items():
        if isinstance(value, str):
            assert values[name] == ((value,) if name == "amr" else value)
        elif isinstance(value, bool | int):
            assert values[name] == json.dumps(value)


@pytest.mark.parametrize("name", ["8443:sub", "443:", "8443/a/b:sub", "1:x:y"])
def test_a_claim_is_no_condition_key_of_another_provider(name: str):
    """`HOST` + `:8443:sub` would be what `HOST:8443` says of its own subjects."""
    with pytest.raises(TokenRefused) as refused:
        claim_values(verified(**{name: "x"}))
    assert refused.value.check == Check.CLAIM_NAMES
    assert f"`{name}`" in (refused.value.reason or "")


@pytest.mark.parametrize(
    "name", ["8443", "8443/sub", "x8443:sub", "https://aws.example/x", "8443.sub", ":8443"]
)
def test_claims_that_only_look_like_it_a_little_are_fine(name: str):
    assert claim_values(verified(**{name: "x"}))[name] == "x"
