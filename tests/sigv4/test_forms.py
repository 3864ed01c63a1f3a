"""Upload forms: their signature, the policy that it is of, and what S3 answers to each."""

import base64
import datetime as dt
import json
from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

import boto3
import pytest
from botocore.config import Config

from sigv4.building import KEY_ID, NOW, REGION, SECRET
from support.vectors import own
from valetkey.errors import AwsError
from valetkey.sigv4 import (
    FormCheck,
    FormRefused,
    LengthRange,
    MalformedForm,
    MalformedSignature,
    PostForm,
    SignatureCheck,
    SignatureRefused,
    SigningKeyCache,
    VerifiedForm,
    parse_form_signature,
    read_form,
    verify_form,
)
from valetkey.sigv4.keys import signature_of, signing_key

TABLE = own("sigv4/forms.json")
KEY = "user/user1/photo.jpg"
ABSENT = (
    "Bucket POST must contain a field named '{}'.  "
    "If it is specified, please check the order of the fields."
)
SIGNING = {
    "x-amz-algorithm": "AWS4-HMAC-SHA256",
    "x-amz-credential": f"{KEY_ID}/20250102/{REGION}/s3/aws4_request",
    "x-amz-date": "20250102T030405Z",
}


def form(
    policy: str | dict[str, Any],
    fields: Sequence[tuple[str, str]] = (),
    *,
    signing: dict[str, str] = SIGNING,
    secret_key: str = SECRET,
    service: str = "s3",
) -> PostForm:
    text = policy if isinstance(policy, str) else json.dumps(policy)
    encoded = base64.b64encode(text.encode()).decode()
    date = signing["x-amz-credential"].split("/")[1]
    signature = signature_of(signing_key(secret_key, date, REGION, service), encoded.encode())
    given = {"key": KEY, **dict(fields)}
    return read_form(
        (*given.items(), *signing.items(), ("policy", encoded), ("x-amz-signature", signature))
    )


def policy_of(*conditions: Any, expiration: str = "2025-01-02T04:04:05Z") -> dict[str, Any]:
    return {
        "expiration": expiration,
        "conditions": [*conditions, *({name: value} for name, value in SIGNING.items())],
    }


ANY_KEY = policy_of(["starts-with", "$key", ""])


def verify(
    sent: PostForm,
    *,
    bucket: str = "bucket",
    key: str = KEY,
    now: float = NOW,
    secret_key: str = SECRET,
    region: str | None = REGION,
) -> VerifiedForm:
    signature = parse_form_signature(sent)
    assert signature is not None
    return verify_form(
        sent,
        signature,
        bucket=bucket,
        key=key,
        secret_key=secret_key,
        now=now,
        keys=SigningKeyCache(),
        region=region,
    )


def written(case: dict[str, Any]) -> str | dict[str, Any]:
    """Return a case's policy; a long one is written as a run between two texts."""
    if "conditions" in case:
        spoken = {
            name: value for name, value in SIGNING.items() if name not in case.get("drop", ())
        }
        more = [{name: value} for name, value in spoken.items()]
        return {"expiration": "2025-01-02T04:04:05Z", "conditions": [*case["conditions"], *more]}
    policy = case["policy"]
    if isinstance(policy, list):
        before, run, count, after = policy
        return str(before + run * count + after)
    return str(policy)


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["name"])
def test_case(case: dict[str, Any]) -> None:
    sent = form(written(case), [tuple(field) for field in case.get("fields", ())])
    place = {"bucket": case.get("bucket", "bucket"), "key": case.get("key", KEY)}
    if "refused" not in case:
        proof = verify(sent, **place)
        assert proof.length == (LengthRange(*case["length"]) if "length" in case else None)
        return
    with pytest.raises(AwsError) as refused:
        verify(sent, **place)
    wanted = case["refused"]
    assert (refused.value.code, refused.value.status, refused.value.message) == (
        wanted["code"],
        wanted["status"],
        wanted["message"],
    )
    assert isinstance(refused.value, FormRefused if wanted["status"] == 403 else MalformedForm)
    assert refused.value.reason


