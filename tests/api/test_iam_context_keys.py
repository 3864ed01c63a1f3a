"""The condition keys of policies: as written, in the order of the texts, each spelling once."""

from typing import Any

import pytest

from api.making import allow, iam, iam_arn, make_policy, make_role, policy, refusal
from support.edge import Answer, Edge

CUSTOM, PRINCIPAL = "GetContextKeysForCustomPolicy", "GetContextKeysForPrincipalPolicy"


def keys(answer: Answer) -> list[str | None]:
    assert answer.status == 200, answer.body
    return [each.text for each in answer.xml.iterfind(".//ContextKeyNames/member")]


def when(**conditions: dict[str, Any]) -> dict[str, Any]:
    return allow("s3:*", Condition={name.replace("_", ":"): c for name, c in conditions.items()})


OLD = '{"Version": "2008-10-17", "Statement": '
AWS_EXAMPLE = (
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":'
    '"arn:aws:dynamodb:us-west-2:123456789012:table/${aws:username}","Condition":'
    '{"DateGreaterThan":{"aws:CurrentTime":"2015-08-16T12:00:00Z"}}}}'
)
TABLE: dict[str, tuple[list[str], list[str]]] = {
    "the example of the aws CLI": ([AWS_EXAMPLE], ["aws:username", "aws:CurrentTime"]),
    "none": ([policy(allow("*"))], []),
    "each once": (
        [policy(when(StringEquals={"a:b": "1"}), when(StringLike={"a:b": "2", "a:c": "3"}))],
        ["a:b", "a:c"],
    ),
    "once in several policies": (
        [policy(when(Bool={"a:b": "true"})), policy(when(Null={"a:c": "true", "a:b": "true"}))],
        ["a:b", "a:c"],
    ),
    "each spelling": (
        [policy(when(StringEquals={"a:Key": "1", "A:key": "1"}))],
        ["a:Key", "A:key"],
    ),
    "qualified operators": (
        [policy(when(ForAnyValue_StringLikeIfExists={"aws:TagKeys": ["a"]}))],
        ["aws:TagKeys"],
    ),
    "variables in conditions": (
        [policy(when(StringEquals={"a:b": "${aws:PrincipalTag/team}-${a:c, 'none'}"}))],
        ["a:b", "aws:PrincipalTag/team", "a:c"],
    ),
    "no variables where none are filled in": (
        [policy(when(NumericLessThan={"a:b": "1"}))],
        ["a:b"],
    ),
    "no variables in an old policy": (
        [
            OLD
            + '{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::${aws:username}"}}'
        ],
        [],
    ),
    "a resource policy": (
        [policy({**when(StringEquals={"aws:SourceAccount": "1"}), "Principal": "*"})],
        ["aws:SourceAccount"],
    ),
}


@pytest.mark.parametrize("name", TABLE)
async def test_keys(shared_edge: Edge, name: str):
    documents, wanted = TABLE[name]
    assert keys(await shared_edge.query("iam", CUSTOM, PolicyInputList=documents)) == wanted


@pytest.mark.parametrize(
    ("documents", "wanted"),
    [
        ([policy(allow("*")), "{"], "Policy input list item 2 has invalid content"),
        (["[]"], "Policy input list item 1 has invalid content"),
        (
            [policy(when(StringEquls={"a:b": "1"}))],
            "Policy input list item 1 has invalid content",
        ),
        ("", "PolicyInputList cannot be null or empty."),
    ],
)
async def test_documents_that_are_none(shared_edge: Edge, documents: Any, wanted: str):
    answer = await shared_edge.query("iam", CUSTOM, PolicyInputList=documents)
    assert refusal(answer) == (400, "InvalidInput", wanted)


async def test_keys_of_a_principal(edge: Edge):
    """Inline, attached and boundary, and what the request adds; trust is not among them."""
    await make_role(edge, "deploy", Path="/ci/")
    inline = policy(when(StringEquals={"a:inline": "1"}))
    await iam(edge, "PutRolePolicy", RoleName="deploy", PolicyName="own", PolicyDocument=inline)
    attached = await make_policy(edge, "attached", policy(when(Bool={"a:attached": "true"})))
    await iam(edge, "AttachRolePolicy", RoleName="deploy", PolicyArn=attached)
    cap = await make_policy(edge, "cap", policy(when(StringEquals={"a:cap": "${aws:userid}"})))
    await iam(edge, "PutRolePermissionsBoundary", RoleName="deploy", PermissionsBoundary=cap)
    source = {"PolicySourceArn": iam_arn("role/ci/deploy")}
    held = ["a:inline", "a:attached", "a:cap", "aws:userid"]
    assert keys(await edge.query("iam", PRINCIPAL, **source)) == held
    added = [policy(when(StringEquals={"a:added": "1", "a:cap": "1"}))]
    both = await edge.query("iam", PRINCIPAL, **source, PolicyInputList=added)
    assert keys(both) == [*held, "a:added"]


async def test_keys_of_a_user_without_policies(edge: Edge):
    await iam(edge, "CreateUser", UserName="runner")
    assert keys(await edge.query("iam", PRINCIPAL, PolicySourceArn=iam_arn("user/runner"))) == []
