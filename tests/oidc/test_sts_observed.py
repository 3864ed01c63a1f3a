"""AWS's observed answers about tokens are ours, apart from the differences that we list."""

import json
import re
from typing import Any

import pytest

from support.tokens import (
    CURVE_OF,
    ISSUER,
    NOW,
    b64u_int,
    certificate,
    ec_key,
    jwk,
    jwks,
    rsa_key,
    sign,
)
from support.vectors import own
from valetkey.oidc import (
    DIFFERENCES,
    KeySet,
    TokenError,
    VerifiedClaims,
    check_role,
    claim_values,
    condition_values,
    parse_token,
    session_tags,
    source_identity,
    verify,
)

ROWS = own("sts/sts-observed.json")
MOMENT = int(NOW)
ROLE = "arn:aws:iam::111122223333:role/example"
DIFFERENT = {row for difference in DIFFERENCES for row in difference.rows}

RSA = rsa_key()
N = RSA.public_key().public_numbers().n
ALTERED = b64u_int(N >> 24 << 24)
SIX = [
    *(jwk(RSA, f"k-rs{bits}", use="sig", alg=f"RS{bits}") for bits in (256, 384, 512)),
    *(
        jwk(ec_key(CURVE_OF[alg]), f"k-{alg.lower()}", use="sig", alg=alg)
        for alg in ("ES256", "ES384", "ES512")
    ),
]
ONE = jwk(RSA, "k-rs256", use="sig", alg="RS256")
# The observations describe their key sets in words; these are the beginnings of the words.
SETS = {
    "six keys, all with kid": SIX,
    "101 RSA keys": [*(ONE | {"kid": f"k{n}"} for n in range(101)), SIX[3]],
    "one RSA key, kid k-rs256, but alg RS512, use sig": [ONE | {"alg": "RS512"}],
    'one RSA key, kid k-rs256, alg RS256, use sig, key_ops ["sign"]': [ONE | {"key_ops": ["sign"]}],
    "one RSA key, kid k-rs256, alg RS256, use sig, altered n, x5c": [
        ONE | {"n": b64u_int(N + 2), "x5c": [certificate(RSA)]}
    ],
    "one RSA key, kid k-rs256, alg RS256, use sig": [ONE],
    "the same RSA key (kid k-rs256) twice": [ONE, ONE],
    "two RSA keys with kid k-rs256: first one with an altered": [ONE | {"n": ALTERED}, ONE],
    "one RSA key with alg RS256 and use sig but no kid": [
        {name: ONE[name] for name in ONE if name != "kid"}
    ],
    "one RSA key, kid k-rs256, with kty and x5c only": [
        {"kty": "RSA", "kid": "k-rs256", "x5c": [certificate(RSA)]}
    ],
}


def key_set(words: str) -> KeySet:
    name = max((name for name in SETS if words.startswith(name)), key=len)
    return KeySet.from_json(jwks(*SETS[name]))


def value(name: str, written: Any, raw: str) -> Any:
    """Return a claim as it was in the token: `now+60` is a number, `<300 x a>` a long text."""
    if not isinstance(written, str):
        return written
    if repeated := re.fullmatch(r"<(\d+) x (.)>", written):
        return repeated[2] * int(repeated[1])
    if relative := re.fullmatch(r"now([+-][\d.]+)", written):
        offset = float(relative[1]) if "." in relative[1] else int(relative[1])
        is_string = raw.startswith(f"{name} is a JSON string of decimal digits")
        return str(MOMENT + offset) if is_string else MOMENT + offset
    return written


def build(row: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    raw = row["token"].get("raw", "")
    claims = {k: value(k, v, raw) for k, v in row["token"]["claims"].items()}
    header = row["token"]["header"]
    key = ec_key(CURVE_OF[header["alg"]]) if header["alg"].startswith("ES") else RSA
    if "twice" in raw:
        payload = f'{{"aud": "client-1", {json.dumps(claims)[1:]}'.encode()
        return sign(key, header, payload), claims
    return sign(key, header, claims), claims


def judge(row: dict[str, Any]) -> VerifiedClaims:
    text, _ = build(row)
    verified = verify(
        parse_token(text),
        key_set(row["setup"]["jwks"]),
        client_ids=row["setup"]["provider_client_ids"],
        issuer=ISSUER,
        now=NOW,
    )
    check_role(verified, ROLE)
    session_tags(verified)
    source_identity(verified)
    condition_values(claim_values(verified), "issuer.example")
    return verified


def about_tokens(row: dict[str, Any]) -> bool:
    """Return whether the answer is this room's: it is not with another ProviderId."""
    return row["topic"] != "provider-id"


OURS = [row for row in ROWS if about_tokens(row)]


@pytest.mark.parametrize("row", OURS, ids=[row["id"] for row in OURS])
def test_answers_as_observed(row: dict[str, Any]):
    expect = row["expect"]
    if row["id"] in DIFFERENT:
        with pytest.raises(TokenError) as caught:
            judge(row)
        assert caught.value.status == 400
        return
    if expect["code"] in (None, "AccessDenied"):
        # AccessDenied is the trust policy's word; the token itself is good.
        verified = judge(row)
        if expect["response"]:
            response = expect["response"]
            assert verified.audience == response["Audience"]
            assert verified.subject == value("sub", response["SubjectFromWebIdentityToken"], "")
        return
    with pytest.raises(TokenError) as caught:
        judge(row)
    _, claims = build(row)
    wanted = expect["message"].replace("<now-300>", str(MOMENT - 300))
    wanted = wanted.replace("<now+300>", str(MOMENT + 300))
    for name in ("iat", "nbf", "exp"):
        wanted = wanted.replace(f"<{name}>", str(claims.get(name)))
    error = caught.value
    assert (error.code, error.message, error.status) == (expect["code"], wanted, expect["status"])


def test_most_observations_are_judged_here():
    assert len(ROWS) == 75
    assert len(OURS) == 72


def test_differences_name_observations_that_exist_and_differ():
    by_id = {row["id"]: row for row in ROWS}
    for row in DIFFERENT:
        assert by_id[row]["expect"]["status"] in (200, 500)
    names = [difference.name for difference in DIFFERENCES]
    assert len(set(names)) == len(names)
    assert all(difference.why and difference.aws for difference in DIFFERENCES)


def test_every_key_set_of_the_observations_is_built():
    for row in ROWS:
        assert key_set(row["setup"]["jwks"])
