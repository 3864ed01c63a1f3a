"""Secrets Manager answers as AWS did, in the scenarios that LocalStack recorded of it.

Left out, and so not compared: `LastAccessedDate`, which would need a write for every read, and an
empty `Tags` of a secret that had some once.
"""

import json
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest

from api.making import ask, policy
from api.snapshots import Unifier, error_of, recorded
from support.edge import ACCOUNT, Answer, Edge

LEFT_OUT = frozenset({"LastAccessedDate", "Tags"})
KNOWN = {"partition": "aws", "region": "us-east-1"}
OUR_ACCOUNT, THEIR_ACCOUNT = ACCOUNT, "111111111111"
UNKNOWN_VERSION = "0123456789abcdef0123456789abcdef"


class Of(NamedTuple):
    """A member of an earlier answer."""

    step: str
    member: str


class Step(NamedTuple):
    """A request, and the name under which AWS's answer was recorded."""

    name: str
    operation: str
    parameters: dict[str, Any]


SECRET = "s-c64bdc03"


def step(name: str, operation: str, **parameters: Any) -> Step:
    return Step(name, operation, {"SecretId": SECRET, **parameters})


def create(name: str, secret: str = SECRET, **parameters: Any) -> Step:
    return Step(name, "CreateSecret", {"Name": secret, **parameters})


def put(name: str, value: str, *stages: str) -> Step:
    more = {"VersionStages": list(stages)} if stages else {}
    return step(name, "PutSecretValue", SecretString=value, **more)


def get(name: str, **parameters: Any) -> Step:
    return step(name, "GetSecretValue", **parameters)


def versions(name: str, **parameters: Any) -> Step:
    return step(name, "ListSecretVersionIds", **parameters)


def describe(name: str) -> Step:
    return step(name, "DescribeSecret")


def move(name: str, source: str, target: str, stage: str = "AWSCURRENT") -> Step:
    ids = {
        "RemoveFromVersionId": Of(source, "VersionId"),
        "MoveToVersionId": Of(target, "VersionId"),
    }
    return step(name, "UpdateSecretVersionStage", VersionStage=stage, **ids)


def delete(name: str, **parameters: Any) -> Step:
    return step(name, "DeleteSecret", **(parameters or {"ForceDeleteWithoutRecovery": True}))


ARN = Of("create", "ARN")


def create_and_update(secret: str) -> list[Step]:
    first = Of("create_secret_rs_1", "ARN")
    named = {"SecretId": secret}
    return [
        create(
            "create_secret_rs_1",
            secret,
            SecretString="my_secret",
            Description="Testing secret creation.",
        ),
        get("get_secret_value_rs_1", **named),
        step("describe_secret_rs_1", "DescribeSecret", **named),
        get("get_secret_value_rs_2", SecretId=first),
        get("get_secret_value_rs_3", SecretId=Of("create_secret_rs_1", "partial ARN")),
        step("put_secret_value_rs_1", "PutSecretValue", SecretString="new_secret", **named),
        get("get_secret_value_rs_4", **named),
        step(
            "update_secret_res_1",
            "UpdateSecret",
            SecretId=first,
            SecretString="test123",
            Description="d1",
        ),
        step("delete_secret_res_1", "DeleteSecret", ForceDeleteWithoutRecovery=True, **named),
    ]


def ends_like_an_arn(secret: str) -> list[Step]:
    """Return the scenario of a name that ends like an ARN: its partial ARN is not found."""
    steps = create_and_update(secret)
    steps[4] = Step("resource_not_found_dict_1", *steps[4][1:])
    return steps


def binary(put_value: str, update_value: str) -> list[Step]:
    return [
        create("", SecretBinary="aW5pdGlhbA=="),
        get("put_secret_value_secret_response"),
        step("", "PutSecretValue", SecretBinary=put_value),
        get("put_secret_binary_response_updated"),
        step("", "UpdateSecret", SecretBinary=update_value),
        get("update_secret_binary_response_updated"),
    ]


def invalid_name(secret: str) -> list[Step]:
    named = {"SecretId": secret}
    return [
        create("ex_log_1", secret, SecretString="x"),
        step("ex_log_2", "DeleteSecret", ForceDeleteWithoutRecovery=True, **named),
        step("ex_log_3", "DescribeSecret", **named),
        step("ex_log_4", "GetSecretValue", **named),
        step("ex_log_5", "ListSecretVersionIds", IncludeDeprecated=True, **named),
        step("ex_log_6", "PutSecretValue", SecretString="x", **named),
        step("ex_log_7", "TagResource", Tags=[{"Key": "FirstTag", "Value": "x"}], **named),
        step("ex_log_8", "UntagResource", TagKeys=["FirstTag"], **named),
        step("ex_log_9", "UpdateSecret", Description="x", **named),
        step("ex_log_10", "ValidateResourcePolicy", ResourcePolicy="{}", **named),
    ]


