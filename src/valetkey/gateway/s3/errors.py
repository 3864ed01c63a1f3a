"""S3's errors: its codes, statuses and texts (API Reference, *Error responses*).

::

    AwsError
    └── S3Error    an answer in S3's words; ``details`` are the further elements of its XML
"""

from collections.abc import Sequence
from typing import Final

from valetkey.diagnostics import Diagnostic
from valetkey.errors import AwsError

CODES: Final[dict[str, tuple[int, str]]] = {
    "AccessControlListNotSupported": (400, "The bucket does not allow ACLs"),
    "AccessDenied": (403, "Access Denied"),
    "AccessForbidden": (403, "CORSResponse: This CORS request is not allowed."),
    "AuthorizationHeaderMalformed": (
        400,
        "The authorization header that you provided is not valid.",
    ),
    "AuthorizationQueryParametersError": (
        400,
        "The authorization query parameters that you provided are not valid.",
    ),
    "BadDigest": (
        400,
        (
            "The Content-MD5 or checksum value that you specified did not match what the server "
            "received."
        ),
    ),
    "BadRequest": (400, "Bad Request"),
    "BucketAlreadyExists": (
        409,
        (
            "The requested bucket name is not available. The bucket namespace is shared by all "
            "users of the system. Please select a different name and try again."
        ),
    ),
    "BucketAlreadyOwnedByYou": (
        409,
        "Your previous request to create the named bucket succeeded and you already own it.",
    ),
    "BucketNotEmpty": (409, "The bucket you tried to delete is not empty"),
    "EntityTooLarge": (400, "Your proposed upload exceeds the maximum allowed size"),
    "EntityTooSmall": (400, "Your proposed upload is smaller than the minimum allowed size"),
    "ExpiredToken": (400, "The provided token has expired."),
    "IncompleteBody": (
        400,
        "You did not provide the number of bytes specified by the Content-Length HTTP header",
    ),
    "IncorrectNumberOfFilesInPostRequest": (
        400,
        "POST requires exactly one file upload per request.",
    ),
    "InternalError": (500, "We encountered an internal error. Please try again."),
    "InvalidAccessKeyId": (
        403,
        "The AWS Access Key Id you provided does not exist in our records.",
    ),
    "InvalidArgument": (400, "Invalid Argument"),
    "InvalidBucketName": (400, "The specified bucket is not valid."),
    "InvalidDigest": (400, "The Content-MD5 you specified was invalid."),
    "InvalidPolicyDocument": (
        400,
        "The content of the form does not meet the conditions specified in the policy document.",
    ),
    "InvalidRange": (416, "The requested range is not satisfiable"),
    "InvalidRequest": (400, "Invalid Request"),
    "InvalidTag": (400, "The tag provided was not a valid tag."),
    "InvalidToken": (400, "The provided token is malformed or otherwise invalid."),
    "InvalidURI": (400, "Couldn't parse the specified URI."),
    "KeyTooLongError": (400, "Your key is too long"),
    "MalformedACLError": (
        400,
        "The XML you provided was not well-formed or did not validate against our published schema",
    ),
    "MalformedPOSTRequest": (
        400,
        "The body of your POST request is not well-formed multipart/form-data.",
    ),
    "MalformedPolicy": (400, "Policies must be valid JSON and the first byte must be '{'"),
    "MalformedXML": (
        400,
        "The XML you provided was not well-formed or did not validate against our published schema",
    ),
    "MaxPostPreDataLengthExceeded": (
        400,
        "Your POST request fields preceding the upload file were too large.",
    ),
    "MethodNotAllowed": (405, "The specified method is not allowed against this resource."),
    "MissingContentLength": (411, "You must provide the Content-Length HTTP header."),
    "MissingRequestBodyError": (400, "Request Body is empty"),
    "MissingSecurityHeader": (400, "Your request was missing a required header."),
    "NoSuchBucket": (404, "The specified bucket does not exist"),
    "NoSuchBucketPolicy": (404, "The bucket policy does not exist"),
    "NoSuchCORSConfiguration": (404, "The CORS configuration does not exist"),
    "NoSuchKey": (404, "The specified key does not exist."),
    "NoSuchUpload": (
        404,
        (
            "The specified upload does not exist. The upload ID may be invalid, or the upload may "
            "have been aborted or completed."
        ),
    ),
    "NoSuchVersion": (404, "The specified version does not exist."),
    "NotImplemented": (501, "A header you provided implies functionality that is not implemented."),
    "OperationAborted": (
        409,
        (
            "A conflicting conditional operation is currently in progress against this resource. "
            "Please try again."
        ),
    ),
    "PolicyTooLarge": (400, "The policy exceeds the maximum allowed document size."),
    "PreconditionFailed": (412, "At least one of the pre-conditions you specified did not hold"),
    "RequestTimeTooSkewed": (
        403,
        "The difference between the request time and the current time is too large.",
    ),
    "RequestTimeout": (
        400,
        (
            "Your socket connection to the server was not read from or written to within the "
            "timeout period."
        ),
    ),
    "ServiceUnavailable": (503, "Service is unable to handle request."),
    "SignatureDoesNotMatch": (
        403,
        (
            "The request signature we calculated does not match the signature you provided. Check "
            "your key and signing method."
        ),
    ),
    "SlowDown": (503, "Please reduce your request rate."),
    "UserKeyMustBeSpecified": (
        400,
        (
            "The bucket POST must contain the specified field name. If it is specified, check the "
            "order of the fields."
        ),
    ),
    "XAmzContentSHA256Mismatch": (
        400,
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
    ),
}
"""Each code with its status and S3's text for it."""

