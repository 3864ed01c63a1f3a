"""ListSecrets: filtered, sorted, a page at a time."""

from typing import Any

import pytest

from api.making import ask, make_secret, refusal, secrets, tags
from support.edge import Edge

WRONG_ORDER = "SortBy last-accessed-date is not supported by this server."


async def listed(edge: Edge, **parameters: Any) -> list[str]:
    said = await secrets(edge, "ListSecrets", **parameters)
    return [secret["Name"] for secret in said["SecretList"]]


@pytest.fixture(scope="module")
def filled() -> list[Edge]:
    """Return the server once it has its secrets; the first test makes them."""
    return []


async def fill(edge: Edge, filled: list[Edge]) -> None:
    if filled:
        return
    for name, description, tagged in (
        ("testing1/one", "a secret", {"team": "infra"}),
        ("/testing2/two", "an secret", {"team": "Ops"}),
        ("testing3/three", "asecret", {"TEAM": "infra"}),
        ("/testing4/four", "thesecret", {"cost": "7"}),
    ):
        edge.now[0] += 1
        await make_secret(edge, name, Description=description, Tags=tags(**tagged))
    filled.append(edge)


ONE, TWO, THREE, FOUR = "testing1/one", "/testing2/two", "testing3/three", "/testing4/four"
# The rows on names and descriptions are those that LocalStack checked against AWS
# (test_list_secrets_filtering); the others follow the reference.
FILTERS = [
    ([("name", ["/"])], [TWO, FOUR]),
    ([("name", ["!/"])], [ONE, THREE]),
    ([("name", ["testing1 one"])], []),
    ([("name", ["Testing1"])], []),
    ([("description", ["a"])], [ONE, TWO, THREE]),
    ([("description", ["A"])], [ONE, TWO, THREE]),
    ([("description", ["!a"])], [FOUR]),
    ([("description", ["a secret"])], [ONE, TWO]),
    ([("description", ["!c"])], [ONE, TWO, THREE, FOUR]),
    ([("description", ["a"]), ("name", ["secret"])], []),
    ([("description", ["a"]), ("name", ["an"])], []),
    ([("description", ["a"]), ("name", ["/"])], [TWO]),
    ([("name", ["testing1", "/testing4"])], [ONE, FOUR]),
    ([("tag-key", ["team"])], [ONE, TWO]),
    ([("tag-key", ["te"])], [ONE, TWO]),
    ([("tag-value", ["infra"])], [ONE, THREE]),
    ([("tag-value", ["ops"])], []),
    ([("primary-region", ["us-"])], [ONE, TWO, THREE, FOUR]),
    ([("primary-region", ["eu-"])], []),
    ([("owning-service", ["rds"])], []),
    ([("all", ["OPS"])], [TWO]),
    ([("all", ["testing3 secret"])], []),
    ([("all", ["testing2 secret"])], [TWO]),
    ([("all", ["."])], []),
]


@pytest.mark.parametrize(("filters", "wanted"), FILTERS)
async def test_filters(
    shared_edge: Edge, filled: list[Edge], filters: list[tuple[str, list[str]]], wanted: list[str]
):
    await fill(shared_edge, filled)
    given = [{"Key": key, "Values": values} for key, values in filters]
    assert await listed(shared_edge, Filters=given) == wanted


@pytest.mark.parametrize(
    ("order", "wanted"),
    [
        ({}, [ONE, TWO, THREE, FOUR]),
        ({"SortOrder": "desc"}, [FOUR, THREE, TWO, ONE]),
        ({"SortBy": "created-date"}, [ONE, TWO, THREE, FOUR]),
        ({"SortBy": "name"}, [TWO, FOUR, ONE, THREE]),
        ({"SortBy": "name", "SortOrder": "desc"}, [THREE, ONE, FOUR, TWO]),
        ({"SortBy": "last-changed-date", "SortOrder": "asc"}, [ONE, TWO, THREE, FOUR]),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 4, 100])
async def test_pages_follow_the_order(
    shared_edge: Edge, filled: list[Edge], order: dict[str, str], *, wanted: list[str], size: int
):
    await fill(shared_edge, filled)
    assert await listed(shared_edge, **order) == wanted
    seen: list[str] = []
    token: dict[str, str] = {}
    while True:
        said = await secrets(shared_edge, "ListSecrets", MaxResults=size, **order, **token)
        assert len(said["SecretList"]) <= size
        seen += [secret["Name"] for secret in said["SecretList"]]
        if "NextToken" not in said:
            break
        token = {"NextToken": said["NextToken"]}
    assert seen == wanted


@pytest.mark.parametrize(
    ("parameters", "code", "message"),
    [
        ({"SortBy": "last-accessed-date"}, "InvalidParameterException", WRONG_ORDER),
        ({"Filters": [{"Key": "name"}]}, "InvalidParameterException",
         "A filter needs a supported Key and at least one value."),
        ({"Filters": [{"Values": ["x"]}]}, "InvalidParameterException",
         "A filter needs a supported Key and at least one value."),
        ({"NextToken": "?"}, "InvalidNextTokenException", "Invalid next token."),
        ({"NextToken": "/w=="}, "InvalidNextTokenException", "Invalid next token."),
    ],
)  # fmt: skip
async def test_refusals(edge: Edge, parameters: dict[str, Any], code: str, message: str):
    assert refusal(await ask(edge, "ListSecrets", **parameters)) == (400, code, message)


async def test_an_entry_says_everything_but_the_value(edge: Edge):
    arn = await make_secret(edge, "db", "s3cr3t", Description="for CI", Tags=tags(team="infra"))
    answer = await ask(edge, "ListSecrets")
    (entry,) = answer.json["SecretList"]
    (version,) = entry["SecretVersionsToStages"]
    assert entry == {
        "ARN": arn,
        "Name": "db",
        "Description": "for CI",
        "Tags": [{"Key": "team", "Value": "infra"}],
        "CreatedDate": 1_800_000_000,
        "LastChangedDate": 1_800_000_000,
        "SecretVersionsToStages": {version: ["AWSCURRENT"]},
    }
    assert b"s3cr3t" not in answer.body


async def test_what_is_planned_for_deletion_is_left_out_unless_asked_for(edge: Edge):
    await make_secret(edge, "stays")
    await make_secret(edge, "goes")
    await secrets(edge, "DeleteSecret", SecretId="goes")
    assert await listed(edge) == ["stays"]
    said = await secrets(edge, "ListSecrets", IncludePlannedDeletion=True)
    dates = {secret["Name"]: secret.get("DeletedDate") for secret in said["SecretList"]}
    assert dates == {"goes": 1_800_000_000, "stays": None}
