"""Users and their access keys."""

from typing import Any

import pytest

from api.making import (
    ALLOW_ALL,
    allow,
    iam,
    iam_arn,
    kept_bytes,
    make_key,
    make_policy,
    make_role,
    make_session,
    make_user,
    names,
    policy,
    refusal,
    tags,
)
from support.edge import ACCOUNT, Edge
from valetkey.store import AccountRecord

NO_KEY = "The Access Key with id AKIA0123456789ABCDEF cannot be found."


async def test_a_user_comes_back_as_it_was_made(edge: Edge):
    cap = await make_policy(edge, "cap")
    made = await iam(
        edge,
        "CreateUser",
        UserName="bob",
        Path="/people/",
        PermissionsBoundary=cap,
        Tags=tags(team="infra"),
    )
    got = await iam(edge, "GetUser", UserName="BOB")
    for answer in (made, got):
        assert answer.text(".//Arn") == iam_arn("user/people/bob")
        assert answer.text(".//UserName") == "bob"
        assert answer.text(".//Path") == "/people/"
        assert (answer.text(".//UserId") or "").startswith("AIDA")
        assert answer.text(".//CreateDate") == "2027-01-15T08:00:00Z"
        assert answer.text(".//PermissionsBoundary/PermissionsBoundaryType") == "Policy"
        assert names(answer, "Key") == ["team"]


@pytest.mark.parametrize(
    ("action", "parameters", "wanted"),
    [
        ("GetUser", {"UserName": "nobody"},
         (404, "NoSuchEntity", "The user with name nobody cannot be found.")),
        ("DeleteUser", {"UserName": "nobody"},
         (404, "NoSuchEntity", "The user with name nobody cannot be found.")),
        ("UpdateUser", {"UserName": "nobody", "NewUserName": "x"},
         (404, "NoSuchEntity", "The user with name nobody cannot be found.")),
        ("ListGroupsForUser", {"UserName": "nobody"},
         (404, "NoSuchEntity", "The user with name nobody cannot be found.")),
        ("CreateAccessKey", {"UserName": "nobody"},
         (404, "NoSuchEntity", "The user with name nobody cannot be found.")),
        ("ListAccessKeys", {"UserName": "nobody"},
         (404, "NoSuchEntity", "The user with name nobody cannot be found.")),
        ("CreateUser", {"UserName": "ADMIN"},
         (409, "EntityAlreadyExists", "User with name ADMIN already exists.")),
        ("UpdateUser", {"UserName": "bob", "NewUserName": "Admin"},
         (409, "EntityAlreadyExists", "User with name Admin already exists.")),
        ("UpdateAccessKey",
         {"UserName": "bob", "AccessKeyId": "AKIA0123456789ABCDEF", "Status": "Inactive"},
         (404, "NoSuchEntity", NO_KEY)),
        ("DeleteAccessKey", {"UserName": "bob", "AccessKeyId": "AKIA0123456789ABCDEF"},
         (404, "NoSuchEntity", NO_KEY)),
    ],
)  # fmt: skip
async def test_refusals(
    edge: Edge, action: str, parameters: dict[str, Any], wanted: tuple[int, str, str]
):
    await make_user(edge, "bob")
    assert refusal(await edge.query("iam", action, **parameters)) == wanted


async def test_a_request_that_names_no_user_is_about_the_caller(edge: Edge):
    assert (await iam(edge, "GetUser")).text(".//UserName") == "admin"
    itself = policy(
        allow("iam:GetUser", "iam:*AccessKey*", on=iam_arn("user/people/${aws:username}"))
    )
    key = await make_user(edge, "bob", itself, Path="/people/")
    assert (await iam(edge, "GetUser", key=key)).text(".//UserName") == "bob"
    second = (await iam(edge, "CreateAccessKey", key=key)).text(".//AccessKeyId")
    assert names(await iam(edge, "ListAccessKeys", key=key), "UserName") == ["bob", "bob"]
    await iam(edge, "UpdateAccessKey", key=key, AccessKeyId=second, Status="Inactive")
    await iam(edge, "DeleteAccessKey", key=key, AccessKeyId=second)


@pytest.mark.parametrize("action", ["GetUser", "ListAccessKeys", "CreateAccessKey"])
async def test_a_session_has_no_user_to_be_about(edge: Edge, action: str):
    key = await make_session(edge, "deploy", ALLOW_ALL)
    assert refusal(await edge.query("iam", action, key=key)) == (
        400,
        "ValidationError",
        "Must specify userName when calling with non-User credentials",
    )


async def test_a_renamed_user_keeps_id_keys_and_policies(edge: Edge):
    key = await make_user(edge, "bob", ALLOW_ALL, Path="/people/")
    before = (await iam(edge, "GetUser", UserName="bob")).text(".//UserId")
    await iam(edge, "UpdateUser", UserName="bob", NewUserName="rob", NewPath="/")
    said = await edge.query("sts", "GetCallerIdentity", key=key)
    assert said.text(".//Arn") == iam_arn("user/rob")
    assert said.text(".//UserId") == before
    await iam(edge, "ListRoles", key=key)
    assert (await edge.query("iam", "GetUser", UserName="bob")).status == 404
    await iam(edge, "UpdateUser", UserName="rob", NewUserName="Rob")
    assert (await iam(edge, "GetUser", UserName="rob")).text(".//UserName") == "Rob"


