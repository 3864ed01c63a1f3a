"""Every operation refuses who has no permission, in AWS's sentence."""

from typing import Any

import pytest

from api.making import (
    ALLOW_ALL,
    Key,
    allow,
    deny,
    iam,
    iam_arn,
    make_policy,
    make_role,
    make_secret,
    make_session,
    make_user,
    policy,
    refusal,
    tags,
)
from support.edge import ACCOUNT, Answer, Edge
from valetkey.api import OPERATIONS

DOCUMENT = policy(allow("s3:GetObject"))
POLICY = iam_arn("policy/ci/reader")
PROVIDER = iam_arn("oidc-provider/gitlab.example")
VERSION = "0123456789abcdef0123456789abcdef"
AWS_POLICY = "arn:aws:iam::aws:policy/AdministratorAccess"
INLINE = {"PolicyName": "p"}
ATTACHED = {"PolicyArn": AWS_POLICY}
BOUNDARY = {"PermissionsBoundary": AWS_POLICY}
TAGS = {"Tags": tags(a="1")}
KEYS = {"TagKeys": ["a"]}

Row = tuple[dict[str, Any], str]


def on_role(**more: Any) -> Row:
    return {"RoleName": "deploy", **more}, "role deploy"


def on_user(**more: Any) -> Row:
    return {"UserName": "somebody", **more}, "user somebody"


def on_policy(**more: Any) -> Row:
    return {"PolicyArn": POLICY, **more}, f"policy {POLICY}"


def on_provider(**more: Any) -> Row:
    return {"OpenIDConnectProviderArn": PROVIDER, **more}, PROVIDER


def on_secret(**more: Any) -> Row:
    return {"SecretId": "db", **more}, "db"


IAM: dict[str, Row] = {
    "CreateOpenIDConnectProvider": ({"Url": "https://gitlab.example"}, PROVIDER),
    "GetOpenIDConnectProvider": on_provider(),
    "ListOpenIDConnectProviders": ({}, "*"),
    "DeleteOpenIDConnectProvider": on_provider(),
    "AddClientIDToOpenIDConnectProvider": on_provider(ClientID="x"),
    "RemoveClientIDFromOpenIDConnectProvider": on_provider(ClientID="x"),
    "UpdateOpenIDConnectProviderThumbprint": on_provider(ThumbprintList=["a" * 40]),
    "TagOpenIDConnectProvider": on_provider(**TAGS),
    "UntagOpenIDConnectProvider": on_provider(**KEYS),
    "ListOpenIDConnectProviderTags": on_provider(),
    "CreateRole": (
        {"RoleName": "deploy", "AssumeRolePolicyDocument": DOCUMENT, "Path": "/ci/"},
        iam_arn("role/ci/deploy"),
    ),
    "GetRole": on_role(),
    "ListRoles": ({"PathPrefix": "/ci/"}, iam_arn("role/ci/")),
    "UpdateRole": on_role(),
    "UpdateRoleDescription": on_role(Description="x"),
    "UpdateAssumeRolePolicy": on_role(PolicyDocument=DOCUMENT),
    "DeleteRole": on_role(),
    "ListInstanceProfilesForRole": on_role(),
    "PutRolePolicy": on_role(**INLINE, PolicyDocument=DOCUMENT),
    "GetRolePolicy": on_role(**INLINE),
    "DeleteRolePolicy": on_role(**INLINE),
    "ListRolePolicies": on_role(),
    "AttachRolePolicy": on_role(**ATTACHED),
    "DetachRolePolicy": on_role(**ATTACHED),
    "ListAttachedRolePolicies": on_role(),
    "PutRolePermissionsBoundary": on_role(**BOUNDARY),
    "DeleteRolePermissionsBoundary": on_role(),
    "TagRole": on_role(**TAGS),
    "UntagRole": on_role(**KEYS),
    "ListRoleTags": on_role(),
    "CreateUser": ({"UserName": "somebody"}, iam_arn("user/somebody")),
    "GetUser": on_user(),
    "ListUsers": ({}, iam_arn("user/")),
    "UpdateUser": on_user(),
    "DeleteUser": on_user(),
    "ListGroupsForUser": on_user(),
    "PutUserPolicy": on_user(**INLINE, PolicyDocument=DOCUMENT),
    "GetUserPolicy": on_user(**INLINE),
    "DeleteUserPolicy": on_user(**INLINE),
    "ListUserPolicies": on_user(),
    "AttachUserPolicy": on_user(**ATTACHED),
    "DetachUserPolicy": on_user(**ATTACHED),
    "ListAttachedUserPolicies": on_user(),
    "PutUserPermissionsBoundary": on_user(**BOUNDARY),
    "DeleteUserPermissionsBoundary": on_user(),
    "TagUser": on_user(**TAGS),
    "UntagUser": on_user(**KEYS),
    "ListUserTags": on_user(),
    "CreateAccessKey": on_user(),
    "ListAccessKeys": on_user(),
    "UpdateAccessKey": on_user(AccessKeyId="AKIA0123456789ABCDEF", Status="Inactive"),
    "DeleteAccessKey": on_user(AccessKeyId="AKIA0123456789ABCDEF"),
    "CreatePolicy": ({"PolicyName": "reader", "PolicyDocument": DOCUMENT}, "policy reader"),
    "GetPolicy": on_policy(),
    "ListPolicies": ({}, "policy path /"),
    "DeletePolicy": on_policy(),
    "ListEntitiesForPolicy": on_policy(),
    "CreatePolicyVersion": on_policy(PolicyDocument=DOCUMENT),
    "GetPolicyVersion": on_policy(VersionId="v1"),
    "ListPolicyVersions": on_policy(),
    "DeletePolicyVersion": on_policy(VersionId="v1"),
    "SetDefaultPolicyVersion": on_policy(VersionId="v1"),
    "TagPolicy": on_policy(**TAGS),
    "UntagPolicy": on_policy(**KEYS),
    "ListPolicyTags": on_policy(),
    "GetAccountSummary": ({}, "*"),
    "ListAccountAliases": ({}, "*"),
    "SimulateCustomPolicy": ({"PolicyInputList": [DOCUMENT], "ActionNames": ["s3:Get"]}, "*"),
    "SimulatePrincipalPolicy": (
        {"PolicySourceArn": iam_arn("role/deploy"), "ActionNames": ["s3:Get"]},
        iam_arn("role/deploy"),
    ),
    "GetContextKeysForCustomPolicy": ({"PolicyInputList": [DOCUMENT]}, "*"),
    "GetContextKeysForPrincipalPolicy": (
        {"PolicySourceArn": iam_arn("role/deploy")},
        iam_arn("role/deploy"),
    ),
}
STS: dict[str, Row] = {
    "GetAccessKeyInfo": ({"AccessKeyId": "AKIA0123456789ABCDEF"}, "*"),
}
SECRETS_MANAGER: dict[str, Row] = {
    "CreateSecret": ({"Name": "db", "SecretString": "x"}, "db"),
    "DescribeSecret": on_secret(),
    "UpdateSecret": on_secret(Description="x"),
    "DeleteSecret": on_secret(),
    "RestoreSecret": on_secret(),
    "TagResource": on_secret(**TAGS),
    "UntagResource": on_secret(**KEYS),
    "ListSecrets": ({}, ""),
    "GetSecretValue": on_secret(),
    "PutSecretValue": on_secret(SecretString="x"),
    "ListSecretVersionIds": on_secret(),
    "UpdateSecretVersionStage": on_secret(VersionStage="AWSCURRENT", MoveToVersionId=VERSION),
    "GetRandomPassword": ({}, ""),
    "PutResourcePolicy": on_secret(ResourcePolicy=DOCUMENT),
    "GetResourcePolicy": on_secret(),
    "DeleteResourcePolicy": on_secret(),
    "ValidateResourcePolicy": ({"ResourcePolicy": DOCUMENT}, ""),
}
TABLE = {"iam": IAM, "sts": STS, "secretsmanager": SECRETS_MANAGER}
ROWS = [
    pytest.param(service, operation, *row, id=f"{service}:{operation}")
    for service, rows in TABLE.items()
    for operation, row in rows.items()
]


