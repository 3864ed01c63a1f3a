"""The keys of a GitLab: one signs user logins, the other CI tokens, and both are served."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cached_property

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from valetkey.issuer.errors import MalformedIssuerState

_BITS = 2048
_EXPONENT = 65537


@dataclass(frozen=True)
class SigningKey:
    """An RSA key that signs with RS256."""

    private: rsa.RSAPrivateKey

    @classmethod
    def generate(cls) -> "SigningKey":
        """Make a new key, of the size that GitLab makes, from the system's randomness."""
        return cls(rsa.generate_private_key(_EXPONENT, _BITS))

    @classmethod
    def from_pem(cls, pem: str) -> "SigningKey":
        """Read a key. Raises :class:`MalformedIssuerState`."""
        try:
            private = serialization.load_pem_private_key(pem.encode(), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise MalformedIssuerState("a signing key can't be read") from None
        if not isinstance(private, rsa.RSAPrivateKey):
            raise MalformedIssuerState("a signing key is not an RSA key")
        return cls(private)

    def to_pem(self) -> str:
        """Write the private key, unencrypted."""
        return self.private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()

    @cached_property
    def kid(self) -> str:
        """Return the SHA-256 thumbprint of the public key (RFC 7638)."""
        canonical = f'{{"e":"{self.e}","kty":"RSA","n":"{self.n}"}}'
        return base64url(hashlib.sha256(canonical.encode()).digest())

    @cached_property
    def n(self) -> str:
        """Return the modulus as in a JWK."""
        return _number(self.private.public_key().public_numbers().n)

    @cached_property
    def e(self) -> str:
        """Return the public exponent as in a JWK."""
        return _number(self.private.public_key().public_numbers().e)

    @cached_property
    def jwk(self) -> dict[str, str]:
        """Return the public key as GitLab serves it, members in its order."""
        return {
            "kty": "RSA",
            "kid": self.kid,
            "e": self.e,
            "n": self.n,
            "use": "sig",
            "alg": "RS256",
        }

    def sign(self, data: bytes) -> bytes:
        """Sign with RS256 (RFC 7518, section 3.3)."""
        return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())


class _Kept(msgspec.Struct, forbid_unknown_fields=True):
    login: str
    ci: str


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """Both keys. ``ci`` signs ID tokens and comes second in the key set."""

    login: SigningKey
    ci: SigningKey

    @classmethod
    def generate(cls) -> "SigningKeys":
        """Make two new keys."""
        return cls(SigningKey.generate(), SigningKey.generate())

    @classmethod
    def from_json(cls, text: bytes) -> "SigningKeys":
        """Read what ``to_json`` wrote. Raises :class:`MalformedIssuerState`."""
        try:
            kept = msgspec.json.decode(text, type=_Kept)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise MalformedIssuerState("the signing keys can't be read") from None
        return cls(SigningKey.from_pem(kept.login), SigningKey.from_pem(kept.ci))

    def to_json(self) -> bytes:
        """Write both private keys, unencrypted: for a file that only its owner reads."""
        kept = msgspec.json.encode(_Kept(self.login.to_pem(), self.ci.to_pem()))
        return msgspec.json.format(kept, indent=2)

    def rotated(self) -> "SigningKeys":
        """Return keys with a new one for CI tokens; as on GitLab, the old one ends at once."""
        return SigningKeys(self.login, SigningKey.generate())


def base64url(data: bytes) -> str:
    """Encode without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _number(value: int) -> str:
    return base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))
