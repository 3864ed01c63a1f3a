"""A certificate authority made on the spot, for issuers that no public one vouches for."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from valetkey.issuer.errors import MalformedIssuerState

_BACKDATED = timedelta(minutes=5)
_CA_LIFE = timedelta(days=3650)
_LEAF_LIFE = timedelta(days=397)
_SERIAL_BYTES = 16

Random = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class CertificateAuthority:
    """A root certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def certificate_pem(self) -> str:
        """Return the root certificate: what clients are told to trust."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def key_pem(self) -> str:
        """Return the private key, unencrypted."""
        return _key_pem(self.key)

    @classmethod
    def from_pem(cls, certificate: str, key: str) -> "CertificateAuthority":
        """Read an authority. Raises :class:`MalformedIssuerState`."""
        try:
            read = x509.load_pem_x509_certificate(certificate.encode())
            private = serialization.load_pem_private_key(key.encode(), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise MalformedIssuerState("the certificate authority can't be read") from None
        if not isinstance(private, ec.EllipticCurvePrivateKey) or (
            private.public_key() != read.public_key()
        ):
            raise MalformedIssuerState("the certificate authority has another's key")
        return cls(read, private)


@dataclass(frozen=True, slots=True)
class IssuedCertificate:
    """A server's certificate: ``chain_pem`` is the leaf, then the root."""

    chain_pem: str
    key_pem: str = field(repr=False)


def make_ca(
    now: float, random: Random = secrets.token_bytes, *, name: str = "valetkey local CA"
) -> CertificateAuthority:
    """Make a root authority, valid for ten years from ``now``.

    ``random`` gives its serial number; its key comes from the system's randomness.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        _builder(subject, subject, key.public_key(), now=now, life=_CA_LIFE, random=random)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(certificates=True), critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )
    return CertificateAuthority(certificate, key)


def issue_certificate(
    authority: CertificateAuthority,
    names: Sequence[str],
    now: float,
    random: Random = secrets.token_bytes,
) -> IssuedCertificate:
    """Issue a server certificate for host names and IP addresses, valid for 397 days.

    The chain holds the root, so that the root's is the thumbprint that AWS would take.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
    issuer_key = x509.SubjectKeyIdentifier.from_public_key(authority.key.public_key())
    authority_identifier = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(
        issuer_key
    )
    own_identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    issuer = authority.certificate.subject
    leaf = (
        _builder(subject, issuer, key.public_key(), now=now, life=_LEAF_LIFE, random=random)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(list(map(_name, names))), critical=False)
        .add_extension(_usage(certificates=False), critical=True)
        .add_extension(purpose, critical=False)
        .add_extension(own_identifier, critical=False)
        .add_extension(authority_identifier, critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    leaf_pem = leaf.public_bytes(serialization.Encoding.PEM).decode()
    return IssuedCertificate(leaf_pem + authority.certificate_pem, _key_pem(key))


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    *,
    now: float,
    life: timedelta,
    random: Random,
) -> x509.CertificateBuilder:
    today = datetime.fromtimestamp(int(now), UTC)
    # The top bit stays clear, for a serial number is positive; and it is not zero.
    serial = int.from_bytes(random(_SERIAL_BYTES), "big") >> 1 or 1
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(serial)
        .not_valid_before(today - _BACKDATED)
        .not_valid_after(today + life)
    )


def _usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        key_cert_sign=certificates,
        crl_sign=certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
