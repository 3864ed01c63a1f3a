"""Roles, with IAM's answers and refusals."""

import json
import urllib.parse
from typing import Any

import pytest

from api.making import (
    ALLOW_ALL,
    TRUST,
    iam,
    iam_arn,
    make_policy,
    make_role,
    names,
    policy,
    refusal,
    tags,
    trust,
)
from support.edge import Edge

GITHUB = "token.actions.githubusercontent.com"


async def test_a_role_comes_back_as_it_was_made(edge: Edge):
    cap = await make_policy(edge, "cap")
    made = await iam(
        edge,
        "CreateRole",
        RoleName="deploy",
        AssumeRolePolicyDocument=TRUST,
        Path="/ci/",
        Description="for CI",
        MaxSessionDuration=7200,
        PermissionsBoundary=cap,
        Tags=tags(team="infra"),
    )
    assert made.text(".//MaxSessionDuration") is None, "as from AWS"
    got = await iam(edge, "GetRole", RoleName="DEPLOY")
    role = got.xml.find(".//Role")
    assert role is not None
    assert role.findtext("Arn") == iam_arn("role/ci/deploy")
    assert role.findtext("RoleName") == "deploy"
    assert role.findtext("RoleId", "").startswith("AROA")
    assert len(role.findtext("RoleId", "")) == 21
    assert role.findtext("CreateDate") == "2027-01-15T08:00:00Z"
    assert role.findtext("Description") == "for CI"
    assert role.findtext("MaxSessionDuration") == "7200"
    assert role.findtext("PermissionsBoundary/PermissionsBoundaryArn") == cap
    assert role.findtext("PermissionsBoundary/PermissionsBoundaryType") == "Policy"
    assert role.findtext("Tags/member/Key") == "team"
    assert urllib.parse.unquote(role.findtext("AssumeRolePolicyDocument", "")) == TRUST


NONE = iam_arn("policy/none")


@pytest.mark.parametrize(
    ("action", "parameters", "wanted"),
    [
        ("GetRole", {"RoleName": "nobody"},
         (404, "NoSuchEntity", "The role with name nobody cannot be found.")),
        ("DeleteRole", {"RoleName": "nobody"},
         (404, "NoSuchEntity", "The role with name nobody cannot be found.")),
        ("UpdateRole", {"RoleName": "nobody"},
         (404, "NoSuchEntity", "The role with name nobody cannot be found.")),
        ("UpdateAssumeRolePolicy", {"RoleName": "nobody", "PolicyDocument": TRUST},
         (404, "NoSuchEntity", "The role with name nobody cannot be found.")),
        ("ListInstanceProfilesForRole", {"RoleName": "nobody"},
         (404, "NoSuchEntity", "The role with name nobody cannot be found.")),
        ("CreateRole", {"RoleName": "DEPLOY", "AssumeRolePolicyDocument": TRUST},
         (409, "EntityAlreadyExists", "Role with name DEPLOY already exists.")),
        ("CreateRole", {"RoleName": "other", "AssumeRolePolicyDocument": "{"},
         (400, "MalformedPolicyDocument", "This policy contains invalid Json")),
        ("UpdateAssumeRolePolicy", {"RoleName": "deploy", "PolicyDocument": "{"},
         (400, "MalformedPolicyDocument", "This policy contains invalid Json")),
        ("CreateRole", {"RoleName": "other", "AssumeRolePolicyDocument":
                        TRUST.replace('"Action"', '"Resource": "*", "Action"')},
         (400, "MalformedPolicyDocument", "Has prohibited field Resource")),
        ("CreateRole", {"RoleName": "other", "AssumeRolePolicyDocument": TRUST,
                        "PermissionsBoundary": NONE},
         (404, "NoSuchEntity", f"Policy {NONE} does not exist or is not attachable.")),
        ("CreateRole", {"RoleName": "other", "AssumeRolePolicyDocument": TRUST,
                        "Tags": [*tags(a="1"), *tags(A="2")]},
         (400, "InvalidInput",
          "Duplicate tag keys found. Please note that Tag keys are case insensitive.")),
        ("ListRoles", {"Marker": "?"}, (400, "ValidationError", "Invalid Marker.")),
        ("ListRoles", {"Marker": "/w=="}, (400, "ValidationError", "Invalid Marker.")),
    ],
)  # fmt: skip
async def test_refusals(
    edge: Edge, action: str, parameters: dict[str, Any], wanted: tuple[int, str, str]
):
    await make_role(edge)
    assert refusal(await edge.query("iam", action, **parameters)) == wanted


async def test_a_trust_policy_has_a_quota(edge: Edge):
    accounts = [f"{number:012}" for number in range(150)]
    statement = {"Effect": "Allow", "Principal": {"AWS": accounts}, "Action": "sts:AssumeRole"}
    refused = await edge.query(
        "iam", "CreateRole", RoleName="big", AssumeRolePolicyDocument=policy(statement)
    )
    assert refusal(refused) == (
        409, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048",
    )  # fmt: skip


