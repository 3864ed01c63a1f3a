"""What breaks the models' constraints, in AWS's words."""

from typing import Any

import pytest

from support.vectors import own, vector_json, vectors
from valetkey.wire import Decoded, InputRefused, Services, validate
from valetkey.wire.constraints import Checks
from valetkey.wire.tables import Member, Operation, ServiceTable, Shape

SNAPSHOTS = "localstack-snapshots/error-messages.json"


def message(services: Services, service: str, operation: str, value: dict[str, Any]) -> str | None:
    try:
        validate(Decoded(services[service], operation, value))
    except InputRefused as error:
        refused = error
    else:
        return None
    wanted = "ValidationException" if service == "secretsmanager" else "ValidationError"
    assert (refused.code, refused.status) == (wanted, 400)
    return refused.message


def long(value: Any) -> Any:
    match value:
        case {"repeat": [text, times]}:
            return text * times
        case _:
            return value


def sts_cases() -> list[Any]:
    tables = (own("wire/sts-validation.json"), own("wire/sts-validation-own.json"))
    return [pytest.param(case, id=case["id"]) for table in tables for case in table["cases"]]


@pytest.mark.parametrize("case", sts_cases())
def test_sts(services: Services, case: dict[str, Any]) -> None:
    value = {key: long(child) for key, child in case["input"].items()}
    wanted = case["message"]
    if wanted is not None:
        for key in ("RoleArn", "Policy"):
            wanted = wanted.replace(f"{{{key}}}", str(value.get(key)))
    assert message(services, "sts", case["operation"], value) == wanted


CREDENTIAL = {"ServiceSpecificCredentialId": "bad-credential-id-bad-id"}
SNAPSHOT_INPUTS: list[tuple[str, str, dict[str, Any]]] = [
    ("sts", "AssumeRole", {"RoleArn": "arn:aws:iam::1:role/x", "RoleSessionName": "Session1:2"}),
    ("iam", "UpdateServiceSpecificCredential", {**CREDENTIAL, "Status": "Active"}),
    ("iam", "ResetServiceSpecificCredential", CREDENTIAL),
    ("iam", "DeleteServiceSpecificCredential", CREDENTIAL),
    (
        "iam",
        "UpdateServiceSpecificCredential",
        {"ServiceSpecificCredentialId": "A" * 21, "Status": "Invalid"},
    ),
]


def test_every_constraint_text_of_the_snapshots_is_ours_too(services: Services) -> None:
    vectors(SNAPSHOTS)
    seen = {
        (row["service"], row["message"])
        for row in vector_json(SNAPSHOTS)
        if row["service"] in services and "validation error" in row["message"]
    }
    ours = {
        (service, message(services, service, operation, value))
        for service, operation, value in SNAPSHOT_INPUTS
    }
    assert seen == ours


@pytest.mark.parametrize(
    ("operation", "value", "wanted"),
    [
        ("CreateRole", {"AssumeRolePolicyDocument": "{}"}, "Value at 'roleName' {}not be null"),
        (
            "CreateOpenIDConnectProvider",
            {"Url": "https://gitlab.example", "ThumbprintList": [""]},
            "Value at 'thumbprintList.1.member' {}have length greater than or equal to 40",
        ),
        ("UpdateOpenIDConnectProviderThumbprint",
         {"OpenIDConnectProviderArn": "arn:aws:iam::1:oidc-provider/x"},
         "Value at 'thumbprintList' {}not be null"),
        ("CreateOpenIDConnectProvider", {"Url": ""},
         "Value at 'url' {}have length greater than or equal to 1"),
        ("ListRoles", {"MaxItems": 1001},
         "Value at 'maxItems' {}have value less than or equal to 1000"),
        ("UpdateAccessKey", {"AccessKeyId": "A" * 20, "Status": "active"},
         "Value at 'status' {}satisfy enum value set"),
    ],
)  # fmt: skip
def test_iam_shows_no_values(
    services: Services, operation: str, value: dict[str, Any], wanted: str
) -> None:
    sentence = wanted.format("failed to satisfy constraint: Member must ")
    found = message(services, "iam", operation, value)
    assert found == f"1 validation error detected: {sentence}"


