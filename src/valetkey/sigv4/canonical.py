"""The canonical request and the string to sign (AWS, *Create a signed AWS API request*)."""

import hashlib
import re
from collections.abc import Collection
from urllib.parse import quote_from_bytes, unquote_to_bytes

from valetkey.sigv4.refusals import MalformedSignature, SignatureCheck, SignatureRefused
from valetkey.sigv4.request import ALGORITHM, HttpRequest

_PLAIN = re.compile(rb"[A-Za-z0-9._~-]*", re.ASCII)
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def canonical_request(
    request: HttpRequest,
    *,
    signed_headers: tuple[str, ...],
    payload: str,
    normalize: bool,
    leave_out: Collection[bytes] = (),
) -> bytes:
    """Return the canonical request; ``leave_out`` names query parameters that are not signed.

    ``normalize`` is false for S3 alone. Raises :class:`MalformedSignature` on a broken percent
    escape and :class:`SignatureRefused` where a signed header is not in the request.
    """
    path = request.raw_path
    if normalize and b"+" in request.raw_query:
        raise _ambiguous_plus()
    return b"\n".join(
        (
            request.method.encode("ascii", "replace"),
            normalized_path(path) if normalize else plain_path(path),
            canonical_query(request.raw_query, leave_out),
            canonical_headers(request.headers, signed_headers),
            ";".join(signed_headers).encode("ascii"),
            payload.encode("ascii"),
        )
    )


def string_to_sign(
    amz_date: str, scope: str, canonical: bytes, algorithm: str = ALGORITHM
) -> bytes:
    """Return what is signed: algorithm, time, scope and the hash of the canonical request."""
    digest = hashlib.sha256(canonical).hexdigest()
    return f"{algorithm}\n{amz_date}\n{scope}\n{digest}".encode("ascii")


def normalized_path(raw: bytes) -> bytes:
    """Return the path as all services but S3 sign it.

    Dot segments and doubled slashes go (RFC 3986, section 5.2.4), and what the client has
    already escaped is escaped once more.
    """
    if raw in (b"", b"/"):
        return b"/"
    kept: list[bytes] = []
    for segment in raw.split(b"/"):
        if segment == b"..":
            del kept[-1:]
        elif segment not in (b"", b"."):
            kept.append(segment)
    path = b"/" + b"/".join(kept)
    if kept and raw.endswith(b"/"):
        path += b"/"
    return quote_from_bytes(path, safe="/~").encode("ascii")


def plain_path(raw: bytes) -> bytes:
    """Return the path as S3 signs it: every slash and dot kept, each byte escaped at most once.

    An escaped slash stays apart from a slash, so that a signature is good for one key only.
    """
    if not raw:
        return b"/"
    _refuse_broken_escape(raw, "InvalidURIPath")
    return b"/".join(_encoded(segment) for segment in raw.split(b"/"))


def canonical_query(raw: bytes, leave_out: Collection[bytes] = ()) -> bytes:
    """Return the query sorted by name, then by value, both after encoding.

    A name without ``=`` is signed with an empty value. A raw ``+`` is a plus: the specification
    has a blank written as ``%20``.
    """
    if not raw:
        return b""
    _refuse_broken_escape(raw, "MalformedQueryString")
    pairs = []
    for piece in raw.split(b"&"):
        if not piece:
            continue
        name, _, value = piece.partition(b"=")
        if leave_out and unquote_to_bytes(name) in leave_out:
            continue
        pairs.append((_encoded(name), _encoded(value)))
    pairs.sort()
    return b"&".join(name + b"=" + value for name, value in pairs)


def canonical_headers(
    headers: tuple[tuple[bytes, bytes], ...], signed_headers: tuple[str, ...]
) -> bytes:
    """Return a line for each signed header: blanks trimmed and squeezed, repeated ones joined."""
    found: dict[bytes, list[bytes]] = {name.encode("ascii"): [] for name in signed_headers}
    for name, value in headers:
        values = found.get(name.lower())
        if values is not None:
            values.append(b" ".join(value.split()))
    absent = [name.decode("ascii") for name, values in found.items() if not values]
    if absent:
        raise SignatureRefused(
            SignatureCheck.HEADERS_PRESENT,
            reason=f"signed header `{absent[0]}` is not in the request",
            help="a proxy on the way may drop it; have the client sign fewer headers",
        )
    return b"".join(name + b":" + b",".join(values) + b"\n" for name, values in found.items())


def _encoded(text: bytes) -> bytes:
    if _PLAIN.fullmatch(text):
        return text
    return quote_from_bytes(unquote_to_bytes(text), safe="~").encode("ascii")


def _ambiguous_plus() -> MalformedSignature:
    # The specification reads `+` as a plus, the form decoders behind us read it as a blank: a
    # signed `%2B` could be turned into a blank on the way. S3 passes queries on as they are signed.
    return MalformedSignature(
        "The query string must write a blank as %20 and a plus as %2B.",
        code="MalformedQueryString",
        reason="the query holds a raw `+`, which some read as a plus and some as a blank",
        help="write a blank as `%20` and a plus as `%2B`, or send the parameters in the body",
    )


def _refuse_broken_escape(raw: bytes, code: str) -> None:
    # Defensive: two readers may disagree about a lone `%`, and then the one that verifies and
    # the one that acts would not see the same request.
    if b"%" in raw and (broken := _BROKEN_ESCAPE.search(raw)):
        escape = raw[broken.start() : broken.start() + 3].decode("ascii", "backslashreplace")
        raise MalformedSignature(
            f"Illegal hex character in escape % pattern: {escape}",
            code=code,
            reason=f"`{escape}` is no percent escape",
        )