def test_example_of_botocore() -> None:
    """Computed in two ways by somebody else, with AWS's example credentials."""
    fields = [
        ("key", "user/user1/photo.jpg"),
        ("x-amz-algorithm", "AWS4-HMAC-SHA256"),
        ("x-amz-credential", "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"),
        ("x-amz-date", "20151229T000000Z"),
        (
            "policy",
            base64.b64encode(
                b'{"expiration": "2015-12-29T01:00:00Z", "conditions": [{"bucket": '
                b'"sigv4examplebucket"}, {"key": "user/user1/photo.jpg"}, {"x-amz-algorithm": '
                b'"AWS4-HMAC-SHA256"}, {"x-amz-credential": '
                b'"AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"}, {"x-amz-date": '
                b'"20151229T000000Z"}]}'
            ).decode(),
        ),
        ("x-amz-signature", "3364624b39010d9b06f5d9b8c9a18a6e478d261c048159c92f2fd6fa885f14e6"),
    ]
    start = dt.datetime(2015, 12, 29, tzinfo=dt.UTC).timestamp()
    more = {
        "bucket": "sigv4examplebucket",
        "secret_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "region": "us-east-1",
    }
    assert verify(read_form(fields), now=start, **more).expiration == start + 3600
    verify(read_form(fields), now=start + 3599, **more)
    with pytest.raises(FormRefused) as refused:
        verify(read_form(fields), now=start + 3600, **more)
    assert refused.value.message == "Invalid according to Policy: Policy expired."


@pytest.mark.parametrize("token", [None, "IQoJb3JpZ2luX2VjE/+xyz=="])
def test_made_by_boto3(token: str | None) -> None:
    client = boto3.client(
        "s3",
        region_name=REGION,
        aws_access_key_id=KEY_ID,
        aws_secret_access_key=SECRET,
        aws_session_token=token,
        config=Config(signature_version="s3v4"),
    )
    moment = dt.datetime.fromtimestamp(NOW, tz=dt.UTC)
    with (
        patch("botocore.auth.get_current_datetime", lambda: moment),
        patch("botocore.signers.get_current_datetime", lambda: moment),
    ):
        made = client.generate_presigned_post(
            "bucket",
            "up/${filename}",
            Fields={"acl": "private"},
            Conditions=[{"acl": "private"}, ["content-length-range", 1, 100]],
        )
    client.close()
    sent = read_form(list(made["fields"].items()))
    signature = parse_form_signature(sent)
    assert signature is not None
    assert (signature.access_key_id, signature.session_token) == (KEY_ID, token)
    proof = verify(sent, key=sent.object_key("me.jpg"))
    assert (proof.length, proof.expiration) == (LengthRange(1, 100), NOW + 3600)
    with pytest.raises(FormRefused):
        verify(sent, key="other/me.jpg")


@pytest.mark.parametrize(
    ("filename", "key"),
    [
        ("me.jpg", "up/me.jpg"),
        ("C:\\photos\\me.jpg", "up/me.jpg"),
        ("/home/../me.jpg", "up/me.jpg"),
        ("..", "up/.."),
        ("", "up/"),
        (None, "up/${filename}"),
        ("${filename}", "up/${filename}"),
    ],
)
def test_key_from_the_files_name(filename: str | None, key: str) -> None:
    assert read_form([("Key", "up/${filename}")]).object_key(filename) == key


def test_no_key() -> None:
    with pytest.raises(MalformedForm) as refused:
        read_form([("acl", "private")]).object_key("x")
    assert (refused.value.code, refused.value.message) == (
        "InvalidArgument",
        ABSENT.format("key"),
    )


@pytest.mark.parametrize("name", ["key", "KEY", "policy", "Policy", "x-amz-signature", "acl"])
def test_fields_are_given_once(name: str) -> None:
    fields = (*form(ANY_KEY).fields, ("acl", "private"), (name, "other"))
    with pytest.raises(MalformedForm) as refused:
        read_form(fields)
    assert refused.value.code == "InvalidArgument"
    assert dict(refused.value.details) == {"ArgumentName": name, "ArgumentValue": ""}


