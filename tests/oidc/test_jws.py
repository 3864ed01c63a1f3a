"""A compact JWS is read strictly, and its header can't choose the key."""

import hashlib
import hmac
import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import utils
from hypothesis import given, settings
from hypothesis import strategies as st

from support.tokens import (
    CLIENT_IDS,
    ISSUER,
    NOW,
    b64u,
    claims,
    compact,
    ec_key,
    header,
    jwk,
    jwks,
    rsa_key,
    sign,
    sign_bytes,
    token,
)
from support.vectors import own
from valetkey.oidc import Check, KeySet, MalformedToken, TokenRefused, parse_token, verify
from valetkey.oidc.errors import NOT_A_JWT, NOT_VALIDATED

TABLE = own("oidc/headers_refused.json")
KEYS = KeySet.from_json(jwks(jwk(rsa_key(), "k-rs256")))


def check(unverified_jwt: str, keys: KeySet = KEYS):
    return verify(parse_token(unverified_jwt), keys, client_ids=CLIENT_IDS, issuer=ISSUER, now=NOW)


def malformed(unverified_jwt: str, **options) -> MalformedToken:
    with pytest.raises(MalformedToken) as caught:
        parse_token(unverified_jwt, **options)
    error = caught.value
    assert (error.code, error.status, error.message) == ("InvalidIdentityToken", 400, NOT_A_JWT)
    assert not error.refusal
    return error


@pytest.mark.parametrize(
    ("alg", "key"),
    [
        ("RS256", rsa_key()),
        ("RS384", rsa_key()),
        ("RS512", rsa_key()),
        ("ES256", ec_key("P-256")),
        ("ES384", ec_key("P-384")),
        ("ES512", ec_key("P-521")),
    ],
)
def test_six_algorithms_verify(alg, key):
    verified = check(
        sign(key, header(alg=alg), claims()), KeySet.from_json(jwks(jwk(key, "k-rs256")))
    )
    assert (verified.alg, verified.kid, verified.subject) == (alg, "k-rs256", "subject-alpha")


@pytest.mark.parametrize("bits", [3072, 4096])
def test_larger_rsa_keys_verify(bits):
    key = rsa_key("large", bits)
    check(sign(key, header(), claims()), KeySet.from_json(jwks(jwk(key, "k-rs256"))))


@pytest.mark.parametrize("alg", TABLE["algorithms"])
def test_no_other_algorithm_reaches_a_key(alg: str):
    # The signature is a good RS256 one, so only the name stands in the way.
    unverified_jwt = sign(rsa_key(), header(alg=alg), claims(), "RS256")
    assert malformed(unverified_jwt).check is Check.ALGORITHM


@pytest.mark.parametrize(("text", "fault"), TABLE["headers"].values(), ids=TABLE["headers"])
def test_refuses_headers(text: str, fault: str):
    error = malformed(sign(rsa_key(), text.encode(), claims(), "RS256"))
    assert error.check == fault


def test_a_symmetric_key_made_of_the_public_key_signs_nothing():
    pem = (
        rsa_key()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    signed = (
        f"{b64u(json.dumps(header(alg='HS256')).encode())}.{b64u(json.dumps(claims()).encode())}"
    )
    for secret in (pem, pem.strip(), json.dumps(jwk(rsa_key(), "k-rs256")).encode(), b""):
        mac = hmac.digest(secret, signed.encode(), hashlib.sha256)
        assert malformed(f"{signed}.{b64u(mac)}").check is Check.ALGORITHM


@pytest.mark.parametrize("own_key", ["jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256"])
def test_a_token_can_not_bring_its_key_along(own_key: str):
    evil = rsa_key("evil")
    brought = {
        "jwk": jwk(evil, "k-rs256"),
        "jku": "https://evil.example/jwks",
        "x5u": "https://evil.example/cert.pem",
        "x5c": ["MIIB"],
    }.get(own_key, "abc")
    forged = sign(evil, header(**{own_key: brought}), claims())
    with pytest.raises(TokenRefused) as caught:
        check(forged)
    assert caught.value.check is Check.SIGNATURE
    # It is not looked at at all: a good token with the same member is good.
    assert check(sign(rsa_key(), header(**{own_key: brought}), claims())).subject


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.replace(".", "..", 1),
        lambda t: t + ".",
        lambda t: "." + t,
        lambda t: t.rpartition(".")[0],
        lambda t: t.rpartition(".")[0] + ".",
        lambda t: ".." + t.rpartition(".")[2],
        lambda t: t + "." + t,
        lambda t: t + "\n",
        lambda t: " " + t,
        lambda t: t.replace(".", "\n.", 1),
        lambda t: t + "=",
        lambda t: t + "==",
        lambda t: t[:-1] + "+",
        lambda t: t[:-1] + "/",
        lambda t: t + "\0",
        lambda t: t[:-1],
        lambda t: t[:-2] + chr(ord(t[-2]) ^ 1) + "ZZ",
        lambda t: t[:-1] + "é",
        lambda t: t[:-1] + "٣",
        lambda t: json.dumps({"payload": t.split(".")[1]}),
        lambda t: f"Bearer {t}",
        lambda t: "",
        lambda t: ".",
        lambda t: "..",
        lambda t: "a.b.c",
        lambda t: "$TOKEN",
        lambda t: "glcbt-64_abcdef",
    ],
)
def test_only_three_full_canonical_segments_are_a_token(change):
    malformed(change(token()))


