"""The rules that a readable signature is held to."""

import hashlib
from typing import Any

import pytest
from msgspec.structs import replace

from sigv4.building import KEY_ID, NOW, REGION, SECRET, request, verified
from valetkey.sigv4 import (
    HttpRequest,
    MalformedSignature,
    MissingSignature,
    SignatureCheck,
    SignatureRefused,
    SigningKeyCache,
    presign,
    sign,
    verify_signature,
)

EMPTY = hashlib.sha256(b"").hexdigest()
S3_HOST = ((b"host", b"s3.vk.example.test"),)


def signed(
    service: str = "sts", now: float = NOW, token: str | None = None, **more: Any
) -> HttpRequest:
    return sign(
        request(**more),
        access_key_id=KEY_ID,
        secret_key=SECRET,
        region=REGION,
        service=service,
        now=now,
        session_token=token,
    )


def presigned(service: str = "sts", expires: int = 60, **more: Any) -> HttpRequest:
    return presign(
        request(method="GET", **more),
        access_key_id=KEY_ID,
        secret_key=SECRET,
        region=REGION,
        service=service,
        now=NOW,
        expires=expires,
    )


def refusal(sent: HttpRequest, **more: Any) -> SignatureRefused:
    with pytest.raises(SignatureRefused) as refused:
        verified(sent, **more)
    assert refused.value.reason
    assert refused.value.refusal
    return refused.value


def test_good() -> None:
    proof = verified(signed(body=b"Action=GetCallerIdentity"), service="sts", region=REGION)
    assert proof.signature.access_key_id == KEY_ID
    assert proof.payload_sha256 == hashlib.sha256(b"Action=GetCallerIdentity").hexdigest()


def test_body_hash_may_be_computed_late() -> None:
    calls: list[str] = []

    def body_sha256() -> str:
        calls.append("called")
        return EMPTY

    verified(replace(signed(), body_sha256=body_sha256))
    assert calls == ["called"]


@pytest.mark.parametrize(
    ("age", "check"),
    [
        (-301, SignatureCheck.NOT_YET_CURRENT),
        (-300, None),
        (0, None),
        (900, None),
        (901, SignatureCheck.EXPIRED),
    ],
)
def test_header_window(age: int, check: SignatureCheck | None) -> None:
    sent = signed()
    if check is None:
        assert verified(sent, now=NOW + age).signature.timestamp == NOW
        return
    assert refusal(sent, now=NOW + age).check is check


@pytest.mark.parametrize(
    ("age", "check"),
    [
        (-301, SignatureCheck.NOT_YET_CURRENT),
        (-300, None),
        (60, None),
        (61, SignatureCheck.EXPIRED),
        (899, SignatureCheck.EXPIRED),
    ],
)
def test_presigned_window(age: int, check: SignatureCheck | None) -> None:
    sent = presigned(expires=60)
    if check is None:
        assert verified(sent, now=NOW + age).signature.expires == 60
        return
    assert refusal(sent, now=NOW + age).check is check


def test_presigned_for_a_week() -> None:
    sent = presigned(expires=604800)
    assert verified(sent, now=NOW + 604800).signature.presigned
    assert refusal(sent, now=NOW + 604801).check is SignatureCheck.EXPIRED


def test_expiry_texts() -> None:
    refused = refusal(signed(), now=NOW + 1000)
    assert (refused.code, refused.status) == ("SignatureDoesNotMatch", 403)
    assert refused.message == (
        "Signature expired: 20250102T030405Z is now earlier than 20250102T030545Z "
        "(20250102T032045Z - 15 min.)"
    )
    refused = refusal(signed(), now=NOW - 1000)
    assert refused.message == (
        "Signature not yet current: 20250102T030405Z is still later than 20250102T025225Z "
        "(20250102T024725Z + 5 min.)"
    )
    refused = refusal(presigned(expires=90), now=NOW + 100)
    assert refused.message.endswith("(20250102T030545Z - 90 sec.)")


def test_scope_date() -> None:
    """At midnight a client may put yesterday into its scope; the key is then yesterday's."""
    sent = signed()
    headers = tuple(
        (name, value.replace(b"/20250102/", b"/20250101/")) for name, value in sent.headers
    )
    refused = refusal(replace(sent, headers=headers))
    assert refused.check is SignatureCheck.SCOPE_DATE
    assert refused.message == (
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
        "'20250101' != '20250102', from '20250102T030405Z'."
    )


def test_scope_must_fit_the_route() -> None:
    """The fault of CVE-2026-55873: a signature for one service opened another's route."""
    refused = refusal(signed(service="s3tables"), service="sts", region=REGION)
    assert refused.check is SignatureCheck.SERVICE
    assert refused.message == "Credential should be scoped to correct service: 'sts'. "
    refused = refusal(signed(), service="sts", region="eu-test-2")
    assert refused.check is SignatureCheck.REGION
    assert refused.message == "Credential should be scoped to a valid region. "
    assert (refused.code, refused.status) == ("SignatureDoesNotMatch", 403)


