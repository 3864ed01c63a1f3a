"""boto3: clients, paginators, waiters, error classes, regions, and what is not retried."""

import datetime as dt

import boto3
import botocore.exceptions
import pytest
from botocore.config import Config

from clients.talking import (
    BY_REF,
    DEPLOY,
    FOREIGN_SECRET,
    READER,
    REGION,
    SECRET,
    counted,
    role_arn,
)
from support.processes import ACCOUNT, SUBJECT


def test_web_identity_with_an_aware_expiration(unsigned, site):
    answer = unsigned.assume_role_with_web_identity(
        RoleArn=role_arn(DEPLOY),
        RoleSessionName="job-1",
        WebIdentityToken=site.token(),
        DurationSeconds=900,
    )
    assert answer["SubjectFromWebIdentityToken"] == SUBJECT
    left = answer["Credentials"]["Expiration"] - dt.datetime.now(dt.UTC)
    assert dt.timedelta(seconds=890) < left <= dt.timedelta(seconds=900)
    assert 0 < answer["PackedPolicySize"] <= 100
    assert len(answer["ResponseMetadata"]["RequestId"]) == 36


def test_a_session_policy_takes_away(connect, assume):
    nothing = '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*",'
    limited = assume(DEPLOY, Policy=f'{nothing} "Resource": "*"}}]}}')
    secrets = connect("secretsmanager", limited)
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        secrets.get_secret_value(SecretId=SECRET)
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    assert "with an explicit deny in a session policy" in str(refused.value)


def test_paginators_give_every_one_once(connect):
    iam = connect("iam")
    pages = list(iam.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 1}))
    names = [role["RoleName"] for page in pages for role in page["Roles"]]
    assert {DEPLOY, BY_REF, READER} <= set(names)
    assert len(names) == len(set(names))
    assert len(pages) >= len(names)

    secrets = connect("secretsmanager").get_paginator("list_secrets")
    found = secrets.paginate(PaginationConfig={"PageSize": 1}).search("SecretList[].Name")
    assert {SECRET, FOREIGN_SECRET} <= set(found)


def test_waiters(connect):
    iam = connect("iam")
    once = {"Delay": 1, "MaxAttempts": 1}
    iam.get_waiter("role_exists").wait(RoleName=DEPLOY, WaiterConfig=once)
    iam.get_waiter("user_exists").wait(UserName="admin", WaiterConfig=once)
    with pytest.raises(botocore.exceptions.WaiterError):
        iam.get_waiter("role_exists").wait(RoleName="nobody", WaiterConfig=once)


@pytest.mark.parametrize(
    ("service", "method", "parameters", "error"),
    [
        ("iam", "get_role", {"RoleName": "nobody"}, "NoSuchEntityException"),
        (
            "iam",
            "create_role",
            {"RoleName": DEPLOY, "AssumeRolePolicyDocument": ...},
            "EntityAlreadyExistsException",
        ),
        ("iam", "delete_role", {"RoleName": DEPLOY}, "DeleteConflictException"),
        (
            "iam",
            "create_role",
            {"RoleName": "x", "AssumeRolePolicyDocument": "no policy"},
            "MalformedPolicyDocumentException",
        ),
        ("secretsmanager", "get_secret_value", {"SecretId": "x"}, "ResourceNotFoundException"),
        ("secretsmanager", "create_secret", {"Name": SECRET}, "ResourceExistsException"),
        (
            "sts",
            "assume_role_with_web_identity",
            {"RoleArn": role_arn(DEPLOY), "RoleSessionName": "ab", "WebIdentityToken": "no token"},
            "InvalidIdentityTokenException",
        ),
        (
            "sts",
            "assume_role_with_web_identity",
            {"RoleArn": role_arn(DEPLOY), "RoleSessionName": "ab", "WebIdentityToken": ...},
            "ExpiredTokenException",
        ),
    ],
)
def test_errors_arrive_as_their_classes_and_are_not_retried(  # noqa: PLR0917 - a row has four
    connect, site, service, method, parameters, error
):
    """A refusal that can never pass is asked for once: nobody waits for twelve retries."""
    own = {"AssumeRolePolicyDocument": site.trust, "WebIdentityToken": expired(site)}
    given = {name: own[name]() if value is ... else value for name, value in parameters.items()}
    client = connect(service)
    sent = counted(client)
    with pytest.raises(getattr(client.exceptions, error)) as raised:
        getattr(client, method)(**given)
    metadata = raised.value.response["ResponseMetadata"]
    assert (len(sent), metadata["RetryAttempts"]) == (1, 0)
    assert 400 <= metadata["HTTPStatusCode"] < 500
    assert metadata["RequestId"]


def expired(site):
    return lambda: site.token("--timeout", "-700")


def test_authentication_errors_are_not_retried(connect):
    wrong = boto3.Session("AKIAAAAAAAAAAAAAAAAA", "x" * 40, region_name=REGION)
    client = connect("sts", wrong, config=Config(retries={"mode": "standard", "max_attempts": 5}))
    sent = counted(client)
    with pytest.raises(botocore.exceptions.ClientError, match="InvalidClientTokenId"):
        client.get_caller_identity()
    assert len(sent) == 1


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "aws-global", "eu-test-1"])
@pytest.mark.parametrize("service", ["sts", "iam"])
def test_any_region_will_do_for_what_is_global(connect, service, region):
    client = connect(service, region_name=region)
    if service == "sts":
        assert client.get_caller_identity()["Account"] == ACCOUNT
    else:
        assert client.get_user()["User"]["UserName"] == "admin"


@pytest.mark.parametrize("setting", ["legacy", "regional"])
def test_global_and_regional_endpoints_of_sts(connect, monkeypatch, setting):
    monkeypatch.setenv("AWS_STS_REGIONAL_ENDPOINTS", setting)
    assert connect("sts").get_caller_identity()["Account"] == ACCOUNT


@pytest.mark.parametrize(
    ("service", "method"),
    [("sts", "get_caller_identity"), ("iam", "get_user"), ("secretsmanager", "list_secrets")],
)
def test_a_trailing_slash_of_the_endpoint(connect, site, service, method):
    client = connect(service, endpoint_url=f"{site.endpoint}/")
    assert getattr(client, method)()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_one_endpoint_a_service(connect, site, monkeypatch):
    """Only the endpoint of STS is set, as for ``configure-aws-credentials``."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", site.endpoint)
    assert connect("sts").get_caller_identity()["Account"] == ACCOUNT


def test_many_at_once_over_two_workers(connect, assume):
    """What one worker grants, the other honours; what one writes, the other knows."""
    secrets = connect("secretsmanager")
    for number in range(8):
        session = assume(BY_REF)
        reader = connect("secretsmanager", session)
        assert reader.get_secret_value(SecretId="ref/main")["SecretString"] == "value of ref/main"
        secrets.put_secret_value(SecretId=FOREIGN_SECRET, SecretString=str(number))
        again = connect("secretsmanager")
        assert again.get_secret_value(SecretId=FOREIGN_SECRET)["SecretString"] == str(number)
