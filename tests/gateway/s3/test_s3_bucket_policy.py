"""PutBucketPolicy's body, and whether a policy makes its bucket public."""

import json
from typing import Any

import pytest

from valetkey.gateway.s3 import S3Error, check_bucket_policy, is_public, policy_status_document

ALLOW: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": "*",
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::lab-bucket/*",
}


def policy(*statements: dict[str, Any]) -> bytes:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}).encode()


def changed(**elements: Any) -> bytes:
    found = {**ALLOW, **elements}
    return policy({name: value for name, value in found.items() if value is not None})


@pytest.mark.parametrize(
    "body",
    [
        changed(),
        changed(Action="*"),
        changed(Action="s3:*", Resource=["arn:aws:s3:::lab-bucket", "arn:aws:s3:::lab-bucket/a/*"]),
        changed(Action="s3:ListBucket", Resource="arn:aws:s3:::lab-bucket"),
        changed(Action="s3:listbucket", Resource="arn:aws:s3:::lab-bucket*"),
        changed(Action=["s3:GetObject*", "s3:PutObjectTagging"]),
        changed(Principal={"AWS": "111122223333"}),
        changed(Principal={"AWS": "arn:aws:iam::111122223333:role/ci"}),
        changed(Effect="Deny", NotPrincipal={"AWS": "111122223333"}, Principal=None),
        changed(Effect="Deny", NotAction="s3:GetObject", Action=None),
        changed(NotResource="arn:aws:s3:::lab-bucket/secret/*", Resource=None),
        changed(Condition={"StringEquals": {"s3:ExistingObjectTag/team": "blue"}}),
        changed(Condition={"StringLike": {"S3:Prefix": "a*"}}),
        changed(Condition={"StringEquals": {"git.example.test:sub": "x"}}),
        changed(Resource="arn:aws:s3:::lab-bucket/${aws:username}/*"),
        changed(Action="s3:ReplicateObject"),
        b"{" + b" " * 15_000 + changed()[1:],
    ],
)
def test_a_policy_is_taken(body: bytes) -> None:
    taken = check_bucket_policy(body, bucket="lab-bucket")

    assert taken.source.text == body.decode()


JSON = "Policies must be valid JSON and the first byte must be '{'"
RESOURCE = "Policy has invalid resource"
ACTION = "Policy has invalid action"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"x", JSON),
        (b"[]", JSON),
        (b" {}", JSON),
        (b"\xff", JSON),
        (b"{", JSON),
        (b'{"Version":"2012-10-17","Version":"2012-10-17","Statement":[]}', JSON),
        (b"{}", "Could not parse the policy: Statement is empty!"),
        (policy(), "Could not parse the policy: Statement is empty!"),
        (
            changed().replace(b"2012-10-17", b"2020-01-01"),
            "The policy must contain a valid version string",
        ),
        (changed(Effect=None), "Missing required field Effect"),
        (changed(Principal=None), "Missing required field Principal"),
        (changed(Principal={}), "Missing required field Principal"),
        (changed(Principal={"AWS": "nobody"}), "Invalid principal in policy"),
        (
            changed(NotPrincipal={"AWS": "111122223333"}, Principal=None),
            "Allow with NotPrincipal is not allowed.",
        ),
        (changed(Action=None), "Missing required field Action"),
        (changed(Action="GetObject"), ACTION),
        (changed(Action="s3:GetObjects"), ACTION),
        (changed(Action="s3:Nothing*"), ACTION),
        (changed(Action="ec2:RunInstances"), ACTION),
        (changed(Action="s3:ListAllMyBuckets"), ACTION),
        (changed(Resource=None), "Missing required field Resource"),
        (changed(Resource="*"), RESOURCE),
        (changed(Resource="arn:aws:s3:::*"), RESOURCE),
        (changed(Resource="arn:aws:s3:::other-bucket/*"), RESOURCE),
        (changed(Resource="arn:aws:s3:::lab-bucket2/*"), RESOURCE),
        (changed(Resource="arn:aws:s3:::lab-buck?t/*"), RESOURCE),
        (changed(Resource="arn:aws:s3:eu-test-1::lab-bucket/*"), RESOURCE),
        (changed(Resource="arn:aws:s3::111122223333:lab-bucket/*"), RESOURCE),
        (changed(Resource="arn:aws-cn:s3:::lab-bucket/*"), RESOURCE),
        (changed(Resource="arn:aws:ec2:::lab-bucket/*"), RESOURCE),
        (changed(Resource="lab-bucket/*"), RESOURCE),
        (changed(NotResource="arn:aws:s3:::other-bucket/*", Resource=None), RESOURCE),
        (
            changed(Resource="arn:aws:s3:::lab-bucket"),
            "Action does not apply to any resource(s) in statement",
        ),
        (
            changed(Action=["s3:GetObject", "s3:ListBucket"]),
            "Action does not apply to any resource(s) in statement",
        ),
        (
            changed(Condition={"StringEquals": {"s3:nothing": "x"}}),
            "Policy has an invalid condition key",
        ),
        (changed(Condition={"StringEqual": {"s3:prefix": "x"}}), "Invalid policy syntax."),
        (changed(Effect="allow"), "Invalid policy syntax."),
        (changed(Anything="x"), "Invalid policy syntax."),
    ],
)
def test_a_policy_is_refused(body: bytes, message: str) -> None:
    with pytest.raises(S3Error) as refused:
        check_bucket_policy(body, bucket="lab-bucket")

    assert (refused.value.code, refused.value.status) == ("MalformedPolicy", 400)
    assert refused.value.message == message
    assert refused.value.reason


def test_a_policy_has_a_size_and_a_body() -> None:
    with pytest.raises(S3Error) as refused:
        check_bucket_policy(changed() + b" " * 20_480, bucket="lab-bucket")
    assert refused.value.code == "PolicyTooLarge"
    with pytest.raises(S3Error) as refused:
        check_bucket_policy(b"", bucket="lab-bucket")
    assert refused.value.code == "MissingRequestBodyError"


def test_the_operator_sees_the_place() -> None:
    with pytest.raises(S3Error) as refused:
        check_bucket_policy(changed(Action="s3:GetObjects"), bucket="lab-bucket")
    (finding,) = refused.value.diagnostics()

    span = finding.labels[0].span
    assert span.source.text[span.start : span.end] == '"s3:GetObjects"'


def when(**conditions: dict[str, Any]) -> bytes:
    return changed(Condition=conditions)


@pytest.mark.parametrize(
    ("body", "public"),
    [
        (changed(), True),
        (changed(Principal={"AWS": "*"}), True),
        (changed(Principal={"AWS": ["111122223333", "*"]}), True),
        (changed(Principal={"AWS": "111122223333"}), False),
        (changed(Effect="Deny"), False),
        (when(StringEquals={"aws:PrincipalOrgID": "o-1"}), False),
        (when(StringEquals={"aws:PrincipalOrgID": ["o-1", "o-2"]}), False),
        (when(StringLike={"aws:PrincipalOrgID": "o-*"}), True),
        (when(StringLike={"aws:PrincipalOrgID": "o-1"}), False),
        (when(StringNotEquals={"aws:PrincipalOrgID": "o-1"}), True),
        (when(StringEqualsIfExists={"aws:PrincipalOrgID": "o-1"}), True),
        (when(**{"ForAllValues:StringEquals": {"aws:PrincipalOrgPaths": "o-1"}}), True),
        (when(StringEquals={"aws:userid": "${aws:username}"}), True),
        (when(IpAddress={"aws:SourceIp": "192.0.2.0/24"}), False),
        (when(IpAddress={"aws:SourceIp": ["192.0.2.0/24", "0.0.0.0/0"]}), True),
        (when(IpAddress={"aws:SourceIp": "0.0.0.0/1"}), True),
        (when(IpAddress={"aws:SourceIp": "2001:db8::/32"}), False),
        (when(IpAddress={"aws:SourceIp": "::/0"}), True),
        (when(NotIpAddress={"aws:SourceIp": "192.0.2.0/24"}), True),
        (when(ArnLike={"aws:SourceArn": "arn:aws:s3:::x"}), False),
        (when(ArnLike={"aws:SourceArn": "arn:aws:s3:::*"}), True),
        (when(Bool={"aws:SecureTransport": "true"}), True),
        (when(Null={"aws:PrincipalOrgID": "false"}), True),
        (when(StringEquals={"s3:prefix": "x"}), True),
    ],
)
def test_what_makes_a_bucket_public(body: bytes, public: bool) -> None:
    checked = check_bucket_policy(
        body.replace(b"s3:GetObject", b"s3:*") if b"s3:prefix" in body else body,
        bucket="lab-bucket",
    )

    assert is_public(checked.document) is public
    answer = policy_status_document(checked.document)
    assert f"<IsPublic>{str(public).lower()}</IsPublic>".encode() in answer


def test_one_public_statement_is_enough() -> None:
    body = policy({**ALLOW, "Principal": {"AWS": "111122223333"}}, ALLOW)

    assert is_public(check_bucket_policy(body, bucket="lab-bucket").document)
