"""Every case of AWS's signing suite (aws-c-auth, v4): canonical request, string, signature."""

from pathlib import Path

import pytest

from sigv4.building import seconds
from sigv4.suite import context, read_request
from support.vectors import vector_files, vectors
from valetkey.sigv4 import (
    HttpRequest,
    SignatureCheck,
    SignatureRefused,
    SigningKeyCache,
    VerifiedSignature,
    parse_signature,
    verify_signature,
)
from valetkey.sigv4.canonical import canonical_request, string_to_sign
from valetkey.sigv4.keys import signature_of, signing_key

SUITE = "aws-signing-test-suite/tests/aws-signing-test-suite/v4"
CASES = sorted(vector_files(f"{SUITE}/*/context.json"), key=lambda case: str(case.id))


def folder(found: Path | None) -> Path:
    return (found or vectors(SUITE)).parent


def test_suite_is_complete() -> None:
    assert len(list(vectors(SUITE).glob("*/context.json"))) == 38


@pytest.mark.parametrize("kind", ["header", "query"])
@pytest.mark.parametrize("found", CASES)
def test_calculation(found: Path | None, kind: str) -> None:
    case = folder(found)
    given = context(case)
    sent = read_request(case / f"{kind}-signed-request.txt")
    signature = parse_signature(sent)
    assert signature is not None

    leave_out = [b"X-Amz-Signature"]
    if given.get("omit_session_token"):
        # The suite's client adds the token to the query after signing, as AWS IoT wants it.
        leave_out.append(b"X-Amz-Security-Token")
    canonical = canonical_request(
        sent,
        signed_headers=signature.signed_headers,
        payload=sent.payload_sha256(),
        normalize=given["normalize"],
        leave_out=leave_out,
    )
    assert canonical == (case / f"{kind}-canonical-request.txt").read_bytes()

    to_sign = string_to_sign(signature.amz_date, signature.scope, canonical)
    assert to_sign == (case / f"{kind}-string-to-sign.txt").read_bytes()

    secret = given["credentials"]["secret_access_key"]
    key = signing_key(secret, signature.date, given["region"], given["service"])
    wanted = (case / f"{kind}-signature.txt").read_text().strip()
    assert signature_of(key, to_sign) == wanted == signature.signature


@pytest.mark.parametrize("kind", ["header", "query"])
@pytest.mark.parametrize("found", CASES)
def test_parsed_signature(found: Path | None, kind: str) -> None:
    case = folder(found)
    given = context(case)
    signature = parse_signature(read_request(case / f"{kind}-signed-request.txt"))
    assert signature is not None
    assert signature.access_key_id == given["credentials"]["access_key_id"]
    assert signature.session_token == given["credentials"].get("token")
    assert (signature.region, signature.service) == (given["region"], given["service"])
    assert signature.timestamp == seconds("20150830T123600Z")
    assert signature.presigned == (kind == "query")
    assert signature.expires == (given["expiration_in_seconds"] if kind == "query" else None)


VERIFIABLE = [
    (case, kind)
    for case in CASES
    for kind in ("header", "query")
    # Only S3 signs paths as they are, and the suite's service is another one.
    if "-unnormalized" not in str(case.id)
    # The token is added to the query after signing: see test_token_added_to_query.
    and not ("post-sts-header-after" in str(case.id) and kind == "query")
]


@pytest.mark.parametrize(
    ("found", "kind"),
    [pytest.param(*case.values, kind, id=f"{case.id}-{kind}") for case, kind in VERIFIABLE],
)
def test_verification(found: Path | None, kind: str) -> None:
    case = folder(found)
    given = context(case)
    sent = read_request(case / f"{kind}-signed-request.txt")
    proof = verify(sent, given["credentials"]["secret_access_key"])
    assert proof.payload_sha256 == sent.payload_sha256()


def test_token_added_to_query() -> None:
    """A presigned request is what was signed; only AWS IoT takes more, and we are not it."""
    case = vectors(SUITE) / "post-sts-header-after"
    sent = read_request(case / "query-signed-request.txt")
    with pytest.raises(SignatureRefused) as refused:
        verify(sent, context(case)["credentials"]["secret_access_key"])
    assert refused.value.check is SignatureCheck.SIGNATURE


def verify(sent: HttpRequest, secret_key: str) -> VerifiedSignature:
    signature = parse_signature(sent)
    assert signature is not None
    return verify_signature(
        sent,
        signature,
        secret_key=secret_key,
        now=seconds("20150830T124000Z"),
        keys=SigningKeyCache(),
        service="service",
        region="us-east-1",
    )


@pytest.mark.parametrize("found", CASES)
def test_unsigned_requests_have_no_signature(found: Path | None) -> None:
    assert parse_signature(read_request(folder(found) / "request.txt")) is None
