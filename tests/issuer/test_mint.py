import base64
import json

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet as OracleKeys

from valetkey.issuer import Job, MalformedJob, SigningKeys, jwks_document, mint
from valetkey.oidc import KeySet, TokenRefused, parse_token, verify

NOW = 1_795_568_878.0
JOB = Job(issuer="https://gitlab.example.test")
JTI = "5d1d0949-ea4c-4c65-9a4d-318c32285fd0"


def test_the_header_is_gitlab_s(key):
    header = mint(JOB, "a", key, NOW, JTI).split(".")[0]
    text = base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)).decode()
    assert text == f'{{"kid":"{key.kid}","typ":"JWT","alg":"RS256"}}'


def test_an_independent_library_verifies_it(keys):
    token = mint(JOB, "https://valetkey.example", keys.ci, NOW, JTI)
    served = OracleKeys.import_key_set(json.loads(jwks_document(keys)))
    read = jwt.decode(token, served, algorithms=["RS256"])
    assert read.claims["sub"] == "project_path:group/project:ref_type:branch:ref:main"
    assert read.claims["jti"] == JTI


@pytest.mark.parametrize("aud", ["https://valetkey.example", ["https://valetkey.example"]])
def test_our_own_verifier_takes_it(keys, aud):
    token = parse_token(mint(JOB, aud, keys.ci, NOW, JTI))
    verified = verify(
        token,
        KeySet.from_json(jwks_document(keys)),
        client_ids=("https://valetkey.example",),
        issuer=JOB.issuer,
        now=NOW + 10,
    )
    assert verified.subject == "project_path:group/project:ref_type:branch:ref:main"


def test_another_issuer_s_key_does_not(keys):
    token = parse_token(mint(JOB, "a", keys.ci, NOW, JTI))
    with pytest.raises(TokenRefused):
        verify(
            token,
            KeySet.from_json(jwks_document(SigningKeys.generate())),
            client_ids=("a",),
            issuer=JOB.issuer,
            now=NOW,
        )


def test_text_stays_as_it_is(key):
    job = Job(issuer=JOB.issuer, ref="caf\u00e9/<&>\u2028")
    payload = mint(job, "a", key, NOW, JTI).split(".")[1]
    text = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()
    assert '"ref":"caf\u00e9/<&>\u2028"' in text


def test_what_is_no_text_is_refused(key):
    with pytest.raises(MalformedJob):
        mint(Job(issuer=JOB.issuer, ref="\udcff"), "a", key, NOW, JTI)
