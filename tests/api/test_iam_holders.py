"""Policies, boundaries and tags: what roles and users have alike (and tags, others as well)."""

import urllib.parse
from typing import Any

import pytest

from api.making import (
    ALLOW_ALL,
    allow,
    iam,
    iam_arn,
    make_policy,
    make_role,
    make_user,
    names,
    policy,
    refusal,
    tags,
)
from support.edge import Edge

AWS_POLICY = "arn:aws:iam::aws:policy/AdministratorAccess"
NONE = iam_arn("policy/none")
FOREIGN = iam_arn("policy/none", "444455556666")
LIMITS = {"Role": 10240, "User": 2048}
BOTH = pytest.mark.parametrize("kind", ["Role", "User"])


async def make_holder(edge: Edge, kind: str, **more: Any) -> dict[str, str]:
    """Make a role or a user; return the parameter that names it."""
    if kind == "Role":
        await make_role(edge, "holder", **more)
    else:
        await make_user(edge, "holder", **more)
    return {f"{kind}Name": "holder"}


@BOTH
async def test_inline_policies_are_kept_replaced_and_removed(edge: Edge, kind: str):
    named = await make_holder(edge, kind)
    reading = policy(allow("s3:GetObject", on="arn:aws:s3:::bücher/*"))
    for document in (ALLOW_ALL, reading):
        await iam(edge, f"Put{kind}Policy", **named, PolicyName="p", PolicyDocument=document)
    await iam(edge, f"Put{kind}Policy", **named, PolicyName="a", PolicyDocument=ALLOW_ALL)
    got = await iam(edge, f"Get{kind}Policy", **named, PolicyName="p")
    assert got.text(f".//{kind}Name") == "holder"
    assert got.text(".//PolicyName") == "p"
    assert urllib.parse.unquote(got.text(".//PolicyDocument") or "") == reading
    assert names(await iam(edge, f"List{kind}Policies", **named), "member") == ["a", "p"]
    await iam(edge, f"Delete{kind}Policy", **named, PolicyName="p")
    assert names(await iam(edge, f"List{kind}Policies", **named), "member") == ["a"]


@BOTH
async def test_an_inline_policy_that_is_not_there(edge: Edge, kind: str):
    named = await make_holder(edge, kind)
    message = f"The {kind.lower()} policy with name p cannot be found."
    for action in ("Get", "Delete"):
        refused = await edge.query("iam", f"{action}{kind}Policy", **named, PolicyName="p")
        assert refusal(refused) == (404, "NoSuchEntity", message)


@BOTH
@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "Syntax errors in policy."),
        ("[]", "Syntax errors in policy."),
        (policy({"Effect": "Allow", "Action": "s3:*"}), "Policy statement must contain resources."),
        (policy(allow("GetObject")),
         "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."),
        (policy(allow("s3:*", Principal="*")), "Policy document should not specify a principal."),
    ],
)  # fmt: skip
async def test_a_policy_that_is_none_is_not_kept(
    edge: Edge, kind: str, document: str, message: str
):
    named = await make_holder(edge, kind)
    refused = await edge.query(
        "iam", f"Put{kind}Policy", **named, PolicyName="p", PolicyDocument=document
    )
    assert refusal(refused) == (400, "MalformedPolicyDocument", message)
    assert names(await iam(edge, f"List{kind}Policies", **named), "member") == []


