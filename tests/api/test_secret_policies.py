"""Resource policies of secrets: who else may, in the account and from another one."""

import json
from typing import Any

import pytest

from api.making import (
    ALLOW_ALL,
    OTHER_ACCOUNT,
    Key,
    allow,
    ask,
    deny,
    iam_arn,
    make_secret,
    make_session,
    make_user,
    policy,
    refusal,
    secrets,
)
from support.edge import ACCOUNT, Edge
from valetkey.credentials import new_access_key_id, new_secret_key, new_unique_id, seal_secret_key
from valetkey.store import AccessKey, AccountRecord, UserRecord

READ = "secretsmanager:GetSecretValue"
NO_RESOURCE_POLICY = f"because no resource-based policy allows the {READ} action"
NO_IDENTITY_POLICY = f"because no identity-based policy allows the {READ} action"
EXPLICIT = "with an explicit deny in a resource-based policy"


def granting(principal: Any, *more: dict[str, Any]) -> str:
    return policy(allow(READ, Principal=principal), *more)


async def set_policy(edge: Edge, document: str, **more: Any) -> str:
    """Make a secret with a resource policy; return its ARN."""
    arn = await make_secret(edge)
    await secrets(edge, "PutResourcePolicy", SecretId="db", ResourcePolicy=document, **more)
    return arn


def make_stranger(edge: Edge, *documents: str) -> Key:
    """Make a user of another account; return an access key of theirs."""
    services, now = edge.wiring.services, edge.now[0]
    random, ring = services.random, services.keys.ring
    key_id, secret = new_access_key_id(OTHER_ACCOUNT, random=random), new_secret_key(random)
    sealed = seal_secret_key(secret, key_id, ring, random)
    key = AccessKey(id=key_id, sealed_secret=sealed, active=True, created=now)
    user = UserRecord(
        account=OTHER_ACCOUNT,
        name="stranger",
        path="/",
        id=new_unique_id("AIDA", OTHER_ACCOUNT, random=random),
        created=now,
        inline_policies={f"policy-{n}": text for n, text in enumerate(documents)},
        access_keys=(key,),
    )

    def write(tx: Any) -> None:
        tx.put(AccountRecord(account=OTHER_ACCOUNT, created=now))
        tx.put(user)

    edge.wiring.store.write(write)
    return {"id": key_id, "secret": secret}


async def test_a_policy_is_kept_shown_and_removed(edge: Edge):
    document = granting({"AWS": ACCOUNT})
    arn = await set_policy(edge, document)
    named = {"ARN": arn, "Name": "db"}
    said = await secrets(edge, "GetResourcePolicy", SecretId="db")
    assert said == {**named, "ResourcePolicy": document}
    assert await secrets(edge, "DeleteResourcePolicy", SecretId=arn) == named
    assert await secrets(edge, "GetResourcePolicy", SecretId="db") == named


OURS = [
    # The secret's policy names the user, the role or everyone: no identity policy is needed.
    ({"AWS": iam_arn("user/reader")}, "user", (), None),
    ({"AWS": iam_arn("role/reader")}, "role", (), None),
    ({"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/job"}, "role", (), None),
    ("*", "user", (), None),
    # It names the account: its identity policies decide.
    ({"AWS": ACCOUNT}, "user", (), NO_IDENTITY_POLICY),
    ({"AWS": iam_arn("root")}, "user", (policy(allow(READ)),), None),
    # It names somebody else: it does neither good nor harm.
    ({"AWS": iam_arn("user/other")}, "user", (), NO_IDENTITY_POLICY),
    ({"AWS": iam_arn("user/other")}, "user", (policy(allow(READ)),), None),
    # An explicit deny of the caller's beats it.
    ({"AWS": iam_arn("user/reader")}, "user", (policy(deny(READ)),),
     "with an explicit deny in an identity-based policy"),
]  # fmt: skip


@pytest.mark.parametrize(("principal", "kind", "documents", "refused"), OURS)
async def test_callers_of_the_account(
    edge: Edge, principal: Any, kind: str, *, documents: tuple[str, ...], refused: str | None
):
    make = make_user if kind == "user" else make_session
    key = await make(edge, "reader", *documents)
    await make_user(edge, "other")
    await set_policy(edge, granting(principal))
    answer = await ask(edge, "GetSecretValue", key=key, SecretId="db")
    if refused is None:
        assert answer.json["SecretString"] == "s3cr3t"
    else:
        arn = iam_arn("user/reader")
        sentence = f"User: {arn} is not authorized to perform: {READ} on resource: db {refused}"
        assert refusal(answer) == (400, "AccessDeniedException", sentence)


