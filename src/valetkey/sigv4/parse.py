"""Find the signature in a request: in its header, in its query, or nowhere."""

from urllib.parse import unquote_to_bytes

from valetkey.sigv4.authorization import signature_in_header
from valetkey.sigv4.presigned import PARAMETERS, signature_in_query
from valetkey.sigv4.refusals import MalformedSignature
from valetkey.sigv4.request import HttpRequest, Signature

_ONCE = frozenset(
    (
        b"authorization",
        b"date",
        b"host",
        b"x-amz-content-sha256",
        b"x-amz-date",
        b"x-amz-region-set",
        b"x-amz-security-token",
    )
)
_SPELLINGS = {name.lower(): name for name in PARAMETERS}


def parse_signature(request: HttpRequest) -> Signature | None:
    """Return the signature of a request as it claims it, or None where it is not signed.

    Nothing is verified. Raises :class:`MalformedSignature` (``IncompleteSignature``, 400) on a
    signature that can't be read, that is given twice, or that stands in header and query at
    once, and :class:`SignatureRefused` on a credential scope with a foreign terminator.
    """
    headers = _authentication_headers(request)
    parameters = _authentication_parameters(request.raw_query)
    if b"authorization" in headers:
        if parameters:
            raise MalformedSignature(
                "Found both 'X-Amz-Algorithm' as a query-string param "
                "and 'Authorization' as HTTP header.",
                reason="the request is signed in its header and in its query",
                help="send a presigned URL without an `Authorization` header",
            )
        return signature_in_header(headers)
    if parameters:
        return signature_in_query(parameters, headers)
    return None


def _authentication_headers(request: HttpRequest) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for raw_name, value in request.headers:
        name = raw_name.lower()
        if name not in _ONCE:
            continue
        if name in found:
            raise _given_twice(f"header '{name.decode()}'")
        found[name] = value.strip()
    return found


def _authentication_parameters(raw_query: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for piece in raw_query.split(b"&") if raw_query else ():
        raw_name, _, raw_value = piece.partition(b"=")
        name = unquote_to_bytes(raw_name).decode("latin-1")
        spelling = _SPELLINGS.get(name.lower())
        if spelling is None:
            continue
        if name != spelling or name in found:
            raise _given_twice(f"query-string parameter '{spelling}'")
        found[name] = unquote_to_bytes(raw_value).decode("latin-1")
    return found


def _given_twice(what: str) -> MalformedSignature:
    # Whoever verifies and whoever acts could each pick another one of the two.
    return MalformedSignature(
        f"The {what} must be present at most once, and in this spelling.",
        reason=f"the {what} is given more than once or in another spelling",
    )
