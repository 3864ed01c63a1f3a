"""Keys, key sets and signed tokens for tests: made anew in each run, none is written down."""

import base64
import datetime as dt
import functools
import json
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.x509.oid import NameOID

HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
CURVES = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "P-521": ec.SECP521R1()}
CURVE_OF = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def b64u(data: bytes) -> str:
    """Write base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def b64u_int(number: int, size: int | None = None) -> str:
    """Write a number as JOSE does, at full length where one is given."""
    return b64u(number.to_bytes(size or (number.bit_length() + 7) // 8))


@functools.cache
def rsa_key(name: str = "first", bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return the RSA key of this name and size; the same one throughout a run."""
    return rsa.generate_private_key(65537, bits)


@functools.cache
def ec_key(curve: str = "P-256", name: str = "first") -> ec.EllipticCurvePrivateKey:
    """Return the EC key of this curve and name; the same one throughout a run."""
    return ec.generate_private_key(CURVES[curve])


def jwk(key: PrivateKey, kid: str | None, **more: Any) -> dict[str, Any]:
    """Return the public JWK of a key."""
    members: dict[str, Any] = {} if kid is None else {"kid": kid}
    if isinstance(key, rsa.RSAPrivateKey):
        public = key.public_key().public_numbers()
        members |= {"kty": "RSA", "n": b64u_int(public.n), "e": b64u_int(public.e)}
    else:
        numbers = key.public_key().public_numbers()
        size = (key.key_size + 7) // 8
        crv = {256: "P-256", 384: "P-384", 521: "P-521"}[key.key_size]
        members |= {
            "kty": "EC",
            "crv": crv,
            "x": b64u_int(numbers.x, size),
            "y": b64u_int(numbers.y, size),
        }
    return members | more


def certificate(key: PrivateKey) -> str:
    """Return a self-signed certificate of a key, as `x5c` holds it."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "issuer.example")])
    day = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(day)
        .not_valid_after(day + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return base64.b64encode(built.public_bytes(serialization.Encoding.DER)).decode()


def jwks(*keys: Any) -> bytes:
    """Return a JSON Web Key Set of these members."""
    return json.dumps({"keys": keys}).encode()


def sign_bytes(key: PrivateKey, alg: str, data: bytes) -> bytes:
    """Sign as one of the six algorithms."""
    digest = HASHES[alg[2:]]
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), digest)
    size = (key.key_size + 7) // 8
    r, s = utils.decode_dss_signature(key.sign(data, ec.ECDSA(digest)))
    return r.to_bytes(size) + s.to_bytes(size)


def compact(header: Any, payload: Any, signature: bytes) -> str:
    """Put a compact JWS together; header and payload are bytes or become JSON."""
    return f"{b64u(_bytes(header))}.{b64u(_bytes(payload))}.{b64u(signature)}"


def sign(key: PrivateKey, header: dict[str, Any] | bytes, payload: Any, alg: str = "") -> str:
    """Return a signed token; the algorithm is the header's, or ``alg``."""
    if not alg:
        assert isinstance(header, dict)
        alg = header["alg"]
    signed = f"{b64u(_bytes(header))}.{b64u(_bytes(payload))}"
    return f"{signed}.{b64u(sign_bytes(key, alg, signed.encode()))}"


def _bytes(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


ISSUER = "https://issuer.example"
CLIENT_IDS = ("client-1", "client-2")
NOW = 1_800_000_000.5


def claims(**changes: Any) -> dict[str, Any]:
    """Return claims that pass at NOW, with changes; a change to ``...`` takes a claim away."""
    moment = int(NOW)
    whole: dict[str, Any] = {
        "iss": ISSUER,
        "sub": "subject-alpha",
        "aud": "client-1",
        "iat": moment - 10,
        "exp": moment + 900,
    }
    return {name: value for name, value in (whole | changes).items() if value is not ...}


def header(**changes: Any) -> dict[str, Any]:
    """Return the header of a token signed by the first RSA key, with changes."""
    whole = {"alg": "RS256", "kid": "k-rs256", "typ": "JWT"} | changes
    return {name: value for name, value in whole.items() if value is not ...}


def token(**changes: Any) -> str:
    """Return a good token of the first RSA key, its claims changed."""
    return sign(rsa_key(), header(), claims(**changes))