def test_host_must_be_signed() -> None:
    sent = signed(headers=())
    for headers in (sent.headers, (*sent.headers, (b"host", b"sts.vk.example.test"))):
        refused = refusal(replace(sent, headers=headers))
        assert refused.check is SignatureCheck.HOST_SIGNED
        assert refused.message == (
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
        )


def test_date_must_be_signed() -> None:
    authorization = (
        b"AWS4-HMAC-SHA256 Credential="
        + KEY_ID.encode()
        + b"/20250102/eu-test-1/sts/aws4_request, "
        b"SignedHeaders=host, Signature=00"
    )
    headers = (
        (b"host", b"sts.vk.example.test"),
        (b"date", b"Thu, 02 Jan 2025 03:04:05 GMT"),
        (b"authorization", authorization),
    )
    assert refusal(request(headers=headers)).check is SignatureCheck.DATE_SIGNED


@pytest.mark.parametrize(
    "name", [b"x-amz-target", b"x-amz-meta-a", b"X-Amz-Acl", b"x-amz-content-sha256"]
)
@pytest.mark.parametrize("make", [signed, presigned])
def test_amz_headers_must_be_signed(name: bytes, make: Any) -> None:
    sent = make()
    refused = refusal(replace(sent, headers=(*sent.headers, (name, EMPTY.encode()))))
    assert refused.check is SignatureCheck.HEADERS_SIGNED
    assert (refused.code, refused.status) == ("AccessDenied", 403)
    assert refused.message == "There were headers present in the request which were not signed"
    assert name.lower().decode() in (refused.reason or "")


def test_token_may_be_added_after_signing() -> None:
    sent = signed()
    added = replace(sent, headers=(*sent.headers, (b"x-amz-security-token", b"token")))
    assert verified(added).signature.session_token == "token"


def test_token_in_header_of_a_presigned_request() -> None:
    sent = presigned()
    added = replace(sent, headers=(*sent.headers, (b"x-amz-security-token", b"token")))
    assert refusal(added).check is SignatureCheck.HEADERS_SIGNED


def test_other_headers_need_not_be_signed() -> None:
    sent = signed()
    more = ((b"x-forwarded-for", b"192.0.2.1"), (b"accept", b"*/*"), (b"x-amzn-trace-id", b"r"))
    assert verified(replace(sent, headers=sent.headers + more)).signature.access_key_id == KEY_ID


def test_signed_header_was_dropped() -> None:
    sent = signed(headers=((b"host", b"sts.vk.example.test"), (b"x-note", b"a")))
    headers = tuple(header for header in sent.headers if header[0] != b"x-note")
    refused = refusal(replace(sent, headers=headers))
    assert refused.check is SignatureCheck.HEADERS_PRESENT
    assert refused.reason == "signed header `x-note` is not in the request"


def test_mismatch() -> None:
    refused = refusal(signed(path=b"/a", query=b"b=1"), secret_key="another")
    assert refused.check is SignatureCheck.SIGNATURE
    assert (refused.code, refused.status) == ("SignatureDoesNotMatch", 403)
    assert refused.message == (
        "The request signature we calculated does not match the signature you provided. "
        "Check your AWS Secret Access Key and signing method. "
        "Consult the service documentation for details."
    )
    assert refused.canonical_request == (
        "POST\n/a\nb=1\nhost:sts.vk.example.test\nx-amz-date:20250102T030405Z\n\n"
        f"host;x-amz-date\n{EMPTY}"
    )
    assert refused.canonical_request in (refused.reason or "")
    assert refused.string_to_sign is not None
    assert refused.string_to_sign.startswith(
        "AWS4-HMAC-SHA256\n20250102T030405Z\n20250102/eu-test-1/sts/aws4_request\n"
    )


def test_mismatch_tells_no_secret() -> None:
    """What goes to the record holds neither secret nor token, nor the signature that was right."""
    good = signed(token="canary-token")
    proof = verified(good)
    forged = tuple(
        (name, value.replace(proof.signature.signature.encode(), b"0" * 64))
        for name, value in good.headers
    )
    refused = refusal(replace(good, headers=forged))
    told = repr(vars(refused)) + str(refused)
    for secret in (SECRET, "canary-token", proof.signature.signature):
        assert secret not in told
    assert "x-amz-security-token:<sha256 " in told


@pytest.mark.parametrize("text", ["00", "A" * 64, "?", "\u0661" * 64, "0" * 200])
def test_signatures_that_are_none(text: str) -> None:
    sent = signed()
    forged = replace(verified(sent).signature, signature=text)
    with pytest.raises(SignatureRefused) as refused:
        verify_signature(
            sent, forged, secret_key=SECRET, now=NOW, keys=SigningKeyCache(), service=None
        )
    assert refused.value.check is SignatureCheck.SIGNATURE


def test_signature_in_upper_case() -> None:
    sent = signed()
    signature = verified(sent).signature.signature
    headers = tuple(
        (name, value.replace(signature.encode(), signature.upper().encode()))
        for name, value in sent.headers
    )
    assert signature != signature.upper()
    assert refusal(replace(sent, headers=headers)).check is SignatureCheck.SIGNATURE


