"""What can go wrong on the way out.

::

    OutboundError             has the steps taken so far; ``url`` is where it happened
    ├── MalformedUrl          not a URL that is understood
    ├── DestinationRefused    understood, and not allowed: scheme, address, redirect
    ├── Unreachable           allowed, but nobody answered: name, connection, time
    ├── CertificateRefused    somebody answered, and could not show who
    └── AnswerRefused         the answer is too large, too odd, or not the one wanted
"""

import os
from collections.abc import Sequence

from valetkey.errors import ValetkeyError
from valetkey.outbound.chain import SentCertificate
from valetkey.outbound.steps import Step


class OutboundError(ValetkeyError):
    """A fetch that failed. ``steps`` are the steps taken, the failed one last."""

    code = "outbound"

    def __init__(self, message: str, *, url: str, help: str | None = None) -> None:
        super().__init__(message, help=help)
        self.url = url
        self.steps: tuple[Step, ...] = ()


class MalformedUrl(OutboundError):
    """Not a URL that may be dialled: its parts can't be told apart for certain."""

    code = "url-malformed"


class DestinationRefused(OutboundError):
    """The guard refused the destination before any connection was made to it."""

    code = "destination-refused"


class Unreachable(OutboundError):
    """The destination is allowed and gave no answer in time."""

    code = "unreachable"


class CertificateRefused(OutboundError):
    """The TLS chain is trusted neither by the trust store nor by a registered thumbprint.

    ``chain`` is what the server sent, leaf first. ``mismatch`` says that thumbprints were
    registered and that none of them is the last certificate's.
    """

    code = "certificate-refused"

    def __init__(
        self,
        message: str,
        *,
        url: str,
        help: str | None = None,
        chain: Sequence[SentCertificate] = (),
        mismatch: bool = False,
    ) -> None:
        super().__init__(message, url=url, help=help)
        self.chain = tuple(chain)
        self.mismatch = mismatch


class AnswerRefused(OutboundError):
    """There was an answer, and it is not one that may be used."""

    code = "answer-refused"


def os_words(error: OSError) -> str:
    """Return what the system says about an error, as part of a sentence."""
    words = os.strerror(error.errno) if error.errno is not None and error.errno > 0 else str(error)
    return words[:1].lower() + words[1:] or "no connection"