def test_ignored_fields_may_be_given_twice() -> None:
    assert read_form([("x-ignore-a", "1"), ("X-Ignore-A", "2")]).value("x-ignore-a") == "1"


def test_forms_are_bounded() -> None:
    read_form([("a", "x" * 20479)])
    with pytest.raises(MalformedForm) as refused:
        read_form([("a", "x" * 20480)])
    assert refused.value.code == "MaxPostPreDataLengthExceeded"


@pytest.mark.parametrize(
    ("left", "named"),
    [
        (("x-amz-algorithm", "x-amz-credential"), "X-Amz-Algorithm"),
        (("x-amz-credential",), "X-Amz-Credential"),
        (("x-amz-date",), "X-Amz-Date"),
        (("x-amz-signature",), "X-Amz-Signature"),
        (("policy",), "Policy"),
    ],
)
@pytest.mark.parametrize("empty", [True, False])
def test_incomplete_signature(left: tuple[str, ...], named: str, empty: bool) -> None:
    fields = [
        (name, "" if name in left else value)
        for name, value in form(ANY_KEY).fields
        if empty or name not in left
    ]
    with pytest.raises(MalformedForm) as refused:
        parse_form_signature(read_form(fields))
    assert (refused.value.code, refused.value.status) == ("InvalidArgument", 400)
    assert refused.value.message == ABSENT.format(named)
    assert dict(refused.value.details)["ArgumentName"] == named


def test_nobodys_form() -> None:
    assert parse_form_signature(read_form([("key", "k")])) is None
    assert parse_form_signature(read_form([("key", "k"), ("policy", "e30=")])) is None


@pytest.mark.parametrize("name", ["AWSAccessKeyId", "awsaccesskeyid", "Signature"])
def test_version_2(name: str) -> None:
    with pytest.raises(MalformedForm) as refused:
        parse_form_signature(read_form([("key", "k"), (name, "x"), ("policy", "e30=")]))
    assert refused.value.message.endswith("Please use AWS4-HMAC-SHA256.")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-amz-algorithm", "AWS4-ECDSA-P256-SHA256"),
        ("x-amz-algorithm", "aws4-hmac-sha256"),
        ("x-amz-credential", "AKIAVKEXAMPLE0000001"),
        ("x-amz-credential", f"{KEY_ID}/20250102/{REGION}/s3/aws5"),
        ("x-amz-credential", f"{KEY_ID}/20250102/{REGION}/s3"),
        ("x-amz-credential", f"é/20250102/{REGION}/s3/aws4_request"),
        ("x-amz-date", "yesterday"),
        ("x-amz-date", "20251302T030405Z"),
        ("x-amz-signature", "é"),
    ],
)
def test_signature_that_can_not_be_read(name: str, value: str) -> None:
    fields = [(found, value if found == name else text) for found, text in form(ANY_KEY).fields]
    with pytest.raises((MalformedForm, MalformedSignature, SignatureRefused)):
        parse_form_signature(read_form(fields))


def changed(sent: PostForm, name: str, value: str) -> PostForm:
    return read_form([(found, value if found == name else text) for found, text in sent.fields])


@pytest.mark.parametrize("signature", ["0" * 64, "", "x", "A" * 64])
def test_another_signature(signature: str) -> None:
    sent = form(ANY_KEY)
    with pytest.raises(AwsError) as refused:
        verify(changed(sent, "x-amz-signature", signature))
    if signature:
        assert refused.value.check == FormCheck.SIGNATURE
        assert (refused.value.code, refused.value.status) == ("SignatureDoesNotMatch", 403)
        assert isinstance(refused.value, FormRefused)
        assert dict(refused.value.details) == {
            "AWSAccessKeyId": KEY_ID,
            "StringToSign": sent.value("policy"),
            "SignatureProvided": signature,
        }