async def test_the_quota_of_a_trust_policy_counts_blanks_too(edge: Edge):
    """Unlike those of permission policies, as on AWS."""
    padded = TRUST.replace(", ", "," + " " * 1000)
    refused = await edge.query("iam", "CreateRole", RoleName="big", AssumeRolePolicyDocument=padded)
    assert (refused.status, refused.code) == (409, "LimitExceeded")


async def test_a_shared_issuer_must_be_narrowed(edge: Edge):
    provider = iam_arn(f"oidc-provider/{GITHUB}")
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}},
    }
    document = policy(statement)
    refused = await edge.query(
        "iam", "CreateRole", RoleName="ci", AssumeRolePolicyDocument=document
    )
    assert (refused.status, refused.code) == (400, "MalformedPolicyDocument")
    assert (
        f"must evaluate, using StringEquals, StringLike or StringEqualsIgnoreCase, {GITHUB}:"
        in (refused.message or "")
    )
    narrowed = json.loads(document)
    narrowed["Statement"][0]["Condition"]["StringLike"] = {f"{GITHUB}:sub": "repo:acme/*"}
    await make_role(edge, "ci", AssumeRolePolicyDocument=json.dumps(narrowed))


async def test_a_role_with_policies_is_not_deleted(edge: Edge):
    await make_role(edge)
    arn = await make_policy(edge, "p")
    inline = {"RoleName": "deploy", "PolicyName": "p"}
    await iam(edge, "PutRolePolicy", PolicyDocument=ALLOW_ALL, **inline)
    await iam(edge, "AttachRolePolicy", RoleName="deploy", PolicyArn=arn)
    assert refusal(await edge.query("iam", "DeleteRole", RoleName="deploy")) == (
        409, "DeleteConflict", "Cannot delete entity, must detach all policies first.",
    )  # fmt: skip
    await iam(edge, "DetachRolePolicy", RoleName="deploy", PolicyArn=arn)
    assert refusal(await edge.query("iam", "DeleteRole", RoleName="deploy")) == (
        409, "DeleteConflict", "Cannot delete entity, must delete policies first.",
    )  # fmt: skip
    await iam(edge, "DeleteRolePolicy", **inline)
    profiles = await iam(edge, "ListInstanceProfilesForRole", RoleName="deploy")
    assert names(profiles, "member") == []
    assert profiles.text(".//IsTruncated") == "false"
    await iam(edge, "DeleteRole", RoleName="deploy")
    assert (await edge.query("iam", "GetRole", RoleName="deploy")).status == 404


async def test_a_role_made_again_is_another_one(edge: Edge):
    await make_role(edge)
    first = (await iam(edge, "GetRole", RoleName="deploy")).text(".//RoleId")
    await iam(edge, "DeleteRole", RoleName="deploy")
    await make_role(edge)
    assert (await iam(edge, "GetRole", RoleName="deploy")).text(".//RoleId") != first


@pytest.mark.parametrize(
    ("changes", "description", "longest"),
    [
        ({"Description": "new"}, "new", "7200"),
        ({"MaxSessionDuration": 3600}, "old", "3600"),
        ({"Description": ""}, None, "7200"),
        ({}, "old", "7200"),
    ],
)
async def test_what_is_not_updated_stays(
    edge: Edge, changes: dict[str, Any], description: str | None, longest: str
):
    await make_role(edge, Description="old", MaxSessionDuration=7200)
    await iam(edge, "UpdateRole", RoleName="deploy", **changes)
    got = await iam(edge, "GetRole", RoleName="deploy")
    assert got.text(".//Description") == description
    assert got.text(".//MaxSessionDuration") == longest


async def test_a_description_is_replaced(edge: Edge):
    await make_role(edge, Description="old")
    said = await iam(edge, "UpdateRoleDescription", RoleName="deploy", Description="new")
    assert said.text(".//Role/Description") == "new"
    said = await iam(edge, "UpdateRoleDescription", RoleName="deploy", Description="")
    assert said.text(".//Role/Description") is None


async def test_a_trust_policy_is_replaced(edge: Edge):
    await make_role(edge)
    document = trust("444455556666")
    await iam(edge, "UpdateAssumeRolePolicy", RoleName="deploy", PolicyDocument=document)
    got = await iam(edge, "GetRole", RoleName="deploy")
    assert urllib.parse.unquote(got.text(".//AssumeRolePolicyDocument") or "") == document


async def test_lists_keep_to_a_path_and_leave_tags_and_boundaries_out(edge: Edge):
    cap = await make_policy(edge, "cap")
    await make_role(edge, "one", Path="/ci/", Tags=tags(a="1"), PermissionsBoundary=cap)
    await make_role(edge, "two", Path="/ci/prod/")
    await make_role(edge, "three")
    listed = await iam(edge, "ListRoles", PathPrefix="/ci/")
    assert names(listed, "RoleName") == ["one", "two"]
    assert names(listed, "Tags") == names(listed, "PermissionsBoundary") == []
