"""What AWS STS was observed to do: the rows of the table, and what they describe, built."""

import json
import re
from typing import Any

from support.tokens import CURVE_OF, NOW, b64u_int, certificate, ec_key, jwk, jwks, rsa_key, sign
from support.vectors import own
from valetkey.oidc import DIFFERENCES, KeySet

Row = dict[str, Any]

ROWS: list[Row] = own("sts/sts-observed.json")
MOMENT = int(NOW)
ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/example"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/issuer.example"
DIFFERENT = {row for difference in DIFFERENCES for row in difference.rows}
"""The rows that a token is answered otherwise in, deliberately."""

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
    """Return the key set that a row describes."""
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


def build(row: Row) -> tuple[str, dict[str, Any]]:
    """Return the token of a row, signed, and its claims."""
    raw = row["token"].get("raw") or ""
    claims = {k: value(k, v, raw) for k, v in row["token"]["claims"].items()}
    header = row["token"]["header"]
    key = ec_key(CURVE_OF[header["alg"]]) if header["alg"].startswith("ES") else RSA
    if "twice" in raw:
        payload = f'{{"aud": "client-1", {json.dumps(claims)[1:]}'.encode()
        return sign(key, header, payload), claims
    return sign(key, header, claims), claims


def message(row: Row, claims: dict[str, Any]) -> str:
    """Return the message that a row expects, its times filled in."""
    wanted: str = row["expect"]["message"]
    wanted = wanted.replace("<now-300>", str(MOMENT - 300))
    wanted = wanted.replace("<now+300>", str(MOMENT + 300))
    for name in ("iat", "nbf", "exp"):
        wanted = wanted.replace(f"<{name}>", str(claims.get(name)))
    return wanted


def trust(words: str) -> str:
    """Return the trust policy that a row describes."""
    parts = re.split(r"statement \d: ", words)
    statements = [_statement(part.rstrip("; ")) for part in parts if part]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


_STATEMENT = re.compile(
    r"Allow (?:Federated=<provider>|Principal (?P<kind>\w+)=(?P<who>\S+?))(?: for|,) "
    r"(?P<actions>sts:\w+(?:, sts:\w+)*)(?:;|,) "
    r"(?:no Condition|Condition (?P<operator>\w+) (?P<key>[\w:]+)=(?P<value>\S+))"
)


def _statement(words: str) -> dict[str, Any]:
    read = _STATEMENT.fullmatch(words)
    assert read is not None, words
    principal = {read["kind"]: read["who"]} if read["kind"] else {"Federated": PROVIDER}
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": read["actions"].split(", "),
    }
    if read["operator"]:
        statement["Condition"] = {read["operator"]: {read["key"]: read["value"]}}
    return statement
