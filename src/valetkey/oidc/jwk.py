"""One JSON Web Key (RFC 7517, RFC 7518 section 6): a public key that we use, or why not."""

import base64
import warnings
from collections.abc import Callable, Mapping
from enum import StrEnum

import msgspec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from valetkey.oidc.algorithms import ALGORITHMS, Algorithm, PublicKey
from valetkey.oidc.base64url import decode_base64url
from valetkey.oidc.roca import has_roca_weakness
from valetkey.oidc.strictjson import Json, json_type, quoted

MIN_RSA_BITS = 2048
MAX_RSA_BITS = 8192
MAX_EXPONENT_BITS = 64

_CURVES: Mapping[str, tuple[Callable[[], ec.EllipticCurve], int]] = {
    "P-256": (ec.SECP256R1, 32),
    "P-384": (ec.SECP384R1, 48),
    "P-521": (ec.SECP521R1, 66),
}
_PRIVATE_MEMBERS = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")
# Tuples, not sets: what is looked up here is any JSON value, arrays and objects included.
_TYPES = ("RSA", "EC")
_RSA_ALGORITHMS = tuple(name for name, a in ALGORITHMS.items() if a.kty == "RSA")
_EC_ALGORITHMS = {a.curve: name for name, a in ALGORITHMS.items() if a.kty == "EC"}


class Skip(StrEnum):
    """Why a key of a set is not used."""

    SHAPE = "shape"
    NO_KID = "no-kid"
    TYPE = "type"
    USE = "use"
    KEY_OPS = "key-ops"
    ALGORITHM = "algorithm"
    PRIVATE = "private"
    WEAK = "weak"
    CERTIFICATE = "certificate"
    REPEATED = "repeated"


class SkippedKey(msgspec.Struct, frozen=True):
    """A key of a set that is not used. ``reason`` goes on from "key `x` is present but"."""

    kid: str | None
    reason: str
    why: Skip


class Key(msgspec.Struct, frozen=True):
    """A public key that verifies signatures. ``curve`` is None for RSA."""

    kid: str
    kty: str
    curve: str | None
    public: PublicKey

    def fits(self, algorithm: Algorithm) -> bool:
        """Return whether this key is of the algorithm's type and on its curve."""
        return self.kty == algorithm.kty and self.curve == algorithm.curve

    @property
    def description(self) -> str:
        """Return what kind of key this is, for people: ``RSA of 2048 bits``, ``EC P-256``."""
        return f"RSA of {self.public.key_size} bits" if self.curve is None else f"EC {self.curve}"


class _NotUsed(Exception):
    def __init__(self, why: Skip, reason: str) -> None:
        super().__init__(reason)
        self.why = why


def read_jwk(jwk: Json) -> Key | SkippedKey:
    """Return the key that a member of a set describes, or why it is not used."""
    kid = jwk.get("kid") if isinstance(jwk, dict) else None
    kid = kid if isinstance(kid, str) and kid else None
    try:
        return _read(jwk, kid)
    except _NotUsed as skip:
        return SkippedKey(kid, str(skip), skip.why)


def _read(jwk: Json, kid: str | None) -> Key:
    if not isinstance(jwk, dict):
        raise _NotUsed(Skip.SHAPE, f"it is {json_type(jwk)}, not an object")
    kty = jwk.get("kty")
    if kty not in _TYPES:
        shown = quoted(kty) if "kty" in jwk else "it has no `kty`"
        raise _NotUsed(Skip.TYPE, f"its type is not supported: {shown}")
    if kid is None:
        # AWS finds keys by kid alone; one without is as good as absent, even when sole.
        raise _NotUsed(Skip.NO_KID, "it has no `kid`")
    if any(member in jwk for member in _PRIVATE_MEMBERS):
        # Whoever reads the set can sign with this key. It proves nothing any more.
        raise _NotUsed(Skip.PRIVATE, "its private half is published beside it")
    _check_purpose(jwk)
    if kty == "RSA":
        _check_rsa_algorithm(jwk)
        key = Key(kid, "RSA", None, _rsa(jwk))
    else:
        curve, public = _ec(jwk)
        key = Key(kid, "EC", curve, public)
    if "x5c" in jwk and _certified_key(jwk["x5c"]) != key.public:
        raise _NotUsed(Skip.CERTIFICATE, "its `x5c` certificate is of another key")
    return key


