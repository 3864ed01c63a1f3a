"""Secrets made, found, changed, deleted and restored."""

import base64
from typing import Any

import pytest
from msgspec.structs import replace

from api.making import (
    OTHER_ACCOUNT,
    ask,
    make_secret,
    refusal,
    secrets,
    tags,
)
from support.edge import ACCOUNT, Edge
from valetkey.store import SecretRecord

DAY = 86400
TOKEN, OTHER_TOKEN = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
NOT_FOUND = (
    400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.",
)  # fmt: skip
MARKED = "You can't perform this operation on the secret because it was marked for deletion."


async def value(edge: Edge, secret_id: str = "db", **more: str) -> str:
    said = await secrets(edge, "GetSecretValue", SecretId=secret_id, **more)
    return str(said["SecretString"])


async def test_a_secret_is_found_by_name_arn_and_partial_arn(edge: Edge):
    arn = await make_secret(edge, "app/db", "s3cr3t")
    prefix = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:app/db-"
    assert arn.startswith(prefix)
    assert len(arn.removeprefix(prefix)) == 6
    for secret_id in ("app/db", arn, arn[:-7]):
        said = await secrets(edge, "GetSecretValue", SecretId=secret_id)
        assert (said["ARN"], said["Name"], said["SecretString"]) == (arn, "app/db", "s3cr3t")
        assert said["CreatedDate"] == 1_800_000_000


@pytest.mark.parametrize(
    "secret_id",
    [
        "App/db",
        "app/d",
        "app/db-AbCdEf",
        "arn:aws:secretsmanager:us-east-1:{account}:secret:app/db-AbCdEf",
        "arn:aws:secretsmanager:us-east-1:{account}:secret:app/d",
        "arn:aws:secretsmanager:us-east-1:{account}:secret:",
        "arn:aws:secretsmanager:us-east-1:{account}:secrets:app/db",
        "arn:aws:secretsmanager:eu-west-1:{account}:secret:app/db",
        "arn:aws-cn:secretsmanager:us-east-1:{account}:secret:app/db",
        "arn:aws:s3:us-east-1:{account}:secret:app/db",
        "arn:aws:iam::{account}:role/app/db",
    ],
)
async def test_what_is_not_quite_its_id_does_not_find_it(edge: Edge, secret_id: str):
    await make_secret(edge, "app/db")
    refused = await ask(edge, "GetSecretValue", SecretId=secret_id.format(account=ACCOUNT))
    assert refusal(refused) == NOT_FOUND


async def test_the_arn_of_a_deleted_secret_can_not_be_taken_over(edge: Edge):
    """Whoever may make secrets could otherwise give one the old ARN's end for a name."""
    old = await make_secret(edge, "db", "old")
    await secrets(edge, "DeleteSecret", SecretId="db", ForceDeleteWithoutRecovery=True)
    suffix = old.rpartition("-")[2]
    new = await make_secret(edge, f"db-{suffix}", "forged")
    assert refusal(await ask(edge, "GetSecretValue", SecretId=old)) == NOT_FOUND
    assert await value(edge, new) == "forged"
    again = await make_secret(edge, "db", "new")
    assert again != old
    assert refusal(await ask(edge, "GetSecretValue", SecretId=old)) == NOT_FOUND


@pytest.mark.parametrize("name", ["a b", "a*", "ä", "a:b", "a\n", "a,b"])
async def test_a_name_that_no_secret_can_have(edge: Edge, name: str):
    for operation, member in (("CreateSecret", "Name"), ("GetSecretValue", "SecretId")):
        refused = await ask(edge, operation, **{member: name})
        assert (refused.status, refused.code) == (400, "ValidationException")


async def test_binary_values_come_back_byte_for_byte(edge: Edge):
    content = bytes(range(256)) * 256
    encoded = base64.b64encode(content).decode()
    await secrets(edge, "CreateSecret", Name="blob", SecretBinary=encoded)
    said = await secrets(edge, "GetSecretValue", SecretId="blob")
    assert base64.b64decode(said["SecretBinary"]) == content
    assert "SecretString" not in said
    await secrets(edge, "PutSecretValue", SecretId="blob", SecretString="text")
    said = await secrets(edge, "GetSecretValue", SecretId="blob")
    assert said["SecretString"] == "text"
    assert "SecretBinary" not in said