@pytest.mark.parametrize("position", [0, 1, 2])
def test_unused_bits_are_zero(position: int):
    # The same bytes by another text: a lenient reader takes both, and knows one token by two
    # names.
    segments = sign(rsa_key(), header(kid="k-rs256"), claims()).split(".")
    for padding in range(3):
        text = sign(rsa_key(), {"alg": "RS256", "x": "x" * padding}, claims(x="x" * padding))
        segments = text.split(".")
        if len(segments[position]) % 4:
            break
    last = segments[position][-1]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    segments[position] = segments[position][:-1] + alphabet[alphabet.index(last) + 1]
    assert malformed(".".join(segments)).check is Check.ENCODING


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"[]", "is an array"),
        (b"null", "is null"),
        (b'"x"', "is a string"),
        (b"1", "is an integer"),
        (b"true", "is a boolean"),
        (b"1.5", "is a number with a fraction"),
        (b"{", "can't be read: it is not JSON"),
        (b'{"a":1,"a":2}', "can't be read: the member `a` is there more than once"),
        (b'{"exp":1' + b"0" * 10_000 + b"}", "can't be read: a number in it is too large"),
        (b'{"exp":1e400}', "can't be read: a number in it is too large"),
        (b"[" * 9_000, "can't be read: it is nested deeper than 32 levels"),
        (b'{"sub":"a\\u0000"}', "can't be read: a text in it holds U+0000"),
        (b"\xff\xfe", "can't be read: it is not JSON"),
    ],
)  # fmt: skip
def test_payload_is_one_object(payload: bytes, reason: str):
    error = malformed(sign(rsa_key(), header(), payload))
    assert (error.check, error.reason) == (Check.JSON, f"the token's payload {reason}")


def sized(chars: int) -> str:
    """Return a good token of exactly this many characters."""
    for extra in range(4):
        head = header(x="x" * extra)
        low, high = 0, chars
        while low <= high:
            middle = (low + high) // 2
            text = sign(rsa_key(), head, claims(pad="x" * middle))
            if len(text) == chars:
                return text
            low, high = (middle + 1, high) if len(text) < chars else (low, middle - 1)
    raise AssertionError(chars)


def test_twenty_thousand_characters_pass_and_no_more():
    assert check(sized(20_000)).subject == "subject-alpha"
    assert malformed(sized(20_001)).check is Check.SIZE
    assert parse_token(sized(20_001), max_chars=20_001).alg == "RS256"


def test_a_mebibyte_is_refused_unread():
    assert malformed("a" * 2**20).check is Check.SIZE
    assert malformed("." * 2**20).reason == "the token has 1048576 characters, more than 20000"


@pytest.mark.parametrize("alg", ["ES256", "ES384", "ES512"])
def test_ec_signatures_are_two_numbers_of_full_length(alg: str):
    key = ec_key({"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}[alg])
    keys = KeySet.from_json(jwks(jwk(key, "k-rs256")))
    good = sign(key, header(alg=alg), claims())
    check(good, keys)
    signed, _, _ = good.rpartition(".")
    raw = sign_bytes(key, alg, signed.encode())
    half = len(raw) // 2
    r, s = int.from_bytes(raw[:half]), int.from_bytes(raw[half:])
    der = utils.encode_dss_signature(r, s)
    wrong = [
        der,
        raw + b"\0",
        b"\0" + raw,
        raw[1:],
        raw[:-1],
        raw[:half],
        raw * 2,
        b"\0" * len(raw),
    ]
    wrong += [raw[half:] + raw[:half], raw[:half] + b"\0" * half, b"\xff" * len(raw)]
    for signature in wrong:
        with pytest.raises(TokenRefused) as caught:
            check(f"{signed}.{b64u(signature)}", keys)
        assert caught.value.check is Check.SIGNATURE


def test_an_algorithm_that_does_not_fit_the_key_answers_like_a_forgery():
    forged = sign(ec_key(), header(alg="ES256"), claims())
    with pytest.raises(TokenRefused) as caught:
        check(forged)
    assert caught.value.message == NOT_VALIDATED
    assert caught.value.reason == (
        "algorithm `ES256` does not fit the key that the token names: RSA of 2048 bits"
    )
    keys = KeySet.from_json(jwks(jwk(ec_key("P-384"), "k-rs256")))
    with pytest.raises(TokenRefused, match="could not be validated"):
        check(sign(ec_key("P-384"), header(alg="ES256"), claims(), "ES384"), keys)


@given(st.text())
@settings(deadline=None)
def test_any_text_gives_a_token_or_one_error(text):
    with pytest.raises(MalformedToken):
        parse_token(text)


@given(st.binary(), st.binary(), st.binary())
@settings(deadline=None)
def test_any_segments_give_a_token_or_one_error(head, payload, signature):
    with pytest.raises(MalformedToken):
        parse_token(compact(head, payload, signature))


def test_no_repr_and_no_error_shows_a_token():
    text = token()
    unverified = parse_token(text)
    verified = check(text)
    forged = text[:-20] + "A" * 20
    shown = [repr(unverified), repr(unverified.jws), repr(verified), repr(KEYS)]
    with pytest.raises(TokenRefused) as caught:
        check(forged)
    shown += [repr(caught.value), str(caught.value.reason), str(caught.value.help)]
    shown += [malformed(text + bad).reason or "" for bad in ("=", "\n", ".x", " ")]
    for segment in text.split("."):
        assert not any(segment[:16] in line for line in shown)


def test_the_token_is_known_by_its_hash():
    text = token()
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert parse_token(text).sha256 == digest == check(text).token_sha256
