import json

import pytest

from support.vectors import vectors
from valetkey.issuer import discovery_document, jwks_document, static_files
from valetkey.outbound import discovery_url


@pytest.mark.parametrize("issuer", ["https://gitlab.example.test", "https://gitlab.example.test/"])
def test_gitlab_s_discovery_document(issuer):
    wanted = (vectors("gitlab-tokens") / "discovery.json").read_bytes()
    named = wanted.replace(b'"https://gitlab.example.test"', f'"{issuer}"'.encode(), 1)
    assert discovery_document(issuer) == named


@pytest.mark.parametrize(
    "issuer", ["https://h/gitlab", "https://127.0.0.1:8443", "https://h/_valetkey/issuer"]
)
def test_another_host_or_path(issuer):
    wanted = (vectors("gitlab-tokens") / "discovery.json").read_bytes()
    moved = wanted.replace(b"https://gitlab.example.test", issuer.encode())
    assert discovery_document(issuer) == moved


def test_gitlab_s_key_set_but_for_the_keys(keys):
    wanted = (vectors("gitlab-tokens") / "jwks.json").read_bytes()
    ours = jwks_document(keys)
    theirs = json.loads(wanted)["keys"]
    for jwk, key in zip(theirs, (keys.login, keys.ci), strict=True):
        wanted = wanted.replace(jwk["kid"].encode(), key.kid.encode())
        wanted = wanted.replace(jwk["n"].encode(), key.n.encode())
    assert ours == wanted


def test_no_private_part_is_served(keys):
    for jwk in json.loads(jwks_document(keys))["keys"]:
        assert list(jwk) == ["kty", "kid", "e", "n", "use", "alg"]


def test_static_files_lie_where_discovery_looks(keys):
    files = static_files("https://bucket.example", keys)
    discovered = files[
        discovery_url("https://bucket.example").removeprefix("https://bucket.example/")
    ]
    jwks = json.loads(discovered)["jwks_uri"].removeprefix("https://bucket.example/")
    assert files[jwks] == jwks_document(keys)
    assert set(files) == {".well-known/openid-configuration", "oauth/discovery/keys"}
