"""What is not understood, not offered or not signed: told in each protocol's form."""

import json
import re
from typing import Any, NamedTuple
from urllib.parse import urlencode

import cbor2
import pytest
from botocore.exceptions import ClientError

from support.moto_running import OTHER_ACCOUNT, allow

_FORM = "application/x-www-form-urlencoded"
_METRICS = "/service/GraniteServiceVersion20100801/operation"


class Plain(NamedTuple):
    """A request that is allowed and understood, and its operation's name within it."""

    service: str
    operation: str
    content_type: str
    body: bytes = b""
    target: str = "/"
    method: str = "POST"
    headers: dict[str, str] = {}  # noqa: RUF012 - none is changed

    def words(self, **changes: Any) -> dict[str, Any]:
        given = {"body": self.body, "target": self.target, "method": self.method}
        headers = {"content_type": self.content_type} if self.content_type else {}
        return {"service": self.service, **given, **headers, **self.headers, **changes}

    def renamed(self, name: str) -> dict[str, Any]:
        """Return the request with its operation renamed wherever it stands."""

        def changed(text: str) -> str:
            return text.replace(self.operation, name)

        return self.words(
            body=changed(self.body.decode("latin-1")).encode("latin-1"),
            target=changed(self.target),
            **{key: changed(value) for key, value in self.headers.items()},
        )


def _form(action: str, version: str, **more: str) -> bytes:
    return urlencode({"Action": action, "Version": version, **more}).encode()


PLAIN = {
    "ec2": Plain("ec2", "DescribeVpcs", _FORM, _form("DescribeVpcs", "2016-11-15")),
    "query": Plain("sns", "ListTopics", _FORM, _form("ListTopics", "2010-03-31")),
    "json": Plain(
        "dynamodb",
        "ListTables",
        "application/x-amz-json-1.0",
        b"{}",
        headers={"x_amz_target": "DynamoDB_20120810.ListTables"},
    ),
    "rest-json": Plain("lambda", "functions", "", target="/2015-03-31/functions", method="GET"),
    "rest-xml": Plain("route53", "hostedzone", "", target="/2013-04-01/hostedzone", method="GET"),
    "cbor": Plain(
        "monitoring",
        "ListMetrics",
        "application/cbor",
        cbor2.dumps({}),
        target=f"{_METRICS}/ListMetrics",
        headers={"smithy_protocol": "rpc-v2-cbor"},
    ),
}
FORMS = {
    "ec2": "text/xml;charset=UTF-8",
    "query": "text/xml",
    "json": "application/x-amz-json-1.0",
    "rest-json": "application/json",
    "rest-xml": "text/xml",
    "cbor": "application/cbor",
}


def told(protocol: str, said: Any) -> tuple[int, str]:
    """Return status and code of a refusal, after a look at its form."""
    assert said.headers["content-type"] == FORMS[protocol]
    assert said.headers["x-amzn-requestid"]
    if protocol == "cbor":
        assert said.headers["smithy-protocol"] == "rpc-v2-cbor"
        return said.status, cbor2.loads(said.body)["__type"]
    if protocol == "json":
        return said.status, json.loads(said.body)["__type"]
    if protocol == "rest-json":
        assert isinstance(json.loads(said.body), dict)
        return said.status, said.headers["x-amzn-errortype"]
    root = b"<Response><Errors><Error>" if protocol == "ec2" else b"<ErrorResponse>"
    assert root in said.body
    return said.status, re.search(rb"<Code>(\w+)</Code>", said.body)[1].decode()


@pytest.fixture(scope="module")
def anything(apis):
    return apis.role(allow("*"))


@pytest.fixture
def refused(apis, anything):
    """Send what must be refused, and return status and code; moto is watched."""

    def send(protocol, role=anything, **words):
        with apis.moto.untouched():
            return told(protocol, apis.raw(role, **words))

    return send


@pytest.mark.parametrize("protocol", [name for name in PLAIN if name != "cbor"])
def test_what_is_understood_and_allowed_goes_on(apis, anything, protocol):
    said = apis.raw(anything, **PLAIN[protocol].words())
    assert said.status == 200, said


UNKNOWN = {
    "ec2": (400, "InvalidAction"),
    "query": (400, "InvalidAction"),
    "json": (400, "UnknownOperationException"),
    "rest-json": (404, "UnknownOperationException"),
    "rest-xml": (404, "UnknownOperationException"),
    "cbor": (404, "UnknownOperationException"),
}


@pytest.mark.parametrize("protocol", PLAIN)
@pytest.mark.parametrize("name", ["Nothing", "nothing/of/this"])
def test_an_unknown_operation(refused, protocol, name):
    assert refused(protocol, **PLAIN[protocol].renamed(name)) == UNKNOWN[protocol]


ANOTHER = {
    ("ec2", "dynamodb"): "json",
    ("query", "ec2"): "ec2",
    ("json", "ec2"): "json",
    ("rest-json", "route53"): "rest-xml",
    ("rest-xml", "lambda"): "rest-json",
    ("cbor", "sns"): "cbor",
}


