"""What of an upstream's answer goes to the client.

Its headers do, but for those that are valetkey's to say. Its errors do, in S3's XML with our
request id. An upstream that refuses *our* credentials, or sends us elsewhere, is not the client's
affair: it is told to try again, and the operator is told what it was. ``AccessDenied`` goes on as
it is: an object lock says so too, and the record keeps that it was the upstream that said it.
"""

import json
import re
from collections.abc import AsyncIterator
from typing import Final, NamedTuple

from valetkey.gateway.apis.cbor import parse_cbor
from valetkey.gateway.model import Headers
from valetkey.gateway.s3.errors import CODES, S3Error
from valetkey.gateway.s3.xml import escape
from valetkey.gateway.upstream.answer import UpstreamAnswer
from valetkey.gateway.upstream.documents import MalformedDocument, elements
from valetkey.gateway.upstream.errors import UpstreamBroken, UpstreamUnavailable
from valetkey.sigv4.request import S3

MAX_ERROR: Final = 64 * 1024
_REDIRECTS: Final = frozenset((300, 301, 302, 303, 305, 307, 308))
_ERRORS: Final = 400
_FORBIDDEN: Final = 403
_SERVER_ERRORS: Final = 500
_OUR_CREDENTIALS: Final = frozenset(
    (
        "AuthFailure",
        "AuthorizationHeaderMalformed",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "InvalidToken",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "RequestExpired",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "TokenRefreshRequired",
        "UnrecognizedClientException",
        "XAmzContentSHA256Mismatch",
    )
)
"""Codes about the signature: the client's was good, so it is ours that they are about."""

_BY_STATUS: Final = {
    400: "BadRequest",
    403: "AccessDenied",
    405: "MethodNotAllowed",
    409: "OperationAborted",
    411: "MissingContentLength",
    412: "PreconditionFailed",
    416: "InvalidRange",
    429: "SlowDown",
    500: "InternalError",
    501: "NotImplemented",
    503: "SlowDown",
}
_OURS: Final = frozenset(
    (
        b"alt-svc",
        b"date",
        b"server",
        b"set-cookie",
        b"strict-transport-security",
        b"www-authenticate",
        b"x-amz-id-2",
        b"x-amz-request-id",
        b"x-amzn-requestid",
    )
)
"""What valetkey says itself, and what would hold for its own name if it were passed on."""

_ID: Final = re.compile(rb"<(RequestId|HostId)>[^<]*</\1>|<(?:RequestId|HostId)\s*/>")
_END: Final = re.compile(rb"</Error>\s*\Z")


class Ids(NamedTuple):
    """The ids by which an answer is found again."""

    request_id: str
    host_id: str


class Passed(NamedTuple):
    """An answer for the client, without its ids in headers.

    ``code`` is that of an error, where there is one, and ``reason`` what the operator is to know
    of it.
    """

    status: int
    headers: Headers
    body: bytes | AsyncIterator[bytes]
    code: str | None = None
    reason: str | None = None


async def passed(answer: UpstreamAnswer, ids: Ids, *, head: bool = False) -> Passed:
    """Return an upstream's answer as the client may have it; ``head`` for one to a HEAD request.

    Raises :class:`UpstreamUnavailable` where it is about us, and
    :class:`~valetkey.gateway.s3.errors.S3Error` in place of an error that is no S3 document.
    """
    if answer.status in _REDIRECTS:
        raise _elsewhere(answer)
    headers = passed_headers(answer.headers)
    if answer.status < _ERRORS:
        return Passed(answer.status, headers, b"" if head else answer.body)
    if head:
        return Passed(answer.status, headers, b"", reason=_said(answer, None))
    body = await _error_body(answer)
    code = error_code(answer, body)
    if code in _OUR_CREDENTIALS:
        raise UpstreamUnavailable(
            f"upstream `{answer.upstream}` refuses our credentials: `{code}`",
            help="run `valetkey upstream test`, and give the upstream the right keys, region and"
            " endpoint",
        )
    if answer.service == S3:
        if code is None:
            raise _no_document(answer)
        body = with_ids(body, ids)
        headers = (*_without_length(headers), (b"content-length", str(len(body)).encode("ascii")))
    return Passed(answer.status, headers, body, code, _said(answer, code))


