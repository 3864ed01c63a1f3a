"""Forms, compressed bodies, presigned URLs, depth: what tables of real clients do not reach."""

import gzip
import json
from typing import Any
from urllib.parse import urlencode

import cbor2
import pytest

from gateway.apis.clients import ACCOUNT, CATALOGUE, REGION, sent
from valetkey.errors import AwsError
from valetkey.gateway.apis import ApiRequest, questions, understand
from valetkey.gateway.apis.bodies import MAX_BYTES
from valetkey.gateway.apis.cbor import MAX_DEPTH, parse_cbor
from valetkey.gateway.apis.rest import _elements
from valetkey.gateway.apis.xml import parse_xml
from valetkey.gateway.model import Head

FORM = (b"content-type", b"application/x-www-form-urlencoded")
QUEUE = f"https://sqs.example/{ACCOUNT}/q"


def read(head: Head, body: bytes, service: str) -> ApiRequest:
    return understand(head, body, service=service, region=REGION, catalogue=CATALOGUE)


def form(service: str, path: str = "/", /, **parameters: str) -> ApiRequest:
    body = urlencode(parameters).encode()
    return read(Head("POST", path.encode(), b"", (FORM,)), body, service)


class TestSqsInItsOlderTongue:
    def sqs(self, path: str = "/", /, **parameters: str) -> ApiRequest:
        return form("sqs", path, Version="2012-11-05", **parameters)

    def test_the_queue_is_in_the_path_or_in_the_parameter_or_in_both(self) -> None:
        for path, more in (
            (f"/{ACCOUNT}/q", {}),
            (f"/{ACCOUNT}/q/", {}),
            ("/", {"QueueUrl": QUEUE}),
            (f"/{ACCOUNT}/q", {"QueueUrl": QUEUE}),
        ):
            request = self.sqs(path, Action="SendMessage", MessageBody="m", **more)
            (question,) = questions(request, account="999999999999", region=REGION)
            assert question.resource == f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"

    def test_its_names(self) -> None:
        request = self.sqs(
            Action="CreateQueue",
            QueueName="q",
            **{"Attribute.1.Name": "FifoQueue", "Attribute.1.Value": "true",
               "Tag.1.Key": "team", "Tag.1.Value": "a"},
        )  # fmt: skip
        assert request.input == {
            "QueueName": "q",
            "Attributes": {"FifoQueue": "true"},
            "tags": {"team": "a"},
        }
        request = self.sqs(
            Action="SendMessageBatch",
            QueueUrl=QUEUE,
            **{"SendMessageBatchRequestEntry.1.Id": "1",
               "SendMessageBatchRequestEntry.1.MessageBody": "m",
               "SendMessageBatchRequestEntry.1.MessageAttribute.1.Name": "a",
               "SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.DataType": "String",
               "SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.StringValue": "b"},
        )  # fmt: skip
        assert request.parameters["Entries[].MessageAttributes.a.StringValue"] == ("b",)
        request = self.sqs(
            Action="ReceiveMessage",
            QueueUrl=QUEUE,
            **{"AttributeName.1": "All", "MessageAttributeName.1": "x", "WaitTimeSeconds": "1"},
        )
        assert request.input["AttributeNames"] == ["All"]
        assert request.input["MessageAttributeNames"] == ["x"]
        request = self.sqs(
            Action="UntagQueue", QueueUrl=QUEUE, **{"TagKey.1": "a", "TagKey.2": "b"}
        )
        assert request.input["TagKeys"] == ["a", "b"]
        request = self.sqs(
            Action="AddPermission",
            QueueUrl=QUEUE,
            Label="l",
            **{"AWSAccountId.1": ACCOUNT, "ActionName.1": "SendMessage"},
        )
        assert request.input["AWSAccountIds"] == [ACCOUNT]

    def test_the_protocol_is_told(self) -> None:
        request = self.sqs(Action="ListQueues")
        assert (request.protocol, request.entry.name) == ("query", "sqs")


class TestForms:
    def test_in_the_url(self) -> None:
        query = urlencode({"Action": "DescribeInstances", "Version": "2016-11-15"}).encode()
        assert read(Head("GET", b"/", query, ()), b"", "ec2").operation == "DescribeInstances"

    def test_a_presigned_url(self) -> None:
        signature = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": "c", "X-Amz-Date": "d",
            "X-Amz-Expires": "60", "X-Amz-SignedHeaders": "host", "X-Amz-Signature": "0",
            "X-Amz-Security-Token": "t",
        }  # fmt: skip
        query = urlencode(
            {"Action": "StopInstances", "Version": "2016-11-15", "InstanceId.1": "i-1", **signature}
        ).encode()
        request = read(Head("GET", b"/", query, ()), b"", "ec2")
        assert request.input == {"InstanceIds": ["i-1"]}

    def test_gaps_in_a_list_are_passed_over(self) -> None:
        request = form(
            "ec2", Action="StopInstances", Version="2016-11-15",
            **{"InstanceId.10": "i-10", "InstanceId.2": "i-2"},
        )  # fmt: skip
        assert request.input == {"InstanceIds": ["i-2", "i-10"]}

    def test_an_empty_value_is_a_value(self) -> None:
        # As the Terraform provider sends it.
        request = form(
            "ec2", Action="RunInstances", Version="2016-11-15", ImageId="ami-1", MinCount="1",
            MaxCount="1", **{"Placement.AvailabilityZone": ""},
        )  # fmt: skip
        assert request.input["Placement"] == {"AvailabilityZone": ""}

    def test_an_older_version_of_ec2(self) -> None:
        request = form(
            "ec2", Action="StopInstances", Version="2015-10-01", **{"InstanceId.1": "i-1"}
        )
        assert request.entry.version == "2015-10-01"

    def test_many_parameters_are_refused_in_no_time(self) -> None:
        body = b"&".join(b"InstanceId.%d=i" % number for number in range(100_000))
        body = b"Action=StopInstances&Version=2016-11-15&" + body
        with pytest.raises(AwsError):
            read(Head("POST", b"/", b"", (FORM,)), body, "ec2")


