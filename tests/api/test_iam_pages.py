"""Every list of IAM comes in pages that neither repeat nor skip."""

from typing import Any

import pytest

from api.making import (
    ALLOW_ALL,
    TRUST,
    iam,
    iam_arn,
    make_key,
    make_policy,
    make_role,
    make_user,
    names,
    tags,
)
from support.edge import Edge

ITEMS = [f"item-{number}" for number in range(5)]


async def prepare(edge: Edge) -> None:
    """Have five of everything that is listed in pages (and two of what there are two of)."""
    await make_role(edge)
    await make_user(edge, "person")
    await make_key(edge, "person")
    arn = await make_policy(edge, "tagged", Tags=tags(**dict.fromkeys(ITEMS, "")))
    for _ in range(4):
        await iam(edge, "CreatePolicyVersion", PolicyArn=arn, PolicyDocument=ALLOW_ALL)
    for named in ({"RoleName": "deploy"}, {"UserName": "person"}):
        kind = next(iter(named)).removesuffix("Name")
        await iam(edge, f"Tag{kind}", **named, Tags=tags(**dict.fromkeys(ITEMS, "")))
        for item in ITEMS:
            inline = {"PolicyName": item, "PolicyDocument": '{"Version":"2012-10-17","Statement":[{'
                      '"Effect":"Allow","Action":"s3:a","Resource":"*"}]}'}  # fmt: skip
            await iam(edge, f"Put{kind}Policy", **named, **inline)
    await iam(
        edge,
        "CreateOpenIDConnectProvider",
        Url="https://gitlab.example",
        ThumbprintList=["a" * 40],
        Tags=tags(**dict.fromkeys(ITEMS, "")),
    )
    for item in ITEMS:
        managed = await make_policy(edge, item, Path="/items/")
        await iam(
            edge,
            "CreateRole",
            RoleName=item,
            AssumeRolePolicyDocument=TRUST,
            Path="/items/",
            PermissionsBoundary=iam_arn("policy/tagged"),
        )
        await iam(edge, "CreateUser", UserName=item, Path="/items/")
        await iam(edge, "AttachRolePolicy", RoleName="deploy", PolicyArn=managed)
        await iam(edge, "AttachUserPolicy", UserName="person", PolicyArn=managed)


TAGGED = {"PolicyArn": iam_arn("policy/tagged")}
PROVIDER = {"OpenIDConnectProviderArn": iam_arn("oidc-provider/gitlab.example")}
LISTS = [
    ("ListRoles", {"PathPrefix": "/items/"}, "RoleName", ITEMS),
    ("ListUsers", {"PathPrefix": "/items/"}, "UserName", ITEMS),
    ("ListPolicies", {"PathPrefix": "/items/"}, "PolicyName", ITEMS),
    ("ListRolePolicies", {"RoleName": "deploy"}, "member", ITEMS),
    ("ListUserPolicies", {"UserName": "person"}, "member", ITEMS),
    ("ListAttachedRolePolicies", {"RoleName": "deploy"}, "PolicyName", ITEMS),
    ("ListAttachedUserPolicies", {"UserName": "person"}, "PolicyName", ITEMS),
    ("ListRoleTags", {"RoleName": "deploy"}, "Key", ITEMS),
    ("ListUserTags", {"UserName": "person"}, "Key", ITEMS),
    ("ListPolicyTags", TAGGED, "Key", ITEMS),
    ("ListOpenIDConnectProviderTags", PROVIDER, "Key", ITEMS),
    ("ListPolicyVersions", TAGGED, "VersionId", ["v5", "v4", "v3", "v2", "v1"]),
    ("ListEntitiesForPolicy", TAGGED, "RoleName", ITEMS),
]


@pytest.fixture(scope="module")
def prepared() -> list[Edge]:
    """Return the server once it is prepared; the first test does it."""
    return []


async def pages(edge: Edge, action: str, **parameters: Any) -> list[Any]:
    """Return the pages of a list."""
    found, marker = [], {}
    while True:
        page = await iam(edge, action, **parameters, **marker)
        found.append(page)
        if page.text(".//IsTruncated") == "false":
            assert page.text(".//Marker") is None
            return found
        marker = {"Marker": page.text(".//Marker") or ""}


@pytest.mark.parametrize(("action", "parameters", "element", "wanted"), LISTS)
@pytest.mark.parametrize("size", [1, 2, 5, 1000])
async def test_pages_add_up_to_the_list(
    shared_edge: Edge,
    prepared: list[Edge],
    action: str,
    *,
    parameters: dict[str, str],
    element: str,
    wanted: list[str],
    size: int,
):
    if not prepared:
        await prepare(shared_edge)
        prepared.append(shared_edge)
    found = await pages(shared_edge, action, **parameters, MaxItems=size)
    assert [len(names(page, element)) for page in found] == [
        len(wanted[start : start + size]) for start in range(0, len(wanted), size)
    ]
    assert [name for page in found for name in names(page, element)] == wanted
    whole = await iam(shared_edge, action, **parameters)
    assert names(whole, element) == wanted


async def test_access_keys_come_in_pages(edge: Edge):
    await make_user(edge, "person")
    await make_key(edge, "person")
    found = await pages(edge, "ListAccessKeys", UserName="person", MaxItems=1)
    ids = [names(page, "AccessKeyId") for page in found]
    assert [len(page) for page in ids] == [1, 1]
    assert ids[0] < ids[1]


async def test_a_page_begins_after_the_last_one_even_where_that_is_gone(edge: Edge):
    for number in range(7):
        await make_role(edge, f"role-{number}")
    seen: list[str] = []
    marker: dict[str, str] = {}
    while True:
        page = await iam(edge, "ListRoles", MaxItems=3, **marker)
        seen += names(page, "RoleName")
        if page.text(".//IsTruncated") == "false":
            break
        marker = {"Marker": page.text(".//Marker") or ""}
        await iam(edge, "DeleteRole", RoleName=seen[-1])
        await make_role(edge, f"role-0-{len(seen)}")
    assert seen == [f"role-{number}" for number in range(7)]


@pytest.mark.parametrize("action", ["ListRoles", "ListUsers", "ListPolicies"])
@pytest.mark.parametrize("marker", ["?", "/w==", "a", "=", "YQ"])
async def test_a_marker_that_is_none_of_ours_is_refused(edge: Edge, action: str, marker: str):
    refused = await edge.query("iam", action, Marker=marker)
    assert (refused.status, refused.code) == (400, "ValidationError")
