"""The condition keys that AWS would have and a request does not state."""

from typing import Any

import pytest

from gateway.apis.clients import ACCOUNT, REGION, asked
from valetkey.gateway.apis import questions, unstated
from valetkey.gateway.model import Question

RUN = {"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1, "InstanceType": "t3.micro"}


@pytest.mark.parametrize(
    ("service", "operation", "given", "resource", "there", "not_there"),
    [
        ("ec2", "StopInstances", {"InstanceIds": ["i-1"]}, ":instance/i-1",
         {"ec2:InstanceType", "ec2:AvailabilityZone"}, {"ec2:Region", "ec2:VolumeSize"}),
        ("ec2", "RunInstances", RUN, ":instance/*",
         {"ec2:AvailabilityZone"}, {"ec2:InstanceType", "ec2:Tenancy"}),
        ("ec2", "RunInstances", RUN, ":image/ami-1", {"ec2:Owner", "ec2:Public"},
         {"ec2:ImageID", "ec2:InstanceType"}),
        ("sns", "Subscribe",
         {"TopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:t", "Protocol": "sqs"}, ":t",
         {"sns:Endpoint"}, {"sns:Protocol"}),
    ],
)  # fmt: skip
def test_table(  # noqa: PLR0917 - the table's columns
    service: str,
    operation: str,
    given: dict[str, Any],
    resource: str,
    there: set[str],
    not_there: set[str],
) -> None:
    request = asked(service, operation, given)
    (question,) = (
        one
        for one in questions(request, account=ACCOUNT, region=REGION)
        if one.resource.endswith(resource) and one.action != "ec2:CreateTags"
    )
    found = unstated(question)
    assert there <= found
    assert not found & not_there
    assert not any(key.startswith("aws:") or "Tag/" in key for key in found)


def test_an_unknown_action() -> None:
    assert unstated(Question("nothing:Nothing", "*")) == frozenset()
