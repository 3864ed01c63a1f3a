"""Managed policies, their versions, and who holds them."""

import urllib.parse
from typing import Any

import pytest

from api.making import (
    ALLOW_ALL,
    allow,
    assume,
    iam,
    iam_arn,
    make_policy,
    make_role,
    make_session,
    make_user,
    names,
    policy,
    refusal,
    tags,
)
from support.edge import Edge

AWS_POLICY = "arn:aws:iam::aws:policy/AdministratorAccess"
NONE = iam_arn("policy/none")
READER = iam_arn("policy/reader")
NO_VERSION = f"Policy {READER} version v9 does not exist or is not attachable."
TOO_MANY_VERSIONS = (
    "A managed policy can have up to 5 versions. Before you create a new version, you must delete"
    " an existing version."
)
READING = policy(allow("s3:GetObject"))


async def test_a_policy_comes_back_as_it_was_made(edge: Edge):
    made = await iam(
        edge,
        "CreatePolicy",
        PolicyName="reader",
        PolicyDocument=READING,
        Path="/ci/",
        Description="for CI",
        Tags=tags(team="infra"),
    )
    assert made.text(".//Description") is None, "as from AWS"
    got = await iam(edge, "GetPolicy", PolicyArn=iam_arn("policy/ci/reader"))
    assert {
        child.tag: child.text for child in got.xml.find(".//Policy") or () if not len(child)
    } == {
        "PolicyName": "reader",
        "PolicyId": got.text(".//PolicyId"),
        "Arn": iam_arn("policy/ci/reader"),
        "Path": "/ci/",
        "DefaultVersionId": "v1",
        "AttachmentCount": "0",
        "PermissionsBoundaryUsageCount": "0",
        "IsAttachable": "true",
        "Description": "for CI",
        "CreateDate": "2027-01-15T08:00:00Z",
        "UpdateDate": "2027-01-15T08:00:00Z",
    }
    assert (got.text(".//PolicyId") or "").startswith("ANPA")
    assert names(got, "Key") == ["team"]
    version = await iam(
        edge, "GetPolicyVersion", PolicyArn=iam_arn("policy/ci/reader"), VersionId="v1"
    )
    assert urllib.parse.unquote(version.text(".//Document") or "") == READING


@pytest.mark.parametrize(
    ("action", "parameters", "wanted"),
    [
        ("CreatePolicy", {"PolicyName": "READER", "PolicyDocument": READING},
         (409, "EntityAlreadyExists",
          "A policy called READER already exists. Duplicate names are not allowed.")),
        ("CreatePolicy", {"PolicyName": "new", "PolicyDocument": "{"},
         (400, "MalformedPolicyDocument", "Syntax errors in policy.")),
        ("CreatePolicyVersion", {"PolicyArn": READER, "PolicyDocument": "{"},
         (400, "MalformedPolicyDocument", "Syntax errors in policy.")),
        ("GetPolicy", {"PolicyArn": NONE}, (404, "NoSuchEntity", f"Policy {NONE} was not found.")),
        ("GetPolicy", {"PolicyArn": iam_arn("policy/READER")},
         (404, "NoSuchEntity", f"Policy {iam_arn('policy/READER')} was not found.")),
        ("GetPolicy", {"PolicyArn": "not-an-arn-at-all-no"},
         (400, "ValidationError", "Invalid ARN:  Could not be parsed!")),
        ("DeletePolicy", {"PolicyArn": NONE},
         (404, "NoSuchEntity", f"Policy {NONE} was not found.")),
        ("DeletePolicy", {"PolicyArn": AWS_POLICY},
         (403, "AccessDenied", "Policy is outside your own account.")),
        ("TagPolicy", {"PolicyArn": AWS_POLICY, "Tags": tags(a="1")},
         (403, "AccessDenied", "Policy is outside your own account.")),
        ("GetPolicyVersion", {"PolicyArn": READER, "VersionId": "v9"},
         (404, "NoSuchEntity", NO_VERSION)),
        ("DeletePolicyVersion", {"PolicyArn": READER, "VersionId": "v1"},
         (409, "DeleteConflict", "Cannot delete the default version of a policy.")),
        ("SetDefaultPolicyVersion", {"PolicyArn": READER, "VersionId": "v9"},
         (404, "NoSuchEntity", NO_VERSION)),
    ],
)  # fmt: skip
async def test_refusals(
    edge: Edge, action: str, parameters: dict[str, Any], wanted: tuple[int, str, str]
):
    await make_policy(edge, "reader", READING)
    assert refusal(await edge.query("iam", action, **parameters)) == wanted


