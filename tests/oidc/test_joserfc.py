"""Another implementation judges the same tokens: what joserfc refuses, we never accept."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet as TheirKeySet
from joserfc.jws import JWSRegistry

from support.tokens import (
    CLIENT_IDS,
    CURVE_OF,
    ISSUER,
    NOW,
    b64u,
    claims,
    ec_key,
    header,
    jwk,
    jwks,
    rsa_key,
    sign,
)
from valetkey.oidc import KeySet, TokenError, parse_token, verify

ALGORITHMS = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"]
KEY_OF = {alg: ec_key(CURVE_OF[alg]) if alg in CURVE_OF else rsa_key() for alg in ALGORITHMS}
# The keys name no algorithm: joserfc obeys `alg` of a key, which AWS and we do not within RS.
SET = jwks(*(jwk(key, f"k-{alg}") for alg, key in KEY_OF.items()))
OURS = KeySet.from_json(SET)
# An unknown member of a header must be ignored (RFC 7515, section 4); joserfc's default is not to.
REGISTRY = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
THEIRS = TheirKeySet.import_key_set(json.loads(SET))


def ours(text: str) -> dict[str, Any] | None:
    try:
        verified = verify(parse_token(text), OURS, client_ids=CLIENT_IDS, issuer=ISSUER, now=NOW)
    except TokenError:
        return None
    return dict(verified.claims)


def theirs(text: str) -> dict[str, Any] | None:
    try:
        return dict(jwt.decode(text, THEIRS, registry=REGISTRY).claims)
    except (JoseError, ValueError):
        return None


@st.composite
def tokens(draw: st.DrawFn) -> str:
    """Draw a good token, or one with faults of header, payload, signature or text."""
    alg = draw(st.sampled_from(ALGORITHMS))
    changes = draw(
        st.dictionaries(
            st.sampled_from(["alg", "kid", "typ", "crit", "jwk", "x"]),
            st.sampled_from([*ALGORITHMS, "none", "HS256", "JWT", "k-RS256", "k-ES256", ["x"], 1]),
            max_size=2,
        )
        if draw(st.booleans())
        else st.just({})
    )
    claimed = claims(**draw(st.dictionaries(st.text(max_size=4), st.integers() | st.text())))
    text = sign(KEY_OF[alg], header(alg=alg, kid=f"k-{alg}") | changes, claimed, alg)
    match draw(st.integers(0, 4)):
        case 0:
            at = draw(st.integers(0, len(text)))
            text = text[:at] + draw(st.sampled_from([".", "=", "A", "\n", " ", "é"])) + text[at:]
        case 1:
            start, end = sorted(draw(st.tuples(*[st.integers(0, len(text))] * 2)))
            text = text[:start] + text[end:]
        case 2:
            segments = text.split(".")
            segments[draw(st.integers(0, 2))] = b64u(draw(st.binary(max_size=200)))
            text = ".".join(segments)
        case _:
            pass
    return text


@given(tokens())
@settings(max_examples=500, deadline=None)
def test_we_accept_nothing_that_joserfc_refuses(text):
    mine = ours(text)
    if mine is not None:
        assert mine == theirs(text)


NAMES = st.text(max_size=4).filter(lambda name: name not in claims() and "\0" not in name)


@given(
    st.sampled_from(ALGORITHMS),
    st.dictionaries(NAMES.filter(lambda name: name not in ("nbf", "azp")), st.integers(-9, 9)),
)
@settings(deadline=None)
def test_both_accept_good_tokens(alg, extra):
    whole = claims(**extra)
    text = sign(KEY_OF[alg], header(alg=alg, kid=f"k-{alg}"), whole)
    assert ours(text) == theirs(text) == whole


@given(st.sampled_from(ALGORITHMS), st.sampled_from(ALGORITHMS))
@settings(deadline=None)
def test_both_refuse_the_key_of_another_algorithm(alg, other):
    text = sign(KEY_OF[alg], header(alg=alg, kid=f"k-{other}"), claims())
    mine, judged = ours(text), theirs(text)
    assert mine == judged
    assert (mine is not None) is (alg == other or alg[:2] == other[:2] == "RS")
