"""The ways in which a signature fails, with AWS's codes and texts."""

from enum import StrEnum

from valetkey.errors import AwsError

MISMATCH = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your AWS Secret Access Key and signing method. "
    "Consult the service documentation for details."
)
S3_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your key and signing method."
)
"""The same as S3 says it."""


class SignatureCheck(StrEnum):
    """The rules a readable signature is held to, in the order in which they are judged."""

    TERMINATOR = "terminator"
    SERVICE = "service"
    REGION = "region"
    SCOPE_DATE = "scope-date"
    EXPIRED = "expired"
    NOT_YET_CURRENT = "not-yet-current"
    HOST_SIGNED = "host-signed"
    DATE_SIGNED = "date-signed"
    HEADERS_SIGNED = "headers-signed"
    HEADERS_PRESENT = "headers-present"
    PAYLOAD = "payload"
    SIGNATURE = "signature"


class PayloadCheck(StrEnum):
    """The rules that a body is held to while it is read."""

    LENGTH = "payload-length"
    SHA256 = "payload-sha256"
    CONTENT_MD5 = "content-md5"
    CHECKSUM = "checksum"
    CHUNK_SIZE = "chunk-size"
    CHUNK_SIGNATURE = "chunk-signature"
    TRAILER_SIGNATURE = "trailer-signature"


class FormCheck(StrEnum):
    """The rules that an upload form is held to, in the order in which they are judged."""

    SIGNATURE = "form-signature"
    EXPIRED = "form-expired"
    CONDITION = "form-condition"
    EXTRA_FIELDS = "form-extra-fields"
    LENGTH = "form-length"


class MalformedSignature(AwsError):
    """The signature can't be read: a part is missing, doubled, unknown or badly formed."""

    def __init__(
        self,
        message: str,
        *,
        code: str = "IncompleteSignature",
        status: int = 400,
        reason: str | None = None,
        help: str | None = None,
    ) -> None:
        super().__init__(code, message, status, reason=reason, help=help)


class MissingSignature(AwsError):
    """The request carries no signature, and what it asks for needs one."""

    refusal = True

    def __init__(self, *, help: str | None = None) -> None:
        super().__init__(
            "MissingAuthenticationToken",
            "Request is missing Authentication Token",
            403,
            reason="the request has neither an `Authorization` header nor `X-Amz-Signature`",
            help=help,
        )


class SignatureRefused(AwsError):
    """The signature was read and does not hold.

    ``check`` is the rule it failed. For :attr:`SignatureCheck.SIGNATURE`, ``canonical_request``
    and ``string_to_sign`` are what the server calculated, with secrets hidden.
    """

    refusal = True

    def __init__(
        self,
        check: SignatureCheck,
        message: str = MISMATCH,
        *,
        code: str = "SignatureDoesNotMatch",
        status: int = 403,
        reason: str,
        help: str | None = None,
        canonical_request: str | None = None,
        string_to_sign: str | None = None,
    ) -> None:
        super().__init__(code, message, status, reason=reason, help=help)
        self.check = check
        self.canonical_request = canonical_request
        self.string_to_sign = string_to_sign


Details = tuple[tuple[str, str], ...]
"""What S3 adds to an error's XML, in its order: element names and their text."""


class _Detailed(AwsError):
    """``details`` are what S3 adds to the error's XML."""

    def __init__(
        self,
        code: str,
        message: str,
        status: int = 400,
        *,
        reason: str,
        help: str | None = None,
        details: Details = (),
    ) -> None:
        super().__init__(code, message, status, reason=reason, help=help)
        self.details = details


class MalformedPayload(_Detailed):
    """The body, or what the headers say about it, can't be read: framing, trailers, checksums."""


class MalformedForm(_Detailed):
    """An upload form, or the policy in it, can't be read: a field is missing, doubled or odd."""


class PayloadRefused(_Detailed):
    """The body was read, and is not the one that was signed or declared; ``check`` says why."""

    refusal = True

    def __init__(
        self,
        check: PayloadCheck,
        code: str,
        message: str,
        status: int = 400,
        *,
        reason: str,
        help: str | None = None,
        details: Details = (),
    ) -> None:
        super().__init__(code, message, status, reason=reason, help=help, details=details)
        self.check = check


class FormRefused(_Detailed):
    """An upload form was read, and its policy does not allow it; ``check`` says why."""

    refusal = True

    def __init__(
        self,
        check: FormCheck,
        code: str,
        message: str,
        status: int,
        *,
        reason: str,
        help: str | None = None,
        details: Details = (),
    ) -> None:
        super().__init__(code, message, status, reason=reason, help=help, details=details)
        self.check = check
