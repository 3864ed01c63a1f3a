"""What a front proxy asks about: the head of a request, named in headers or sent as it came."""

from typing import Final, NamedTuple

from valetkey.gateway.model import Head

ORIGINAL_METHOD: Final = b"x-original-method"
ORIGINAL_URI: Final = b"x-original-uri"
ORIGINAL_LENGTH: Final = b"x-original-content-length"
ORIGINAL: Final = frozenset((ORIGINAL_METHOD, ORIGINAL_URI, ORIGINAL_LENGTH))
OWN_HEADERS: Final = b"x-valetkey-"
"""What the names of the headers begin with that valetkey and a proxy have between them."""

_LENGTH: Final = b"content-length"


class Inquiry(NamedTuple):
    """A request that a proxy has, and asks about.

    A proxy that ``rewrites`` sets and takes away the headers that it is told to (Envoy); one that
    does not sends on what the client sent, but for those that its configuration knows (nginx).
    """

    head: Head
    rewrites: bool


def read_inquiry(head: Head, rest: bytes) -> Inquiry | None:
    """Return what is asked about; None for what is no inquiry.

    ``rest`` is what stands behind our own path. nginx asks there, and names method and target in
    ``X-Original-Method`` and ``X-Original-URI``; Envoy puts the request's own path behind ours.
    ``X-Original-Content-Length`` stands for the length that an inquiry has not, as it comes
    without the body.
    """
    named = [pair for pair in head.headers if pair[0] in ORIGINAL]
    original = dict(named)
    if len(named) != len(original):
        # One of two was the client's own.
        return None
    length = original.get(ORIGINAL_LENGTH, b"")
    headers = tuple(pair for pair in head.headers if pair[0] not in (*ORIGINAL, _LENGTH))
    if length.isdigit():
        headers = (*headers, (_LENGTH, length))
    if rest.startswith(b"/"):
        return Inquiry(Head(head.method, rest, head.raw_query, headers), rewrites=True)
    if rest or ORIGINAL_URI not in original or ORIGINAL_METHOD not in original:
        return None
    path, _, query = original[ORIGINAL_URI].partition(b"?")
    asked = Head(original[ORIGINAL_METHOD].decode("latin-1"), path or b"/", query, headers)
    return Inquiry(asked, rewrites=False)
