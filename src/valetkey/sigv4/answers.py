"""S3's answers to bodies that are not right: its codes, its texts, and what it adds to them."""

from valetkey.sigv4.checksums import Algorithm, encoded
from valetkey.sigv4.payload import SHA256_MISMATCH
from valetkey.sigv4.refusals import MalformedPayload, PayloadCheck, PayloadRefused

MIN_CHUNK = 8192
"""The least size of any chunk but the last, in bytes: S3 refuses smaller ones."""


def invalid_request(message: str, reason: str, help: str | None = None) -> MalformedPayload:
    """Return S3's ``InvalidRequest``."""
    return MalformedPayload("InvalidRequest", message, reason=reason, help=help)


def incomplete(reason: str) -> MalformedPayload:
    """Return S3's answer to framing that it can't follow to the end."""
    return MalformedPayload(
        "IncompleteBody", "The request body terminated unexpectedly", reason=reason
    )


def other_length(expected: int, provided: int) -> PayloadRefused:
    """Return S3's answer to a body that is shorter, or longer, than its headers say."""
    return PayloadRefused(
        PayloadCheck.LENGTH,
        "IncompleteBody",
        "You did not provide the number of bytes specified by the Content-Length HTTP header",
        reason=f"the body was to have {expected} bytes, and has {provided} or more"
        if provided > expected
        else f"the body was to have {expected} bytes, and has {provided}",
        details=(
            ("NumberBytesExpected", str(expected)),
            ("NumberBytesProvided", str(provided)),
        ),
    )


def malformed_trailer(reason: str) -> MalformedPayload:
    """Return S3's answer to trailers other than those that the request declares."""
    return MalformedPayload(
        "MalformedTrailerError",
        "The request contained trailing data that was not well-formed or did not conform to our "
        "published schema.",
        reason=reason,
    )


def too_small(number: int, size: int) -> PayloadRefused:
    """Return S3's answer to a small chunk that chunk ``number`` follows."""
    return PayloadRefused(
        PayloadCheck.CHUNK_SIZE,
        "InvalidChunkSizeError",
        f"Only the last chunk is allowed to have a size less than {MIN_CHUNK} bytes",
        403,
        reason=f"chunk {number - 1} has {size} bytes, and is not the last",
        help="have the client gather its stream into larger chunks",
        details=(("Chunk", str(number)), ("BadChunkSize", str(size))),
    )


def no_length(name: str) -> MalformedPayload:
    """Return S3's answer to a body whose length is not told beforehand."""
    return MalformedPayload(
        "MissingContentLength",
        "You must provide the Content-Length HTTP header.",
        411,
        reason=f"the header `{name}` is not there, or not a number of bytes",
    )


def other_sha256(declared: str, computed: str) -> PayloadRefused:
    """Return S3's answer to a body whose hash is not the one that was signed."""
    return PayloadRefused(
        PayloadCheck.SHA256,
        "XAmzContentSHA256Mismatch",
        SHA256_MISMATCH,
        reason=f"`x-amz-content-sha256` is `{declared}`, the body's hash is `{computed}`",
        details=(
            ("ClientComputedContentSHA256", declared),
            ("S3ComputedContentSHA256", computed),
        ),
    )


def other_md5(declared: bytes, computed: bytes) -> PayloadRefused:
    """Return S3's answer to a body whose ``Content-MD5`` is another."""
    sent, found = encoded(declared), encoded(computed)
    return PayloadRefused(
        PayloadCheck.CONTENT_MD5,
        "BadDigest",
        "The Content-MD5 you specified did not match what we received.",
        reason=f"`content-md5` is `{sent}`, the body's is `{found}`",
        details=(("ExpectedDigest", sent), ("CalculatedDigest", found)),
    )


def other_checksum(algorithm: Algorithm, declared: bytes) -> PayloadRefused:
    """Return S3's answer to a body whose checksum is not the one that came with it."""
    return PayloadRefused(
        PayloadCheck.CHECKSUM,
        "BadDigest",
        f"The {algorithm.name} you specified did not match the calculated checksum.",
        reason=f"`{algorithm.header}` is `{encoded(declared)}`, which the body's is not",
    )
