"""SigV4A: AWS's signing suite, AWS's own signer, and what is refused."""

import hashlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from awscrt import auth, http
from msgspec.structs import replace

from sigv4.building import KEY_ID, NOW, REGION, SECRET, request, seconds, status
from sigv4.suite import context, read_request
from support.vectors import vector_files, vectors
from valetkey.sigv4 import (
    HttpRequest,
    MalformedSignature,
    SignatureCheck,
    SignatureRefused,
    SigningKeyCache,
    VerifiedSignature,
    parse_signature,
    presign,
    sign,
    signature_covers,
    verify_signature,
)
from valetkey.sigv4.canonical import canonical_request, string_to_sign
from valetkey.sigv4.keys import ecdsa_signer
from valetkey.sigv4.request import ECDSA

SUITE = "aws-signing-test-suite/tests/aws-signing-test-suite/v4a"
# Two more folders hold a request alone, without anything to hold it to.
CASES = sorted(vector_files(f"{SUITE}/*/public-key.json"), key=lambda case: str(case.id))
HOST = ((b"host", b"sts.vk.example.test"),)


def folder(found: Path | None) -> Path:
    return (found or vectors(SUITE)).parent


def test_suite_is_complete() -> None:
    assert len(list(vectors(SUITE).glob("*/public-key.json"))) == 38


@pytest.mark.parametrize("found", CASES)
def test_derived_key(found: Path | None) -> None:
    case = folder(found)
    credentials = context(case)["credentials"]
    wanted = json.loads((case / "public-key.json").read_text())
    signer = ecdsa_signer(credentials["secret_access_key"], credentials["access_key_id"])
    numbers = signer._private.public_key().public_numbers()
    assert (f"{numbers.x:064x}", f"{numbers.y:064x}") == (wanted["X"], wanted["Y"])


@pytest.mark.parametrize("kind", ["header", "query"])
@pytest.mark.parametrize("found", CASES)
def test_calculation(found: Path | None, kind: str) -> None:
    """The suite's signature holds for what is calculated here (each signer makes another one)."""
    case = folder(found)
    given = context(case)
    sent = read_request(case / f"{kind}-signed-request.txt")
    signature = parse_signature(sent)
    assert signature is not None
    leave_out = [b"X-Amz-Signature"]
    if given.get("omit_session_token"):
        leave_out.append(b"X-Amz-Security-Token")
    canonical = canonical_request(
        sent,
        signed_headers=signature.signed_headers,
        payload=sent.payload_sha256(),
        normalize=given["normalize"],
        leave_out=leave_out,
    )
    assert canonical == (case / f"{kind}-canonical-request.txt").read_bytes()
    to_sign = string_to_sign(signature.amz_date, signature.scope, canonical, signature.algorithm)
    assert to_sign == (case / f"{kind}-string-to-sign.txt").read_bytes()
    credentials = given["credentials"]
    key = ecdsa_signer(credentials["secret_access_key"], credentials["access_key_id"])
    key.verify(to_sign, (case / f"{kind}-signature.txt").read_text().strip())
    key.verify(to_sign, signature.signature)