async def test_a_user_is_deleted_only_when_nothing_is_left(edge: Edge):
    key = await make_user(edge, "bob", ALLOW_ALL)
    arn = await make_policy(edge, "p")
    await iam(edge, "AttachUserPolicy", UserName="bob", PolicyArn=arn)
    for what, action, parameters in (
        ("must detach all policies first.", "DetachUserPolicy", {"PolicyArn": arn}),
        ("must delete policies first.", "DeleteUserPolicy", {"PolicyName": "policy-0"}),
        ("must delete access keys first.", "DeleteAccessKey", {"AccessKeyId": key["id"]}),
    ):
        assert refusal(await edge.query("iam", "DeleteUser", UserName="bob")) == (
            409, "DeleteConflict", f"Cannot delete entity, {what}",
        )  # fmt: skip
        await iam(edge, action, UserName="bob", **parameters)
    groups = await iam(edge, "ListGroupsForUser", UserName="bob")
    assert (names(groups, "member"), groups.text(".//IsTruncated")) == ([], "false")
    await iam(edge, "DeleteUser", UserName="bob")
    assert (await edge.query("iam", "GetUser", UserName="bob")).status == 404


async def test_lists_keep_to_a_path_and_leave_tags_and_boundaries_out(edge: Edge):
    cap = await make_policy(edge, "cap")
    await make_user(edge, "bob", Path="/people/", Tags=tags(a="1"), PermissionsBoundary=cap)
    listed = await iam(edge, "ListUsers", PathPrefix="/people/")
    assert names(listed, "UserName") == ["bob"]
    assert names(listed, "Tags") == names(listed, "PermissionsBoundary") == []
    assert names(await iam(edge, "ListUsers"), "UserName") == ["admin", "bob"]


async def test_an_inactive_key_signs_nothing_until_it_is_active_again(edge: Edge):
    key = await make_user(edge, "bob", ALLOW_ALL)
    changing = {"UserName": "bob", "AccessKeyId": key["id"]}
    await iam(edge, "UpdateAccessKey", **changing, Status="Inactive")
    listed = await iam(edge, "ListAccessKeys", UserName="bob")
    assert listed.text(".//Status") == "Inactive"
    refused = await edge.query("sts", "GetCallerIdentity", key=key)
    assert refusal(refused) == (
        403, "InvalidClientTokenId", "The security token included in the request is invalid.",
    )  # fmt: skip
    assert edge.record(refused).reason == f"access key `{key['id']}` is inactive"
    await iam(edge, "UpdateAccessKey", **changing, Status="Active")
    assert (await edge.query("sts", "GetCallerIdentity", key=key)).status == 200


async def test_a_deleted_key_signs_nothing(edge: Edge):
    key = await make_user(edge, "bob", ALLOW_ALL)
    await iam(edge, "DeleteAccessKey", UserName="bob", AccessKeyId=key["id"])
    refused = await edge.query("sts", "GetCallerIdentity", key=key)
    assert refused.code == "InvalidClientTokenId"


async def test_two_keys_are_enough(edge: Edge):
    await make_user(edge, "bob")
    await make_key(edge, "bob")
    assert refusal(await edge.query("iam", "CreateAccessKey", UserName="bob")) == (
        409, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2",
    )  # fmt: skip
    listed = await iam(edge, "ListAccessKeys", UserName="bob")
    assert len(set(names(listed, "AccessKeyId"))) == 2


async def test_the_secret_is_shown_once_and_sealed_in_the_database(edge: Edge):
    key = await make_user(edge, "bob", ALLOW_ALL)
    assert len(key["id"]) == 20
    assert key["id"].startswith("AKIA")
    assert len(key["secret"]) == 40
    for action in ("ListAccessKeys", "GetUser"):
        answer = await iam(edge, action, UserName="bob")
        assert key["secret"].encode() not in answer.body
    edge.wiring.log.flush()
    files = kept_bytes(edge)
    assert any(key["id"].encode() in held for held in files.values()), "the search can find"
    for path, held in files.items():
        assert key["secret"].encode() not in held, path
        assert edge.admin.secret_key.encode() not in held, path


async def test_a_secret_signs_for_its_own_key_only(edge: Edge):
    one = await make_user(edge, "one", ALLOW_ALL)
    two = await make_user(edge, "two", ALLOW_ALL)
    mixed = {"id": one["id"], "secret": two["secret"]}
    refused = await edge.query("sts", "GetCallerIdentity", key=mixed)
    assert refused.code == "SignatureDoesNotMatch"


async def test_the_account_summary_counts_what_is_there(edge: Edge):
    await make_role(edge)
    await make_user(edge, "bob")
    await make_policy(edge, "p")
    await iam(
        edge,
        "CreateOpenIDConnectProvider",
        Url="https://gitlab.example",
        ThumbprintList=["a" * 40],
    )
    said = await iam(edge, "GetAccountSummary")
    counts = {
        entry.findtext("key"): int(entry.findtext("value", ""))
        for entry in said.xml.iterfind(".//entry")
    }
    assert {name: counts[name] for name in ("Users", "Roles", "Policies", "Providers")} == {
        "Users": 2,
        "Roles": 1,
        "Policies": 1,
        "Providers": 1,
    }
    assert counts["AccessKeysPerUserQuota"] == 2
    assert counts["RolePolicySizeQuota"] == 10240
    assert counts["UserPolicySizeQuota"] == 2048


async def test_an_account_has_no_alias_until_it_has_one(edge: Edge):
    said = await iam(edge, "ListAccountAliases")
    assert (names(said, "member"), said.text(".//IsTruncated")) == ([], "false")

    named = AccountRecord(account=ACCOUNT, created=edge.now[0], alias="acme")
    edge.wiring.store.write(lambda tx: tx.put(named))
    assert names(await iam(edge, "ListAccountAliases"), "member") == ["acme"]