# Payload -------------------------------------------------------------------------------------

DECLARED = b"x-amz-content-sha256"


@pytest.mark.parametrize("declared", [EMPTY.upper(), "UNSIGNED-PAYLOAD", "x", "0" * 64])
def test_declared_payload_must_be_the_bodys(declared: str) -> None:
    headers = ((b"host", b"sts.vk.example.test"), (DECLARED, declared.encode()))
    refused = refusal(signed(headers=headers))
    assert refused.check is SignatureCheck.PAYLOAD
    assert (refused.code, refused.status) == ("SignatureDoesNotMatch", 403)


def test_declared_payload_that_fits() -> None:
    headers = ((b"host", b"sts.vk.example.test"), (DECLARED, EMPTY.encode()))
    assert verified(signed(headers=headers)).payload_sha256 == EMPTY


def test_body_was_changed() -> None:
    sent = signed(body=b"Action=GetCallerIdentity")
    other = hashlib.sha256(b"Action=DeleteRole").hexdigest()
    assert refusal(replace(sent, body_sha256=other)).check is SignatureCheck.SIGNATURE


@pytest.mark.parametrize(
    "mode",
    [
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
        "STREAMING-",
    ],
)
def test_chunks_are_refused(mode: str) -> None:
    headers = (*S3_HOST, (DECLARED, mode.encode()))
    with pytest.raises(MalformedSignature) as refused:
        verified(signed(service="s3", headers=headers))
    assert (refused.value.code, refused.value.status) == ("NotImplemented", 501)
    # Elsewhere they are no more than a hash that does not fit: the client's fault, not ours.
    other = refusal(signed(service="sts", headers=headers))
    assert (other.check, other.status) == (SignatureCheck.PAYLOAD, 403)


def test_s3_payload_of_the_body() -> None:
    sent = signed(service="s3", headers=S3_HOST, body=b"hello")
    assert verified(sent).payload_sha256 == hashlib.sha256(b"hello").hexdigest()
    refused = refusal(replace(sent, body_sha256=hashlib.sha256(b"hullo").hexdigest()))
    assert refused.check is SignatureCheck.PAYLOAD
    assert (refused.code, refused.status) == ("XAmzContentSHA256Mismatch", 400)


def test_s3_unsigned_payload() -> None:
    headers = (*S3_HOST, (DECLARED, b"UNSIGNED-PAYLOAD"))
    for sent in (
        signed(service="s3", headers=headers, body=b"a"),
        presigned(service="s3", headers=S3_HOST),
        presigned(service="s3", headers=headers),
        presigned(service="s3", headers=S3_HOST, query=b"X-Amz-Content-Sha256=UNSIGNED-PAYLOAD"),
    ):
        proof = verified(replace(sent, body_sha256="0" * 64))
        assert proof.payload_sha256 == "UNSIGNED-PAYLOAD"


def test_s3_without_declared_payload() -> None:
    sent = signed(service="s3", headers=S3_HOST)
    headers = tuple(header for header in sent.headers if header[0] != DECLARED)
    with pytest.raises(MalformedSignature) as refused:
        verified(replace(sent, headers=headers))
    assert refused.value.message == (
        "Missing required header for this request: x-amz-content-sha256"
    )


@pytest.mark.parametrize("declared", ["", "unsigned-payload", "0" * 63, "A" * 64])
def test_s3_payload_that_is_no_hash(declared: str) -> None:
    headers = (*S3_HOST, (DECLARED, declared.encode()))
    with pytest.raises(MalformedSignature) as refused:
        verified(signed(service="s3", headers=headers))
    assert refused.value.code == "InvalidArgument"


def test_s3_body_is_judged_after_the_signature() -> None:
    """A stranger can't make the server hash a large body."""

    def body_sha256() -> str:
        raise AssertionError("hashed before the signature was known to be good")

    sent = signed(service="s3", headers=S3_HOST)
    refused = refusal(replace(sent, body_sha256=body_sha256), secret_key="another")
    assert refused.check is SignatureCheck.SIGNATURE


def test_unsigned_payload_is_for_s3_alone() -> None:
    """Signing for S3 does not turn a request to STS into one with a free body."""
    headers = ((b"host", b"sts.vk.example.test"), (DECLARED, b"UNSIGNED-PAYLOAD"))
    sent = signed(service="s3", headers=headers)
    assert refusal(sent, service="sts").check is SignatureCheck.SERVICE


def test_missing_signature() -> None:
    missing = MissingSignature()
    assert (missing.code, missing.status) == ("MissingAuthenticationToken", 403)
    assert missing.message == "Request is missing Authentication Token"
    assert missing.refusal


def test_key_cache_is_used_and_does_not_change_verdicts() -> None:
    keys = SigningKeyCache()
    sent = signed()
    for _ in range(3):
        verified(sent, keys=keys)
        assert refusal(sent, keys=keys, secret_key="another").check is SignatureCheck.SIGNATURE
    assert len(keys) == 1
