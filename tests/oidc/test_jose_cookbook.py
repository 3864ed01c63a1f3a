"""The examples of RFC 7520 ("JOSE cookbook") and of RFC 7797."""

import json
from typing import Any

import pytest

from support.vectors import vectors
from valetkey.oidc import Check, KeySet, MalformedToken, TokenRefused
from valetkey.oidc.jws import check_signature, parse_jws


def example(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(vectors(f"jose-cookbook/{name}.json").read_text())
    return document


def public(key: dict[str, Any]) -> KeySet:
    """Return the set that an issuer with this key would publish."""
    shown = {name: value for name, value in key.items() if name not in {*"dpq", "dp", "dq", "qi"}}
    return KeySet.from_json(json.dumps({"keys": [shown]}).encode())


@pytest.mark.parametrize(
    ("name", "alg", "description"),
    [
        ("jws/4_1.rsa_v15_signature", "RS256", "RSA of 2048 bits"),
        ("jws/4_3.ecdsa_signature", "ES512", "EC P-521"),
    ],
)
def test_signatures_verify(name: str, alg: str, description: str):
    document = example(name)
    jws = parse_jws(document["output"]["compact"])
    assert jws.alg == alg
    assert jws.payload.decode() == document["input"]["payload"]
    key = check_signature(jws, public(document["input"]["key"]))
    assert (key.kid, key.description) == ("bilbo.baggins@hobbiton.example", description)


@pytest.mark.parametrize("name", ["jws/4_1.rsa_v15_signature", "jws/4_3.ecdsa_signature"])
def test_a_published_private_key_proves_nothing(name: str):
    document = example(name)
    keys = KeySet.from_json(json.dumps({"keys": [document["input"]["key"]]}).encode())
    with pytest.raises(TokenRefused) as caught:
        check_signature(parse_jws(document["output"]["compact"]), keys)
    assert caught.value.check is Check.KEY
    assert "its private half is published beside it" in (caught.value.reason or "")


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("jws/4_2.rsa-pss_signature", Check.ALGORITHM),
        ("jws/4_4.hmac-sha2_integrity_protection", Check.ALGORITHM),
        ("jws/4_5.signature_with_detached_content", Check.SEGMENTS),
        ("curve25519/jws", Check.ALGORITHM),
        ("rfc7797/hmac-sha2_b64_false", Check.ENCODING),
    ],
)
def test_what_policy_refuses(name: str, check: Check):
    output = example(name)["output"]
    with pytest.raises(MalformedToken) as caught:
        parse_jws(output.get("compact") or output["compact_detached"])
    assert caught.value.check is check


@pytest.mark.parametrize(
    "name",
    [
        "jws/4_6.protecting_specific_header_fields",
        "jws/4_7.protecting_content_only",
        "jws/4_8.multiple_signatures",
    ],
)
def test_the_json_serialization_is_no_token(name: str):
    output = example(name)["output"]
    for form in output.values():
        with pytest.raises(MalformedToken):
            parse_jws(json.dumps(form))


@pytest.mark.parametrize(
    ("name", "used"),
    [
        ("jwk/3_1.ec_public_key", 1),
        ("jwk/3_2.ec_private_key", 0),
        ("jwk/3_3.rsa_public_key", 1),
        ("jwk/3_4.rsa_private_key", 0),
        ("jwk/3_5.symmetric_key_mac_computation", 0),
        ("jwk/3_6.symmetric_key_encryption", 0),
    ],
)
def test_keys(name: str, used: int):
    keys = KeySet.from_json(json.dumps({"keys": [example(name)]}).encode())
    assert (len(keys.keys), len(keys.skipped)) == (used, 1 - used)