async def test_aws_own_policy_can_be_read(edge: Edge):
    got = await iam(edge, "GetPolicy", PolicyArn=AWS_POLICY)
    assert got.text(".//AttachmentCount") == "1", "the administrator holds it"
    version = await iam(edge, "GetPolicyVersion", PolicyArn=AWS_POLICY, VersionId="v1")
    assert '"Action": "*"' in urllib.parse.unquote(version.text(".//Document") or "")


async def test_a_policy_has_a_quota_that_spares_whitespace(edge: Edge):
    fits = policy(allow(*(f"s3:Get{number:05}" for number in range(400))))
    await make_policy(edge, "fits", fits.replace(",", "," + " " * 200))
    big = policy(allow(*(f"s3:Get{number:05}" for number in range(500))))
    refused = await edge.query("iam", "CreatePolicy", PolicyName="big", PolicyDocument=big)
    assert refusal(refused) == (409, "LimitExceeded", "Cannot exceed quota for PolicySize: 6144")


async def test_managed_policies_have_versions(edge: Edge):
    arn = await make_policy(edge, "p")
    for number in range(2, 6):
        edge.now[0] += 60
        more = await iam(
            edge, "CreatePolicyVersion", PolicyArn=arn, PolicyDocument=READING, SetAsDefault=True
        )
        assert more.text(".//VersionId") == f"v{number}"
        assert more.text(".//IsDefaultVersion") == "true"
    sixth = await edge.query("iam", "CreatePolicyVersion", PolicyArn=arn, PolicyDocument=READING)
    assert refusal(sixth) == (
        409,
        "LimitExceeded",
        TOO_MANY_VERSIONS,
    )
    assert (await edge.query("iam", "DeletePolicy", PolicyArn=arn)).code == "DeleteConflict"
    got = await iam(edge, "GetPolicy", PolicyArn=arn)
    assert got.text(".//DefaultVersionId") == "v5"
    assert got.text(".//UpdateDate") == "2027-01-15T08:04:00Z"
    await iam(edge, "SetDefaultPolicyVersion", PolicyArn=arn, VersionId="v1")
    await iam(edge, "DeletePolicyVersion", PolicyArn=arn, VersionId="v5")
    again = await iam(edge, "CreatePolicyVersion", PolicyArn=arn, PolicyDocument=READING)
    assert again.text(".//VersionId") == "v6", "a number is never used twice"
    assert again.text(".//IsDefaultVersion") == "false"
    listed = await iam(edge, "ListPolicyVersions", PolicyArn=arn)
    assert names(listed, "VersionId") == ["v6", "v4", "v3", "v2", "v1"]
    assert names(listed, "IsDefaultVersion") == ["false", "false", "false", "false", "true"]
    for version in ("v6", "v4", "v3", "v2"):
        await iam(edge, "DeletePolicyVersion", PolicyArn=arn, VersionId=version)
    await iam(edge, "DeletePolicy", PolicyArn=arn)


