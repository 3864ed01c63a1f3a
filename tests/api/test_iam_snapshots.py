"""IAM answers as AWS did, in the scenarios that LocalStack recorded of it, read by botocore."""

import functools
import json
import urllib.parse
from typing import Any, NamedTuple

import botocore.session
import pytest
from botocore.parsers import create_parser

from api.making import policy
from api.snapshots import Unifier, error_of, recorded
from support.edge import ACCOUNT, Answer, Edge

KNOWN = {"partition": "aws", "region": "us-east-1", "path": "/path/", "path:1": "/path/"}
THEIR_ACCOUNT = "111111111111"


class Step(NamedTuple):
    """A request, and the name under which AWS's answer was recorded."""

    name: str
    action: str
    parameters: dict[str, Any]


def step(name: str, action: str, **parameters: Any) -> Step:
    return Step(name, action, parameters)


def trusting(service: str, **more: Any) -> str:
    principal = {"Service": service}
    return policy({"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": principal, **more})


EC2, LAMBDA = trusting("ec2.amazonaws.com"), trusting("lambda.amazonaws.com")
ROLE, USER = {"RoleName": "deploy"}, {"UserName": "person"}
ENCODED = "arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Frestapis%2Faaeeieije"
ENCODED_POLICY = policy(
    {
        "Effect": "Allow",
        "Action": ["apigatway:PUT"],
        "Resource": [f"arn:aws:apigateway:us-east-1::/tags/{ENCODED}"],
    }
)
ENCODED_TRUST = trusting(
    "lambda.amazonaws.com", Condition={"StringEquals": {"aws:SourceArn": ENCODED}}
)
LIST_OF_ONE = policy(
    {
        "Effect": "Allow",
        "Principal": {"Service": ["ec2.amazonaws.com"]},
        "Action": ["sts:AssumeRole"],
    }
)


def attaching(kind: str, named: dict[str, str]) -> list[Step]:
    make = {"Role": {"AssumeRolePolicyDocument": EC2}, "User": {}}[kind]
    attach = f"Attach{kind}Policy"
    arn = f"arn:aws:iam::{ACCOUNT}:policy/reader"
    reading = policy({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})
    return [
        step("", f"Create{kind}", **named, **make),
        step("create_policy_response", "CreatePolicy", PolicyName="reader", PolicyDocument=reading),
        step(
            "non_existent_malformed_policy_arn",
            attach,
            **named,
            PolicyArn="longpolicynamebutnoarn",
        ),
        step("existing_policy_name_provided", attach, **named, PolicyArn="reader-of-20-letters"),
        step("valid_arn_not_existent", attach, **named, PolicyArn=f"{arn}123"),
        step("valid_policy_arn", attach, **named, PolicyArn=arn),
    ]


def lifecycle(path: str, document: str, **more: Any) -> tuple[Step, Step, Step]:
    """Return the making, reading and listing of a role, under no names yet."""
    return (
        step("", "CreateRole", **ROLE, Path=path, AssumeRolePolicyDocument=document, **more),
        step("", "GetRole", **ROLE),
        step("", "ListRoles", PathPrefix=path),
    )


def named(steps: tuple[Step, ...], *names: str) -> list[Step]:
    return [taken._replace(name=name) for taken, name in zip(steps, names, strict=True)]


