"""Whatever arrives is understood or refused with a typed error; never a crash."""

import json
from typing import Any
from urllib.parse import quote_from_bytes

import cbor2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.apis.clients import ACCOUNT, CATALOGUE, REGION, model
from valetkey.errors import AwsError
from valetkey.gateway.apis import encode_error, questions, spoken_by, understand
from valetkey.gateway.model import Head

LAW = settings(
    max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
FORM = (b"content-type", b"application/x-www-form-urlencoded")
SCOPES = ["ec2", "sqs", "dynamodb", "lambda", "monitoring", "route53", "sns", "kms", "", "s3"]

scraps = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["", "1", "-5", "true", "*", "a" * 3000, "arn:aws:sqs:::q", "arn:::::", "alias/a",
         f"https://h/{ACCOUNT}/q", "SELECT * FROM t", "a = :a", "../x", "i-1", "é", "\0"]
    ),
)  # fmt: skip
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), scraps, st.binary(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(scraps, inner, max_size=3)
    ),
    max_leaves=6,
)


def answered(head: Head, body: bytes, scope: str) -> None:
    try:
        request = understand(head, body, service=scope, region=REGION, catalogue=CATALOGUE)
        found = questions(request, account=ACCOUNT, region=REGION)
        assert found
        assert all(one.action.count(":") == 1 and one.resource for one in found)
        assert request.parameters is not None
    except AwsError as error:
        answer = encode_error(scope, spoken_by(head, scope, CATALOGUE), error, "id")
        assert 400 <= answer.status < 500
        assert answer.body


@LAW
@given(
    st.builds(
        Head,
        st.sampled_from(["GET", "POST", "PUT", "DELETE", "x"]),
        st.one_of(st.binary(max_size=40), st.binary(max_size=40).map(lambda raw: b"/" + raw)),
        st.binary(max_size=40),
        st.lists(
            st.tuples(
                st.sampled_from(
                    [b"content-type", b"x-amz-target", b"smithy-protocol", b"content-encoding"]
                ),
                st.one_of(
                    st.binary(max_size=20),
                    st.sampled_from([FORM[1], b"gzip", b"rpc-v2-cbor", b"AmazonSQS.SendMessage"]),
                ),
            ),
            max_size=3,
        ).map(tuple),
    ),
    st.binary(max_size=60),
    st.sampled_from(SCOPES),
)
def test_any_bytes(head: Head, body: bytes, scope: str) -> None:
    answered(head, body, scope)


@st.composite
def forms(draw: st.DrawFn) -> tuple[str, bytes]:
    service = draw(st.sampled_from(["ec2", "sns"]))
    found = model(service)
    operation = draw(st.sampled_from(found.operation_names))
    shape = found.operation_model(operation).input_shape
    members = [
        inner.serialization.get("queryName")
        or (
            inner.serialization.get("name", name)[:1].upper()
            + inner.serialization.get("name", name)[1:]
        )
        for name, inner in (shape.members if shape else {}).items()
    ]
    steps = st.sampled_from(["1", "2", "member", "entry", "key", "value", "Key", "Value", "", "0"])
    names = st.tuples(st.sampled_from([*members, "x"]), st.lists(steps, max_size=4)).map(
        lambda pair: ".".join((pair[0], *pair[1]))
    )
    pairs = draw(st.lists(st.tuples(names, scraps), max_size=6, unique_by=lambda pair: pair[0]))
    pairs = [("Action", operation), ("Version", found.metadata["apiVersion"]), *pairs]
    return service, b"&".join(
        b"=".join(quote_from_bytes(text.encode("utf-8", "surrogatepass")).encode() for text in pair)
        for pair in pairs
    )


@LAW
@given(forms())
def test_any_form(given_form: tuple[str, bytes]) -> None:
    service, body = given_form
    answered(Head("POST", b"/", b"", (FORM,)), body, service)


@st.composite
def inputs(draw: st.DrawFn, services: list[str]) -> tuple[str, str, Any]:
    service = draw(st.sampled_from(services))
    found = model(service)
    operation = draw(st.sampled_from(found.operation_names))
    shape = found.operation_model(operation).input_shape
    members = list(shape.members) if shape else []
    return (
        service,
        operation,
        draw(st.dictionaries(st.sampled_from([*members, "x"]), values, max_size=4)),
    )


@LAW
@given(inputs(["sqs", "dynamodb", "kms", "logs", "ecs", "ssm", "events", "kinesis"]))
def test_any_json(given_input: tuple[str, str, Any]) -> None:
    service, operation, value = given_input
    metadata = model(service).metadata
    headers = (
        (b"content-type", b"application/x-amz-json-1.0"),
        (b"x-amz-target", f"{metadata['targetPrefix']}.{operation}".encode()),
    )
    body = json.dumps(value, default=lambda raw: raw.decode("latin-1")).encode()
    answered(Head("POST", b"/", b"", headers), body, model(service).signing_name)


@LAW
@given(inputs(["cloudwatch"]))
def test_any_cbor(given_input: tuple[str, str, Any]) -> None:
    service, operation, value = given_input
    path = f"/service/{model(service).metadata['targetPrefix']}/operation/{operation}"
    headers = ((b"content-type", b"application/cbor"), (b"smithy-protocol", b"rpc-v2-cbor"))
    answered(Head("POST", path.encode(), b"", headers), cbor2.dumps(value), "monitoring")


@LAW
@given(
    st.lists(
        st.sampled_from(
            ["2013-04-01", "hostedzone", "2015-03-31", "functions", "f", "%2F", "%2e", "..", "",
             "invocations", "aliases", "policy", "tags", "arn%3Aaws%3Alambda%3A%3A%3Af", "é"]
        ),
        max_size=6,
    ).map(lambda steps: "/" + "/".join(steps)),
    st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    st.sampled_from(["", "Qualifier=1", "Qualifier=1&Qualifier=2", "tagKeys=a&tagKeys=b", "x"]),
    st.sampled_from([b"", b"{}", b"<a/>", b"<a><b>c</b></a>", b'{"FunctionName": "f"}', b"\xff"]),
    st.sampled_from(["lambda", "route53", "cloudfront", "apigateway"]),
)  # fmt: skip
def test_any_path(path: str, method: str, query: str, body: bytes, scope: str) -> None:
    answered(Head(method, path.encode(), query.encode(), ()), body, scope)