async def send(edge: Edge, service: str, operation: str, key: Key, **parameters: Any) -> Answer:
    if service == "secretsmanager":
        return await edge.target(operation, key=key, **parameters)
    return await edge.query(service, operation, key=key, **parameters)


def sentence(who: str, action: str, shown: str, why: str) -> str:
    resource = f" on resource: {shown}" if shown else ""
    return f"User: {who} is not authorized to perform: {action}{resource} {why}"


def denied(service: str, message: str) -> tuple[int, str, str]:
    if service == "secretsmanager":
        return 400, "AccessDeniedException", message
    return 403, "AccessDenied", message


def no_identity_policy(action: str) -> str:
    return f"because no identity-based policy allows the {action} action"


def test_the_table_has_every_operation_that_needs_permission():
    needing = {name for name, operation in OPERATIONS.items() if operation.action is not None}
    assert needing == {(service, name) for service, rows in TABLE.items() for name in rows}


@pytest.fixture(scope="module")
def people() -> dict[str, Key]:
    """Return the keys of those who may nothing; made once a module, by the first who asks."""
    return {}


async def make_people(edge: Edge, people: dict[str, Key]) -> None:
    if not people:
        people["nobody"] = await make_user(edge, "nobody")
        people["session"] = await make_session(edge, "powerless")
        people["denied"] = await make_user(edge, "denied", ALLOW_ALL, policy(deny("*")))


@pytest.mark.parametrize(("service", "operation", "parameters", "shown"), ROWS)
async def test_who_has_no_policy_is_refused(
    shared_edge: Edge,
    people: dict[str, Key],
    service: str,
    operation: str,
    *,
    parameters: dict[str, Any],
    shown: str,
):
    await make_people(shared_edge, people)
    action = f"{service}:{operation}"
    callers = {
        "nobody": (iam_arn("user/nobody"), no_identity_policy(action)),
        "session": (
            f"arn:aws:sts::{ACCOUNT}:assumed-role/powerless/job",
            no_identity_policy(action),
        ),
        "denied": (iam_arn("user/denied"), "with an explicit deny in an identity-based policy"),
    }
    for name, (arn, why) in callers.items():
        answer = await send(shared_edge, service, operation, people[name], **parameters)
        assert refusal(answer) == denied(service, sentence(arn, action, shown, why))
        record = shared_edge.record(answer)
        assert (record.action, record.caller_arn, record.check) == (action, arn, "policy")