def without_token(operation: str) -> list[Step]:
    named = {"Name": SECRET} if operation == "CreateSecret" else {"SecretId": SECRET}
    more = {"SecretString": "x", "Description": "y", "ClientRequestToken": None}
    return [Step("no-client-request-exc", operation, {**named, **more})]


def tag(name: str, **pairs: str) -> Step:
    tags = [{"Key": key, "Value": value} for key, value in pairs.items()]
    return step(name, "TagResource", Tags=tags)


def untag(name: str, *keys: str) -> Step:
    return step(name, "UntagResource", TagKeys=list(keys))


EVERYONE = policy(
    {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "secretsmanager:GetSecretValue",
        "Resource": "*",
    }
)

SCENARIOS: dict[str, list[Step]] = {
    "test_can_recreate_delete_secret": [
        create("create_secret_res_0", SecretString="x"),
        delete("delete_res_1"),
        create("create_secret_res_1", SecretString="x"),
    ],
    "test_exp_raised_on_creation_of_secret_scheduled_for_deletion": [
        create("", SecretString="x"),
        delete("delete_res", RecoveryWindowInDays=7),
        create("invalid_req_ex", SecretString="x"),
    ],
    "test_create_and_update_secret[s-c64bdc03]": create_and_update(SECRET),
    **{
        f"test_create_and_update_secret[{name}]": create_and_update(name)
        for name in (
            "Valid/_+=.@-Name",
            "Valid/_+=.@-Name-a1b2",
            "Valid/_+=.@-Name-a1b2c3-",
        )
    },
    "test_create_and_update_secret[Invalid/_+=.@-Name-a1b2c3-False]": ends_like_an_arn(
        "Invalid/_+=.@-Name-a1b2c3"
    ),
    "test_put_secret_value_with_version_stages": [
        create("create_secret_rs_0", SecretString="secret_string_v0"),
        get("get_secret_value_res_0"),
        put("put_secret_value_res_1", "secret_string_v1", "SAMPLESTAGE1", "SAMPLESTAGE0"),
        get("get_secret_value_res_1"),
        put("put_secret_value_res_2", "secret_string_v2", "SAMPLESTAGE1", "SAMPLESTAGE0"),
        get("get_secret_value_res_2"),
        put("put_secret_value_res_3", "secret_string_v3", "AWSPENDING"),
        get("get_secret_value_res_3"),
        put("put_secret_value_res_4", "secret_string_v4"),
        get("get_secret_value_res_4"),
        delete("delete_secret_res_1"),
    ],
    **{
        f"test_invalid_secret_name[{name}]": invalid_name(name.replace("\\\\", "\\"))
        for name in ("Inv Name", " Inv Name", " Inv*Name? ", " Inv *?!]Name\\\\-")
    },
    "test_update_secret_description": [
        create("create_secret_rs_0", SecretString="MySecretString"),
        describe("describe_secret_res_0"),
        step("update_secret_res_0", "UpdateSecret", Description="MyDescription"),
        describe("describe_secret_res_1"),
        step(
            "update_secret_res_1",
            "UpdateSecret",
            SecretString="MyNewSecretString",
            Description="MyNewDescription",
        ),
        describe("describe_secret_res_2"),
        step("update_secret_res_2", "UpdateSecret", SecretString="MyNewSecretString" * 2),
        describe("describe_secret_res_3"),
        step("update_secret_res_3", "UpdateSecret"),
        describe("describe_secret_res_4"),
        delete("delete_secret_res_0"),
    ],
    "test_update_secret_version_stages_return_type": [
        create("create_secret_rs_0", SecretString="Something1"),
        put("put_secret_value_res_0", "Something2", "AWSPENDING"),
        move("update_secret_version_stage_res_0", "create_secret_rs_0", "put_secret_value_res_0"),
        delete("delete_secret_res_0"),
    ],
    "test_update_secret_version_stages_current_previous": [
        create("create_secret_rs_0", SecretString="secret_string_v0"),
        versions("list_secret_version_ids_res_0"),
        step("update_secret_res_0", "UpdateSecret", SecretString="secret_string_v1"),
        versions("list_secret_version_ids_res_1"),
        delete("delete_secret_res_0"),
    ],
    "test_update_secret_version_stages_current_pending": [
        create("create_secret_rs_0", SecretString="Something1"),
        put("put_secret_value_res_0", "Something2", "AWSPENDING"),
        versions("list_secret_version_ids_res_0"),
        move("update_secret_version_stage_res_0", "create_secret_rs_0", "put_secret_value_res_0"),
        versions("list_secret_version_ids_res_1"),
        put("put_secret_value_res_1", "SS3"),
        versions("list_secret_version_ids_res_2"),
        delete("delete_secret_res_0"),
    ],
    "test_update_secret_version_stages_current_pending_cycle": [
        create("create_secret_rs_0", SecretString="S1"),
        put("put_secret_value_res_0", "S2", "AWSPENDING"),
        versions("list_secret_version_ids_res_0"),
        get("get_secret_value_res_0"),
        move("update_secret_version_stage_res_0", "create_secret_rs_0", "put_secret_value_res_0"),
        versions("list_secret_version_ids_res_1"),
        get("get_secret_value_res_1"),
        put("put_secret_value_res_1", "S3", "AWSPENDING"),
        versions("list_secret_version_ids_res_2"),
        get("get_secret_value_res_2"),
        move("put_secret_value_res_2", "put_secret_value_res_0", "put_secret_value_res_1"),
        versions("list_secret_version_ids_res_3"),
        get("get_secret_value_res_3"),
        delete("delete_secret_res_0"),
    ],
    "test_update_secret_version_stages_current_pending_cycle_custom_stages_1": [
        create("create_secret_rs_0", SecretString="S1"),
        put("put_secret_value_res_0", "S2", "AWSSOMETHING", "AWSPENDING", "PUT1"),
        versions("list_secret_version_ids_res_0"),
        get("get_secret_value_res_0"),
        move("update_secret_version_stage_res_0", "create_secret_rs_0", "put_secret_value_res_0"),
        versions("list_secret_version_ids_res_1"),
        get("get_secret_value_res_1"),
        put("put_secret_value_res_1", "S3", "AWSPENDING", "PUT2"),
        versions("list_secret_version_ids_res_2"),
        get("get_secret_value_res_2"),
        move(
            "update_secret_version_stage_res_1", "put_secret_value_res_0", "put_secret_value_res_1"
        ),
        versions("list_secret_version_ids_res_3"),
        get("get_secret_value_res_3"),
        delete("delete_secret_res_0"),
    ],
    "test_update_secret_version_stages_current_pending_cycle_custom_stages_2": [
        create("create_secret_rs_0", SecretString="SS"),
        put("put_secret_value_res_0", "S1", "AWSCURRENT", "PUT0"),
        versions("list_secret_version_ids_res_0"),
        put("put_secret_value_res_1", "S2", "AWSPENDING", "PUT1"),
        versions("list_secret_version_ids_res_1"),
        get("get_secret_value_res_0"),
        move(
            "update_secret_version_stage_res_0", "put_secret_value_res_0", "put_secret_value_res_1"
        ),
        versions("list_secret_version_ids_res_2"),
        get("get_secret_value_res_1"),
        put("put_secret_value_res_2", "S3", "AWSPENDING", "PUT2"),
        versions("list_secret_version_ids_res_3"),
        get("get_secret_value_res_2"),
        move(
            "update_secret_version_stage_res_1", "put_secret_value_res_1", "put_secret_value_res_2"
        ),
        versions("list_secret_version_ids_res_4"),
        get("get_secret_value_res_3"),
        delete("delete_secret_res_0"),
    ],
    "test_update_secret_version_stages_current_pending_cycle_custom_stages_3": [
        create("create_secret_rs", SecretString="SS"),
        put("put_secret_value_res_0", "S1", "PENDING"),
        versions("list_secret_version_ids_rs"),
        get("get_secret_value_v1_rs", VersionId=Of("create_secret_rs", "VersionId")),
        get("get_secret_value_v2_rs", VersionId=Of("put_secret_value_res_0", "VersionId")),
        move("update_secret_version_stage_res_1", "create_secret_rs", "put_secret_value_res_0"),
        get("get_secret_value_v1_rs_1", VersionId=Of("create_secret_rs", "VersionId")),
        get("get_secret_value_v2_rs_1", VersionId=Of("put_secret_value_res_0", "VersionId")),
        step(
            "update_secret_version_stage_res_2",
            "UpdateSecretVersionStage",
            RemoveFromVersionId=Of("put_secret_value_res_0", "VersionId"),
            VersionStage="PENDING",
        ),
        get("get_secret_value_v1_rs_2", VersionId=Of("create_secret_rs", "VersionId")),
        get("get_secret_value_v2_rs_2", VersionId=Of("put_secret_value_res_0", "VersionId")),
        delete("delete_secret_res_0"),
    ],
    "test_non_versioning_version_stages_replacement": [
        create("create_secret_rs_0", SecretString="S0"),
        put("put_secret_value_res_0", "S1", "one", "two", "three"),
        versions("list_secret_version_ids_res_0"),
        put("put_secret_value_res_1", "S2", "one", "two", "three", "four"),
        versions("list_secret_version_ids_res_1"),
        delete("delete_secret_res_0"),
    ],
    "test_non_versioning_version_stages_no_replacement": [
        create("create_secret_rs_0", SecretString="S0"),
        put("put_secret_value_res_0", "S1", "one", "two", "three"),
        versions("list_secret_version_ids_res_0"),
        put("put_secret_value_res_1", "S2", "one", "two", "four"),
        versions("list_secret_version_ids_res_1"),
        delete("delete_secret_res_0"),
    ],
    "test_call_lists_secrets_multiple_times_snapshots": [
        create(
            "create_secret_rs_1",
            SecretString="my_secret",
            Description="testing creation of secrets",
        ),
        *(Step(f"list_secrets_res_{number}", "ListSecrets", {}) for number in range(3)),
        delete("delete_secret_res_1"),
    ],
    "test_create_multi_secrets_snapshot": [
        *(
            create("", name, SecretString="x", Description="Testing secrets creation.")
            for name in ("zero", "one", "two")
        ),
        Step("list_secrets_res", "ListSecrets", {}),
        *(
            step(
                f"delete_secret_res{number}",
                "DeleteSecret",
                SecretId=name,
                ForceDeleteWithoutRecovery=True,
            )
            for number, name in enumerate(("zero", "one", "two"))
        ),
    ],
    "test_secret_not_found": [
        get("get_secret_value_not_found_ex"),
        versions("list_secret_version_ids_not_found_ex"),
    ],
    "test_secret_exists_snapshots": [
        create("", SecretString="x"),
        create("ex_log", SecretString="x"),
        delete("delete_secret_res"),
    ],
    **{
        f"test_no_client_request_token[{operation}]": without_token(operation)
        for operation in ("CreateSecret", "UpdateSecret", "PutSecretValue")
    },
    "test_create_secret_version_from_empty_secret": [
        create("create-empty-secret", Description=""),
        describe("describe-secret"),
        step("put-secret-value", "PutSecretValue", SecretString="example-string-to-protect"),
    ],
    "test_resource_policy": [
        create("", SecretString="x"),
        step("put_resource_policy", "PutResourcePolicy", ResourcePolicy=EVERYONE),
        step("get_resource_policy", "GetResourcePolicy"),
    ],
    "test_secret_restore": [
        create("", SecretString="x"),
        delete("delete_secret_res", RecoveryWindowInDays=30),
        step("restore_secret_res", "RestoreSecret"),
    ],
    "test_secret_tags": [
        create("create_secret"),
        describe("describe_secret"),
        tag("tag_resource_1", tag1="value1"),
        describe("describe_secret_1"),
        tag("tag_resource_2", tag2="value2"),
        describe("describe_secret_2"),
        untag("untag_resource_1", "tag1"),
        describe("describe_secret_3"),
        untag("untag_resource_2", "tag2"),
        describe("describe_secret_4"),
        tag("", tag3="value3", tag4="value4"),
        describe("describe_secret_5"),
        untag("", "tag3", "tag4"),
        describe("describe_secret_6"),
    ],
    "test_deprecated_secret_version_stage": [
        create("create_secret", SecretString="original", Description="My secret"),
        versions("list_secret_version_ids"),
        put("put_secret_value_1", "update1"),
        versions("list_secret_version_ids_1"),
        put("put_secret_value_2", "update2"),
        versions("list_secret_version_ids_2"),
        versions("list_secret_version_ids_3", IncludeDeprecated=True),
        put("put_secret_value_3", "update3"),
        versions("list_secret_version_ids_4"),
        versions("list_secret_version_ids_5", IncludeDeprecated=True),
    ],
    "test_get_secret_value_errors": [
        create("create", SecretString="test"),
        get("error_get_secret_value_non_existing", SecretId=ARN, VersionStage="AWSPREVIOUS"),
        get(
            "mismatch_version_id_and_stage",
            VersionId=Of("create", "VersionId"),
            VersionStage="AWSPREVIOUS",
        ),
    ],
    "test_secret_version_not_found": [
        create(""),
        get("get_secret_value_no_version_ex"),
        get("get_secret_value_version_not_found_ex", VersionId=UNKNOWN_VERSION),
        get("get_secret_value_stage_not_found_ex", VersionStage="AWSPENDING"),
    ],
    "test_get_secret_value": [
        create("create", SecretBinary="Zm9vdGVzdA=="),
        get("secret_value_response", SecretId=ARN),
        get("secret_value_http_response"),
    ],
    "test_force_delete_deleted_secret": [
        create("create_secret_response", SecretString="x"),
        delete("delete_secret_response", RecoveryWindowInDays=30),
        describe("describe_secret_response"),
        delete("force_delete_secret_response"),
    ],
    "test_tag_untag_resource_on_deleted_secret": [
        create("create_secret", SecretString="x", Tags=[{"Key": "initial-tag", "Value": "v"}]),
        delete("delete_secret", RecoveryWindowInDays=30),
        tag("tag_deleted_secret_error", new="value"),
        untag("untag_deleted_secret_error", "initial-tag"),
    ],
    "test_change_secret_value_after_creation[footest-updated1]": binary(
        "Zm9vdGVzdA==", "dXBkYXRlZDE="
    ),
    "test_change_secret_value_after_creation[tops3cret-updated2]": binary(
        "dG9wczNjcmV0", "dXBkYXRlZDI="
    ),
    "test_change_secret_value_after_creation[\\x00\\x01\\x02\\xff-\\xfe\\xfd]": binary(
        "AAEC/w==", "/v0="
    ),
}