@pytest.mark.parametrize(("protocol", "scope"), ANOTHER)
def test_a_request_that_is_signed_for_another_service(refused, protocol, scope):
    """It is that service's request then, and says nothing there."""
    answer = ANOTHER[protocol, scope]
    status, code = refused(answer, **PLAIN[protocol].words(service=scope))
    assert status in (400, 404)
    assert code in ("InvalidAction", "MissingAction", "UnknownOperationException")


FORGED = {
    "ec2": (401, "AuthFailure"),
    "query": (403, "SignatureDoesNotMatch"),
    "json": (400, "InvalidSignatureException"),
    "rest-json": (403, "InvalidSignatureException"),
    "rest-xml": (403, "SignatureDoesNotMatch"),
    "cbor": (403, "InvalidSignatureException"),
}


@pytest.mark.parametrize("protocol", PLAIN)
@pytest.mark.parametrize("changed", ["host", "x-amz-date", "authorization"])
def test_what_was_changed_after_it_was_signed(refused, protocol, changed):
    after = {
        "host": {"Host": "elsewhere.example"},
        "x-amz-date": {"X-Amz-Date": "20200101T000000Z"},
        "authorization": {"X-Amz-Security-Token": "another"},
    }[changed]
    status, code = refused(protocol, after=after, **PLAIN[protocol].words())
    assert 400 <= status < 500
    if changed == "host":
        assert (status, code) == FORGED[protocol]


@pytest.mark.parametrize("protocol", ["ec2", "query", "json", "cbor"])
def test_another_body_than_was_signed(refused, protocol):
    words = PLAIN[protocol].words()
    body = words.pop("body") + b" "
    assert refused(protocol, body=PLAIN[protocol].body, sent=body, **words) == FORGED[protocol]


@pytest.mark.parametrize("protocol", PLAIN)
def test_nobody_signed_it(apis, protocol):
    """Nobody can tell then for which service it is: the answer is the server's own."""
    with apis.moto.untouched():
        said = apis.raw(None, **PLAIN[protocol].words())
    assert said.status == 400
    assert re.search(rb"InvalidAction|MissingAction|UnknownOperationException", said.body)


@pytest.mark.parametrize("protocol", PLAIN)
def test_a_service_that_has_no_upstream(apis, anything, protocol):
    """A caller of another account has none but that of SQS."""
    stranger = apis.role(allow("*"), account=OTHER_ACCOUNT)
    with apis.moto.untouched():
        said = apis.raw(stranger, account=OTHER_ACCOUNT, **PLAIN[protocol].words())
    status, code = told(protocol, said)
    assert status == 400
    assert code in ("InvalidAction", "UnknownOperationException")
    assert f"The service {PLAIN[protocol].service} is not offered by this server.".encode() in (
        said.body
    )


@pytest.mark.parametrize(
    ("service", "call"),
    [("ecs", "list_clusters"), ("apigateway", "get_rest_apis"), ("ses", "get_send_quota")],
)
def test_a_service_that_nobody_offers(apis, anything, service, call):
    with apis.moto.untouched(), pytest.raises(ClientError) as refused:
        getattr(apis.client(service, anything), call)()
    error = refused.value.response["Error"]
    assert error["Code"] in ("InvalidAction", "UnknownOperationException")
    assert error["Message"].endswith(" is not offered by this server.")


@pytest.mark.parametrize("service", ["nosuch", "monitorin", "EC2", ""])
@pytest.mark.parametrize("protocol", PLAIN)
def test_a_service_that_there_is_not(apis, anything, protocol, service):
    with apis.moto.untouched():
        said = apis.raw(anything, **PLAIN[protocol].words(service=service))
    assert said.status == 400
    assert re.search(rb"InvalidAction|MissingAction|UnknownOperationException", said.body)


@pytest.mark.parametrize("protocol", PLAIN)
def test_a_body_beyond_the_bound(refused, protocol):
    words = PLAIN[protocol].words(body=b" " * (16 * 1024 * 1024 + 1), method="POST")
    status, code = refused(protocol, **words)
    assert (status, code) == (400 if protocol == "json" else 413, "RequestEntityTooLarge")


@pytest.mark.parametrize("protocol", ["ec2", "query"])
def test_a_presigned_link(apis, anything, protocol):
    """Good for the whole request; what it allows is asked when it is used."""
    plain = PLAIN[protocol]
    link = {"service": plain.service, "method": "GET", "presigned": True}
    target = f"/?{plain.body.decode()}"
    assert apis.raw(anything, target=target, **link).status == 200
    stranger = apis.role(allow("kms:*"))
    with apis.moto.untouched():
        said = apis.raw(stranger, target=target, **link)
    assert told(protocol, said)[0] == 403


@pytest.mark.parametrize("protocol", ["ec2", "query", "rest-json", "rest-xml"])
def test_a_presigned_link_that_was_changed(refused, protocol):
    plain = PLAIN[protocol]
    target = plain.target if plain.method == "GET" else f"/?{plain.body.decode()}"
    words = {"service": plain.service, "method": "GET", "target": target, "presigned": True}
    assert refused(protocol, also="&Extra=1", **words) == FORGED[protocol]