async def test_a_deny_at_the_secret_beats_the_administrator(edge: Edge):
    await set_policy(edge, policy(deny(READ, Principal="*")))
    refused = await ask(edge, "GetSecretValue", SecretId="db")
    admin = iam_arn("user/admin")
    sentence = f"User: {admin} is not authorized to perform: {READ} on resource: db {EXPLICIT}"
    assert refusal(refused) == (400, "AccessDeniedException", sentence)
    await secrets(edge, "DeleteResourcePolicy", SecretId="db")
    assert (await ask(edge, "GetSecretValue", SecretId="db")).status == 200


STRANGER = iam_arn("user/stranger", OTHER_ACCOUNT)
THEIRS = [
    # Both sides must allow, whoever is named.
    ({"AWS": STRANGER}, (ALLOW_ALL,), None),
    ({"AWS": OTHER_ACCOUNT}, (ALLOW_ALL,), None),
    ("*", (ALLOW_ALL,), None),
    ({"AWS": STRANGER}, (), NO_IDENTITY_POLICY),
    ({"AWS": OTHER_ACCOUNT}, (), NO_IDENTITY_POLICY),
    ({"AWS": ACCOUNT}, (ALLOW_ALL,), NO_RESOURCE_POLICY),
    (None, (ALLOW_ALL,), NO_RESOURCE_POLICY),
    (None, (), NO_IDENTITY_POLICY),
]


@pytest.mark.parametrize(("principal", "documents", "refused"), THEIRS)
async def test_callers_of_another_account(
    edge: Edge, principal: Any, documents: tuple[str, ...], *, refused: str | None
):
    key = make_stranger(edge, *documents)
    arn = await make_secret(edge)
    if principal is not None:
        await secrets(edge, "PutResourcePolicy", SecretId="db", ResourcePolicy=granting(principal))
    answer = await ask(edge, "GetSecretValue", key=key, SecretId=arn)
    if refused is None:
        assert answer.json["SecretString"] == "s3cr3t"
        # By its name it would be a secret of the caller's own account.
        by_name = await ask(edge, "GetSecretValue", key=key, SecretId="db")
        assert by_name.code == "ResourceNotFoundException"
    else:
        sentence = (
            f"User: {STRANGER} is not authorized to perform: {READ} on resource: {arn} {refused}"
        )
        assert refusal(answer) == (400, "AccessDeniedException", sentence)


async def test_another_account_can_not_tell_whether_a_secret_is_there(edge: Edge):
    key = make_stranger(edge, ALLOW_ALL)
    there = await make_secret(edge)
    absent = there.replace(":db-", ":absent-")
    answers = [
        await ask(edge, "GetSecretValue", key=key, SecretId=secret_id)
        for secret_id in (there, absent)
    ]
    assert {answer.code for answer in answers} == {"AccessDeniedException"}
    seen, unseen = (answer.message or "" for answer in answers)
    assert seen.replace(there, "ID") == unseen.replace(absent, "ID")


async def test_another_account_may_change_what_it_is_allowed_to(edge: Edge):
    key = make_stranger(edge, ALLOW_ALL)
    everything = policy(allow("secretsmanager:*", Principal={"AWS": STRANGER}))
    arn = await set_policy(edge, everything)
    await secrets(edge, "PutSecretValue", key=key, SecretId=arn, SecretString="theirs")
    said = await secrets(edge, "GetSecretValue", SecretId="db")
    assert said["SecretString"] == "theirs"
    assert (await secrets(edge, "ListSecrets", key=key))["SecretList"] == []
    await secrets(edge, "DeleteSecret", key=key, SecretId=arn)
    await secrets(edge, "RestoreSecret", key=key, SecretId=arn)