def test_another_secret() -> None:
    with pytest.raises(FormRefused) as refused:
        verify(form(ANY_KEY), secret_key="another")
    assert refused.value.check is FormCheck.SIGNATURE


def test_policy_is_read_after_its_signature() -> None:
    """S3 looks at the text as it came: a policy cut short is a wrong signature, not bad JSON."""
    sent = form(ANY_KEY)
    policy = sent.value("policy") or ""
    for other in (policy[:-2], policy + "=", policy + "\n", "", "%"):
        with pytest.raises((FormRefused, MalformedForm)) as refused:
            verify(changed(sent, "policy", other or "e30="))
        assert refused.value.code == "SignatureDoesNotMatch"


@pytest.mark.parametrize("text", ["!", "e30", "é"])
def test_policy_that_is_no_base64(text: str) -> None:
    signature = signature_of(signing_key(SECRET, "20250102", REGION, "s3"), text.encode())
    sent = changed(changed(form(ANY_KEY), "policy", text), "x-amz-signature", signature)
    with pytest.raises(MalformedForm) as refused:
        verify(sent)
    assert refused.value.message == "Invalid Policy: invalid Base64 encoding."


@pytest.mark.parametrize(
    ("signing", "check"),
    [
        ({"x-amz-credential": f"{KEY_ID}/20250102/{REGION}/sts/aws4_request"}, "service"),
        ({"x-amz-credential": f"{KEY_ID}/20250102/elsewhere/s3/aws4_request"}, "region"),
        ({"x-amz-credential": f"{KEY_ID}/20250101/{REGION}/s3/aws4_request"}, "scope-date"),
        ({"x-amz-date": "20250102T031000Z"}, "not-yet-current"),
        (
            {
                "x-amz-date": "20241225T000000Z",
                "x-amz-credential": f"{KEY_ID}/20241225/{REGION}/s3/aws4_request",
            },
            "expired",
        ),
    ],
)
def test_scope_and_time(signing: dict[str, str], check: str) -> None:
    given = {**SIGNING, **signing}
    conditions = [["starts-with", "$key", ""], *({name: value} for name, value in given.items())]
    policy = {"expiration": "2025-01-02T04:04:05Z", "conditions": conditions}
    with pytest.raises(SignatureRefused) as refused:
        verify(form(policy, signing=given))
    assert refused.value.check is SignatureCheck(check)


def test_a_week_at_most() -> None:
    policy = policy_of(["starts-with", "$key", ""], expiration="2026-01-02T04:04:05Z")
    verify(form(policy), now=NOW + 604800)
    with pytest.raises(SignatureRefused) as refused:
        verify(form(policy), now=NOW + 604801)
    assert refused.value.check is SignatureCheck.EXPIRED


def test_milliseconds() -> None:
    policy = policy_of(["starts-with", "$key", ""], expiration="2025-01-02T03:04:06.999Z")
    assert verify(form(policy)).expiration == NOW + 1


@pytest.mark.parametrize(
    ("length", "code", "message", "details"),
    [
        (5, None, None, ()),
        (10, None, None, ()),
        (
            12,
            "EntityTooLarge",
            "Your proposed upload exceeds the maximum allowed size",
            (("ProposedSize", "12"), ("MaxSizeAllowed", "10")),
        ),
        (
            1,
            "EntityTooSmall",
            "Your proposed upload is smaller than the minimum allowed size",
            (("ProposedSize", "1"), ("MinSizeAllowed", "5")),
        ),
    ],
)
def test_length_of_the_file(length: int, code: str | None, message: str, details: Any) -> None:
    proof = verify(form(policy_of(["starts-with", "$key", ""], ["content-length-range", 5, 10])))
    if code is None:
        proof.refuse_length(length)
        return
    with pytest.raises(FormRefused) as refused:
        proof.refuse_length(length)
    assert (refused.value.code, refused.value.status) == (code, 400)
    assert (refused.value.message, refused.value.details) == (message, details)


def test_any_length_where_the_policy_says_nothing() -> None:
    verify(form(ANY_KEY)).refuse_length(10**12)
