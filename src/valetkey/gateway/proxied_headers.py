"""The headers with which a front proxy sends a request on: all of them decided about.

A header that was not decided about could mean something to the store, so none goes on: it is
taken away by the proxy, or the whole request goes through valetkey's own stream.
"""

from typing import Final

from valetkey.errors import AwsError
from valetkey.gateway.model import Head, Headers
from valetkey.gateway.s3 import S3Request, upstream_headers

REPLACED: Final = frozenset(
    (b"authorization", b"x-amz-content-sha256", b"x-amz-date", b"x-amz-security-token")
)
"""The client's signature: valetkey's own takes its place, or nothing."""

TAKEN_AWAY: Final = frozenset(
    (
        b"accept",
        b"accept-charset",
        b"accept-encoding",
        b"accept-language",
        b"amz-sdk-invocation-id",
        b"amz-sdk-request",
        b"baggage",
        b"cookie",
        b"date",
        b"dnt",
        b"forwarded",
        b"from",
        b"pragma",
        b"priority",
        b"referer",
        b"sec-ch-ua",
        b"sec-ch-ua-mobile",
        b"sec-ch-ua-platform",
        b"sec-fetch-dest",
        b"sec-fetch-mode",
        b"sec-fetch-site",
        b"sec-fetch-user",
        b"sec-gpc",
        b"traceparent",
        b"tracestate",
        b"upgrade-insecure-requests",
        b"user-agent",
        b"via",
        b"x-amz-expected-bucket-owner",
        b"x-amz-request-payer",
        b"x-amz-source-expected-bucket-owner",
        b"x-amz-user-agent",
        b"x-amzn-trace-id",
        b"x-client-ip",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-port",
        b"x-forwarded-proto",
        b"x-real-ip",
        b"x-request-id",
    )
)
"""What clients send besides and no store needs; ``deploy/nginx`` takes each of them away."""

FRAMING: Final = frozenset(
    (
        b"content-encoding",
        b"x-amz-decoded-content-length",
        b"x-amz-sdk-checksum-algorithm",
        b"x-amz-trailer",
    )
)
"""What says how a body is framed: it goes on where the body does as it is."""

OF_THE_PROXY: Final = frozenset(
    (
        b"connection",
        b"content-length",
        b"expect",
        b"host",
        b"http2-settings",
        b"keep-alive",
        b"proxy-connection",
        b"te",
        b"transfer-encoding",
        b"upgrade",
    )
)
"""What a proxy writes itself, as it is about the connection."""

ROUTED_BY: Final = frozenset((b"x-forwarded-proto",))
"""Without it Envoy finds no route; its route takes it away."""

_TOLD: Final = (b"x-amz-", b"if-match", b"if-none-match")
_CHUNKED: Final = b"aws-chunked"


class NeedsStream(AwsError):
    """The request must go through valetkey's own stream; ``reason`` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "NotImplemented",
            "A header you provided implies functionality that is not implemented.",
            501,
            reason=reason,
            help="route the request to valetkey itself",
        )


def going_on(head: Head, request: S3Request, *, framed: bool) -> dict[bytes, bytes]:
    """Return the headers that an allowed request has at the store, besides its signature.

    ``framed`` tells that the store takes the frames off the body. Raises :class:`NeedsStream` for
    what only valetkey's own stream can send on.
    """
    going = dict(upstream_headers(head, request))
    given = {name: value.strip() for name, value in head.headers if name in FRAMING}
    if framed:
        going |= given
    elif _CHUNKED in given.get(b"content-encoding", b"").lower():
        raise NeedsStream("the body is framed, and its frames are taken off here")
    for name, value in going.items():
        if not _is_utf8(value):
            raise NeedsStream(f"header `{_shown(name)}` is no UTF-8")
    return going


def check_as_sent(head: Head, going: dict[bytes, bytes]) -> None:
    """Make sure that a proxy that sends on what it has sends what was decided about.

    Raises :class:`NeedsStream` where it would not.
    """
    sent: set[bytes] = set()
    for name, value in head.headers:
        if name in REPLACED or name in TAKEN_AWAY or name in OF_THE_PROXY:
            continue
        if going.get(name) != value.strip():
            raise NeedsStream(f"header `{_shown(name)}` does not go on as it is")
        sent.add(name)
    if missing := going.keys() - sent:
        raise NeedsStream(f"header `{_shown(min(missing))}` stands in the query")


def told(going: dict[bytes, bytes]) -> Headers:
    """Return the headers that a proxy is told to write anew.

    Policies look at these. Of one that came twice the proxy may have shown us both in one; as they
    are written anew, the store sees what was decided about.
    """
    return tuple((name, value) for name, value in going.items() if name.startswith(_TOLD))


def taken_away(head: Head, kept: set[bytes]) -> bytes:
    """Return the names of the headers that a proxy is told to take away, with commas between."""
    names = {name for name, _ in head.headers} | REPLACED
    return b",".join(sorted(names - OF_THE_PROXY - ROUTED_BY - kept))


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _shown(name: bytes) -> str:
    return name[:100].decode("latin-1")
