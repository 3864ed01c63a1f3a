"""Six algorithms may reach a verifier; every other name, and none, is refused.

Elsewhere: tokens of unsupported algorithms were accepted unverified.
"""

import pytest

from support.edge import Edge
from support.federation import exchange, federate
from support.refusals import check_refused
from support.tokens import claims, compact, header, rsa_key, sign_bytes

# The "alg" values of the IANA registry "JSON Web Signature and Encryption Algorithms".
REGISTERED = """
HS256 HS384 HS512 RS256 RS384 RS512 ES256 ES384 ES512 PS256 PS384 PS512 none
RSA1_5 RSA-OAEP RSA-OAEP-256 RSA-OAEP-384 RSA-OAEP-512 A128KW A192KW A256KW dir ECDH-ES
ECDH-ES+A128KW ECDH-ES+A192KW ECDH-ES+A256KW A128GCMKW A192GCMKW A256GCMKW
PBES2-HS256+A128KW PBES2-HS384+A192KW PBES2-HS512+A256KW A128CBC-HS256 A192CBC-HS384
A256CBC-HS512 A128GCM A192GCM A256GCM EdDSA Ed25519 Ed448 RS1 ES256K HS1
A128CBC A192CBC A256CBC A128CTR A192CTR A256CTR ML-DSA-44 ML-DSA-65 ML-DSA-87
"""
OURS = {"RS256", "RS384", "RS512", "ES256", "ES384", "ES512"}
ODD = ["", "NONE", "None", "nOnE", "rs256", "RS256 ", " RS256", "RS256\n", "RS2562", "RS", "*"]
NO_TEXT = [..., None, 0, True, [], ["RS256"], {"RS256": 1}]
UNKNOWN = [
    alg
    for alg in [*REGISTERED.split(), *ODD, *NO_TEXT]
    if not (isinstance(alg, str) and alg in OURS)
]


@pytest.mark.parametrize("alg", UNKNOWN, ids=repr)
async def test_an_algorithm_that_is_not_ours_is_refused(shared_edge: Edge, alg: object):
    await federate(shared_edge)
    parts = compact(header(alg=alg), claims(), b"").removesuffix(".")
    good = sign_bytes(rsa_key(), "RS256", parts.encode())
    for signature in (good, b"", b"\0"):
        answer = await exchange(shared_edge, compact(header(alg=alg), claims(), signature))
        check_refused(shared_edge, answer, "InvalidIdentityToken")


@pytest.mark.parametrize("alg", sorted(OURS - {"RS256"}))
async def test_an_algorithm_of_ours_that_is_not_the_signature_s_is_refused(
    shared_edge: Edge, alg: str
):
    await federate(shared_edge)
    parts = compact(header(alg=alg), claims(), b"").removesuffix(".")
    signature = sign_bytes(rsa_key(), "RS256", parts.encode())
    answer = await exchange(shared_edge, compact(header(alg=alg), claims(), signature))
    check_refused(shared_edge, answer, "InvalidIdentityToken")