@pytest.mark.parametrize("text", ['{"a": "ü\\n"}', " ", "😀" * 16384])
async def test_texts_come_back_letter_for_letter(edge: Edge, text: str):
    await make_secret(edge, "db", text)
    assert await value(edge) == text


BOTH = "You can't specify both a binary secret value and a string secret value in the same secret."


@pytest.mark.parametrize(
    ("operation", "parameters", "code", "message"),
    [
        ("CreateSecret", {"Name": "x", "SecretString": "a", "SecretBinary": "YQ=="},
         "InvalidParameterException", BOTH),
        ("CreateSecret", {"Name": "x", "SecretString": "é" * 65536},
         "InvalidParameterException", "The secret value is larger than 65536 bytes."),
        ("CreateSecret", {"Name": "x", "AddReplicaRegions": [{"Region": "eu-west-1"}]},
         "InvalidParameterException", "AddReplicaRegions is not supported by this server."),
        ("CreateSecret", {"Name": "x", "Type": "acme"},
         "InvalidParameterException", "Type is not supported by this server."),
        ("CreateSecret", {"Name": "x", "KmsKeyId": "alias/mine"}, "InvalidParameterException",
         "A KmsKeyId other than alias/aws/secretsmanager is not supported by this server."),
        ("UpdateSecret", {"SecretId": "db", "KmsKeyId": "alias/mine"},
         "InvalidParameterException",
         "A KmsKeyId other than alias/aws/secretsmanager is not supported by this server."),
        ("CreateSecret", {"Name": "x", "Tags": [*tags(a="1"), *tags(A="2")]},
         "InvalidParameterException", "You can't use the same tag key twice."),
        ("CreateSecret", {"Name": "x", "Tags": [{"Key": "aws:x", "Value": ""}]},
         "InvalidParameterException", "Tag keys can't be empty or begin with aws:."),
        ("CreateSecret", {"Name": "x", "Tags": [{"Value": "keyless"}]},
         "InvalidParameterException", "Tag keys can't be empty or begin with aws:."),
        ("CreateSecret", {"Name": "x", "Tags": tags(**{f"t{n}": "" for n in range(51)})},
         "LimitExceededException", "A secret can have at most 50 tags."),
        ("TagResource", {"SecretId": "db", "Tags": tags(**{f"t{n}": "" for n in range(51)})},
         "LimitExceededException", "A secret can have at most 50 tags."),
        ("PutSecretValue", {"SecretId": "db"},
         "InvalidParameterException", "You must provide either SecretString or SecretBinary."),
        ("DeleteSecret", {"SecretId": "db", "RecoveryWindowInDays": 6},
         "InvalidParameterException",
         "RecoveryWindowInDays value must be between 7 and 30 days (inclusive)."),
        ("DeleteSecret", {"SecretId": "db", "RecoveryWindowInDays": 31},
         "InvalidParameterException",
         "RecoveryWindowInDays value must be between 7 and 30 days (inclusive)."),
        ("DeleteSecret",
         {"SecretId": "db", "RecoveryWindowInDays": 7, "ForceDeleteWithoutRecovery": True},
         "InvalidParameterException",
         "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays."),
    ],
)  # fmt: skip
async def test_refusals(
    edge: Edge, operation: str, parameters: dict[str, Any], *, code: str, message: str
):
    await make_secret(edge)
    assert refusal(await ask(edge, operation, **parameters)) == (400, code, message)
    assert await value(edge) == "s3cr3t"