async def test_a_boundary_caps_what_a_user_may(edge: Edge):
    arn = await make_policy(edge, "cap", policy(allow("secretsmanager:ListSecrets")))
    key = await make_user(edge, "capped", ALLOW_ALL, PermissionsBoundary=arn)
    assert (await edge.target("ListSecrets", key=key)).status == 200
    await make_secret(edge)
    answer = await edge.target("GetSecretValue", key=key, SecretId="db")
    action = "secretsmanager:GetSecretValue"
    why = f"because no permissions boundary allows the {action} action"
    assert refusal(answer) == denied(
        "secretsmanager", sentence(iam_arn("user/capped"), action, "db", why)
    )
    await iam(edge, "DeleteUserPermissionsBoundary", UserName="capped")
    assert (await edge.target("GetSecretValue", key=key, SecretId="db")).status == 200


@pytest.mark.parametrize(
    ("session_policy", "why"),
    [
        (
            policy(allow("iam:GetUser")),
            "because no session policy allows the iam:GetRole action",
        ),
        (
            policy(allow("*"), deny("iam:GetRole")),
            "with an explicit deny in a session policy",
        ),
    ],
)
async def test_a_session_policy_caps_what_a_session_may(edge: Edge, session_policy: str, why: str):
    key = await make_session(edge, "deploy", ALLOW_ALL, Policy=session_policy)
    answer = await edge.query("iam", "GetRole", key=key, RoleName="deploy")
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/job"
    assert refusal(answer) == denied("iam", sentence(session, "iam:GetRole", "role deploy", why))


async def test_an_explicit_deny_beats_every_allow(edge: Edge):
    key = await make_user(
        edge, "limited", ALLOW_ALL, policy(deny("iam:GetRole", on=iam_arn("role/secret/*")))
    )
    await make_role(edge, "open")
    await make_role(edge, "closed", Path="/secret/")
    assert (await edge.query("iam", "GetRole", key=key, RoleName="open")).status == 200
    answer = await edge.query("iam", "GetRole", key=key, RoleName="closed")
    assert refusal(answer) == denied(
        "iam",
        sentence(
            iam_arn("user/limited"),
            "iam:GetRole",
            "role closed",
            "with an explicit deny in an identity-based policy",
        ),
    )


MAKING = [
    ("iam", "CreateRole", "TagRole", iam_arn("role/made"),
     {"RoleName": "made", "AssumeRolePolicyDocument": DOCUMENT}),
    ("iam", "CreateUser", "TagUser", iam_arn("user/made"), {"UserName": "made"}),
    ("iam", "CreatePolicy", "TagPolicy", "policy made",
     {"PolicyName": "made", "PolicyDocument": DOCUMENT}),
    ("iam", "CreateOpenIDConnectProvider", "TagOpenIDConnectProvider", PROVIDER,
     {"Url": "https://gitlab.example"}),
    ("secretsmanager", "CreateSecret", "TagResource", "made", {"Name": "made"}),
]  # fmt: skip


@pytest.mark.parametrize(("service", "making", "tagging", "shown", "parameters"), MAKING)
async def test_making_something_with_tags_needs_the_permission_to_tag_it(
    edge: Edge,
    service: str,
    making: str,
    *,
    tagging: str,
    shown: str,
    parameters: dict[str, Any],
):
    key = await make_user(edge, "maker", policy(allow(f"{service}:{making}")))
    answer = await send(edge, service, making, key, **parameters, **TAGS)
    action = f"{service}:{tagging}"
    assert refusal(answer) == denied(
        service, sentence(iam_arn("user/maker"), action, shown, no_identity_policy(action))
    )


async def test_the_record_of_making_with_tags_is_about_the_making(edge: Edge):
    answer = await edge.query("iam", "CreateUser", UserName="made", **TAGS)
    record = edge.record(answer)
    assert (record.action, record.resource) == ("iam:CreateUser", iam_arn("user/made"))
    assert record.decision is not None
    assert record.decision.allowed


async def test_renaming_needs_permission_on_both_names(edge: Edge):
    rename = policy(allow("iam:UpdateUser", on=iam_arn("user/dev/*")))
    key = await make_user(edge, "clerk", rename)
    await make_user(edge, "bob", Path="/dev/")
    answer = await edge.query(
        "iam", "UpdateUser", key=key, UserName="bob", NewPath="/admins/", NewUserName="rob"
    )
    action = "iam:UpdateUser"
    assert refusal(answer) == denied(
        "iam", sentence(iam_arn("user/clerk"), action, "user rob", no_identity_policy(action))
    )
    await iam(edge, "UpdateUser", key=key, UserName="bob", NewUserName="rob")