def passed_headers(headers: Headers) -> Headers:
    """Return the headers of an answer that go to the client.

    Not those of CORS, which is answered here, nor a ``Location`` that names the upstream.
    """
    return tuple(
        (name, value)
        for name, value in headers
        if name not in _OURS
        and not name.startswith(b"access-control-")
        and (name != b"location" or value.startswith(b"/"))
    )


def error_code(answer: UpstreamAnswer, body: bytes) -> str | None:
    """Return the code of an error, in whichever protocol; None where there is none."""
    said = answer.header(b"x-amzn-errortype")
    if said is None and body.lstrip().startswith(b"<"):
        said = _xml_code(body, answer.service)
    elif said is None and answer.service != S3:
        said = _value_code(body)
    return None if said is None else said.partition(":")[0].rpartition("#")[2][:80] or None


def with_ids(document: bytes, ids: Ids) -> bytes:
    """Return an S3 error document with our ids in place of the upstream's."""
    own = (
        f"<RequestId>{escape(ids.request_id)}</RequestId><HostId>{escape(ids.host_id)}</HostId>"
    ).encode()
    bare = _ID.sub(b"", document)
    # A function, because a replacement text would be read for escapes.
    return _END.sub(lambda _: own + b"</Error>", bare)


async def _error_body(answer: UpstreamAnswer) -> bytes:
    if answer.content_length is not None and answer.content_length > MAX_ERROR:
        return b""
    try:
        return await answer.read(MAX_ERROR)
    except UpstreamBroken:
        # What broke off, or has no end, is no document: the status says enough.
        return b""


def _xml_code(body: bytes, service: str) -> str | None:
    try:
        found = elements(body)
    except MalformedDocument:
        return None
    wanted = ("Error", "Code")
    for path, text in found:
        if (path == wanted if service == S3 else path[-2:] == wanted) and text:
            return text
    return None


def _value_code(body: bytes) -> str | None:
    for parse in (json.loads, parse_cbor):
        try:
            said = parse(body)
        except (ValueError, RecursionError):
            continue
        code = said.get("__type", said.get("code")) if isinstance(said, dict) else None
        return code if isinstance(code, str) else None
    return None


def _without_length(headers: Headers) -> Headers:
    return tuple(pair for pair in headers if pair[0] != b"content-length")


def _said(answer: UpstreamAnswer, code: str | None) -> str | None:
    if answer.status == _FORBIDDEN or answer.status >= _SERVER_ERRORS:
        return f"upstream `{answer.upstream}` answers {answer.status} `{code or 'without a code'}`"
    return None


def _no_document(answer: UpstreamAnswer) -> S3Error:
    code = _BY_STATUS.get(answer.status)
    if answer.status == 404:  # noqa: PLR2004 - HTTP's own number
        code = "NoSuchKey"
    if code is None:
        code = "BadRequest" if answer.status < _SERVER_ERRORS else "ServiceUnavailable"
    return S3Error(
        code,
        status=CODES[code][0],
        refusal=answer.status < _SERVER_ERRORS,
        reason=f"upstream `{answer.upstream}` answers {answer.status} without an S3 error document",
    )


def _elsewhere(answer: UpstreamAnswer) -> UpstreamUnavailable:
    # Without the query: that of a redirect may be a key to where it leads.
    where = (answer.header(b"location") or "nowhere").partition("?")[0]
    region = answer.header(b"x-amz-bucket-region")
    about = "" if region is None else f"; the bucket is in region `{region[:40]}`"
    return UpstreamUnavailable(
        f"upstream `{answer.upstream}` redirects to `{where[:200]}`{about}",
        help="give the upstream the endpoint and the region that it redirects to; redirects are"
        " not followed",
    )
