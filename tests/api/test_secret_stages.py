"""Staging labels: each stands on one version, and AWSCURRENT is never lost."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.making import ask, make_secret, refusal, secrets
from support.edge import Edge
from valetkey.api.secretsmanager import versions
from valetkey.store import SecretRecord, SecretVersion

ONE, TWO, THREE = ("1" * 32, "2" * 32, "3" * 32)
CURRENT, PREVIOUS, PENDING = "AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"


async def make_versions(edge: Edge) -> None:
    """Make a secret of three versions: a previous one, the current one, a pending one."""
    await make_secret(edge, value="one", ClientRequestToken=ONE)
    for token, text, more in (
        (TWO, "two", {}),
        (THREE, "three", {"VersionStages": [PENDING, "green"]}),
    ):
        edge.now[0] += 1
        await secrets(
            edge,
            "PutSecretValue",
            SecretId="db",
            SecretString=text,
            ClientRequestToken=token,
            **more,
        )


async def stages(edge: Edge) -> dict[str, list[str]]:
    said = await secrets(edge, "DescribeSecret", SecretId="db")
    return {name: sorted(held) for name, held in said["VersionIdsToStages"].items()}


START = {ONE: [PREVIOUS], TWO: [CURRENT], THREE: [PENDING, "green"]}


@pytest.mark.parametrize(
    ("stage", "move", "wanted"),
    [
        (CURRENT, {"RemoveFromVersionId": TWO, "MoveToVersionId": THREE},
         {TWO: [PREVIOUS], THREE: [CURRENT, PENDING, "green"]}),
        (CURRENT, {"RemoveFromVersionId": TWO, "MoveToVersionId": ONE},
         {ONE: [CURRENT], TWO: [PREVIOUS], THREE: [PENDING, "green"]}),
        (CURRENT, {"MoveToVersionId": TWO}, START),
        (PENDING, {"RemoveFromVersionId": THREE}, {**START, THREE: ["green"]}),
        ("green", {"RemoveFromVersionId": THREE, "MoveToVersionId": ONE},
         {**START, ONE: [PREVIOUS, "green"], THREE: [PENDING]}),
        ("blue", {"MoveToVersionId": TWO}, {**START, TWO: [CURRENT, "blue"]}),
        (PREVIOUS, {"RemoveFromVersionId": ONE, "MoveToVersionId": THREE},
         {TWO: [CURRENT], THREE: [PENDING, PREVIOUS, "green"]}),
    ],
)  # fmt: skip
async def test_moves(edge: Edge, stage: str, move: dict[str, str], wanted: dict[str, list[str]]):
    await make_versions(edge)
    assert await stages(edge) == START
    await secrets(edge, "UpdateSecretVersionStage", SecretId="db", VersionStage=stage, **move)
    assert await stages(edge) == wanted


CAN_NOT_FIND = "Secrets Manager can't find the specified secret value for VersionId: "
MUST_BE_HOLDER = (
    "When you move staging label {0}, if you specify RemoveFromVersionId, it must be set to the"
    " version that currently has the staging label {0}."
)
MUST_NAME_HOLDER = (
    "The parameter RemoveFromVersionId can't be empty. Staging label {} is currently attached to"
    " version {}, so you must explicitly reference that version in RemoveFromVersionId."
)
ONLY_MOVED = (
    "You can only move staging label AWSCURRENT to a different secret version. It can't be"
    " completely removed."
)
NOTHING = "You must provide RemoveFromVersionId, MoveToVersionId, or both."
PARAMETER, MISSING = "InvalidParameterException", "ResourceNotFoundException"
UNKNOWN = "9" * 32


@pytest.mark.parametrize(
    ("stage", "move", "code", "message"),
    [
        (CURRENT, {}, PARAMETER, NOTHING),
        (CURRENT, {"RemoveFromVersionId": TWO}, PARAMETER, ONLY_MOVED),
        (CURRENT, {"MoveToVersionId": THREE}, PARAMETER, MUST_NAME_HOLDER.format(CURRENT, TWO)),
        ("green", {"MoveToVersionId": TWO}, PARAMETER, MUST_NAME_HOLDER.format("green", THREE)),
        (CURRENT, {"MoveToVersionId": THREE, "RemoveFromVersionId": ONE}, PARAMETER,
         MUST_BE_HOLDER.format(CURRENT)),
        ("green", {"RemoveFromVersionId": ONE}, PARAMETER, MUST_BE_HOLDER.format("green")),
        ("blue", {"RemoveFromVersionId": ONE}, PARAMETER, MUST_BE_HOLDER.format("blue")),
        ("blue", {"MoveToVersionId": UNKNOWN}, MISSING, CAN_NOT_FIND + UNKNOWN),
        (CURRENT, {"RemoveFromVersionId": UNKNOWN, "MoveToVersionId": ONE}, MISSING,
         CAN_NOT_FIND + UNKNOWN),
    ],
)  # fmt: skip
async def test_moves_that_are_refused(
    edge: Edge, stage: str, move: dict[str, str], *, code: str, message: str
):
    await make_versions(edge)
    refused = await ask(edge, "UpdateSecretVersionStage", SecretId="db", VersionStage=stage, **move)
    assert refusal(refused) == (400, code, message)
    assert await stages(edge) == START


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({}, "two"),
        ({"VersionStage": CURRENT}, "two"),
        ({"VersionStage": PREVIOUS}, "one"),
        ({"VersionStage": "green"}, "three"),
        ({"VersionId": ONE}, "one"),
        ({"VersionId": THREE, "VersionStage": PENDING}, "three"),
    ],
)
async def test_a_value_is_read_by_version_or_label(edge: Edge, asked: dict[str, str], text: str):
    await make_versions(edge)
    said = await secrets(edge, "GetSecretValue", SecretId="db", **asked)
    assert said["SecretString"] == text


async def test_the_first_version_is_current_whatever_it_is_called(edge: Edge):
    await secrets(edge, "CreateSecret", Name="db")
    said = await secrets(
        edge, "PutSecretValue", SecretId="db", SecretString="x", VersionStages=["blue"]
    )
    assert sorted(said["VersionStages"]) == [CURRENT, "blue"]


async def test_labels_are_bounded(edge: Edge):
    await make_secret(edge)
    labels = [f"label-{number}" for number in range(19)]
    putting = {"SecretId": "db", "SecretString": "x"}
    await secrets(edge, "PutSecretValue", **putting, VersionStages=labels)
    refused = await ask(edge, "PutSecretValue", **putting, VersionStages=["one-more"])
    assert refusal(refused) == (
        400, "LimitExceededException", "A secret can have at most 20 staging labels.",
    )  # fmt: skip


async def test_versions_without_labels_are_kept_for_a_while_and_come_in_pages(edge: Edge):
    await make_secret(edge)
    for number in range(104):
        edge.now[0] += 1
        await secrets(edge, "PutSecretValue", SecretId="db", SecretString=f"value-{number}")
    labelled = await secrets(edge, "ListSecretVersionIds", SecretId="db")
    assert len(labelled["Versions"]) == 2
    found: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        page = await secrets(
            edge,
            "ListSecretVersionIds",
            SecretId="db",
            IncludeDeprecated=True,
            MaxResults=33,
            **token,
        )
        found += page["Versions"]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert len(found) == len({version["VersionId"] for version in found}) == 100
    dates = [version["CreatedDate"] for version in found]
    assert dates == sorted(dates)
    assert "VersionStages" not in found[0]
    assert found[-1]["VersionStages"] == [CURRENT]


LABELS = st.sampled_from([CURRENT, PREVIOUS, PENDING, "blue", "green"])
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.lists(LABELS, min_size=1, max_size=3)),
        st.tuples(st.just("move"), LABELS, st.integers(0, 9)),
    ),
    max_size=12,
)


@given(CHANGES)
def test_a_label_stands_on_one_version_and_current_is_never_lost(changes: list[Any]):
    secret = SecretRecord(
        account="1" * 12, region="r", name="n", suffix="s", versions=(), created=0, changed=0
    )
    for number, change in enumerate([("put", [CURRENT]), *changes]):
        if change[0] == "put":
            version = SecretVersion(
                id=str(number), sealed_value=b"", binary=False, stages=(), created=number
            )
            secret = versions.added(secret, version, change[1], now=number)
        else:
            target = secret.versions[change[2] % len(secret.versions)]
            secret = versions.moved(secret, change[1], target.id)
        labels = [label for version in secret.versions for label in version.stages]
        assert len(labels) == len(set(labels))
        assert CURRENT in labels