Details = tuple[tuple[str, str], ...]

_SECRET: Final = frozenset(
    {
        "authorization",
        "x-amz-copy-source-server-side-encryption-customer-key",
        "x-amz-security-token",
        "x-amz-server-side-encryption-customer-key",
        "x-amz-signature",
    }
)
"""Parameters and headers whose values an answer must not repeat: answers are logged by others."""


class S3Error(AwsError):
    """An answer in S3's words. ``details`` are the XML elements besides Code and Message."""

    def __init__(
        self,
        code: str,
        message: str | None = None,
        *,
        status: int | None = None,
        details: Details = (),
        refusal: bool = False,
        reason: str | None = None,
        help: str | None = None,
        diagnostics: Sequence[Diagnostic] = (),
    ) -> None:
        usual_status, usual_message = CODES.get(code, (400, code))
        super().__init__(
            code,
            usual_message if message is None else message,
            usual_status if status is None else status,
            reason=reason,
            help=help,
            diagnostics=diagnostics,
        )
        self.details = details
        self.refusal = refusal


def no_such_bucket(bucket: str, *, reason: str | None = None) -> S3Error:
    """Return S3's answer about a bucket that is not there."""
    return S3Error("NoSuchBucket", details=(("BucketName", bucket),), reason=reason, refusal=True)


def no_such_key(key: str) -> S3Error:
    """Return S3's answer about an object that is not there."""
    return S3Error("NoSuchKey", details=(("Key", key),), refusal=True)


def invalid_bucket_name(bucket: str, *, reason: str | None = None) -> S3Error:
    """Return S3's answer to a name that no bucket can have."""
    return S3Error("InvalidBucketName", details=(("BucketName", bucket),), reason=reason)


def invalid_uri(uri: str, *, reason: str, help: str | None = None) -> S3Error:
    """Return S3's answer to a path that can't be read, or must not be passed on."""
    return S3Error("InvalidURI", details=(("URI", uri),), reason=reason, help=help)


def invalid_argument(message: str, name: str, value: str, *, reason: str | None = None) -> S3Error:
    """Return S3's answer to a parameter or header with a value that it can't have.

    The value is repeated, as S3 does, unless it opens something.
    """
    shown = "" if name.lower() in _SECRET else value
    details = (("ArgumentName", name), ("ArgumentValue", shown))
    return S3Error("InvalidArgument", message, details=details, reason=reason)


def not_implemented(header: str, *, reason: str, help: str | None = None) -> S3Error:
    """Return S3's answer to what it, or a store behind valetkey, does not have."""
    return S3Error("NotImplemented", details=(("Header", header),), reason=reason, help=help)


def malformed_xml(reason: str) -> S3Error:
    """Return S3's answer to a document that is not the one it should be."""
    return S3Error("MalformedXML", reason=reason)
