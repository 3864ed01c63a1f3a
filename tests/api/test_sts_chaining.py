"""AssumeRole from a role's session: what it hands on is asked for like what is passed."""

import json
from typing import Any

import pytest

from api.making import Key, allow, assume, iam, iam_arn, make_role, make_user, policy, refusal, tags
from support.edge import Answer, Edge, credentials_of

FIRST, SECOND = iam_arn("role/first"), iam_arn("role/second")
PASSES = ("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")


def trust_of(principal: str, *actions: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": list(actions)}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


async def first_session(edge: Edge, **passed: Any) -> Key:
    """Return the credentials of a session of the first role, which admits all that is passed."""
    await make_role(edge, "first", AssumeRolePolicyDocument=trust_of(iam_arn("root"), *PASSES))
    return await assume(edge, "first", **passed)


async def chain(edge: Edge, key: Key, **passed: Any) -> Answer:
    return await edge.query(
        "sts", "AssumeRole", key=key, RoleArn=SECOND, RoleSessionName="job", **passed
    )


TRANSITIVE = {"Tags": tags(project="theirs"), "TransitiveTagKeys": ["project"]}


@pytest.mark.parametrize(
    ("passed", "action"),
    [
        (TRANSITIVE, "sts:TagSession"),
        ({"SourceIdentity": "somebody"}, "sts:SetSourceIdentity"),
    ],
)
async def test_what_a_session_hands_on_must_be_admitted(
    edge: Edge, passed: dict[str, Any], action: str
):
    """Or else a token's issuer would write the tags that another role's own are overridden by."""
    key = await first_session(edge, **passed)
    await make_role(
        edge,
        "second",
        AssumeRolePolicyDocument=trust_of(FIRST, "sts:AssumeRole"),
        Tags=tags(project="ours"),
    )
    refused = await chain(edge, key)
    assert (refused.status, refused.code) == (403, "AccessDenied")
    assert f"is not authorized to perform: {action} on resource: {SECOND}" in (
        refused.message or ""
    )
    assert edge.record(refused).action == action

    document = trust_of(FIRST, "sts:AssumeRole", action)
    await iam(edge, "UpdateAssumeRolePolicy", RoleName="second", PolicyDocument=document)
    assert (await chain(edge, key)).status == 200


async def test_what_is_not_transitive_is_neither_handed_on_nor_asked_for(edge: Edge):
    key = await first_session(edge, Tags=tags(project="theirs"))
    await make_role(
        edge,
        "second",
        AssumeRolePolicyDocument=trust_of(FIRST, "sts:AssumeRole"),
        Tags=tags(project="ours"),
    )
    allowed = allow(
        "iam:ListUsers", Condition={"StringEquals": {"aws:PrincipalTag/project": "ours"}}
    )
    await iam(
        edge, "PutRolePolicy", RoleName="second", PolicyName="p", PolicyDocument=policy(allowed)
    )
    second = credentials_of(await chain(edge, key))
    assert (await edge.query("iam", "ListUsers", key=second)).status == 200


async def test_a_source_identity_stays_as_it_was_set(edge: Edge):
    key = await first_session(edge, SourceIdentity="somebody")
    await make_role(edge, "second", AssumeRolePolicyDocument=trust_of(FIRST, *PASSES))
    changed = await chain(edge, key, SourceIdentity="somebody-else")
    assert refusal(changed) == (
        403,
        "AccessDenied",
        "SourceIdentity cannot be changed once it is set.",
    )
    kept = await chain(edge, key)
    assert kept.text(".//SourceIdentity") == "somebody"


async def test_a_chained_session_lives_for_an_hour_at_most(edge: Edge):
    key = await first_session(edge)
    await make_role(
        edge,
        "second",
        AssumeRolePolicyDocument=trust_of(FIRST, "sts:AssumeRole"),
        MaxSessionDuration=43200,
    )
    refused = await chain(edge, key, DurationSeconds=3601)
    assert (refused.status, refused.code) == (400, "ValidationError")
    assert (await chain(edge, key, DurationSeconds=3600)).status == 200


async def test_a_session_of_a_role_that_was_made_again_is_nobody(edge: Edge):
    key = await first_session(edge)
    await iam(edge, "DeleteRole", RoleName="first")
    await make_role(edge, "first", AssumeRolePolicyDocument=trust_of(iam_arn("root"), *PASSES))
    refused = await edge.query("sts", "GetCallerIdentity", key=key)
    assert (refused.status, refused.code) == (403, "InvalidClientTokenId")


async def test_a_user_passes_on_nothing(edge: Edge):
    key = await make_user(edge, "ann", policy(allow("sts:AssumeRole")), Tags=tags(project="x"))
    await make_role(
        edge, "second", AssumeRolePolicyDocument=trust_of(iam_arn("root"), "sts:AssumeRole")
    )
    assert (await chain(edge, key)).status == 200
