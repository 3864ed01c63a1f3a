"""What a signature says of a body that is read only after it was verified."""

import hashlib
from typing import Any

import pytest
from msgspec.structs import replace

from sigv4.building import KEY_ID, NOW, REGION, SECRET, request
from sigv4.streams import EVERY, PUT, proof_of, stream, whole
from valetkey.errors import AwsError
from valetkey.sigv4 import (
    HttpRequest,
    MalformedPayload,
    MalformedSignature,
    PayloadCheck,
    PayloadRefused,
    SignatureCheck,
    SignatureRefused,
    SigningKeyCache,
    Streaming,
    parse_signature,
    payload_reader,
    presign,
    sign,
    verify_signature,
)
from valetkey.sigv4.chain import canonical_trailers

DECLARED = b"x-amz-content-sha256"
HOST = (b"host", b"s3.vk.example.test")
HELLO = hashlib.sha256(b"hello").hexdigest()


def never() -> str:
    raise AssertionError("the body was asked for")


def signed(declared: str, *, region_set: str | None = None, **more: Any) -> HttpRequest:
    headers = (HOST, (DECLARED, declared.encode()), *more.pop("headers", ()))
    made = sign(
        request(method="PUT", headers=headers, **more),
        access_key_id=KEY_ID,
        secret_key=SECRET,
        region=REGION,
        service="s3",
        now=NOW,
        region_set=region_set,
    )
    return replace(made, body_sha256=never)


def presigned(declared: str, *, in_query: bool) -> HttpRequest:
    headers = (HOST,) if in_query else (HOST, (DECLARED, declared.encode()))
    query = f"X-Amz-Content-Sha256={declared}".encode() if in_query else b""
    made = presign(
        request(method="PUT", headers=headers, query=query),
        access_key_id=KEY_ID,
        secret_key=SECRET,
        region=REGION,
        service="s3",
        now=NOW,
        expires=60,
    )
    return replace(made, body_sha256=never)


def test_hash_is_compared_by_the_reader() -> None:
    sent = signed(HELLO)
    proof = proof_of(sent)
    assert proof.payload_sha256 == HELLO
    assert whole(payload_reader(proof, sent.headers), [b"hel", b"lo"])[1].sha256 == HELLO
    with pytest.raises(PayloadRefused) as refused:
        whole(payload_reader(proof, sent.headers), [b"hullo"])
    assert (refused.value.code, refused.value.status) == ("XAmzContentSHA256Mismatch", 400)
    assert refused.value.details[0] == ("ClientComputedContentSHA256", HELLO)


def test_what_is_not_signed_is_not_hashed() -> None:
    sent = signed("UNSIGNED-PAYLOAD")
    decoded, verified = whole(payload_reader(proof_of(sent), sent.headers), [b"hello"])
    assert (decoded, verified.sha256) == (b"hello", None)


@pytest.mark.parametrize("mode", EVERY)
def test_every_mode_is_taken(mode: Streaming) -> None:
    made = stream(mode, 5)
    proof = proof_of(replace(made.request, body_sha256=never))
    assert proof.payload_sha256 == mode.value


def test_proof_keeps_its_key_to_itself() -> None:
    proof = proof_of(stream(Streaming.HMAC, 5).request)
    assert repr(proof) == (
        "VerifiedSignature(Signature('AKIAVKEXAMPLE0000001', "
        "'20250102/eu-test-1/s3/aws4_request', presigned=False), "
        "'STREAMING-AWS4-HMAC-SHA256-PAYLOAD')"
    )
    assert SECRET not in repr(proof.key)


@pytest.mark.parametrize("mode", EVERY)
def test_a_wrong_secret(mode: Streaming) -> None:
    with pytest.raises(SignatureRefused) as refused:
        proof_of(stream(mode, 5).request, secret_key="another")
    assert refused.value.check is SignatureCheck.SIGNATURE
    assert refused.value.message.endswith("Check your key and signing method.")


@pytest.mark.parametrize("in_query", [True, False])
@pytest.mark.parametrize("mode", [*EVERY, "STREAMING-x"])
def test_presigned_requests_have_no_chunks(mode: str, in_query: bool) -> None:
    """The fault of GHSA-9c4q-hq6p-c237: whoever had a key's name could write without its secret."""
    sent = presigned(mode, in_query=in_query)
    with pytest.raises(SignatureRefused) as refused:
        proof_of(sent)
    assert refused.value.check is SignatureCheck.PAYLOAD
    # S3 takes the mode for the hash of a body.
    assert (refused.value.code, refused.value.status) == ("XAmzContentSHA256Mismatch", 400)


@pytest.mark.parametrize(
    ("declared", "in_query"),
    [(HELLO, False), ("UNSIGNED-PAYLOAD", False), ("UNSIGNED-PAYLOAD", True)],
)
def test_presigned_requests_of_one_piece(declared: str, in_query: bool) -> None:
    sent = presigned(declared, in_query=in_query)
    proof = proof_of(sent)
    assert proof.payload_sha256 == declared
    assert whole(payload_reader(proof, sent.headers), [b"hello"])[0] == b"hello"
    if declared == HELLO:
        with pytest.raises(PayloadRefused):
            whole(payload_reader(proof, sent.headers), [b"hullo"])