NARROW = {"StringEquals": {"aws:PrincipalAccount": OTHER_ACCOUNT}}
PUBLIC = [
    ("*", {}, True),
    ({"AWS": "*"}, {}, True),
    ({"AWS": [ACCOUNT, "*"]}, {}, True),
    ({"AWS": ACCOUNT}, {}, False),
    ({"AWS": STRANGER}, {}, False),
    ("*", NARROW, False),
    ("*", {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER_ACCOUNT}:role/*"}}, False),
    ("*", {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, False),
    ("*", {"ForAnyValue:StringEquals": {"aws:PrincipalOrgPaths": "o-1/r-1/"}}, False),
    ("*", {"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "0.0.0.0/0"]}}, True),
    ("*", {"StringLike": {"aws:PrincipalArn": "*"}}, True),
    ("*", {"StringLike": {"aws:PrincipalAccount": "????????????"}}, True),
    ("*", {"StringEqualsIfExists": NARROW["StringEquals"]}, True),
    ("*", {"StringNotEquals": NARROW["StringEquals"]}, True),
    ("*", {"ForAllValues:StringEquals": NARROW["StringEquals"]}, True),
    ("*", {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, True),
    ("*", {"Bool": {"aws:SecureTransport": "true"}}, True),
]


@pytest.mark.parametrize(("principal", "condition", "public"), PUBLIC)
async def test_a_policy_for_everyone_can_be_blocked(
    edge: Edge, principal: Any, condition: dict[str, Any], *, public: bool
):
    statement = allow(READ, Principal=principal, **({"Condition": condition} if condition else {}))
    document = policy(deny(READ, Principal="*", **_never()), statement)
    await make_secret(edge)
    putting = {"SecretId": "db", "ResourcePolicy": document}
    answer = await ask(edge, "PutResourcePolicy", **putting, BlockPublicPolicy=True)
    assert answer.status == (400 if public else 200), answer.body
    assert not public or answer.code == "PublicPolicyException"
    said = await secrets(edge, "ValidateResourcePolicy", ResourcePolicy=document)
    assert said["PolicyValidationPassed"] is not public
    checks = [error["CheckName"] for error in said["ValidationErrors"]]
    assert checks == (["PublicAccess"] if public else [])
    await secrets(edge, "PutResourcePolicy", **putting)


def _never() -> dict[str, Any]:
    return {"Condition": {"StringEquals": {"aws:PrincipalAccount": "000000000000"}}}


async def test_a_single_statement_need_not_be_a_list(edge: Edge):
    await make_secret(edge)
    document = json.dumps({"Version": "2012-10-17", "Statement": allow(READ, Principal="*")})
    putting = {"SecretId": "db", "ResourcePolicy": document}
    refused = await ask(edge, "PutResourcePolicy", **putting, BlockPublicPolicy=True)
    assert refused.code == "PublicPolicyException"


@pytest.mark.parametrize(
    "document", ["{", "[]", "{}", policy(allow(READ)), policy({"Effect": "Maybe"})]
)
async def test_what_is_no_policy_is_not_kept(edge: Edge, document: str):
    await make_secret(edge)
    refused = await ask(edge, "PutResourcePolicy", SecretId="db", ResourcePolicy=document)
    assert (refused.status, refused.code) == (400, "MalformedPolicyDocumentException")
    assert "ResourcePolicy" not in await secrets(edge, "GetResourcePolicy", SecretId="db")
    said = await secrets(edge, "ValidateResourcePolicy", ResourcePolicy=document, SecretId="db")
    assert said["PolicyValidationPassed"] is False
    assert said["ValidationErrors"][0]["CheckName"] == "SyntaxValidation"
    assert said["ValidationErrors"][0]["ErrorMessage"] == refused.message


async def test_validating_needs_a_secret_that_is_there_if_it_names_one(edge: Edge):
    refused = await ask(
        edge, "ValidateResourcePolicy", SecretId="absent", ResourcePolicy=granting("*")
    )
    assert refused.code == "ResourceNotFoundException"


async def test_there_is_one_policy_a_secret(edge: Edge):
    await make_secret(edge)
    putting = {"SecretId": "db", "ResourcePolicy": granting({"AWS": ACCOUNT})}
    await secrets(edge, "PutResourcePolicy", **putting, PolicyName="default")
    refused = await ask(edge, "PutResourcePolicy", **putting, PolicyName="second")
    assert refusal(refused) == (
        400, "InvalidParameterException", "The only supported PolicyName is default.",
    )  # fmt: skip
