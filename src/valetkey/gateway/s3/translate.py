"""What other rooms refuse with, in S3's words.

STS and IAM have codes and texts of their own for what S3 says otherwise: an access key that is
not known is ``InvalidClientTokenId`` there and ``InvalidAccessKeyId`` here. What is S3's already
stays as it is; a code that S3 does not have keeps its text.
"""

from typing import Final, NamedTuple

from valetkey.errors import AwsError
from valetkey.gateway.s3.errors import CODES, Details, S3Error
from valetkey.sigv4 import SignatureCheck


class Words(NamedTuple):
    """What S3 says: a code, a text (None: the error's own) and a status."""

    code: str
    message: str | None
    status: int


def _usual(code: str) -> Words:
    status, message = CODES[code]
    return Words(code, message, status)


_DENIED: Final = _usual("AccessDenied")
_SKEWED: Final = _usual("RequestTimeTooSkewed")
_EXPIRED: Final = Words("AccessDenied", "Request has expired", 403)
_EARLY: Final = Words("AccessDenied", "Request is not valid yet", 403)
_HEADER: Final = Words("AuthorizationHeaderMalformed", None, 400)
_QUERY: Final = Words("AuthorizationQueryParametersError", None, 400)
_NO_DATE: Final = Words(
    "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header", 403
)
_NO_QUERY_DATE: Final = Words(
    "AuthorizationQueryParametersError",
    "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"",
    400,
)
_TWO_SIGNATURES: Final = Words(
    "InvalidArgument",
    "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query "
    "string parameter or the Authorization header should be specified",
    400,
)
_UNSIGNED_HEADERS: Final = Words(
    "AccessDenied", "There were headers present in the request which were not signed", 403
)

BY_CHECK: Final[dict[str, tuple[Words, Words]]] = {
    SignatureCheck.DATE_SIGNED: (_UNSIGNED_HEADERS, _UNSIGNED_HEADERS),
    SignatureCheck.EXPIRED: (_SKEWED, _EXPIRED),
    SignatureCheck.HEADERS_PRESENT: (_usual("SignatureDoesNotMatch"),) * 2,
    SignatureCheck.HEADERS_SIGNED: (_UNSIGNED_HEADERS, _UNSIGNED_HEADERS),
    SignatureCheck.HOST_SIGNED: (_UNSIGNED_HEADERS, _UNSIGNED_HEADERS),
    SignatureCheck.NOT_YET_CURRENT: (_SKEWED, _EARLY),
    SignatureCheck.REGION: (_HEADER, _QUERY),
    SignatureCheck.SCOPE_DATE: (_HEADER, _QUERY),
    SignatureCheck.SERVICE: (_HEADER, _QUERY),
    SignatureCheck.SIGNATURE: (_usual("SignatureDoesNotMatch"),) * 2,
    SignatureCheck.TERMINATOR: (_HEADER, _QUERY),
}
"""What a signature that does not hold is answered with: signed in the header, presigned."""

BY_CODE: Final[dict[str, tuple[Words, Words]]] = {
    "ExpiredToken": (_usual("ExpiredToken"),) * 2,
    "IncompleteSignature": (_HEADER, _QUERY),
    "InternalFailure": (_usual("InternalError"),) * 2,
    "InvalidURIPath": (_usual("InvalidURI"),) * 2,
    "MalformedInput": (_usual("InvalidRequest"),) * 2,
    "MalformedPolicyDocument": (Words("MalformedPolicy", None, 400),) * 2,
    "MalformedQueryString": (_usual("InvalidURI"),) * 2,
    "MissingAuthenticationToken": (_DENIED, _DENIED),
    "ServiceUnavailable": (_usual("ServiceUnavailable"),) * 2,
    "Throttling": (_usual("SlowDown"),) * 2,
    "ValidationError": (Words("InvalidRequest", None, 400),) * 2,
}
"""The same by the code of another room's refusal."""

_INCOMPLETE: Final[tuple[tuple[str, tuple[Words, Words]], ...]] = (
    ("Authorization header requires existence of either a 'X-Amz-Date'", (_NO_DATE,) * 2),
    ("Date must be in ISO-8601", (_NO_DATE, _NO_QUERY_DATE)),
    ("Found both", (_TWO_SIGNATURES,) * 2),
)
"""And by how the text of an ``IncompleteSignature`` begins."""

_UNKNOWN_CREDENTIALS: Final = "InvalidClientTokenId"
_SIGV2_TEXT: Final = (
    "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
)


def in_s3_words(
    error: AwsError,
    *,
    presigned: bool = False,
    access_key_id: str | None = None,
    with_token: bool = False,
) -> S3Error:
    """Return an error as S3 says it.

    ``access_key_id`` is what the client signed with; ``with_token`` tells that it sent a session
    token, about which S3 then speaks in place of the key.
    """
    if isinstance(error, S3Error):
        return error
    if error.code == _UNKNOWN_CREDENTIALS:
        words = _usual("InvalidToken" if with_token else "InvalidAccessKeyId")
    else:
        words = _words(error, presigned=presigned)
    return _said(error, words, access_key_id)


def _words(error: AwsError, *, presigned: bool) -> Words:
    if error.code == "IncompleteSignature" and error.message.startswith("Unsupported AWS"):
        return Words("InvalidRequest", _SIGV2_TEXT, 400)
    if error.code == "IncompleteSignature":
        for beginning, of_it in _INCOMPLETE:
            if error.message.startswith(beginning):
                return of_it[presigned]
    pair = BY_CHECK.get(str(error.check)) or BY_CODE.get(error.code)
    if pair is not None:
        return pair[presigned]
    return Words(error.code, None, error.status)


def _said(error: AwsError, words: Words, access_key_id: str | None) -> S3Error:
    message = error.message if words.message is None else words.message
    details: Details = tuple(getattr(error, "details", ()))
    if access_key_id is not None and words.code in _NAMES_THE_KEY:
        details = (("AWSAccessKeyId", access_key_id), *details)
    said = S3Error(
        words.code,
        message,
        status=words.status,
        details=details,
        refusal=error.refusal,
        reason=error.reason,
        help=error.help,
        diagnostics=error.diagnostics(),
    )
    said.check = error.check
    return said


_NAMES_THE_KEY: Final = frozenset({"InvalidAccessKeyId", "SignatureDoesNotMatch"})
