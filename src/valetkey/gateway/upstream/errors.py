"""What can go wrong on the way to an upstream, and what the client reads then.

::

    AwsError
    ├── UpstreamUnavailable   503  no answer: not reached, no credentials, none in time
    └── UpstreamBroken        500  it had part of the request, or broke off: the outcome is unknown

The client is told to try again; what happened is the operator's to read, in ``reason``. No reason
holds a secret: it names the upstream, and what was said by it is cut short.
"""

from typing import Final

import aiohttp

from valetkey.errors import AwsError
from valetkey.outbound import OutboundError
from valetkey.outbound.errors import os_words

UNAVAILABLE: Final = ("ServiceUnavailable", "Service is unable to handle request.")
BUSY: Final = ("SlowDown", "Please reduce your request rate.")
INTERNAL: Final = ("InternalError", "We encountered an internal error. Please try again.")


class UpstreamUnavailable(AwsError):
    """The upstream gave no answer, and has done nothing; or it does not take our credentials."""

    def __init__(
        self, reason: str, *, help: str | None = None, wire: tuple[str, str] = UNAVAILABLE
    ) -> None:
        super().__init__(*wire, 503, reason=reason, help=help)


class UpstreamBroken(AwsError):
    """The connection broke off after the request was on its way, or in the midst of the answer.

    Raised by an answer's body it means that the client's own connection must be cut, lest a
    part be taken for the whole.
    """

    def __init__(self, reason: str, *, help: str | None = None) -> None:
        super().__init__(*INTERNAL, 500, reason=reason, help=help)


def explain(name: str, error: BaseException) -> tuple[str, str | None]:
    """Return what a failed exchange is to the operator: a reason, and what to do if known."""
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ClientConnectorCertificateError):
        return _not_connected(name, error)
    for kinds, words in _WORDS:
        if isinstance(error, kinds):
            return words.format(f"upstream `{name}`"), None
    return f"upstream `{name}` closed the connection", None


_WORDS: Final[tuple[tuple[tuple[type[BaseException], ...], str], ...]] = (
    ((aiohttp.ConnectionTimeoutError,), "{} took no connection in time"),
    ((TimeoutError,), "{} keeps us waiting for too long"),
    ((aiohttp.ClientPayloadError,), "the answer of {} breaks off"),
    ((aiohttp.ClientResponseError, ValueError), "the answer of {} is not HTTP within its bounds"),
)


def _not_connected(
    name: str, error: aiohttp.ClientConnectorError | aiohttp.ClientConnectorCertificateError
) -> tuple[str, str | None]:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"upstream `{name}` shows a certificate that is not trusted", (
            "give the upstream its CA with `ca_pem`, or add the CA to the system's trust store"
        )
    if isinstance(error, aiohttp.ClientConnectorSSLError):
        return f"upstream `{name}` does not complete a TLS handshake", None
    cause = error.os_error.__cause__
    if isinstance(cause, OutboundError):
        return f"upstream `{name}` may not be dialled: {cause.message}", cause.help
    return f"upstream `{name}` can't be reached: {os_words(error.os_error)}", None