@pytest.mark.parametrize(
    "key",
    ["", "alias/aws/secretsmanager", f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/aws/secretsmanager"],
)
async def test_the_default_key_may_be_named(edge: Edge, key: str):
    await make_secret(edge, KmsKeyId=key)
    assert "KmsKeyId" not in await secrets(edge, "DescribeSecret", SecretId="db")


async def test_a_request_with_its_token_can_be_repeated(edge: Edge):
    creating = {"Name": "db", "SecretString": "one", "ClientRequestToken": TOKEN}
    first = await secrets(edge, "CreateSecret", **creating)
    assert first["VersionId"] == TOKEN
    assert await secrets(edge, "CreateSecret", **creating) == first
    putting = {"SecretId": "db", "SecretString": "two", "ClientRequestToken": OTHER_TOKEN}
    second = await secrets(edge, "PutSecretValue", **putting)
    assert await secrets(edge, "PutSecretValue", **putting) == second
    said = await secrets(edge, "ListSecretVersionIds", SecretId="db")
    assert len(said["Versions"]) == 2
    # A repetition of what was current once does not make it current again.
    back = {"SecretId": "db", "SecretString": "one", "ClientRequestToken": TOKEN}
    assert (await secrets(edge, "PutSecretValue", **back))["VersionStages"] == ["AWSPREVIOUS"]
    assert await value(edge) == "two"


@pytest.mark.parametrize("operation", ["PutSecretValue", "UpdateSecret"])
@pytest.mark.parametrize("other", [{"SecretString": "other"}, {"SecretBinary": "czNjcjN0"}])
async def test_a_token_stands_for_one_value(edge: Edge, operation: str, other: dict[str, str]):
    arn = await make_secret(edge, ClientRequestToken=TOKEN)
    message = (
        f"You can't use ClientRequestToken {TOKEN} because that value is already in use for a"
        f" version of secret {arn}."
    )
    refused = await ask(edge, operation, SecretId="db", ClientRequestToken=TOKEN, **other)
    assert refusal(refused) == (400, "ResourceExistsException", message)
    assert await value(edge) == "s3cr3t"


async def test_a_value_is_refused_where_the_secret_is_another(edge: Edge):
    """Moved to another secret's record, a sealed value does not open."""
    await make_secret(edge, "db", "s3cr3t")
    await make_secret(edge, "mine", "nothing")

    def swap(tx: Any) -> None:
        db = tx.get(SecretRecord, ACCOUNT, "us-east-1/db")
        mine = tx.get(SecretRecord, ACCOUNT, "us-east-1/mine")
        tx.put(replace(mine, versions=db.versions))

    edge.wiring.store.write(swap)
    refused = await ask(edge, "GetSecretValue", SecretId="mine")
    assert refusal(refused) == (
        400,
        "DecryptionFailure",
        "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
    )
    assert "does not open under the key ring" in (edge.record(refused).reason or "")


async def test_a_description_comes_and_goes(edge: Edge):
    await make_secret(edge, Description="old")
    edge.now[0] += 60
    for given, shown in (({"Description": "new"}, "new"), ({}, "new"), ({"Description": ""}, None)):
        await secrets(edge, "UpdateSecret", SecretId="db", **given)
        said = await secrets(edge, "DescribeSecret", SecretId="db")
        assert said.get("Description") == shown
    assert (said["CreatedDate"], said["LastChangedDate"]) == (1_800_000_000, 1_800_000_060)


async def test_tags_are_set_replaced_and_removed(edge: Edge):
    await make_secret(edge, Tags=tags(team="infra"))
    await secrets(edge, "TagResource", SecretId="db", Tags=tags(TEAM="ops", cost="7"))
    said = await secrets(edge, "DescribeSecret", SecretId="db")
    assert said["Tags"] == [{"Key": "TEAM", "Value": "ops"}, {"Key": "cost", "Value": "7"}]
    await secrets(edge, "UntagResource", SecretId="db", TagKeys=["TEAM", "absent"])
    said = await secrets(edge, "DescribeSecret", SecretId="db")
    assert said["Tags"] == [{"Key": "cost", "Value": "7"}]


LIVE_ONLY = [
    ("GetSecretValue", {}),
    ("PutSecretValue", {"SecretString": "x"}),
    ("UpdateSecret", {"Description": "x"}),
    ("DeleteSecret", {}),
    ("TagResource", {"Tags": tags(a="1")}),
    ("UntagResource", {"TagKeys": ["a"]}),
    ("UpdateSecretVersionStage", {"VersionStage": "x", "MoveToVersionId": TOKEN}),
    ("DeleteResourcePolicy", {}),
]


@pytest.mark.parametrize(("operation", "parameters"), LIVE_ONLY)
async def test_a_secret_in_its_recovery_window_is_not_used(
    edge: Edge, operation: str, parameters: dict[str, Any]
):
    await make_secret(edge, ClientRequestToken=TOKEN)
    await secrets(edge, "DeleteSecret", SecretId="db")
    refused = await ask(edge, operation, SecretId="db", **parameters)
    assert refusal(refused) == (400, "InvalidRequestException", MARKED)


@pytest.mark.parametrize(("days", "window"), [({}, 30), ({"RecoveryWindowInDays": 7}, 7)])
async def test_a_deleted_secret_can_be_restored_within_its_window(
    edge: Edge, days: dict[str, int], window: int
):
    arn = await make_secret(edge)
    edge.now[0] += 60
    deleted = await secrets(edge, "DeleteSecret", SecretId="db", **days)
    assert deleted == {
        "ARN": arn,
        "Name": "db",
        "DeletionDate": 1_800_000_060 + window * DAY,
    }
    said = await secrets(edge, "DescribeSecret", SecretId="db")
    assert said["DeletedDate"] == 1_800_000_060
    edge.now[0] += window * DAY - 1
    assert await secrets(edge, "RestoreSecret", SecretId=arn) == {"ARN": arn, "Name": "db"}
    assert await value(edge) == "s3cr3t"
    said = await secrets(edge, "DescribeSecret", SecretId="db")
    assert "DeletedDate" not in said
    edge.now[0] += 100 * DAY
    assert await value(edge) == "s3cr3t"


async def test_restoring_what_was_not_deleted_does_no_harm(edge: Edge):
    await make_secret(edge)
    await secrets(edge, "RestoreSecret", SecretId="db")
    assert await value(edge) == "s3cr3t"


def kept(edge: Edge, name: str) -> SecretRecord | None:
    """Return what the database holds of a secret."""
    record: SecretRecord | None = edge.wiring.store.write(
        lambda tx: tx.get(SecretRecord, ACCOUNT, f"us-east-1/{name}")
    )
    return record


async def test_when_the_window_is_over_the_secret_is_gone(edge: Edge):
    arn = await make_secret(edge)
    await secrets(edge, "DeleteSecret", SecretId="db", RecoveryWindowInDays=7)
    edge.now[0] += 7 * DAY
    for operation, parameters in (*LIVE_ONLY, ("DescribeSecret", {}), ("RestoreSecret", {})):
        for secret_id in ("db", arn):
            refused = await ask(edge, operation, SecretId=secret_id, **parameters)
            assert refusal(refused) == NOT_FOUND, operation
    said = await secrets(edge, "ListSecrets", IncludePlannedDeletion=True)
    assert said["SecretList"] == []
    assert kept(edge, "db") is not None
    await make_secret(edge, "another")
    assert kept(edge, "db") is None, "the next change of the region's secrets removes it for good"


async def test_the_name_of_a_secret_that_is_gone_is_free(edge: Edge):
    arn = await make_secret(edge, value="old")
    await secrets(edge, "DeleteSecret", SecretId="db", RecoveryWindowInDays=7)
    edge.now[0] += 7 * DAY
    again = await make_secret(edge, value="new")
    assert again != arn
    assert await value(edge) == "new"


async def test_a_forced_deletion_is_at_once_and_also_of_what_is_not_there(edge: Edge):
    arn = await make_secret(edge)
    forced = {"SecretId": "db", "ForceDeleteWithoutRecovery": True}
    assert await secrets(edge, "DeleteSecret", **forced) == {
        "ARN": arn,
        "Name": "db",
        "DeletionDate": 1_800_000_000,
    }
    assert kept(edge, "db") is None
    assert refusal(await ask(edge, "DescribeSecret", SecretId="db")) == NOT_FOUND
    said = await secrets(edge, "DeleteSecret", **forced)
    assert said == {"Name": "db", "DeletionDate": 1_800_000_000}
    assert refusal(await ask(edge, "DeleteSecret", SecretId="db")) == NOT_FOUND


async def test_another_accounts_secret_is_not_ours_to_read(edge: Edge):
    await make_secret(edge)
    foreign = f"arn:aws:secretsmanager:us-east-1:{OTHER_ACCOUNT}:secret:db-AbCdEf"
    refused = await ask(edge, "GetSecretValue", SecretId=foreign)
    assert (refused.status, refused.code) == (400, "AccessDeniedException")