async def test_the_default_version_is_the_one_that_counts(edge: Edge):
    arn = await make_policy(edge, "p", READING)
    key = await make_session(edge, "deploy")
    await iam(edge, "AttachRolePolicy", RoleName="deploy", PolicyArn=arn)
    assert (await edge.query("iam", "ListRoles", key=key)).code == "AccessDenied"
    await iam(
        edge, "CreatePolicyVersion", PolicyArn=arn, PolicyDocument=ALLOW_ALL, SetAsDefault=True
    )
    await iam(edge, "ListRoles", key=key)
    await iam(edge, "SetDefaultPolicyVersion", PolicyArn=arn, VersionId="v1")
    key = await assume(edge, "deploy")
    assert (await edge.query("iam", "ListRoles", key=key)).code == "AccessDenied"


async def test_a_policy_that_is_held_is_not_deleted(edge: Edge):
    arn = await make_policy(edge, "p")
    await make_role(edge)
    await iam(edge, "AttachRolePolicy", RoleName="deploy", PolicyArn=arn)
    assert refusal(await edge.query("iam", "DeletePolicy", PolicyArn=arn)) == (
        409, "DeleteConflict", "Cannot delete a policy attached to entities.",
    )  # fmt: skip
    await iam(edge, "DetachRolePolicy", RoleName="deploy", PolicyArn=arn)
    await iam(edge, "DeletePolicy", PolicyArn=arn)
    assert (await edge.query("iam", "GetPolicy", PolicyArn=arn)).status == 404


async def make_holders(edge: Edge) -> str:
    """Return the ARN of a policy that a role and a user hold, and that caps another of each."""
    arn = await make_policy(edge, "held")
    await make_role(edge, "holder", Path="/ci/")
    await make_role(edge, "capped", PermissionsBoundary=arn)
    await make_user(edge, "person")
    await make_user(edge, "limited", PermissionsBoundary=arn, Path="/ci/")
    await iam(edge, "AttachRolePolicy", RoleName="holder", PolicyArn=arn)
    await iam(edge, "AttachUserPolicy", UserName="person", PolicyArn=arn)
    return arn


@pytest.mark.parametrize(
    ("parameters", "roles", "users"),
    [
        ({}, ["capped", "holder"], ["limited", "person"]),
        ({"EntityFilter": "Role"}, ["capped", "holder"], []),
        ({"EntityFilter": "User"}, [], ["limited", "person"]),
        ({"EntityFilter": "Group"}, [], []),
        ({"PathPrefix": "/ci/"}, ["holder"], ["limited"]),
        ({"PolicyUsageFilter": "PermissionsPolicy"}, ["holder"], ["person"]),
        ({"PolicyUsageFilter": "PermissionsBoundary"}, ["capped"], ["limited"]),
    ],
)
async def test_who_holds_a_policy(
    edge: Edge, parameters: dict[str, str], roles: list[str], users: list[str]
):
    arn = await make_holders(edge)
    said = await iam(edge, "ListEntitiesForPolicy", PolicyArn=arn, **parameters)
    assert (names(said, "RoleName"), names(said, "UserName")) == (roles, users)
    got = await iam(edge, "GetPolicy", PolicyArn=arn)
    assert got.text(".//AttachmentCount") == got.text(".//PermissionsBoundaryUsageCount") == "2"


@pytest.mark.parametrize(
    ("parameters", "wanted"),
    [
        ({}, ["free", "held", "AdministratorAccess"]),
        ({"Scope": "All"}, ["free", "held", "AdministratorAccess"]),
        ({"Scope": "AWS"}, ["AdministratorAccess"]),
        ({"Scope": "Local"}, ["free", "held"]),
        ({"Scope": "Local", "PathPrefix": "/ci/"}, ["free"]),
        ({"OnlyAttached": True}, ["held", "AdministratorAccess"]),
        ({"PolicyUsageFilter": "PermissionsBoundary"}, ["held"]),
    ],
)
async def test_lists_of_policies(edge: Edge, parameters: dict[str, Any], wanted: list[str]):
    await make_holders(edge)
    await make_policy(edge, "free", Path="/ci/")
    assert names(await iam(edge, "ListPolicies", **parameters), "PolicyName") == wanted
