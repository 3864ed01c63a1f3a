"""Every operation of many services, as botocore sends it in every protocol, is found again."""

import pytest

from gateway.apis.clients import CATALOGUE, NOT_SENT, REGION, model, pruned, same, sample, sent
from valetkey.errors import AwsError
from valetkey.gateway.apis import understand

SERVICES = (
    "acm", "apigateway", "apigatewayv2", "appconfig", "athena", "autoscaling", "backup", "batch",
    "bedrock-runtime", "cloudformation", "cloudfront", "cloudtrail", "cloudwatch", "codebuild",
    "cognito-idp", "config", "docdb", "dynamodb", "dynamodbstreams", "ec2", "ecr", "ecs", "efs",
    "eks", "elasticache", "elb", "elbv2", "emr", "events", "eventbridgev2", "firehose", "fsx",
    "glacier", "glue", "guardduty", "iot", "iot-data", "kafka", "kinesis", "kinesisanalyticsv2",
    "kms", "lambda", "logs", "mq", "neptune", "opensearch", "organizations", "rds", "redshift",
    "resourcegroupstaggingapi", "route53", "sagemaker-runtime", "scheduler", "sdb",
    "servicediscovery", "ses", "sesv2", "sns", "sqs", "ssm", "stepfunctions", "swf",
    "timestream-query", "timestream-write", "transcribe", "wafv2", "workspaces", "xray",
)  # fmt: skip

SAME_PATHS = {
    ("sagemaker-runtime", "sagemaker-runtime"),
    ("neptune", "rds"), ("docdb", "rds"),
    ("timestream-query", "timestream-write"), ("timestream-write", "timestream-query"),
}  # fmt: skip
"""Services whose operations another one has too, under the same name: that one may be found."""


def cases() -> list[tuple[str, str]]:
    found = []
    for service in SERVICES:
        (entry, *_) = [
            one for one in CATALOGUE.of_scope(model(service).signing_name) if one.name == service
        ]
        # SQS's older names are no longer in its model: they have tests of their own.
        spoken = [name for name in entry.protocols if (service, name) != ("sqs", "query")]
        found += [(service, protocol) for protocol in spoken]
    return found


def test_the_services_speak_every_protocol() -> None:
    assert len(SERVICES) >= 60
    spoken = {protocol for _, protocol in cases()}
    assert spoken == {"query", "ec2", "json", "rest-json", "rest-xml", "smithy-rpc-v2-cbor"}


@pytest.mark.parametrize(("service", "protocol"), cases())
def test_every_operation_is_found_again(service: str, protocol: str) -> None:
    found = model(service)
    wrong = []
    for name in found.operation_names:
        shape = found.operation_model(name).input_shape
        for whole in (False, True):
            given = sample(shape, 3, whole=whole) if shape else {}
            given = {key: v for key, v in given.items() if (service, key) not in NOT_SENT}
            head, body = sent(service, name, given, protocol)
            try:
                request = understand(
                    head, body, service=found.signing_name, region=REGION, catalogue=CATALOGUE
                )
            except AwsError as error:
                wrong.append((name, whole, error.code, error.reason))
                continue
            right = request.operation == name and request.protocol == protocol
            by = request.entry.name
            right &= by == service or (service, by) in SAME_PATHS
            wanted = pruned(given) if protocol in ("query", "ec2") else given
            if not right or (shape and not same(request.input, wanted, shape)):
                wrong.append((name, whole, by, request.operation, request.input, given))
    assert wrong == []