@dataclass
class Walk:
    """A scenario on its way: what was answered so far."""

    edge: Edge
    unifier: Unifier
    said: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def take(self, taken: Step) -> Answer:
        # Versions are listed by their age, and these are not made in one instant.
        self.edge.now[0] += 1
        answer = await ask(
            self.edge,
            taken.operation,
            **{name: self.value(value) for name, value in taken.parameters.items()},
        )
        if answer.status == 200:
            self.said[taken.name] = answer.json
        return answer

    def value(self, value: Any) -> Any:
        if not isinstance(value, Of):
            return value
        if value.member == "partial ARN":
            return self.said[value.step]["ARN"][:-7]
        return self.said[value.step][value.member]

    def compare(self, answer: Answer, wanted: Any) -> list[str]:
        error = error_of(wanted)
        if error is None:
            said = answer.json
            if "ResourcePolicy" in said:
                said["ResourcePolicy"] = json.loads(said["ResourcePolicy"])
            return self.unifier.differences(theirs(wanted), said)
        said = {"code": answer.code, "message": answer.message, "status": answer.status}
        return self.unifier.differences(error, {name: said[name] for name in error})


def theirs(wanted: Any) -> Any:
    """Return a snapshot with our account in it, and without an empty list of tags."""
    match wanted:
        case str():
            return wanted.replace(THEIR_ACCOUNT, OUR_ACCOUNT)
        case list():
            return [theirs(value) for value in wanted]
        case dict():
            return {
                name: theirs(value)
                for name, value in wanted.items()
                if not (name == "Tags" and value == [])
            }
        case _:
            return wanted


@pytest.mark.parametrize("test", SCENARIOS)
async def test_answers_as_aws_did(edge: Edge, test: str):
    snapshot = recorded("secretsmanager", test)
    made = [step.parameters["Name"] for step in SCENARIOS[test] if "Name" in step.parameters]
    names = {f"SecretId-{n}idx": name for n, name in enumerate(dict.fromkeys(made))}
    walk = Walk(edge, Unifier({**KNOWN, **names}, LEFT_OUT))
    compared = set()
    for taken in SCENARIOS[test]:
        answer = await walk.take(taken)
        if taken.name in snapshot:
            assert walk.compare(answer, snapshot[taken.name]) == [], (taken, answer.body)
            compared.add(taken.name)
        else:
            assert answer.status == 200, answer.body
    assert compared == snapshot.keys(), "every answer that was recorded is compared"
