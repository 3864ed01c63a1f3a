"""What is asked for a request: actions, resources, condition keys."""

import base64
from typing import Any

import pytest

from gateway.apis.clients import ACCOUNT, REGION, asked, model, sample
from support.vectors import own
from valetkey.gateway.apis import RequestNotUnderstood, questions
from valetkey.gateway.model import Question

CASES = own("gateway_apis/questions.json")["cases"]


def given(value: Any) -> Any:
    match value:
        case {"base64": str(text)}:
            return base64.b64decode(text)
        case dict():
            return {key: given(child) for key, child in value.items()}
        case list():
            return [given(child) for child in value]
        case _:
            return value


def written(question: Question) -> dict[str, Any]:
    found: dict[str, Any] = {"action": question.action, "resource": question.resource}
    if question.context:
        found["context"] = {
            key: value if isinstance(value, str) else list(value)
            for key, value in question.context.items()
        }
    if question.existing_tags:
        found["tags"] = True
    return found


def ask(service: str, operation: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    request = asked(service, operation, parameters)
    return [written(one) for one in questions(request, account=ACCOUNT, region=REGION)]


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_table(case: dict[str, Any]) -> None:
    assert ask(case["service"], case["operation"], given(case["input"])) == case["asks"]


def test_the_table_is_wide() -> None:
    assert len(CASES) > 90
    assert len({case["service"] for case in CASES}) > 20


def test_another_partition() -> None:
    request = asked("sqs", "CreateQueue", {"QueueName": "q"})
    (question,) = questions(request, account=ACCOUNT, partition="aws-cn", region="cn-north-1")
    assert question.resource == f"arn:aws-cn:sqs:cn-north-1:{ACCOUNT}:q"


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("sqs", "SendMessage", {"QueueUrl": "https://sqs.example/q", "MessageBody": "x"}),
        ("sqs", "SendMessage", {"QueueUrl": "q", "MessageBody": "x"}),
        ("sqs", "SendMessage", {"QueueUrl": f"https://h/{ACCOUNT}/q/../z", "MessageBody": "x"}),
        ("sqs", "SendMessage", {"QueueUrl": f"https://h/{ACCOUNT}/q?a=b", "MessageBody": "x"}),
        ("sqs", "SendMessage", {"QueueUrl": f"https://h/{ACCOUNT}/*", "MessageBody": "x"}),
        ("lambda", "GetFunction", {"FunctionName": "a:b:c:d:e"}),
        ("lambda", "GetFunction", {"FunctionName": "f:one", "Qualifier": "two"}),
        ("ec2", "CreateTags", {"Resources": ["i-1"], "Tags": [{"Key": "a", "Value": "1"}] * 2}),
        (
            "dynamodb",
            "Query",
            {"TableName": "t", "KeyConditionExpression": "begins_with(a, :b)",
             "ExpressionAttributeValues": {":b": {"S": "x"}}},
        ),
    ],
)  # fmt: skip
def test_names_that_can_be_none(service: str, operation: str, parameters: dict[str, Any]) -> None:
    request = asked(service, operation, parameters)
    with pytest.raises(RequestNotUnderstood):
        questions(request, account=ACCOUNT, region=REGION)


@pytest.mark.parametrize(
    ("service", "member"),
    [("sqs", "QueueUrl"), ("dynamodb", "TableName"), ("kinesis", "StreamName"),
     ("ecr", "repositoryName"), ("logs", "logGroupName"), ("lambda", "FunctionName"),
     ("ecs", "service"), ("ec2", "InstanceId"), ("kms", "KeyId"),
     ("firehose", "DeliveryStreamName")],
)  # fmt: skip
def test_an_operation_that_names_a_resource_is_asked_about_it(service: str, member: str) -> None:
    """Of every operation that has the member, no question is about another resource alone."""
    name = f"https://h/{ACCOUNT}/only-1" if member == "QueueUrl" else "only-1"
    missing = []
    elsewhere = ELSEWHERE.get((service, member), set())
    for operation in model(service).operation_names:
        shape = model(service).operation_model(operation).input_shape
        named = shape is not None and member in shape.members
        if not named or operation in elsewhere:
            continue
        parameters = {**sample(shape, 3, whole=False), member: name, **MORE.get(operation, {})}
        found = ask(service, operation, parameters)
        typed = any(one["resource"] != "*" for one in found)
        if typed and not any("only-1" in str(one) for one in found):
            missing.append((operation, found))
    assert missing == []


ELSEWHERE = {
    # A route's target: it is the route's table that is asked about.
    ("ec2", "InstanceId"): {"CreateRoute", "ReplaceRoute"},
}

MORE = {
    "Query": {
        "KeyConditionExpression": "a = :a",
        "ExpressionAttributeValues": {":a": {"S": "x"}},
    }
}


def test_every_operation_has_questions() -> None:
    """No operation goes through without any question; samples of names may be none."""
    for service in ("ec2", "sqs", "dynamodb", "sns", "lambda", "kms", "logs", "ecs", "rds", "glue"):
        found = model(service)
        for operation in found.operation_names:
            shape = found.operation_model(operation).input_shape
            parameters = sample(shape, 2, whole=False) if shape else {}
            if "QueueUrl" in parameters:
                parameters["QueueUrl"] = f"https://h/{ACCOUNT}/q"
            assert ask(service, operation, {**parameters, **MORE.get(operation, {})})
