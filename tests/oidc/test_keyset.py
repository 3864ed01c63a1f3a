"""Keys of a set: which are used, which are not and why, and how a token finds its own."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.tokens import b64u_int, certificate, claims, ec_key, header, jwk, jwks, rsa_key, sign
from valetkey.oidc import (
    Check,
    KeySet,
    KeysUnavailable,
    MalformedKeySet,
    Skip,
    TokenRefused,
    UnknownKey,
    parse_token,
)
from valetkey.oidc.errors import NO_KEY, NOT_VALIDATED
from valetkey.oidc.jws import check_signature
from valetkey.oidc.roca import has_roca_weakness

RSA = jwk(rsa_key(), "k")
EC = jwk(ec_key(), "k")


USED = {
    "RSA": RSA,
    "RSA, all optional members": RSA | {"use": "sig", "alg": "RS256", "x5t": "abc", "ext": True},
    "RSA, alg of a sibling": RSA | {"alg": "RS512"},
    "RSA, leading zero in the modulus": RSA
    | {"n": b64u_int(rsa_key().public_key().public_numbers().n, 257)},
    "RSA of 4096 bits": jwk(rsa_key("large", 4096), "k"),
    "RSA, certificate of the key": RSA | {"x5c": [certificate(rsa_key())]},
    "EC P-256": EC,
    "EC P-384": jwk(ec_key("P-384"), "k", alg="ES384"),
    "EC P-521": jwk(ec_key("P-521"), "k", use="sig"),
    "EC, certificate of the key": EC | {"x5c": [certificate(ec_key())]},
}
N = rsa_key().public_key().public_numbers().n
NOT_USED = {
    "no object": ("k", Skip.SHAPE),
    "no type": ({"kid": "k"}, Skip.TYPE),
    "type null": (RSA | {"kty": None}, Skip.TYPE),
    "type in lower case": (RSA | {"kty": "rsa"}, Skip.TYPE),
    "type list": (RSA | {"kty": ["RSA"]}, Skip.TYPE),
    "symmetric": ({"kty": "oct", "kid": "k", "k": "c2VjcmV0"}, Skip.TYPE),
    "Ed25519": ({"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": "AA"}, Skip.TYPE),
    "kid absent": ({name: RSA[name] for name in RSA if name != "kid"}, Skip.NO_KID),
    "kid empty": (RSA | {"kid": ""}, Skip.NO_KID),
    "kid number": (RSA | {"kid": 1}, Skip.NO_KID),
    "kid null": (RSA | {"kid": None}, Skip.NO_KID),
    "encryption": (RSA | {"use": "enc"}, Skip.USE),
    "use null": (RSA | {"use": None}, Skip.USE),
    "use list": (RSA | {"use": ["sig"]}, Skip.USE),
    "key_ops sign": (RSA | {"key_ops": ["sign"]}, Skip.KEY_OPS),
    "key_ops verify": (RSA | {"key_ops": ["verify"]}, Skip.KEY_OPS),
    "key_ops empty": (EC | {"key_ops": []}, Skip.KEY_OPS),
    "PSS": (RSA | {"alg": "PS256"}, Skip.ALGORITHM),
    "RSA encryption": (RSA | {"alg": "RSA-OAEP"}, Skip.ALGORITHM),
    "symmetric algorithm": (RSA | {"alg": "HS256"}, Skip.ALGORITHM),
    "none": (RSA | {"alg": "none"}, Skip.ALGORITHM),
    "alg list": (RSA | {"alg": ["RS256"]}, Skip.ALGORITHM),
    "alg object": (EC | {"alg": {}}, Skip.ALGORITHM),
    "alg null": (RSA | {"alg": None}, Skip.ALGORITHM),
    "alg of another curve": (EC | {"alg": "ES384"}, Skip.ALGORITHM),
    "private half, RSA": (RSA | {"d": "AQAB"}, Skip.PRIVATE),
    "private half, EC": (EC | {"d": "AQAB"}, Skip.PRIVATE),
    "prime": (RSA | {"p": "AQAB"}, Skip.PRIVATE),
    "1024 bits": (jwk(rsa_key("small", 1024), "k"), Skip.WEAK),
    "2047 bits": (RSA | {"n": b64u_int(N >> 1 | 1)}, Skip.WEAK),
    "8193 bits": (RSA | {"n": b64u_int(1 << 8192 | 1)}, Skip.WEAK),
    "even modulus": (RSA | {"n": b64u_int(N - 1)}, Skip.WEAK),
    "exponent 0": (RSA | {"e": "AA"}, Skip.WEAK),
    "exponent 1": (RSA | {"e": "AQ"}, Skip.WEAK),
    "exponent 2": (RSA | {"e": "Ag"}, Skip.WEAK),
    "even exponent": (RSA | {"e": b64u_int(65536)}, Skip.WEAK),
    "exponent of 65 bits": (RSA | {"e": b64u_int(1 << 64 | 1)}, Skip.WEAK),
    "exponent absent": ({name: RSA[name] for name in RSA if name != "e"}, Skip.SHAPE),
    "modulus padded": (RSA | {"n": RSA["n"] + "=="}, Skip.SHAPE),
    "modulus in the other alphabet": (RSA | {"n": "+/" + RSA["n"][2:]}, Skip.SHAPE),
    "modulus number": (RSA | {"n": 5}, Skip.SHAPE),
    "modulus not ASCII": (RSA | {"n": "é"}, Skip.SHAPE),
    "certificate only": ({"kty": "RSA", "kid": "k", "x5c": [certificate(rsa_key())]}, Skip.SHAPE),
    "certificate of another key": (RSA | {"x5c": [certificate(rsa_key("evil"))]}, Skip.CERTIFICATE),
    "certificate of another type": (RSA | {"x5c": [certificate(ec_key())]}, Skip.CERTIFICATE),
    "certificate unreadable": (RSA | {"x5c": ["MIIB"]}, Skip.CERTIFICATE),
    "certificate not base64": (RSA | {"x5c": ["%"]}, Skip.CERTIFICATE),
    "certificate list empty": (RSA | {"x5c": []}, Skip.CERTIFICATE),
    "certificate string": (RSA | {"x5c": certificate(rsa_key())}, Skip.CERTIFICATE),
    "certificate null": (RSA | {"x5c": None}, Skip.CERTIFICATE),
    "curve of Bitcoin": (EC | {"crv": "secp256k1"}, Skip.TYPE),
    "curve absent": ({name: EC[name] for name in EC if name != "crv"}, Skip.TYPE),
    "curve list": (EC | {"crv": ["P-256"]}, Skip.TYPE),
    "another curve's point": (EC | {"crv": "P-384"}, Skip.SHAPE),
    "point off the curve": (EC | {"x": EC["y"], "y": EC["x"]}, Skip.WEAK),
    "point at zero": (EC | {"x": "A" * 43, "y": "A" * 43}, Skip.WEAK),
    "coordinate beyond the field": (EC | {"x": b64u_int((1 << 256) - 1)}, Skip.WEAK),
    "coordinate short": (EC | {"x": b64u_int(5)}, Skip.SHAPE),
    "coordinate absent": ({name: EC[name] for name in EC if name != "y"}, Skip.SHAPE),
}


@pytest.mark.parametrize("member", USED.values(), ids=USED)
def test_uses(member):
    keys = KeySet.from_json(jwks(member))
    assert [key.kid for key in keys.keys] == ["k"]
    assert keys.skipped == ()


@pytest.mark.parametrize(("member", "why"), NOT_USED.values(), ids=NOT_USED)
def test_skips_and_says_why(member, why):
    good = jwk(rsa_key("other"), "good")
    keys = KeySet.from_json(jwks(good, member))
    assert [key.kid for key in keys.keys] == ["good"]
    (skipped,) = keys.skipped
    assert skipped.why is why
    assert skipped.reason
    assert skipped.reason[0].islower()
    assert not skipped.reason.endswith(".")


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
MEMBERS = ["kty", "kid", "use", "key_ops", "alg", "n", "e", "x5c", "crv", "x", "y"]


@given(
    st.sampled_from([RSA, EC, RSA | {"x5c": [certificate(rsa_key())]}]),
    st.dictionaries(st.sampled_from(MEMBERS), VALUES, max_size=3),
)
@settings(deadline=None)
def test_any_member_is_used_or_skipped(member, changes):
    keys = KeySet.from_json(jwks(member | changes))
    assert len(keys.keys) + len(keys.skipped) == 1


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_any_certificate_is_read_or_refused(data):
    der = bytearray(base64.b64decode(certificate(rsa_key())))
    for _ in range(data.draw(st.integers(1, 4))):
        der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))
    member = RSA | {"x5c": [base64.b64encode(der).decode()]}
    keys = KeySet.from_json(jwks(member))
    assert keys.keys or keys.skipped[0].why is Skip.CERTIFICATE


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b'{"keys":{}}',
        b'{"keys":null}',
        b'{"Keys":[]}',
        b'{"keys":[],"keys":[]}',
        b"<html>404</html>",
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_what_is_no_set(body: bytes):
    with pytest.raises(MalformedKeySet) as caught:
        KeySet.from_json(body)
    assert isinstance(caught.value, KeysUnavailable)
    assert (caught.value.code, caught.value.message) == ("InvalidIdentityToken", NO_KEY)


def signed(kid, key=None, alg="RS256"):
    head = header(alg=alg, kid=... if kid is None else kid)
    return parse_token(sign(key or rsa_key(), head, claims())).jws


def refused(keys: KeySet, kid, **options) -> TokenRefused:
    with pytest.raises(TokenRefused) as caught:
        check_signature(signed(kid, **options), keys)
    return caught.value


def test_an_unknown_kid_asks_for_a_newer_set():
    keys = KeySet.from_json(jwks(*(jwk(rsa_key(), f"k{n}") for n in range(7))))
    error = refused(keys, "gone")
    assert isinstance(error, UnknownKey)
    assert (error.check, error.message) == (Check.KEY, NO_KEY)
    assert error.reason == (
        "key `gone` is not in the issuer's set; it holds `k0`, `k1`, `k2`, `k3`, `k4` and others"
    )
    assert isinstance(refused(KeySet.from_json(jwks()), "gone"), UnknownKey)


@pytest.mark.parametrize("kid", [None, ""])
@pytest.mark.parametrize(
    "members", [[], [jwk(rsa_key(), "a"), jwk(rsa_key(), "b")], [jwk(rsa_key(), None)]]
)
def test_without_a_kid_a_newer_set_does_not_help(kid, members):
    error = refused(KeySet.from_json(jwks(*members)), kid)
    assert not isinstance(error, UnknownKey)
    assert (error.check, error.message) == (Check.KEY, NO_KEY)


def test_without_a_kid_the_sole_kid_is_meant():
    keys = KeySet.from_json(jwks(jwk(rsa_key(), "k"), {"kty": "OKP", "kid": "e"}))
    assert check_signature(signed(None), keys).kid == "k"
    assert refused(keys, "").check is Check.KEY


@pytest.mark.parametrize("order", [1, -1])
def test_all_usable_keys_of_a_kid_are_tried(order: int):
    members = [jwk(rsa_key("evil"), "k"), jwk(rsa_key(), "k")][::order]
    keys = KeySet.from_json(jwks(*members))
    assert len(keys.keys) == 2
    assert check_signature(signed("k"), keys).kid == "k"
    assert refused(keys, "k", key=rsa_key("third")).check is Check.SIGNATURE


def test_a_kid_shared_by_two_types_is_chosen_by_algorithm():
    keys = KeySet.from_json(jwks(RSA, EC))
    assert check_signature(signed("k"), keys).kty == "RSA"
    assert check_signature(signed("k", key=ec_key(), alg="ES256"), keys).kty == "EC"


def test_a_kid_repeated_without_end_costs_four_attempts():
    members = [jwk(rsa_key("evil"), "k") for _ in range(9)] + [jwk(rsa_key(), "k")]
    keys = KeySet.from_json(jwks(*members))
    assert len(keys.candidates("k")) == 4
    assert check_signature(signed("k"), keys)
    assert {skip.why for skip in keys.skipped} == {Skip.REPEATED}


@pytest.mark.parametrize(
    ("member", "message", "reason"),
    [
        (RSA | {"use": "enc"}, NOT_VALIDATED, "its `use` is `enc`, not `sig`"),
        (RSA | {"key_ops": ["verify"]}, NOT_VALIDATED,
         "it has `key_ops`, with which AWS STS takes no key"),
        ({"kty": "OKP", "kid": "k"}, NO_KEY, "its type is not supported: `OKP`"),
        (jwk(rsa_key("small", 1024), "k"), NO_KEY,
         "its modulus has 1024 bits, not 2048 to 8192"),
    ],
)  # fmt: skip
def test_a_token_of_a_skipped_key_is_told_so(member, message, reason):
    error = refused(KeySet.from_json(jwks(member)), "k")
    assert not isinstance(error, UnknownKey)
    assert (error.check, error.message) == (Check.KEY, message)
    assert error.reason == f"key `k` is present but {reason}"


def test_a_thousand_keys_work_and_their_number_is_bounded():
    modulus = jwk(rsa_key(), None)
    members = [modulus | {"kid": f"k{n}"} for n in range(1000)]
    keys = KeySet.from_json(jwks(*members, jwk(ec_key(), "ec")))
    assert len(keys.keys) == 1001
    assert check_signature(signed("k999"), keys).kid == "k999"
    with pytest.raises(MalformedKeySet, match="Couldn't retrieve"):
        KeySet.from_json(jwks(*members), max_keys=999)


def test_the_roca_fingerprint_does_not_meet_honest_keys():
    primes = (11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157)
    product = 1
    for prime in primes:
        product *= prime
    assert has_roca_weakness(pow(65537, 12345, product) + 7 * product)
    assert not has_roca_weakness(pow(65537, 12345, product) + 7 * product + 2)
    assert not any(has_roca_weakness(rsa_key(n).public_key().public_numbers().n)
                   for n in ("first", "evil", "other"))  # fmt: skip
