"""No symmetric key verifies a token: not a client id, not a public key, not a kid.

Elsewhere: a client secret registered as an HMAC key; a public key's PEM or JWK taken as one.
"""

import hashlib
import hmac
import json

import pytest
from cryptography.hazmat.primitives import serialization

from support.edge import Edge
from support.federation import exchange, federate
from support.refusals import check_refused
from support.tokens import CLIENT_IDS, b64u, claims, header, jwk, rsa_key

PUBLIC = rsa_key().public_key()
PEM = PUBLIC.public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)
SECRETS = {
    "the public key as PEM": PEM,
    "the public key as PEM, stripped": PEM.strip(),
    "the public key as DER": PUBLIC.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    ),
    "the key's JWK": json.dumps(jwk(rsa_key(), "k-rs256", use="sig", alg="RS256")).encode(),
    "the modulus": PUBLIC.public_numbers().n.to_bytes(256),
    "a client id": CLIENT_IDS[0].encode(),
    "nothing": b"",
}
HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


def mac(alg: str, kid: str | None, secret: bytes) -> str:
    head = header(alg=alg, kid=... if kid is None else kid)
    parts = (json.dumps(part).encode() for part in (head, claims()))
    signed = ".".join(map(b64u, parts))
    return f"{signed}.{b64u(hmac.digest(secret, signed.encode(), HASHES[alg]))}"


@pytest.mark.parametrize("alg", HASHES)
@pytest.mark.parametrize("secret", SECRETS)
async def test_an_hmac_is_no_signature(shared_edge: Edge, secret: str, alg: str):
    await federate(shared_edge)
    for kid in ("k-rs256", CLIENT_IDS[0], "", None):
        answer = await exchange(shared_edge, mac(alg, kid, SECRETS[secret]))
        record = check_refused(shared_edge, answer, "InvalidIdentityToken")
        assert record.check == "algorithm"
