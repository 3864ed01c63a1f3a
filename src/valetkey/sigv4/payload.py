"""What a signature says about the body."""

import re
from typing import Literal

from valetkey.sigv4.modes import streaming_mode
from valetkey.sigv4.refusals import MalformedSignature, SignatureCheck, SignatureRefused
from valetkey.sigv4.request import S3, UNSIGNED_PAYLOAD, HttpRequest, Signature

Body = Literal["whole", "stream"]
"""Whether the body's hash is at hand, or is found out while the body is read."""

SHA256_MISMATCH = "The provided 'x-amz-content-sha256' header does not match what was computed."

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


def signed_payload(request: HttpRequest, signature: Signature, body: Body) -> str:
    """Return the payload line of the canonical request.

    S3 takes what the client declares, and the body is compared once the signature holds
    (:func:`refuse_other_body`, or :func:`payload_reader` for a body that is a stream); any other
    service hashes the body itself, whatever ``body`` says.
    """
    declared = signature.content_sha256
    if signature.service == S3:
        if declared is not None and declared.startswith("STREAMING-"):
            _refuse_chunks(declared, signature, body)
        return declared_to_s3(declared, required=not signature.presigned)
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
            SHA256_MISMATCH,
            code="XAmzContentSHA256Mismatch",
            status=400,
            reason=f"`x-amz-content-sha256` is `{payload}`, the body's hash is `{actual}`",
        )


def declared_to_s3(declared: str | None, *, required: bool) -> str:
    """Return what S3 takes ``x-amz-content-sha256`` for; raises :class:`MalformedSignature`."""
    if declared is None and not required:
        return UNSIGNED_PAYLOAD
    if declared is None:
        raise MalformedSignature(
            "Missing required header for this request: x-amz-content-sha256",
            code="InvalidRequest",
            reason="S3 requests must declare their payload in `x-amz-content-sha256`",
        )
    if declared == UNSIGNED_PAYLOAD or _SHA256.fullmatch(declared) or streaming_mode(declared):
        return declared
    raise MalformedSignature(
        "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, "
        "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, "
        "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
        code="InvalidArgument",
        reason=f"`x-amz-content-sha256` is `{declared}`, wanted a hash in lower-case hex",
    )


def _refuse_chunks(declared: str, signature: Signature, body: Body) -> None:
    if body == "whole":
        raise MalformedSignature(
            "A header you provided implies functionality that is not implemented.",
            code="NotImplemented",
            status=501,
            reason=f"the payload is sent in chunks (`{declared}`), which is not supported here",
            help="have the client send the body in one piece, with its hash",
        )
    if signature.presigned:
        # A presigned request vouches for no chunk: S3 takes the name of the mode for a hash,
        # which no body has. Servers that unframed it took bodies from whoever had the link.
        raise SignatureRefused(
            SignatureCheck.PAYLOAD,
            SHA256_MISMATCH,
            code="XAmzContentSHA256Mismatch",
            status=400,
            reason=f"a presigned request can't send its payload in chunks (`{declared}`)",
            help="send the body in one piece to the presigned URL",
        )
    mode = streaming_mode(declared)
    if mode is not None and mode.algorithm not in (None, signature.algorithm):
        raise MalformedSignature(
            "The value of x-amz-content-sha256 header is invalid.",
            code="InvalidRequest",
            reason=f"the request is signed with `{signature.algorithm}`, its chunks with "
            f"`{mode.algorithm}`",
        )