@BOTH
async def test_inline_policies_share_a_quota_that_spares_whitespace(edge: Edge, kind: str):
    named, limit = await make_holder(edge, kind), LIMITS[kind]
    half = policy(allow(*(f"s3:Get{number:05}" for number in range(limit // 30))))
    spaced = half.replace("{", "{" + " " * 12000)
    await iam(edge, f"Put{kind}Policy", **named, PolicyName="half", PolicyDocument=spaced)
    refused = await edge.query(
        "iam",
        f"Put{kind}Policy",
        **named,
        PolicyName="more",
        PolicyDocument=policy(allow(*(f"s3:Put{number:05}" for number in range(limit // 26)))),
    )
    assert refusal(refused) == (
        409,
        "LimitExceeded",
        f"Maximum policy size of {limit} bytes exceeded for {kind.lower()} holder",
    )


@BOTH
async def test_managed_policies_are_attached_once(edge: Edge, kind: str):
    named = await make_holder(edge, kind)
    arn = await make_policy(edge, "reader", Path="/ci/")
    for attached in (arn, AWS_POLICY, arn):
        await iam(edge, f"Attach{kind}Policy", **named, PolicyArn=attached)
    listed = await iam(edge, f"ListAttached{kind}Policies", **named)
    assert names(listed, "PolicyArn") == [arn, AWS_POLICY]
    assert names(listed, "PolicyName") == ["reader", "AdministratorAccess"]
    under = await iam(edge, f"ListAttached{kind}Policies", **named, PathPrefix="/ci/")
    assert names(under, "PolicyName") == ["reader"]
    await iam(edge, f"Detach{kind}Policy", **named, PolicyArn=arn)
    listed = await iam(edge, f"ListAttached{kind}Policies", **named)
    assert names(listed, "PolicyArn") == [AWS_POLICY]


@BOTH
@pytest.mark.parametrize(
    ("action", "arn", "wanted"),
    [
        ("Attach{}Policy", NONE,
         (404, "NoSuchEntity", f"Policy {NONE} does not exist or is not attachable.")),
        ("Attach{}Policy", FOREIGN,
         (404, "NoSuchEntity", f"Policy {FOREIGN} does not exist or is not attachable.")),
        ("Attach{}Policy", "longer-than-twenty-letters",
         (400, "ValidationError", "Invalid ARN:  Could not be parsed!")),
        ("Attach{}Policy", iam_arn("role/no-policy"),
         (400, "ValidationError", f"ARN {iam_arn('role/no-policy')} is not valid.")),
        ("Detach{}Policy", NONE, (404, "NoSuchEntity", f"Policy {NONE} was not found.")),
    ],
)  # fmt: skip
async def test_what_can_not_be_attached(
    edge: Edge, kind: str, action: str, *, arn: str, wanted: tuple[int, str, str]
):
    named = await make_holder(edge, kind)
    assert refusal(await edge.query("iam", action.format(kind), **named, PolicyArn=arn)) == wanted


@BOTH
async def test_ten_managed_policies_are_enough(edge: Edge, kind: str):
    named = await make_holder(edge, kind)
    arns = [await make_policy(edge, f"policy-{number:02}") for number in range(11)]
    for arn in arns[:10]:
        await iam(edge, f"Attach{kind}Policy", **named, PolicyArn=arn)
    refused = await edge.query("iam", f"Attach{kind}Policy", **named, PolicyArn=arns[10])
    message = f"Cannot exceed quota for PoliciesPer{kind}: 10"
    assert refusal(refused) == (409, "LimitExceeded", message)
    await iam(edge, f"Attach{kind}Policy", **named, PolicyArn=arns[0])


@BOTH
async def test_a_boundary_is_set_and_removed(edge: Edge, kind: str):
    named = await make_holder(edge, kind)
    arn = await make_policy(edge, "cap")
    await iam(edge, f"Put{kind}PermissionsBoundary", **named, PermissionsBoundary=arn)
    got = await iam(edge, f"Get{kind}", **named)
    assert got.text(".//PermissionsBoundary/PermissionsBoundaryArn") == arn
    refused = await edge.query("iam", "DeletePolicy", PolicyArn=arn)
    assert refused.code == "DeleteConflict", "a policy that caps somebody stays"
    await iam(edge, f"Delete{kind}PermissionsBoundary", **named)
    got = await iam(edge, f"Get{kind}", **named)
    assert got.text(".//PermissionsBoundary/PermissionsBoundaryArn") is None
    refused = await edge.query(
        "iam", f"Put{kind}PermissionsBoundary", **named, PermissionsBoundary=NONE
    )
    assert refusal(refused) == (
        404, "NoSuchEntity", f"Policy {NONE} does not exist or is not attachable.",
    )  # fmt: skip


async def make_tagged(edge: Edge, kind: str) -> dict[str, str]:
    """Make something that has tags; return the parameter that names it."""
    if kind == "Policy":
        return {"PolicyArn": await make_policy(edge, "tagged")}
    if kind == "OpenIDConnectProvider":
        made = await iam(
            edge,
            "CreateOpenIDConnectProvider",
            Url="https://gitlab.example",
            ThumbprintList=["a" * 40],
        )
        return {"OpenIDConnectProviderArn": made.text(".//OpenIDConnectProviderArn") or ""}
    return await make_holder(edge, kind)


TAGGED = pytest.mark.parametrize("kind", ["Role", "User", "Policy", "OpenIDConnectProvider"])


async def listed_tags(edge: Edge, kind: str, named: dict[str, str]) -> dict[str, str]:
    listed = await iam(edge, f"List{kind}Tags", **named)
    return dict(zip(names(listed, "Key"), names(listed, "Value"), strict=True))


@TAGGED
async def test_tags_ignore_case_and_come_sorted(edge: Edge, kind: str):
    named = await make_tagged(edge, kind)
    await iam(edge, f"Tag{kind}", **named, Tags=tags(team="infra", cost="", Zone="b"))
    await iam(edge, f"Tag{kind}", **named, Tags=tags(TEAM="ops"))
    held = await listed_tags(edge, kind, named)
    assert list(held.items()) == [("TEAM", "ops"), ("Zone", "b"), ("cost", "")]
    got = await iam(edge, f"Get{kind}", **named)
    assert names(got, "Key") == ["TEAM", "Zone", "cost"]
    await iam(edge, f"Untag{kind}", **named, TagKeys=["team", "absent"])
    assert await listed_tags(edge, kind, named) == {"Zone": "b", "cost": ""}


@TAGGED
@pytest.mark.parametrize(
    ("pairs", "wanted"),
    [
        ([*tags(a="1"), *tags(A="2")],
         (400, "InvalidInput",
          "Duplicate tag keys found. Please note that Tag keys are case insensitive.")),
        ([{"Key": "aws:x", "Value": "1"}],
         (400, "InvalidInput", "Tag keys that begin with aws: are reserved.")),
        (tags(**{f"more-{number}": "" for number in range(50)}),
         (409, "LimitExceeded", "Cannot exceed quota for TagsPerResource: 50")),
    ],
)  # fmt: skip
async def test_tags_are_bounded(
    edge: Edge, kind: str, pairs: list[dict[str, str]], wanted: tuple[int, str, str]
):
    named = await make_tagged(edge, kind)
    await iam(edge, f"Tag{kind}", **named, Tags=tags(first="1"))
    assert refusal(await edge.query("iam", f"Tag{kind}", **named, Tags=pairs)) == wanted
    assert await listed_tags(edge, kind, named) == {"first": "1"}
