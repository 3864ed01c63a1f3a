"""Roles, with IAM's answers and refusals."""

import json
import urllib.parse

import pytest
from support.edge import ACCOUNT, Edge

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": ACCOUNT},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
ALLOW_ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'


async def make_role(edge: Edge, name: str = "deploy", **more: object) -> None:
    made = await edge.query(
        "iam", "CreateRole", RoleName=name, AssumeRolePolicyDocument=TRUST, **more
    )
    assert made.status == 200, made.body


async def test_a_role_comes_back_as_it_was_made(edge: Edge):
    await make_role(
        edge,
        Path="/ci/",
        Description="for CI",
        MaxSessionDuration=7200,
        Tags=[{"Key": "team", "Value": "infra"}],
    )
    got = await edge.query("iam", "GetRole", RoleName="deploy")
    role = got.xml.find(".//Role")
    assert role is not None
    assert role.findtext("Arn") == f"arn:aws:iam::{ACCOUNT}:role/ci/deploy"
    assert role.findtext("RoleId", "").startswith("AROA")
    assert role.findtext("MaxSessionDuration") == "7200"
    assert role.findtext("Tags/member/Key") == "team"
    assert urllib.parse.unquote(role.findtext("AssumeRolePolicyDocument", "")) == TRUST


@pytest.mark.parametrize(
    ("action", "parameters", "status", "code", "message"),
    [
        ("GetRole", {"RoleName": "nobody"}, 404, "NoSuchEntity",
         "The role with name nobody cannot be found."),
        ("DeleteRole", {"RoleName": "nobody"}, 404, "NoSuchEntity",
         "The role with name nobody cannot be found."),
        ("CreateRole", {"RoleName": "DEPLOY", "AssumeRolePolicyDocument": TRUST}, 409,
         "EntityAlreadyExists", "Role with name DEPLOY already exists."),
        ("CreateRole", {"RoleName": "other", "AssumeRolePolicyDocument": "{"}, 400,
         "MalformedPolicyDocument", "This policy contains invalid Json"),
        ("GetRolePolicy", {"RoleName": "deploy", "PolicyName": "none"}, 404, "NoSuchEntity",
         "The role policy with name none cannot be found."),
        ("AttachRolePolicy",
         {"RoleName": "deploy", "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/none"}, 404,
         "NoSuchEntity",
         f"Policy arn:aws:iam::{ACCOUNT}:policy/none does not exist or is not attachable."),
        ("AttachRolePolicy", {"RoleName": "deploy", "PolicyArn": "longer-than-twenty-letters"},
         400, "ValidationError", "Invalid ARN:  Could not be parsed!"),
        ("DetachRolePolicy",
         {"RoleName": "deploy", "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/none"}, 404,
         "NoSuchEntity", f"Policy arn:aws:iam::{ACCOUNT}:policy/none was not found."),
        ("PutRolePermissionsBoundary",
         {"RoleName": "deploy", "PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/none"},
         404, "NoSuchEntity",
         f"Policy arn:aws:iam::{ACCOUNT}:policy/none does not exist or is not attachable."),
        ("ListRoles", {"Marker": "?"}, 400, "ValidationError", "Invalid Marker."),
    ],
)  # fmt: skip
async def test_refusals(
    edge: Edge,
    action: str,
    parameters: dict[str, str],
    status: int,
    code: str,
    message: str,
):
    await make_role(edge)
    refused = await edge.query("iam", action, **parameters)
    assert (refused.status, refused.code, refused.message) == (status, code, message)


async def test_a_role_with_policies_is_not_deleted(edge: Edge):
    await make_role(edge)
    await edge.query(
        "iam", "PutRolePolicy", RoleName="deploy", PolicyName="p", PolicyDocument=ALLOW_ALL
    )
    refused = await edge.query("iam", "DeleteRole", RoleName="deploy")
    assert (refused.status, refused.code) == (409, "DeleteConflict")
    assert refused.message == "Cannot delete entity, must delete policies first."
    await edge.query("iam", "DeleteRolePolicy", RoleName="deploy", PolicyName="p")
    assert (await edge.query("iam", "DeleteRole", RoleName="deploy")).status == 200
    assert (await edge.query("iam", "GetRole", RoleName="deploy")).status == 404