@pytest.mark.parametrize(
    ("mode", "region_set"),
    [
        (Streaming.ECDSA, None),
        (Streaming.ECDSA_TRAILER, None),
        (Streaming.HMAC, "*"),
        (Streaming.HMAC_TRAILER, "*"),
    ],
)
def test_chunks_are_signed_as_the_request_is(mode: Streaming, region_set: str | None) -> None:
    with pytest.raises(MalformedSignature) as refused:
        proof_of(signed(mode, region_set=region_set))
    assert (refused.value.code, refused.value.message) == (
        "InvalidRequest",
        "The value of x-amz-content-sha256 header is invalid.",
    )


@pytest.mark.parametrize(
    "declared", ["STREAMING-", "STREAMING-UNSIGNED-PAYLOAD", "streaming-unsigned-payload-trailer"]
)
def test_unknown_modes(declared: str) -> None:
    with pytest.raises(MalformedSignature) as refused:
        proof_of(signed(declared))
    assert refused.value.code == "InvalidArgument"
    assert "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER" in refused.value.message


def test_elsewhere_the_body_is_hashed_all_the_same() -> None:
    """Only S3 lets the body come later: other services have its hash in what is signed."""
    sent = sign(
        request(body=b"Action=GetCallerIdentity"),
        access_key_id=KEY_ID,
        secret_key=SECRET,
        region=REGION,
        service="sts",
        now=NOW,
    )
    signature = parse_signature(sent)
    assert signature is not None

    def verify(sent: HttpRequest) -> str:
        return verify_signature(
            sent,
            signature,
            secret_key=SECRET,
            now=NOW,
            keys=SigningKeyCache(),
            service="sts",
            body="stream",
        ).payload_sha256

    assert verify(sent) == sent.body_sha256
    with pytest.raises(SignatureRefused):
        verify(replace(sent, body_sha256=HELLO))


def test_checksums_of_the_object_are_not_the_bodys() -> None:
    """CompleteMultipartUpload sends the checksum of the object that its parts make."""
    headers = [(b"x-amz-checksum-crc32", b"AAAAAA=="), (b"x-amz-checksum-type", b"COMPOSITE")]
    body = b"<CompleteMultipartUpload/>"
    with pytest.raises(PayloadRefused):
        whole(payload_reader(None, headers), [body])
    assert whole(payload_reader(None, headers, checksums_of="object"), [body])[0] == body
    several = [(b"x-amz-checksum-crc32", b"AAAAAA==-2")]
    assert whole(payload_reader(None, several, checksums_of="object"), [body])[0] == body


def test_headers_of_a_body_are_read_once() -> None:
    made = stream(Streaming.UNSIGNED_TRAILER, 5)
    headers = (*made.request.headers, (b"X-Amz-Decoded-Content-Length", b"6"))
    with pytest.raises(AwsError) as refused:
        payload_reader(proof_of(made.request), headers)
    assert refused.value.code == "InvalidRequest"


@pytest.mark.parametrize(
    "wrong",
    [
        {"mode": Streaming.HMAC, "checksum": "CRC32"},
        {"mode": Streaming.HMAC, "chunk_size": 8191},
    ],
)
def test_what_does_not_go_together(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"chunks this small|no room"):
        stream(length=5, **wrong)


def test_writer_holds_to_the_length() -> None:
    made = stream(Streaming.HMAC, 5)
    with pytest.raises(ValueError, match="longer"):
        made.writer.feed(b"hello!")
    made.writer.feed(b"hell")
    with pytest.raises(ValueError, match="shorter"):
        made.writer.finish()


def test_headers_that_the_writer_sets() -> None:
    given = replace(
        PUT, headers=(*PUT.headers, (b"content-encoding", b"gzip"), (b"content-length", b"5"))
    )
    made = stream(Streaming.UNSIGNED_TRAILER, 5, request=given)
    headers = [header for header in made.request.headers if header[0].startswith(b"content-")]
    assert headers == [
        (b"content-encoding", b"aws-chunked,gzip"),
        (b"content-length", str(made.writer.content_length).encode()),
    ]
    assert dict(made.request.headers)[b"x-amz-trailer"] == b"x-amz-checksum-crc32"


def test_trailer_where_the_mode_has_none() -> None:
    """Told before a byte is read."""
    made = stream(Streaming.HMAC, 5)
    headers = (*made.request.headers, (b"x-amz-trailer", b"x-amz-checksum-crc32"))
    with pytest.raises(MalformedPayload) as refused:
        payload_reader(proof_of(made.request), headers)
    assert refused.value.code == "MalformedTrailerError"


def test_too_long_a_body_is_told_at_once() -> None:
    reader = payload_reader(None, [(b"content-length", b"5")])
    assert reader.feed(b"hello") == [b"hello"]
    with pytest.raises(PayloadRefused) as refused:
        reader.feed(b"!")
    assert refused.value.check is PayloadCheck.LENGTH
    assert refused.value.details == (("NumberBytesExpected", "5"), ("NumberBytesProvided", "6"))


def test_canonical_trailers() -> None:
    trailers = [("x-b", "2"), ("x-a", "1")]
    assert canonical_trailers(trailers) == b"x-a:1\nx-b:2\n"
