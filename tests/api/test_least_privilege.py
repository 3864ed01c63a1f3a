"""A policy that names one resource, or asks for a condition, allows exactly that."""

from typing import Any

import pytest

from api.making import (
    ALLOW_ALL,
    OTHER_ACCOUNT,
    TRUST,
    Key,
    allow,
    ask,
    deny,
    iam,
    iam_arn,
    make_policy,
    make_role,
    make_secret,
    make_user,
    policy,
    tags,
)
from support.edge import ACCOUNT, Answer, Edge

PREFIX = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:"
AWS_POLICY = "arn:aws:iam::aws:policy/AdministratorAccess"
VERSION = "0123456789abcdef0123456789abcdef"
NEXT_VERSION = "fedcba9876543210fedcba9876543210"


async def send(edge: Edge, operation: str, key: Key, parameters: dict[str, Any]) -> Answer:
    """Ask the service that an action's prefix names."""
    service, _, name = operation.partition(":")
    if service == "secretsmanager":
        return await ask(edge, name, key=key, **parameters)
    return await edge.query(service, name, key=key, **parameters)


RESOURCES = [
    pytest.param(
        "iam:GetRole", iam_arn("role/ci/deploy"), {"RoleName": "deploy"}, {"RoleName": "other"},
        id="role",
    ),
    pytest.param(
        "iam:PutRolePolicy", iam_arn("role/ci/*"),
        {"RoleName": "deploy", "PolicyName": "p", "PolicyDocument": ALLOW_ALL},
        {"RoleName": "top", "PolicyName": "p", "PolicyDocument": ALLOW_ALL},
        id="roles of a path",
    ),
    pytest.param(
        "iam:CreateRole", iam_arn("role/ci/*"),
        {"RoleName": "new", "AssumeRolePolicyDocument": TRUST, "Path": "/ci/"},
        {"RoleName": "newer", "AssumeRolePolicyDocument": TRUST},
        id="new roles of a path",
    ),
    pytest.param(
        "iam:ListRoles", iam_arn("role/ci/*"), {"PathPrefix": "/ci/"}, {}, id="lists of a path",
    ),
    pytest.param(
        "iam:ListAccessKeys", iam_arn("user/${aws:username}"), {}, {"UserName": "other"},
        id="oneself",
    ),
    pytest.param(
        "iam:GetPolicy", iam_arn("policy/ci/reader"), {"PolicyArn": iam_arn("policy/ci/reader")},
        {"PolicyArn": AWS_POLICY},
        id="managed policy",
    ),
    pytest.param(
        "iam:GetOpenIDConnectProvider", iam_arn("oidc-provider/gitlab.example"),
        {"OpenIDConnectProviderArn": iam_arn("oidc-provider/gitlab.example")},
        {"OpenIDConnectProviderArn": iam_arn("oidc-provider/gitlab.example/")},
        id="provider",
    ),
    pytest.param(
        "secretsmanager:GetSecretValue", f"{PREFIX}app/db-??????", {"SecretId": "app/db"},
        {"SecretId": "app/db-2"},
        id="secret by its name",
    ),
    pytest.param(
        "secretsmanager:GetSecretValue", f"{PREFIX}app/*", {"SecretId": "app/db-2"},
        {"SecretId": "prod"},
        id="secrets of a prefix",
    ),
    pytest.param(
        "secretsmanager:CreateSecret", f"{PREFIX}app/new-??????", {"Name": "app/new"},
        {"Name": "app/newer"},
        id="secret that is about to be made",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("action", "resource", "named", "other"), RESOURCES)
async def test_a_policy_that_names_one_resource_allows_exactly_it(
    edge: Edge, action: str, resource: str, named: dict[str, Any], *, other: dict[str, Any]
):
    await make_role(edge, "deploy", Path="/ci/")
    for role in ("other", "top"):
        await make_role(edge, role)
    await make_policy(edge, "reader", Path="/ci/")
    await iam(
        edge,
        "CreateOpenIDConnectProvider",
        Url="https://gitlab.example",
        ThumbprintList=["a" * 40],
    )
    for secret in ("app/db", "app/db-2", "prod"):
        await make_secret(edge, secret)
    key = await make_user(edge, "clerk", policy(allow(action, on=resource)))
    assert (await send(edge, action, key, named)).status == 200
    assert (await send(edge, action, key, other)).code in ("AccessDenied", "AccessDeniedException")


async def test_a_path_is_part_of_what_a_policy_names(edge: Edge):
    await make_role(edge, "deploy", Path="/ci/")
    document = policy(allow("iam:GetRole", on=iam_arn("role/deploy")))
    key = await make_user(edge, "clerk", document)
    refused = await edge.query("iam", "GetRole", key=key, RoleName="deploy")
    assert refused.code == "AccessDenied"


def when(operator: str, key: str, value: Any) -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


ROLE = {"RoleName": "deploy"}
SECRET = {"SecretId": "db"}
CONDITIONS = [
    ("iam:GetRole", when("StringEquals", "aws:ResourceTag/team", "infra"),
     ROLE, {"RoleName": "bare"}),
    ("iam:GetRole", when("StringEquals", "iam:ResourceTag/team", "infra"),
     ROLE, {"RoleName": "bare"}),
    ("iam:GetRole", when("StringEquals", "aws:ResourceTag/TEAM", "infra"),
     ROLE, {"RoleName": "bare"}),
    ("iam:TagRole", when("StringEquals", "aws:RequestTag/team", "infra"),
     {**ROLE, "Tags": tags(team="infra")}, {**ROLE, "Tags": tags(team="other")}),
    ("iam:TagRole", when("ForAllValues:StringEquals", "aws:TagKeys", ["team", "cost"]),
     {**ROLE, "Tags": tags(team="x", cost="y")}, {**ROLE, "Tags": tags(team="x", owner="y")}),
    ("iam:UntagRole", when("ForAllValues:StringEquals", "aws:TagKeys", ["team"]),
     {**ROLE, "TagKeys": ["team"]}, {**ROLE, "TagKeys": ["team", "owner"]}),
    ("iam:CreateUser", when("StringEquals", "iam:PermissionsBoundary", AWS_POLICY),
     {"UserName": "new", "PermissionsBoundary": AWS_POLICY}, {"UserName": "newer"}),
    ("iam:CreateRole", when("StringEquals", "iam:PermissionsBoundary", AWS_POLICY),
     {"RoleName": "new", "AssumeRolePolicyDocument": TRUST, "PermissionsBoundary": AWS_POLICY},
     {"RoleName": "newer", "AssumeRolePolicyDocument": TRUST}),
    ("iam:DeleteRolePermissionsBoundary",
     when("StringNotEquals", "iam:PermissionsBoundary", AWS_POLICY),
     {"RoleName": "bare"}, {"RoleName": "capped"}),
    ("iam:PutRolePolicy", when("StringEquals", "iam:PermissionsBoundary", AWS_POLICY),
     {"RoleName": "capped", "PolicyName": "p", "PolicyDocument": ALLOW_ALL},
     {"RoleName": "bare", "PolicyName": "p", "PolicyDocument": ALLOW_ALL}),
    ("iam:AttachRolePolicy", when("ArnEquals", "iam:PolicyARN", iam_arn("policy/reader")),
     {**ROLE, "PolicyArn": iam_arn("policy/reader")}, {**ROLE, "PolicyArn": AWS_POLICY}),
    ("iam:AttachUserPolicy", when("ArnLike", "iam:PolicyARN", iam_arn("policy/*")),
     {"UserName": "clerk", "PolicyArn": iam_arn("policy/reader")},
     {"UserName": "clerk", "PolicyArn": AWS_POLICY}),
    ("secretsmanager:GetSecretValue", when("StringEquals", "aws:ResourceTag/team", "infra"),
     SECRET, {"SecretId": "bare"}),
    ("secretsmanager:GetSecretValue",
     when("StringEquals", "secretsmanager:ResourceTag/team", "infra"),
     SECRET, {"SecretId": "bare"}),
    ("secretsmanager:GetSecretValue",
     when("ForAnyValue:StringEquals", "secretsmanager:VersionStage", "AWSCURRENT"),
     SECRET, {**SECRET, "VersionStage": "AWSPENDING"}),
    ("secretsmanager:GetSecretValue",
     when("StringEquals", "secretsmanager:VersionStage", "AWSCURRENT"),
     {**SECRET, "VersionStage": "AWSCURRENT"}, {**SECRET, "VersionId": NEXT_VERSION}),
    ("secretsmanager:GetSecretValue", when("StringEquals", "secretsmanager:VersionId", VERSION),
     {**SECRET, "VersionId": VERSION}, {**SECRET, "VersionId": NEXT_VERSION}),
    ("secretsmanager:DescribeSecret", when("ArnLike", "secretsmanager:SecretId", f"{PREFIX}db-*"),
     SECRET, {"SecretId": "bare"}),
    ("secretsmanager:CreateSecret", when("StringLike", "secretsmanager:Name", "app/*"),
     {"Name": "app/new"}, {"Name": "new"}),
    ("secretsmanager:CreateSecret", when("StringEquals", "secretsmanager:Description", "ok"),
     {"Name": "new", "Description": "ok"}, {"Name": "newer", "Description": "no"}),
    ("secretsmanager:TagResource", when("StringEquals", "aws:RequestTag/team", "infra"),
     {**SECRET, "Tags": tags(team="infra")}, {**SECRET, "Tags": tags(team="other")}),
    ("secretsmanager:UntagResource", when("ForAllValues:StringEquals", "aws:TagKeys", ["team"]),
     {**SECRET, "TagKeys": ["team"]}, {**SECRET, "TagKeys": ["owner"]}),
    ("secretsmanager:DeleteSecret",
     when("NumericGreaterThanEquals", "secretsmanager:RecoveryWindowInDays", "14"),
     {**SECRET, "RecoveryWindowInDays": 14}, {**SECRET, "RecoveryWindowInDays": 13}),
    ("secretsmanager:DeleteSecret",
     when("Bool", "secretsmanager:ForceDeleteWithoutRecovery", "false"),
     {**SECRET, "ForceDeleteWithoutRecovery": False},
     {**SECRET, "ForceDeleteWithoutRecovery": True}),
    ("secretsmanager:PutResourcePolicy", when("Bool", "secretsmanager:BlockPublicPolicy", "true"),
     {**SECRET, "BlockPublicPolicy": True, "ResourcePolicy":
      policy(allow("secretsmanager:GetSecretValue", Principal={"AWS": ACCOUNT}))},
     {**SECRET, "ResourcePolicy": "{}"}),
    ("secretsmanager:GetResourcePolicy",
     when("StringEquals", "secretsmanager:SecretPrimaryRegion", "us-east-1"),
     SECRET, {"SecretId": "nothing"}),
    ("secretsmanager:ListSecrets", when("StringEquals", "aws:RequestedRegion", "us-east-1"),
     {}, None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("action", "condition", "meets", "misses"),
    CONDITIONS,
    ids=[f"{action} {next(iter(next(iter(c['Condition'].values()))))}"
         for action, c, *_ in CONDITIONS],
)  # fmt: skip
async def test_a_condition_decides(
    edge: Edge,
    action: str,
    condition: dict[str, Any],
    *,
    meets: dict[str, Any],
    misses: dict[str, Any] | None,
):
    await make_role(edge, "deploy", Tags=tags(team="infra"))
    await make_role(edge, "bare")
    await make_role(edge, "capped", PermissionsBoundary=AWS_POLICY)
    await make_policy(edge, "reader")
    await make_secret(edge, "db", Tags=tags(team="infra"), ClientRequestToken=VERSION)
    await make_secret(edge, "bare")
    key = await make_user(edge, "clerk", policy(allow(action, **condition)))
    if misses is not None:
        refused = await send(edge, action, key, misses)
        assert refused.code in ("AccessDenied", "AccessDeniedException")
    met = await send(edge, action, key, meets)
    assert met.status == 200, met.body


async def test_a_deny_on_tag_keys_holds_for_taking_tags_away(edge: Edge):
    await make_role(edge, "deploy", Tags=tags(owner="infra"))
    guarded = when("ForAnyValue:StringEquals", "aws:TagKeys", ["owner"])
    key = await make_user(edge, "clerk", ALLOW_ALL, policy(deny("iam:UntagRole", **guarded)))
    refused = await edge.query("iam", "UntagRole", key=key, RoleName="deploy", TagKeys=["owner"])
    assert refused.code == "AccessDenied"


async def test_the_boundary_held_is_no_key_of_other_actions(edge: Edge):
    """AWS sends it with changes to policies and boundaries only: an Allow must not count on it."""
    await make_role(edge, "capped", PermissionsBoundary=AWS_POLICY)
    has = when("StringEquals", "iam:PermissionsBoundary", AWS_POLICY)
    key = await make_user(edge, "clerk", policy(allow("iam:*", **has)))
    for action, parameters in (
        ("UpdateAssumeRolePolicy", {"PolicyDocument": TRUST}),
        ("TagRole", {"Tags": tags(a="1")}),
        ("DeleteRole", {}),
    ):
        refused = await edge.query("iam", action, key=key, RoleName="capped", **parameters)
        assert refused.code == "AccessDenied"


UNSEEN = [
    ("GetSecretValue", {}),
    ("DescribeSecret", {}),
    ("PutSecretValue", {"SecretString": "x"}),
    ("UpdateSecret", {"Description": "x"}),
    ("DeleteSecret", {"ForceDeleteWithoutRecovery": True}),
    ("RestoreSecret", {}),
    ("ListSecretVersionIds", {}),
    ("GetResourcePolicy", {}),
    ("TagResource", {"Tags": tags(a="1")}),
]


@pytest.mark.parametrize(("operation", "parameters"), UNSEEN)
@pytest.mark.parametrize("granted", ["nothing", "another secret", "a tag it lacks"])
async def test_a_secret_that_is_not_there_answers_like_one_that_is(
    edge: Edge, operation: str, parameters: dict[str, Any], granted: str
):
    there = await make_secret(edge, "there")
    absent = f"{PREFIX}absent-AbCdEf"
    documents = {
        "nothing": policy(allow("s3:GetObject")),
        "another secret": policy(allow("secretsmanager:*", on=f"{PREFIX}mine-??????")),
        "a tag it lacks": policy(
            allow("secretsmanager:*", **when("StringEquals", "aws:ResourceTag/team", "mine"))
        ),
    }
    key = await make_user(edge, "prober", documents[granted])
    for one, other in (("there", "absent"), (there, absent), (there[:-7], absent[:-7])):
        seen = await ask(edge, operation, key=key, SecretId=one, **parameters)
        unseen = await ask(edge, operation, key=key, SecretId=other, **parameters)
        assert seen.code == unseen.code == "AccessDeniedException"
        assert (seen.message or "").replace(one, "ID") == (unseen.message or "").replace(
            other, "ID"
        )


@pytest.mark.parametrize(
    ("operation", "member", "there", "absent"),
    [
        ("GetRole", "RoleName", "deploy", "absent"),
        ("DeleteRole", "RoleName", "deploy", "absent"),
        ("GetUser", "UserName", "person", "absent"),
        ("ListAccessKeys", "UserName", "person", "absent"),
        ("GetPolicy", "PolicyArn", iam_arn("policy/reader"), iam_arn("policy/absent")),
    ],
)
async def test_entities_that_are_not_there_answer_like_those_that_are(
    edge: Edge, operation: str, member: str, *, there: str, absent: str
):
    await make_role(edge, "deploy", Path="/ci/")
    await make_user(edge, "person", Path="/people/")
    await make_policy(edge, "reader")
    key = await make_user(edge, "prober")
    seen = await edge.query("iam", operation, key=key, **{member: there})
    unseen = await edge.query("iam", operation, key=key, **{member: absent})
    assert seen.code == unseen.code == "AccessDenied"
    assert (seen.message or "").replace(there, "X") == (unseen.message or "").replace(absent, "X")


async def test_another_accounts_provider_is_not_ours_to_read(edge: Edge):
    arn = iam_arn("oidc-provider/x", OTHER_ACCOUNT)
    refused = await edge.query("iam", "GetOpenIDConnectProvider", OpenIDConnectProviderArn=arn)
    assert (refused.status, refused.code) == (403, "AccessDenied")
    assert "no resource-based policy allows" in (refused.message or "")


async def test_another_accounts_policy_is_not_found(edge: Edge):
    arn = iam_arn("policy/reader", OTHER_ACCOUNT)
    refused = await edge.query("iam", "GetPolicy", PolicyArn=arn)
    assert (refused.status, refused.message) == (404, f"Policy {arn} was not found.")
