"""The six signature algorithms that AWS STS takes, and no other.

RFC 7518, sections 3.3 and 3.4. There is no symmetric algorithm in this room and no `none`: a
name that is not in the table has no way to a verifier, whatever key stands beside it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


class Algorithm(NamedTuple):
    """A signature algorithm: the type and curve its key must have, and its hash.

    ``size`` is the length in bytes of each of the two halves of an EC signature.
    """

    name: str
    kty: str
    hash: HashAlgorithm
    curve: str | None = None
    size: int = 0


ALGORITHMS: Mapping[str, Algorithm] = MappingProxyType(
    {
        algorithm.name: algorithm
        for algorithm in (
            Algorithm("RS256", "RSA", SHA256()),
            Algorithm("RS384", "RSA", SHA384()),
            Algorithm("RS512", "RSA", SHA512()),
            Algorithm("ES256", "EC", SHA256(), "P-256", 32),
            Algorithm("ES384", "EC", SHA384(), "P-384", 48),
            Algorithm("ES512", "EC", SHA512(), "P-521", 66),
        )
    }
)

_PKCS1 = padding.PKCS1v15()
_ECDSA = {name: ec.ECDSA(a.hash) for name, a in ALGORITHMS.items() if a.kty == "EC"}


def check_bytes(algorithm: Algorithm, key: PublicKey, signature: bytes, data: bytes) -> None:
    """Check a signature over ``data``; raise InvalidSignature unless it is the key's."""
    if isinstance(key, rsa.RSAPublicKey):
        if algorithm.kty != "RSA":
            raise InvalidSignature
        key.verify(signature, data, _PKCS1, algorithm.hash)
        return
    # JOSE writes the two numbers one after the other, each at full length (RFC 7518, 3.4);
    # a shorter or longer text is another one's signature, or DER.
    size = algorithm.size
    if algorithm.kty != "EC" or len(signature) != 2 * size:
        raise InvalidSignature
    r = int.from_bytes(signature[:size])
    s = int.from_bytes(signature[size:])
    key.verify(utils.encode_dss_signature(r, s), data, _ECDSA[algorithm.name])
