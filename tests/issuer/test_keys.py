import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import RSAKey

from support.vectors import vectors
from valetkey.issuer import MalformedIssuerState, SigningKey, SigningKeys


def test_the_kid_is_the_rfc_7638_thumbprint(key):
    other = RSAKey.import_key(key.jwk)
    assert key.kid == other.thumbprint()
    assert len(key.kid) == 43


def test_gitlab_s_kids_are_made_this_way():
    served = json.loads((vectors("gitlab-tokens") / "jwks.json").read_text())["keys"]
    assert [RSAKey.import_key(jwk).thumbprint() for jwk in served] == [j["kid"] for j in served]


def test_keys_are_kept_as_they_are(keys):
    kept = keys.to_json()
    again = SigningKeys.from_json(kept)
    assert (again.login.kid, again.ci.kid) == (keys.login.kid, keys.ci.kid)
    assert again.to_json() == kept
    assert keys.login.kid != keys.ci.kid
    assert keys.ci.private.key_size == 2048


def test_rotation_replaces_the_ci_key_only(keys):
    rotated = keys.rotated()
    assert rotated.login.kid == keys.login.kid
    assert rotated.ci.kid != keys.ci.kid


def test_a_key_does_not_show_itself(keys):
    assert "PRIVATE" not in repr(keys)
    assert str(keys.ci.private.private_numbers().d) not in repr(keys)


@pytest.mark.parametrize(
    "text",
    [b"", b"{}", b"null", b'{"login":"x","ci":"y"}', b"\xff", b'{"login":' + b"[" * 10_000],
)
def test_broken_files_are_refused(text):
    with pytest.raises(MalformedIssuerState):
        SigningKeys.from_json(text)


def test_another_kind_of_key_is_refused():
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    with pytest.raises(MalformedIssuerState, match="not an RSA key"):
        SigningKey.from_pem(pem.decode())