@pytest.mark.parametrize(
    ("operation", "value", "wanted"),
    [
        ("CreateSecret", {"Name": ""},
         "Value '' at 'name' {}have length greater than or equal to 1"),
        ("GetSecretValue", {}, "Value null at 'secretId' {}not be null"),
        ("PutSecretValue", {"SecretId": "s", "SecretBinary": b"\0" * 65537},
         "Value at 'secretBinary' {}have length less than or equal to 65536"),
        ("PutSecretValue", {"SecretId": "s", "SecretString": ""},
         "Value at 'secretString' {}have length greater than or equal to 1"),
        ("ListSecrets", {"SortOrder": "up"},
         "Value 'up' at 'sortOrder' {}satisfy enum value set: [asc, desc]"),
        ("PutSecretValue", {"SecretId": "s", "VersionStages": []},
         "Value '[]' at 'versionStages' {}have length greater than or equal to 1"),
    ],
)  # fmt: skip
def test_secrets_manager(
    services: Services, operation: str, value: dict[str, Any], wanted: str
) -> None:
    sentence = wanted.format("failed to satisfy constraint: Member must ")
    found = message(services, "secretsmanager", operation, value)
    assert found == f"1 validation error detected: {sentence}"


def test_an_operation_without_input_has_nothing_to_check(services: Services) -> None:
    assert message(services, "sts", "GetCallerIdentity", {}) is None


def table(shapes: dict[str, Shape]) -> ServiceTable:
    operation = Operation("Do", "Input", None, None, unsigned=False)
    return ServiceTable(
        "other", "other", "1", "json", "", "Other", "1.1", {"Do": operation}, shapes, {}
    )


def test_a_list_of_secrets_is_not_shown() -> None:
    member = Member("Secrets", "Secrets", "Secrets")
    element = Member("member", "member", "Secret")
    check = Checks(
        table(
            {
                "Input": Shape("structure", members=(member,)),
                "Secrets": Shape("list", members=(element,), most=1),
                "Secret": Shape("string", sensitive=True),
            }
        )
    ).structure("Input")
    found = list(check({"Secrets": ["canary-1", "canary-2"]}, ""))
    assert len(found) == 1
    assert "canary" not in found[0]


def test_a_union_has_exactly_one_member() -> None:
    members = (Member("A", "A", "Text"), Member("B", "B", "Text"))
    check = Checks(
        table({"Input": Shape("structure", members=members, union=True), "Text": Shape("string")})
    ).structure("Input")
    assert list(check({"A": "x"}, "")) == []
    for value in ({}, {"A": "x", "B": "y"}):
        assert len(list(check(value, ""))) == 1


def test_map_keys_and_values_are_checked() -> None:
    member = Member("Map", "Map", "Map")
    parts = (Member("key", "key", "Word"), Member("value", "value", "Word"))
    check = Checks(
        table(
            {
                "Input": Shape("structure", members=(member,)),
                "Map": Shape("map", members=parts, most=2),
                "Word": Shape("string", pattern="[a-z]+"),
            }
        )
    ).structure("Input")
    assert list(check({"Map": {"a": "b"}}, "")) == []
    constraint = "failed to satisfy constraint: Member must"
    assert list(check({"Map": {"a": "1", "2": "b", "c": "d"}}, "")) == [
        f"Value at 'map' {constraint} have length less than or equal to 2",
        f"Value '1' at 'map.a.member' {constraint} satisfy regular expression pattern: [a-z]+",
        f"Value '2' at 'map.key' {constraint} satisfy regular expression pattern: [a-z]+",
    ]
