"""SQS through the gateway, by today's protocol and by that of before; policies by queue."""

from urllib.parse import urlencode

import pytest
from botocore.exceptions import ClientError

from clients.talking import assert_refused
from support.api_table import covers
from support.moto_running import REGION, allow, arn
from support.processes import ACCOUNT

VERSION = "2012-11-05"
FORM = "application/x-www-form-urlencoded"
CREATE, SEND, RECEIVE = "sqs:CreateQueue", "sqs:SendMessage", "sqs:ReceiveMessage"
DELETE, TAG = "sqs:DeleteMessage", "sqs:TagQueue"


def url_of(queue, account=ACCOUNT):
    return f"https://sqs.{REGION}.amazonaws.com/{account}/{queue}"


def sentence(role, action, queue):
    return (
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/{role}/job-1 is not authorized to perform:"
        f" {action} on resource: {arn('sqs', queue)} because no identity-based policy allows the"
        f" {action} action"
    )


def refused(call, **given):
    with pytest.raises(ClientError) as denied:
        call(**given)
    error = denied.value.response["Error"]
    assert error["Code"] == "AccessDenied"
    return error["Message"]


@pytest.fixture(scope="module")
def queues(apis):
    """Make two queues straight at moto."""
    for name in ("kiln-1", "wick-1"):
        apis.direct("sqs").create_queue(QueueName=name, tags={"team": name[:4]})


@covers("sqs", "CreateQueue", "SendMessage", "ReceiveMessage", "DeleteMessage", "DeleteQueue")
def test_a_queue_from_its_making_to_its_end(apis):
    role = apis.role(allow("sqs:*", arn("sqs", "kiln-*")))
    sqs = apis.client("sqs", role)
    made = sqs.create_queue(QueueName="kiln-made")["QueueUrl"]
    sqs.send_message(QueueUrl=made, MessageBody="fire")
    (message,) = sqs.receive_message(QueueUrl=made)["Messages"]
    assert message["Body"] == "fire"
    sqs.delete_message(QueueUrl=made, ReceiptHandle=message["ReceiptHandle"])
    sqs.delete_queue(QueueUrl=made)
    with apis.moto.untouched():
        told = refused(sqs.create_queue, QueueName="wick-made")
    assert told == sentence(role, CREATE, "wick-made")


@pytest.mark.usefixtures("queues")
@covers("sqs", "SendMessage", "ReceiveMessage", "SendMessageBatch", "GetQueueUrl")
def test_who_may_send_may_not_receive(apis):
    role = apis.role(allow([SEND, "sqs:GetQueueUrl"], arn("sqs", "kiln-1")))
    sqs = apis.client("sqs", role)
    url = sqs.get_queue_url(QueueName="kiln-1")["QueueUrl"]
    entries = [{"Id": "1", "MessageBody": "one"}, {"Id": "2", "MessageBody": "two"}]
    assert len(sqs.send_message_batch(QueueUrl=url, Entries=entries)["Successful"]) == 2
    with apis.moto.untouched():
        assert refused(sqs.receive_message, QueueUrl=url) == sentence(role, RECEIVE, "kiln-1")
        told = refused(sqs.send_message, QueueUrl=url_of("wick-1"), MessageBody="x")
        assert told == sentence(role, SEND, "wick-1")
        stranger = url_of("kiln-1", "999988887777")
        told = refused(sqs.send_message_batch, QueueUrl=stranger, Entries=entries)
        assert "999988887777:kiln-1" in told


@pytest.mark.usefixtures("queues")
@covers("sqs", "SendMessage", client="aws")
def test_the_aws_cli_needs_the_endpoint_in_its_words(apis):
    """Version 1 puts SQS's oldest host names in the place of AWS_ENDPOINT_URL."""
    role = apis.role(allow(SEND, arn("sqs", "kiln-1")))
    words = ("--endpoint-url", apis.site.endpoint, "sqs", "send-message", "--message-body", "x")
    assert "MessageId" in apis.aws(role, *words, "--queue-url", url_of("kiln-1")).json
    with apis.moto.untouched():
        done = apis.aws(role, *words, "--queue-url", url_of("wick-1"))
    told = sentence(role, SEND, "wick-1")
    assert_refused(done, "AccessDenied", "SendMessage", told)


def asked(apis, role, action, queue, *, in_path=True, **parameters):
    """Ask in the query protocol, the queue named in the path or as a parameter."""
    given = {"Action": action, "Version": VERSION, **parameters}
    target = f"/{ACCOUNT}/{queue}" if in_path else "/"
    if not in_path:
        given["QueueUrl"] = url_of(queue)
    body = urlencode(given).encode()
    return apis.raw(role, "sqs", body, target=target, content_type=FORM)


@pytest.mark.usefixtures("queues")
@pytest.mark.parametrize("in_path", [True, False], ids=["path", "parameter"])
@covers("sqs", "SendMessage", "ReceiveMessage", protocol="query", client="signed by hand")
def test_the_query_protocol(apis, in_path):
    role = apis.role(allow([SEND, RECEIVE], arn("sqs", "kiln-1")))
    where = {"in_path": in_path}
    assert asked(apis, role, "SendMessage", "kiln-1", MessageBody="old", **where).status == 200
    said = asked(apis, role, "ReceiveMessage", "kiln-1", MaxNumberOfMessages="10", **where)
    assert (said.status, b"<Body>old</Body>" in said.body) == (200, True)
    with apis.moto.untouched():
        said = asked(apis, role, "SendMessage", "wick-1", MessageBody="x", **where)
    told = sentence(role, SEND, "wick-1")
    assert (said.status, said.headers["content-type"]) == (403, "text/xml")
    assert f"<Code>AccessDenied</Code>\n    <Message>{told}</Message>".encode() in said.body


@pytest.mark.usefixtures("queues")
def test_a_path_and_a_parameter_that_name_two_queues(apis):
    role = apis.role(allow("sqs:*"))
    with apis.moto.untouched():
        said = asked(apis, role, "SendMessage", "kiln-1", QueueUrl=url_of("wick-1"), MessageBody="")
    assert (said.status, b"<Code>MalformedInput</Code>" in said.body) == (400, True)


@pytest.mark.usefixtures("queues")
@covers("sqs", "SendMessage")
def test_queues_of_one_tag(apis):
    role = apis.role(allow(SEND, StringEquals={"aws:ResourceTag/team": "kiln"}))
    sqs = apis.client("sqs", role)
    sqs.send_message(QueueUrl=url_of("kiln-1"), MessageBody="x")
    told = refused(sqs.send_message, QueueUrl=url_of("wick-1"), MessageBody="x")
    assert told == sentence(role, SEND, "wick-1")