def _check_purpose(jwk: Mapping[str, Json]) -> None:
    if jwk.get("use", "sig") != "sig":
        raise _NotUsed(Skip.USE, f"its `use` is {quoted(jwk['use'])}, not `sig`")
    if "key_ops" in jwk:
        # As AWS does: a key with any key_ops fails, `["verify"]` included.
        raise _NotUsed(Skip.KEY_OPS, "it has `key_ops`, with which AWS STS takes no key")


def _check_rsa_algorithm(jwk: Mapping[str, Json]) -> None:
    # AWS ignores which of the RS algorithms a key names, and so do we. A key made for another
    # scheme is another matter: using it here as well would weaken both.
    if "alg" in jwk and jwk["alg"] not in _RSA_ALGORITHMS:
        raise _NotUsed(Skip.ALGORITHM, f"it is for another algorithm: {quoted(jwk['alg'])}")


def _rsa(jwk: Mapping[str, Json]) -> rsa.RSAPublicKey:
    n = int.from_bytes(_bytes(jwk, "n"))
    e = int.from_bytes(_bytes(jwk, "e"))
    if not MIN_RSA_BITS <= n.bit_length() <= MAX_RSA_BITS:
        wanted = f"{MIN_RSA_BITS} to {MAX_RSA_BITS}"
        raise _NotUsed(Skip.WEAK, f"its modulus has {n.bit_length()} bits, not {wanted}")
    if n % 2 == 0 or e % 2 == 0 or e < 3 or e.bit_length() > MAX_EXPONENT_BITS:  # noqa: PLR2004 - the least exponent of RSA
        raise _NotUsed(Skip.WEAK, "its modulus or exponent is none of RSA's")
    if has_roca_weakness(n):
        raise _NotUsed(Skip.WEAK, "its modulus has the ROCA weakness (CVE-2017-15361)")
    try:
        return rsa.RSAPublicNumbers(e, n).public_key()
    except ValueError:
        raise _NotUsed(Skip.WEAK, "its modulus or exponent is none of RSA's") from None


def _ec(jwk: Mapping[str, Json]) -> tuple[str, ec.EllipticCurvePublicKey]:
    crv = jwk.get("crv")
    if not isinstance(crv, str) or crv not in _CURVES:
        raise _NotUsed(Skip.TYPE, f"its type is not supported: curve {quoted(crv)}")
    if jwk.get("alg", _EC_ALGORITHMS[crv]) != _EC_ALGORITHMS[crv]:
        raise _NotUsed(Skip.ALGORITHM, f"it is on {crv} but for {quoted(jwk['alg'])}")
    curve, size = _CURVES[crv]
    x, y = _bytes(jwk, "x"), _bytes(jwk, "y")
    if len(x) != size or len(y) != size:
        raise _NotUsed(Skip.SHAPE, f"its coordinates do not have the {size} bytes of {crv}")
    numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), curve())
    try:
        return crv, numbers.public_key()
    except ValueError:
        raise _NotUsed(Skip.WEAK, f"its point is not on {crv}") from None


def _bytes(jwk: Mapping[str, Json], name: str) -> bytes:
    text = jwk.get(name)
    if not isinstance(text, str) or not text:
        raise _NotUsed(Skip.SHAPE, f"it has no `{name}`")
    try:
        return decode_base64url(text.encode())
    except ValueError:
        raise _NotUsed(Skip.SHAPE, f"its `{name}` is not base64url") from None


def _certified_key(x5c: Json) -> object:
    """Return the public key of the first certificate (RFC 7517, section 4.7)."""
    first = x5c[0] if isinstance(x5c, list) and x5c else None
    if not isinstance(first, str):
        raise _NotUsed(Skip.CERTIFICATE, "its `x5c` holds no certificate")
    try:
        der = base64.b64decode(first, validate=True)
        with warnings.catch_warnings():
            # What the library warns of today (a serial number of zero), it refuses tomorrow.
            warnings.simplefilter("error")
            return x509.load_der_x509_certificate(der).public_key()
    except (ValueError, Warning, UnsupportedAlgorithm, x509.InvalidVersion):
        raise _NotUsed(Skip.CERTIFICATE, "its `x5c` holds no certificate") from None