async def test_inline_policies_have_a_quota_that_spares_whitespace(edge: Edge):
    await make_role(edge)
    filler = "".join(f'"s3:Get{i:05}",' for i in range(800))
    document = f'{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":[{filler}"s3:a"],"Resource":"*"}}]}}'
    refused = await edge.query(
        "iam", "PutRolePolicy", RoleName="deploy", PolicyName="big", PolicyDocument=document
    )
    assert (refused.status, refused.code) == (409, "LimitExceeded")
    assert refused.message == "Maximum policy size of 10240 bytes exceeded for role deploy"
    spaced = ALLOW_ALL.replace(",", "," + " " * 12000)
    kept = await edge.query(
        "iam", "PutRolePolicy", RoleName="deploy", PolicyName="spaced", PolicyDocument=spaced
    )
    assert kept.status == 200


async def test_lists_come_in_pages_that_neither_repeat_nor_skip(edge: Edge):
    for number in range(7):
        await make_role(edge, f"role-{number}")
    seen: list[str] = []
    marker: dict[str, str] = {}
    while True:
        page = await edge.query("iam", "ListRoles", MaxItems=3, **marker)
        seen += [member.text or "" for member in page.xml.iter("RoleName")]
        if page.text(".//IsTruncated") == "false":
            break
        marker = {"Marker": page.text(".//Marker") or ""}
        await edge.query("iam", "DeleteRole", RoleName=seen[-1])
    assert seen == [f"role-{number}" for number in range(7)]


async def test_managed_policies_have_versions(edge: Edge):
    made = await edge.query("iam", "CreatePolicy", PolicyName="p", PolicyDocument=ALLOW_ALL)
    arn = made.text(".//Arn")
    for _ in range(4):
        more = await edge.query(
            "iam", "CreatePolicyVersion", PolicyArn=arn, PolicyDocument=ALLOW_ALL, SetAsDefault=True
        )
        assert more.status == 200
    sixth = await edge.query(
        "iam", "CreatePolicyVersion", PolicyArn=arn, PolicyDocument=ALLOW_ALL
    )
    assert (sixth.status, sixth.code) == (409, "LimitExceeded")
    default = await edge.query("iam", "DeletePolicyVersion", PolicyArn=arn, VersionId="v5")
    assert (default.status, default.code) == (409, "DeleteConflict")
    await edge.query("iam", "SetDefaultPolicyVersion", PolicyArn=arn, VersionId="v1")
    await edge.query("iam", "DeletePolicyVersion", PolicyArn=arn, VersionId="v5")
    again = await edge.query(
        "iam", "CreatePolicyVersion", PolicyArn=arn, PolicyDocument=ALLOW_ALL
    )
    assert again.text(".//VersionId") == "v6"
    listed = await edge.query("iam", "ListPolicyVersions", PolicyArn=arn)
    assert [v.text for v in listed.xml.iter("VersionId")] == ["v6", "v4", "v3", "v2", "v1"]


async def test_an_attached_policy_is_not_deleted(edge: Edge):
    await make_role(edge)
    made = await edge.query("iam", "CreatePolicy", PolicyName="p", PolicyDocument=ALLOW_ALL)
    arn = made.text(".//Arn")
    await edge.query("iam", "AttachRolePolicy", RoleName="deploy", PolicyArn=arn)
    refused = await edge.query("iam", "DeletePolicy", PolicyArn=arn)
    assert (refused.code, refused.message) == (
        "DeleteConflict",
        "Cannot delete a policy attached to entities.",
    )
    entities = await edge.query("iam", "ListEntitiesForPolicy", PolicyArn=arn)
    assert entities.text(".//PolicyRoles/member/RoleName") == "deploy"
    await edge.query("iam", "DetachRolePolicy", RoleName="deploy", PolicyArn=arn)
    assert (await edge.query("iam", "DeletePolicy", PolicyArn=arn)).status == 200


async def test_tags_ignore_case_and_are_bounded(edge: Edge):
    await make_role(edge)
    twice = await edge.query(
        "iam",
        "TagRole",
        RoleName="deploy",
        Tags=[{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}],
    )
    assert (twice.code, twice.message) == (
        "InvalidInput",
        "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    )
    for key in ("a", "A"):
        await edge.query("iam", "TagRole", RoleName="deploy", Tags=[{"Key": key, "Value": key}])
    listed = await edge.query("iam", "ListRoleTags", RoleName="deploy")
    assert [tag.text for tag in listed.xml.iter("Value")] == ["A"]
    await edge.query("iam", "UntagRole", RoleName="deploy", TagKeys=["A"])
    listed = await edge.query("iam", "ListRoleTags", RoleName="deploy")
    assert list(listed.xml.iter("Value")) == []
