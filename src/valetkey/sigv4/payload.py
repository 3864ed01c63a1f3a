"""What a signature says about the body."""

import re

from valetkey.sigv4.refusals import MalformedSignature, SignatureCheck, SignatureRefused
from valetkey.sigv4.request import S3, UNSIGNED_PAYLOAD, HttpRequest, Signature

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


def signed_payload(request: HttpRequest, signature: Signature) -> str:
    """Return the payload line of the canonical request.

    S3 takes what the client declares, and the body is compared once the signature holds
    (:func:`refuse_other_body`); any other service hashes the body itself.
    """
    declared = signature.content_sha256
    if signature.service == S3 and declared is not None and declared.startswith("STREAMING-"):
        raise MalformedSignature(
            "A header you provided implies functionality that is not implemented.",
            code="NotImplemented",
            status=501,
            reason=f"the payload is signed in chunks (`{declared}`), which is not supported",
            help="have the client send the body in one piece, with its hash",
        )
    if signature.service == S3:
        return _declared_to_s3(declared, presigned=signature.presigned)
    actual = request.payload_sha256()
    if declared is not None and declared != actual:
        raise SignatureRefused(
            SignatureCheck.PAYLOAD,
            reason=f"`x-amz-content-sha256` is `{declared}`, the body's hash is `{actual}`",
            help="only S3 takes requests whose payload is not signed",
        )
    return actual


def refuse_other_body(request: HttpRequest, payload: str) -> None:
    """Raise :class:`SignatureRefused` where the signed payload hash is not that of the body."""
    if payload != UNSIGNED_PAYLOAD and payload != (actual := request.payload_sha256()):
        raise SignatureRefused(
            SignatureCheck.PAYLOAD,
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
            code="XAmzContentSHA256Mismatch",
            status=400,
            reason=f"`x-amz-content-sha256` is `{payload}`, the body's hash is `{actual}`",
        )


def _declared_to_s3(declared: str | None, *, presigned: bool) -> str:
    if declared is None and presigned:
        return UNSIGNED_PAYLOAD
    if declared is None:
        raise MalformedSignature(
            "Missing required header for this request: x-amz-content-sha256",
            code="InvalidRequest",
            reason="S3 requests must declare their payload in `x-amz-content-sha256`",
        )
    if declared != UNSIGNED_PAYLOAD and not _SHA256.fullmatch(declared):
        raise MalformedSignature(
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, "
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, or a valid sha256 value.",
            code="InvalidArgument",
            reason=f"`x-amz-content-sha256` is `{declared}`, wanted a hash in lower-case hex",
        )
    return declared
