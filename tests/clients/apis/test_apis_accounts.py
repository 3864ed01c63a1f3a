"""Whose credentials, and for which region: upstreams of an account, and those open to others."""

import pytest
from botocore.exceptions import ClientError

from support.moto_running import (
    FIXED_REGION,
    OTHER_ACCOUNT,
    OTHER_REGION,
    REGION,
    STRANGE_ACCOUNT,
    allow,
    arn,
)
from support.ports import refusing_port
from support.processes import ACCOUNT


def refused(call, **given):
    with pytest.raises(ClientError) as denied:
        call(**given)
    return denied.value.response["Error"]


def kept(apis, call, **given):
    """Return what is recorded of a call that must be refused."""
    with pytest.raises(ClientError) as denied:
        call(**given)
    return apis.record(denied.value.response["ResponseMetadata"]["RequestId"])


@pytest.mark.parametrize("key", ["aws:RequestedRegion", "ec2:Region"])
def test_one_region(apis, key):
    role = apis.role(allow("ec2:*", StringEquals={key: OTHER_REGION}))
    made = apis.client("ec2", role, region=OTHER_REGION).run_instances(
        ImageId="ami-1", MinCount=1, MaxCount=1
    )["Instances"][0]
    assert made["Placement"]["AvailabilityZone"].startswith(OTHER_REGION)
    there = apis.direct("ec2", OTHER_REGION)
    there.describe_instances(InstanceIds=[made["InstanceId"]])
    with apis.moto.untouched():
        here = apis.client("ec2", role, region=REGION)
        told = refused(here.terminate_instances, InstanceIds=[made["InstanceId"]])
    assert told["Code"] == "UnauthorizedOperation"
    assert arn("ec2", f"instance/{made['InstanceId']}", region=REGION) in told["Message"]


def test_the_region_of_an_arn(apis):
    role = apis.role(allow("ec2:RunInstances", "arn:aws:ec2:eu-*:*:*/*"),
                     allow("ec2:RunInstances", "arn:aws:ec2:*::image/*"))  # fmt: skip
    given = {"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1}
    apis.client("ec2", role, region=OTHER_REGION).run_instances(**given)
    with apis.moto.untouched():
        told = refused(apis.client("ec2", role, region=REGION).run_instances, **given)
    assert told["Code"] == "UnauthorizedOperation"


def test_an_upstream_with_a_region_of_its_own(apis):
    role = apis.role(allow("kms:*"))
    made = apis.client("kms", role, region=FIXED_REGION).create_key()["KeyMetadata"]["Arn"]
    assert made.startswith(f"arn:aws:kms:{FIXED_REGION}:")
    with apis.moto.untouched():
        list_keys = apis.client("kms", role, region=REGION).list_keys
        told, record = refused(list_keys), kept(apis, list_keys)
    assert told == {
        "Code": "InvalidSignatureException",
        "Message": f"Credential should be scoped to a valid region, not '{REGION}'. ",
    }
    assert record.help == f"set `AWS_REGION={FIXED_REGION}`"


@pytest.fixture(scope="module")
def queue(apis):
    apis.direct("sqs").create_queue(QueueName="shared")
    return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/shared"


def test_an_upstream_that_is_open_to_another_account(apis, queue):
    """Its own policies decide; the resources are of the upstream's account."""
    role = apis.role(allow("sqs:SendMessage", arn("sqs", "shared")), account=OTHER_ACCOUNT)
    sqs = apis.client("sqs", role, account=OTHER_ACCOUNT)
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    with apis.moto.untouched():
        told = refused(sqs.receive_message, QueueUrl=queue)
    session = f"arn:aws:sts::{OTHER_ACCOUNT}:assumed-role/{role}/job-1"
    assert told["Code"] == "AccessDenied"
    assert told["Message"].startswith(f"User: {session} is not authorized")
    assert f"on resource: {arn('sqs', 'shared')} because" in told["Message"]


def test_whose_the_resource_is_can_be_a_condition(apis, queue):
    own = {"aws:ResourceAccount": "${aws:PrincipalAccount}"}
    role = apis.role(allow("sqs:*", StringEquals=own), account=OTHER_ACCOUNT)
    with apis.moto.untouched():
        sqs = apis.client("sqs", role, account=OTHER_ACCOUNT)
        refused(sqs.send_message, QueueUrl=queue, MessageBody="x")
    owner = {"aws:ResourceAccount": ACCOUNT}
    role = apis.role(allow("sqs:*", StringEquals=owner), account=OTHER_ACCOUNT)
    sqs = apis.client("sqs", role, account=OTHER_ACCOUNT)
    sqs.send_message(QueueUrl=queue, MessageBody="x")


def test_an_upstream_that_is_not(apis):
    role = apis.role(allow("*"), account=STRANGE_ACCOUNT)
    with apis.moto.untouched():
        record = kept(apis, apis.client("sqs", role, account=STRANGE_ACCOUNT).list_queues)
    assert record.wire_message == "The service sqs is not offered by this server."
    assert record.reason == f"no upstream of service `sqs` is open to account `{STRANGE_ACCOUNT}`"


def test_tags_that_can_not_be_looked_up(apis, request):
    """An account's own upstream goes before one that is open to it; this one is down."""
    tagged = {"StringEquals": {"aws:ResourceTag/team": "kiln"}}
    role = apis.role(allow("ec2:TerminateInstances", **tagged), account=OTHER_ACCOUNT)
    with refusing_port() as port:
        words = ("--service", "ec2", "--endpoint", f"http://127.0.0.1:{port}", "--region", "*")
        done = apis.site.valetkey("upstream", "add", "down", "--account", OTHER_ACCOUNT, *words)
        assert done.code == 0, done.errors
        request.addfinalizer(lambda: apis.site.valetkey("upstream", "remove", "down"))
        ec2 = apis.client("ec2", role, account=OTHER_ACCOUNT)
        with apis.moto.untouched():
            record = kept(apis, ec2.terminate_instances, InstanceIds=["i-0123456789abcdef0"])
    assert (record.status, record.wire_code) == (503, "ServiceUnavailable")
    assert "upstream `down` can't be reached" in record.reason
    done = apis.site.valetkey("explain", "--request", record.request_id)
    assert "upstream `down` can't be reached" in " ".join(done.output.split())
