"""Certificates as a server sends them, and what AWS's thumbprints say about them.

A thumbprint is the hex SHA-1 of the last certificate that the server sends: the top of the sent
chain, which is the root only where the server sends its root (IAM user guide, *Obtain the
thumbprint for an OpenID Connect identity provider*). Pure: nothing here opens a connection.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature

THUMBPRINT_LENGTH = 40


@dataclass(frozen=True, slots=True)
class SentCertificate:
    """A certificate of a chain: its bytes, and what people know it by.

    Times are seconds since 1970. An unreadable certificate has an empty subject and no times.
    """

    der: bytes = field(repr=False)
    thumbprint: str
    subject: str
    issuer: str
    not_before: float
    not_after: float


def describe(der: bytes) -> SentCertificate:
    """Return a certificate's bytes with what they say; never raises."""
    thumbprint = hashlib.sha1(der, usedforsecurity=False).hexdigest()
    try:
        read = x509.load_der_x509_certificate(der)
        subject, issuer = read.subject.rfc4514_string(), read.issuer.rfc4514_string()
        before, after = read.not_valid_before_utc, read.not_valid_after_utc
    except (ValueError, TypeError):
        return SentCertificate(der, thumbprint, "", "", 0.0, 0.0)
    return SentCertificate(der, thumbprint, subject, issuer, before.timestamp(), after.timestamp())


def normal_thumbprint(text: str) -> str:
    """Return a thumbprint in lower case without colons, however it was typed."""
    return text.replace(":", "").strip().lower()


def chain_fault(chain: Sequence[SentCertificate]) -> str | None:
    """Return why a sent chain is not a chain, or None: each must be signed by the next.

    OpenSSL would sort the certificates and pass over strangers; AWS takes them as they come, and
    a thumbprint means nothing where the last certificate stands above none of the others.
    """
    try:
        read = [x509.load_der_x509_certificate(one.der) for one in chain]
    except ValueError:
        return "a certificate that the server sent can't be read"
    for number, (below, above) in enumerate(pairwise(read), start=1):
        try:
            below.verify_directly_issued_by(above)
        except (ValueError, TypeError, InvalidSignature):
            return (
                f"certificate {number} that the server sent (`{chain[number - 1].subject}`) is not"
                f" signed by the next one (`{chain[number].subject}`)"
            )
    return None


def explain_mismatch(chain: Sequence[SentCertificate], thumbprints: Sequence[str]) -> str:
    """Return both values and which certificate each belongs to, in a sentence."""
    top = chain[-1]
    known = {one.thumbprint: position for position, one in enumerate(chain, start=1)}
    registered = []
    for thumbprint in map(normal_thumbprint, thumbprints):
        position = known.get(thumbprint)
        if position is None:
            owner = "belongs to none of the certificates sent"
        else:
            owner = f"belongs to {_place(position, len(chain))} (`{chain[position - 1].subject}`)"
        registered.append(f"registered `{thumbprint[:THUMBPRINT_LENGTH]}` {owner}")
    return (
        f"the last of {len(chain)} certificates sent (`{top.subject}`) has thumbprint"
        f" `{top.thumbprint}`; " + ", ".join(registered)
    )


def _place(position: int, count: int) -> str:
    return "the leaf" if position == 1 and count > 1 else f"certificate {position} of {count}"
