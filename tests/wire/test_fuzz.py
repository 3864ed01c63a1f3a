"""Whatever arrives, the answer is a typed refusal or a decoded request; never a crash."""

import json
from typing import Any
from urllib.parse import quote_from_bytes

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from valetkey.errors import AwsError
from valetkey.wire import (
    Services,
    WireRequest,
    decode,
    encode_error,
    identify,
    load_services,
    validate,
)

SERVICES: Services = load_services(None)
FORM = b"application/x-www-form-urlencoded"
JSON = b"application/x-amz-json-1.1"

LAW = settings(
    max_examples=300, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)

steps = st.sampled_from(
    ["Tags", "member", "entry", "1", "2", "Key", "Value", "key", "value", "PolicyArns", "arn", "",
     "RoleArn", "RoleSessionName", "DurationSeconds", "ThumbprintList", "Url", "MaxItems",
     "ReplacementValues", "ProvidedContexts", "é", "\0"]
)  # fmt: skip
names = st.lists(steps, min_size=1, max_size=6).map(".".join)
scraps = st.one_of(st.text(max_size=8), st.sampled_from(["", "1", "-5", "true", "a" * 3000]))


@st.composite
def forms(draw: st.DrawFn) -> bytes:
    service = draw(st.sampled_from(["sts", "iam"]))
    action = draw(st.sampled_from(sorted(SERVICES[service].operations)))
    pairs = draw(st.lists(st.tuples(names, scraps), max_size=8, unique_by=lambda pair: pair[0]))
    pairs = [("Action", action), ("Version", SERVICES[service].version), *pairs]
    return b"&".join(
        b"=".join(quote_from_bytes(text.encode("utf-8", "surrogatepass")).encode() for text in pair)
        for pair in pairs
    )


content_types = st.tuples(st.just(b"content-type"), st.sampled_from([FORM, JSON, b"\xff"]))
targets = st.tuples(
    st.just(b"x-amz-target"), st.sampled_from([b"secretsmanager.CreateSecret", b"", b"\xff."])
)
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def answered(request: WireRequest, scope: str | None = None) -> None:
    service = None
    try:
        service = identify(request, SERVICES, scope_service=scope)
        decoded = decode(request, service)
        validate(decoded)
    except AwsError as error:
        answer = encode_error(service, error, "id")
        assert 400 <= answer.status < 500
        assert answer.body


@LAW
@given(
    st.builds(
        WireRequest,
        st.sampled_from(["GET", "POST"]),
        st.just(b"/"),
        st.binary(max_size=60),
        st.lists(st.one_of(content_types, targets), max_size=2).map(tuple),
        st.binary(max_size=60),
    ),
    st.sampled_from([None, "sts", "iam", "secretsmanager", "s3", ""]),
)
def test_any_bytes(request: WireRequest, scope: str | None) -> None:
    answered(request, scope)


@LAW
@given(forms())
def test_any_form(body: bytes) -> None:
    answered(WireRequest("POST", b"/", b"", ((b"content-type", FORM),), body))


@LAW
@given(
    st.sampled_from(sorted(SERVICES["secretsmanager"].operations)),
    st.dictionaries(
        st.sampled_from(
            ["Name", "SecretId", "Tags", "SecretBinary", "MaxResults", "Filters", "TagKeys",
             "VersionStages", "AddReplicaRegions", "RotationRules", "SortOrder", "x"]
        ),
        json_values,
        max_size=4,
    ),
)  # fmt: skip
def test_any_json(operation: str, value: dict[str, Any]) -> None:
    headers = ((b"content-type", JSON), (b"x-amz-target", f"secretsmanager.{operation}".encode()))
    answered(WireRequest("POST", b"/", b"", headers, json.dumps(value).encode()))