VERIFIABLE = [
    (case, kind)
    for case in CASES
    for kind in ("header", "query")
    # Only S3 signs paths as they are, and the suite's service is another one.
    if "-unnormalized" not in str(case.id)
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
    signature = parse_signature(sent)
    assert signature is not None
    assert signature.access_key_id == given["credentials"]["access_key_id"]
    assert signature.session_token == given["credentials"].get("token")
    assert (signature.algorithm, signature.region) == (ECDSA, "")
    assert (signature.region_set, signature.service) == (("us-east-1",), given["service"])
    keys = SigningKeyCache()
    for _ in range(2):
        proof = verify_signature(
            sent,
            signature,
            secret_key=given["credentials"]["secret_access_key"],
            now=seconds("20150830T124000Z"),
            keys=keys,
            service="service",
            region="us-east-1",
        )
        assert proof.payload_sha256 == sent.payload_sha256()
    assert len(keys) == 1


def signed(region_set: str = "eu-test-1", service: str = "sts", **more: Any) -> HttpRequest:
    return sign(
        request(**{"headers": HOST, **more}),
        access_key_id=KEY_ID,
        secret_key=SECRET,
        region="",
        service=service,
        now=NOW,
        region_set=region_set,
    )


def presigned(region_set: str = "eu-test-1", service: str = "sts", **more: Any) -> HttpRequest:
    return presign(
        request(**{"headers": HOST, "method": "GET", **more}),
        access_key_id=KEY_ID,
        secret_key=SECRET,
        region="",
        service=service,
        now=NOW,
        expires=60,
        region_set=region_set,
    )


def verify(
    sent: HttpRequest,
    *,
    keys: SigningKeyCache | None = None,
    region: str | None = REGION,
    service: str = "sts",
    secret_key: str = SECRET,
) -> VerifiedSignature:
    signature = parse_signature(sent)
    assert signature is not None
    return verify_signature(
        sent,
        signature,
        secret_key=secret_key,
        now=NOW,
        keys=SigningKeyCache() if keys is None else keys,
        service=service,
        region=region,
    )


@pytest.mark.parametrize("make", [signed, presigned])
def test_own_signatures(make: Any) -> None:
    sent = make("eu-*,us-east-1", body=b"Action=GetCallerIdentity")
    proof = verify(sent)
    assert proof.signature.scope == "20250102/sts/aws4_request"
    assert proof.signature.region_set == ("eu-*", "us-east-1")
    assert make("eu-*,us-east-1", body=b"Action=GetCallerIdentity") == sent


@pytest.mark.parametrize(
    ("region_set", "region", "covered"),
    [
        ("eu-test-1", "eu-test-1", True),
        ("us-east-1,eu-test-1", "eu-test-1", True),
        ("us-east-1, eu-test-1", "eu-test-1", True),
        ("*", "eu-test-1", True),
        ("eu-*", "eu-test-1", True),
        ("*-1", "eu-test-1", True),
        ("e*t*1", "eu-test-1", True),
        ("**", "eu-test-1", True),
        ("eu-test", "eu-test-1", False),
        ("us-*", "eu-test-1", False),
        ("eu-*-2", "eu-test-1", False),
        ("EU-TEST-1", "eu-test-1", False),
        ("eu-test-1", "eu-test-11", False),
        ("u-test-1", "eu-test-1", False),
    ],
)
@pytest.mark.parametrize("make", [signed, presigned])
def test_region_set(make: Any, region_set: str, region: str, covered: bool) -> None:
    sent = make(region_set)
    signature = parse_signature(sent)
    assert signature is not None
    assert signature_covers(signature, region) is covered
    assert verify(sent, region=None).signature.region_set
    if covered:
        verify(sent, region=region)
        return
    with pytest.raises(SignatureRefused) as refused:
        verify(sent, region=region)
    assert refused.value.check is SignatureCheck.REGION


@pytest.mark.parametrize(
    "region_set", ["", ",", "eu-1,", "e u", "eu/1", "ë", "x" * 65, ",".join(["eu"] * 65), "eu;us"]
)
def test_region_sets_that_are_none(region_set: str) -> None:
    headers = tuple(
        (name, region_set.encode() if name == b"x-amz-region-set" else value)
        for name, value in signed().headers
    )
    with pytest.raises(MalformedSignature) as refused:
        parse_signature(request(headers=headers))
    assert (refused.value.code, refused.value.status) == ("IncompleteSignature", 400)


def test_region_set_must_be_signed() -> None:
    """Whoever carries the request could otherwise add regions to it."""
    sent = signed()
    other = tuple(
        (name, b"*" if name == b"x-amz-region-set" else value) for name, value in sent.headers
    )
    with pytest.raises(SignatureRefused) as refused:
        verify(replace(sent, headers=other))
    assert refused.value.check is SignatureCheck.SIGNATURE
    unsigned = tuple(
        (name, value.replace(b";x-amz-region-set", b"")) for name, value in sent.headers
    )
    with pytest.raises(SignatureRefused) as refused:
        verify(replace(sent, headers=unsigned))
    assert refused.value.check is SignatureCheck.HEADERS_SIGNED
    query = presigned().raw_query.replace(b"Region-Set=eu-test-1", b"Region-Set=%2A")
    with pytest.raises(SignatureRefused) as refused:
        verify(replace(presigned(), raw_query=query))
    assert refused.value.check is SignatureCheck.SIGNATURE


def test_region_set_is_given_once() -> None:
    sent = signed()
    twice = replace(sent, headers=(*sent.headers, (b"X-Amz-Region-Set", b"*")))
    assert status(lambda: parse_signature(twice)) == 400
    query = presigned().raw_query
    for more in (b"&X-Amz-Region-Set=*", b"&x-amz-region-set=*"):
        again = replace(presigned(), raw_query=query + more)
        assert status(lambda again=again: parse_signature(again)) == 400
    none = re.sub(rb"&X-Amz-Region-Set=[^&]*", b"", query)
    with pytest.raises(MalformedSignature) as refused:
        parse_signature(replace(presigned(), raw_query=none))
    assert "'X-Amz-Region-Set'" in refused.value.message


@pytest.mark.parametrize(
    "signature",
    ["", "00", "3006020101020101", "30" * 72, "3006020100020100", "zz" * 70, "30" * 73, "é" * 70,
     "0" * 64, " 3006020101020101", "3006 0201 0102 0101"],
)  # fmt: skip
def test_signatures_that_are_none(signature: str) -> None:
    """Nothing but a right signature passes, whatever it looks like; nothing fails otherwise."""
    sent = parse_signature(signed())
    assert sent is not None
    with pytest.raises(SignatureRefused) as refused:
        verify_signature(
            signed(),
            replace(sent, signature=signature),
            secret_key=SECRET,
            now=NOW,
            keys=SigningKeyCache(),
            service="sts",
        )
    assert refused.value.check is SignatureCheck.SIGNATURE
    assert refused.value.string_to_sign is not None
    assert refused.value.string_to_sign.startswith("AWS4-ECDSA-P256-SHA256\n")


def test_keys_are_not_mixed_up() -> None:
    """An HMAC key and a public one of the same secret stay apart, and so do two access keys."""
    keys = SigningKeyCache()
    verify(signed(), keys=keys)
    symmetric = sign(
        request(headers=HOST),
        access_key_id=KEY_ID,
        secret_key=SECRET,
        region=REGION,
        service="sts",
        now=NOW,
    )
    verify(symmetric, keys=keys)
    assert len(keys) == 2
    renamed = tuple(
        (name, value.replace(KEY_ID.encode(), b"AKIAVKEXAMPLE0000002"))
        for name, value in signed().headers
    )
    with pytest.raises(SignatureRefused):
        verify(replace(signed(), headers=renamed), keys=keys)
    with pytest.raises(SignatureRefused):
        verify(signed(), keys=keys, secret_key="another")
    assert len(keys) == 2


def test_algorithms_are_not_mixed_up() -> None:
    """A signature of one algorithm under the other's name is none."""
    headers = dict(signed().headers)
    swapped = headers[b"authorization"].replace(
        b"AWS4-ECDSA-P256-SHA256 Credential=AKIAVKEXAMPLE0000001/20250102/sts",
        b"AWS4-HMAC-SHA256 Credential=AKIAVKEXAMPLE0000001/20250102/eu-test-1/sts",
    )
    sent = request(headers=tuple({**headers, b"authorization": swapped}.items()))
    with pytest.raises(SignatureRefused) as refused:
        verify(sent)
    assert refused.value.check is SignatureCheck.SIGNATURE


# --- AWS's own signer --------------------------------------------------------------------------


def crt_signed(kind: auth.AwsSignatureType, service: str, **more: Any) -> HttpRequest:
    path = "/bucket/a%20b//c?list=&x=1" if service == "s3" else "/a/../b?Action=ListRoles"
    headers = http.HttpHeaders([("host", "vk.example.test")])
    asked = http.HttpRequest("GET", path, headers)
    config = auth.AwsSigningConfig(
        algorithm=auth.AwsSigningAlgorithm.V4_ASYMMETRIC,
        signature_type=kind,
        credentials_provider=auth.AwsCredentialsProvider.new_static(KEY_ID, SECRET, "token"),
        region="eu-*,us-east-1",
        service=service,
        date=datetime.fromtimestamp(NOW, UTC),
        use_double_uri_encode=service != "s3",
        should_normalize_uri_path=service != "s3",
        expiration_in_seconds=60,
        **more,
    )
    made = auth.aws_sign_request(asked, config).result(10)
    raw_path, _, raw_query = made.path.partition("?")
    return HttpRequest(
        "GET",
        raw_path.encode(),
        raw_query.encode(),
        tuple((name.lower().encode(), value.encode()) for name, value in made.headers),
        hashlib.sha256(b"").hexdigest(),
    )


@pytest.mark.parametrize(
    "kind",
    [auth.AwsSignatureType.HTTP_REQUEST_HEADERS, auth.AwsSignatureType.HTTP_REQUEST_QUERY_PARAMS],
)
@pytest.mark.parametrize("service", ["s3", "sts"])
def test_signed_by_the_common_runtime(kind: auth.AwsSignatureType, service: str) -> None:
    more: dict[str, Any] = {}
    if service == "s3":
        more["signed_body_value"] = auth.AwsSignedBodyValue.UNSIGNED_PAYLOAD
        if kind is auth.AwsSignatureType.HTTP_REQUEST_HEADERS:
            more["signed_body_header_type"] = auth.AwsSignedBodyHeaderType.X_AMZ_CONTENT_SHA_256
    sent = crt_signed(kind, service, **more)
    proof = verify(sent, service=service)
    assert proof.signature.session_token == "token"
    assert proof.signature.region_set == ("eu-*", "us-east-1")
    with pytest.raises(SignatureRefused):
        verify(sent, service=service, secret_key="another")