class TestBodies:
    HEADERS = (
        (b"content-type", b"application/cbor"),
        (b"smithy-protocol", b"rpc-v2-cbor"),
        (b"content-encoding", b"gzip"),
    )
    PATH = b"/service/GraniteServiceVersion20100801/operation/"

    def cbor(self, operation: bytes, body: bytes) -> ApiRequest:
        return read(Head("POST", self.PATH + operation, b"", self.HEADERS), body, "monitoring")

    def test_what_may_be_compressed(self) -> None:
        value = cbor2.dumps({"Namespace": "n", "MetricData": []})
        assert self.cbor(b"PutMetricData", gzip.compress(value)).input["Namespace"] == "n"

    def test_what_may_not(self) -> None:
        with pytest.raises(AwsError):
            self.cbor(b"ListMetrics", gzip.compress(cbor2.dumps({})))

    @pytest.mark.parametrize(
        "body",
        [
            gzip.compress(b"\xa0", mtime=0)[:-2],
            gzip.compress(b"\xa0", mtime=0) + gzip.compress(b"\xa0", mtime=0),
            b"\x1f\x8b",
            b"",
        ],
    )
    def test_bad_gzip(self, body: bytes) -> None:
        with pytest.raises(AwsError):
            self.cbor(b"PutMetricData", body)

    def test_a_bomb(self) -> None:
        with pytest.raises(AwsError):
            self.cbor(b"PutMetricData", gzip.compress(bytes(MAX_BYTES + 1), 9))

    def test_a_compressed_form(self) -> None:
        form_body = urlencode(
            {"Action": "PutMetricData", "Version": "2010-08-01", "Namespace": "n"}
        ).encode()
        head = Head("POST", b"/", b"", (FORM, (b"content-encoding", b"gzip")))
        assert read(head, gzip.compress(form_body), "monitoring").input == {"Namespace": "n"}


class TestDepth:
    @staticmethod
    def nested(levels: int) -> dict[str, Any]:
        value: dict[str, Any] = {"S": "x"}
        for _ in range(levels):
            value = {"M": {"a": value}}
        return {"TableName": "t", "Item": {"id": {"S": "1"}, "deep": value}}

    def put(self, levels: int) -> ApiRequest:
        head, _ = sent("dynamodb", "PutItem", {"TableName": "t", "Item": {}})
        return read(head, json.dumps(self.nested(levels)).encode(), "dynamodb")

    def test_as_deep_as_dynamodb_goes(self) -> None:
        assert self.put(32).operation == "PutItem"

    @pytest.mark.parametrize("levels", [60, 5000])
    def test_deeper(self, levels: int) -> None:
        with pytest.raises(AwsError):
            self.put(levels) if levels < 1000 else read(
                sent("dynamodb", "PutItem", {"TableName": "t", "Item": {}})[0],
                b'{"Item":' + b"[" * levels,
                "dynamodb",
            )

    def test_cbor(self) -> None:
        assert parse_cbor(b"\x81" * (MAX_DEPTH - 1) + b"\x00") is not None
        for many in (MAX_DEPTH + 1, 100_000):
            with pytest.raises(ValueError, match="CBOR"):
                parse_cbor(b"\x81" * many + b"\x00")

    def test_xml(self) -> None:
        with pytest.raises(ValueError, match="deep"):
            parse_xml(b"<a>" * 100_000)


class TestCbor:
    @pytest.mark.parametrize("number", [*range(2, 300), 1004, 43000, 55799])
    def test_no_tag_but_one(self, number: int) -> None:
        for inner in ("x", 1, b"ab", [1, 2]):
            with pytest.raises(ValueError, match="CBOR"):
                parse_cbor(cbor2.dumps(cbor2.CBORTag(number, inner)))

    def test_open_lengths(self) -> None:
        assert parse_cbor(bytes.fromhex("bf6161 9f0102ff 6162 7f61786179ff ff")) == {
            "a": [1, 2],
            "b": "xy",
        }

    @pytest.mark.parametrize("text", ["c16161", "c1f97e00", "c1fb7fefffffffffffff", "c1a0"])
    def test_times_that_are_none(self, text: str) -> None:
        with pytest.raises(ValueError, match="CBOR"):
            parse_cbor(bytes.fromhex(text))


class TestMeaning:
    def test_the_headers_that_it_hangs_on(self) -> None:
        head, body = sent("lambda", "Invoke", {"FunctionName": "f", "InvocationType": "Event"})
        assert read(head, body, "lambda").meaning == {b"x-amz-invocation-type"}
        head, body = sent("dynamodb", "ListTables", {})
        assert read(head, body, "dynamodb").meaning == {b"content-type", b"x-amz-target"}


@pytest.mark.parametrize(
    ("filler", "count"), [('"', 0), ('"a', 100_000), ('"\\', 2), ("a,", 100_000), ("\\", 1)]
)
def test_a_long_header_that_is_a_list_takes_no_time(filler: str, count: int) -> None:
    assert len([*_elements(filler * 100_000)]) == count


def test_elements_of_a_header() -> None:
    assert [*_elements('a, "b,c" ,"\\"d\\"",, "e')] == ["a", "b,c", '"d"', "e"]