TAGS = {"Tags": [{"Key": "test", "Value": "value"}]}
MADE, GOT, LISTED = lifecycle("/ci/", EC2)
SCENARIOS: dict[str, list[Step]] = {
    "test_create_role_with_malformed_assume_role_policy_document": [
        step("invalid-json", "CreateRole", **ROLE, AssumeRolePolicyDocument='{"Version": "x",}'),
    ],
    "test_update_assume_role_policy": [
        step("created_role", "CreateRole", **ROLE, AssumeRolePolicyDocument=LIST_OF_ONE),
        step("updated_policy", "UpdateAssumeRolePolicy", **ROLE, PolicyDocument=LIST_OF_ONE),
    ],
    "test_list_roles_with_permission_boundary": [
        MADE._replace(name="created_role"),
        step("", "CreatePolicy", PolicyName="cap", PolicyDocument=ENCODED_POLICY),
        step(
            "",
            "PutRolePermissionsBoundary",
            **ROLE,
            PermissionsBoundary=f"arn:aws:iam::{ACCOUNT}:policy/cap",
        ),
        LISTED._replace(name="list_roles_result"),
    ],
    "test_create_describe_role": named(
        (MADE, GOT, LISTED), "create_role_result", "get_role_result", "list_roles_result"
    ),
    "test_role_attach_policy": attaching("Role", ROLE),
    "test_user_attach_policy": attaching("User", USER),
    "test_role_with_path_lifecycle": [
        *named(
            lifecycle("/path/", LAMBDA)[:2],
            "create-role-response",
            "get-role-response",
        ),
        step("delete-role-response", "DeleteRole", **ROLE),
    ],
    "test_put_user_policy_encoding": [
        step("", "CreateUser", **USER),
        step("", "PutUserPolicy", **USER, PolicyName="p", PolicyDocument=ENCODED_POLICY),
        step("get-policy-response", "GetUserPolicy", **USER, PolicyName="p"),
    ],
    "test_put_role_policy_encoding": [
        *named(
            lifecycle("/path/", ENCODED_TRUST),
            "create-role-response",
            "get-role-response",
            "list-roles-response",
        ),
        step("", "PutRolePolicy", **ROLE, PolicyName="p", PolicyDocument=ENCODED_POLICY),
        step("get-policy-response", "GetRolePolicy", **ROLE, PolicyName="p"),
    ],
    "test_delete_non_existent_policy_returns_no_such_entity": [
        step(
            "delete-non-existent-policy-exc",
            "DeletePolicy",
            PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/non-existent-policy",
        ),
    ],
    "test_role_with_tags": named(
        lifecycle("/role-with-tags/", EC2, **TAGS),
        "create-role-response",
        "get-role-response",
        "list-role-response",
    ),
}


@functools.cache
def model() -> Any:
    return botocore.session.Session().get_service_model("iam")


def read(action: str, answer: Answer) -> dict[str, Any]:
    """Return what botocore makes of an answer, with policy documents decoded as boto3 does."""
    parsed = create_parser("query").parse(
        {"status_code": answer.status, "headers": {}, "body": answer.body},
        model().operation_model(action).output_shape,
    )
    said: dict[str, Any] = decoded(parsed)
    said.pop("ResponseMetadata")
    return said


def decoded(value: Any, name: str = "") -> Any:
    match value:
        case dict():
            return {key: decoded(child, key) for key, child in value.items()}
        case list():
            return [decoded(child, name) for child in value]
        case str() if name in ("AssumeRolePolicyDocument", "PolicyDocument"):
            return json.loads(urllib.parse.unquote(value))
        case _:
            return value


def ours(wanted: Any) -> Any:
    """Return a snapshot with our account in it."""
    return json.loads(json.dumps(wanted).replace(THEIR_ACCOUNT, ACCOUNT))


@pytest.mark.parametrize("test", SCENARIOS)
async def test_answers_as_aws_did(edge: Edge, test: str):
    snapshot = recorded("iam", test)
    unifier = Unifier(dict(KNOWN))
    compared = set()
    for taken in SCENARIOS[test]:
        answer = await edge.query("iam", taken.action, **taken.parameters)
        if taken.name not in snapshot:
            assert answer.status == 200, answer.body
            continue
        wanted = ours(snapshot[taken.name])
        error = error_of(wanted)
        if error is not None:
            said = {"code": answer.code, "message": answer.message, "status": answer.status}
            assert unifier.differences(error, said) == [], taken
        else:
            assert answer.status == 200, answer.body
            assert unifier.differences(wanted, read(taken.action, answer)) == [], taken
        compared.add(taken.name)
    assert compared == snapshot.keys(), "every answer that was recorded is compared"
