"""The policy simulator for real clients: boto3, its paginators, and the `aws` CLI."""

import json

import pytest

from clients.talking import BY_REF, DEPLOY, SECRET, allow, refusal, role_arn, secret_arn
from support.processes import ACCOUNT, PROJECT

GET, PUT = "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"
ASSUME = "sts:AssumeRoleWithWebIdentity"
ARN = secret_arn(SECRET).replace("??????", "abcdef")


def decisions(pages):
    return [
        (result["EvalActionName"], result["EvalDecision"])
        for page in pages
        for result in page["EvaluationResults"]
    ]


def claim(key, value):
    return {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}


def test_custom_policies_page_by_page(connect):
    pages = (
        connect("iam")
        .get_paginator("simulate_custom_policy")
        .paginate(
            PolicyInputList=[allow(GET, secret_arn(SECRET))],
            ActionNames=[GET, PUT, "secretsmanager:DeleteSecret"],
            ResourceArns=[ARN],
            PaginationConfig={"PageSize": 2},
        )
    )
    pages = list(pages)
    assert [len(page["EvaluationResults"]) for page in pages] == [2, 1]
    assert decisions(pages) == [
        (GET, "allowed"),
        (PUT, "implicitDeny"),
        ("secretsmanager:DeleteSecret", "implicitDeny"),
    ]


def test_a_roles_policies_page_by_page(connect):
    pages = (
        connect("iam")
        .get_paginator("simulate_principal_policy")
        .paginate(
            PolicySourceArn=role_arn(DEPLOY),
            ActionNames=[GET, PUT],
            ResourceArns=[ARN],
            PaginationConfig={"PageSize": 1},
        )
    )
    first, second = list(pages)
    assert decisions([first, second]) == [(GET, "allowed"), (PUT, "implicitDeny")]
    (result,) = first["EvaluationResults"]
    (statement,) = result["ResourceSpecificResults"][0]["MatchedStatements"]
    assert statement["SourcePolicyId"] == f"role_{DEPLOY}_own"
    assert result["EvalDecisionDetails"] == {}


def test_what_a_role_needs_to_be_told(connect):
    keys = connect("iam").get_context_keys_for_principal_policy(PolicySourceArn=role_arn(BY_REF))
    assert keys["ContextKeyNames"] == ["valetkey:claim/ref"]


def test_whether_a_role_trusts_a_job(connect, site):
    """No token is needed: a role's own trust policy is asked with claims at hand."""
    iam = connect("iam")

    def trusted(subject):
        (result,) = iam.simulate_principal_policy(
            PolicySourceArn=role_arn(BY_REF),
            ActionNames=[ASSUME],
            CallerArn=site.provider_arn,
            ContextEntries=[
                claim(f"{site.host}:sub", subject),
                claim(f"{site.host}:aud", site_audience(iam, site)),
            ],
        )["EvaluationResults"]
        return result["EvalDecision"]

    assert trusted(f"project_path:{PROJECT}:ref_type:branch:ref:main") == "allowed"
    assert trusted(f"project_path:{PROJECT}-evil:ref_type:branch:ref:main") == "implicitDeny"


def site_audience(iam, site):
    provider = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=site.provider_arn)
    return provider["ClientIDList"][0]


def test_a_trust_policy_at_hand(connect, site):
    """An empty list of policies is what boto3 sends as an empty value."""
    iam = connect("iam")
    (result,) = iam.simulate_custom_policy(
        PolicyInputList=[],
        ActionNames=[ASSUME],
        CallerArn=site.provider_arn,
        ResourcePolicy=site.trust(),
    )["EvaluationResults"]
    assert result["EvalDecision"] == "implicitDeny"
    assert f"{site.host}:sub" in result["MissingContextValues"]


def test_the_errors_of_boto3(connect):
    iam = connect("iam")
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.simulate_principal_policy(PolicySourceArn=role_arn("nobody"), ActionNames=[GET])
    with pytest.raises(iam.exceptions.InvalidInputException) as refused:
        iam.simulate_custom_policy(PolicyInputList=["{"], ActionNames=[GET])
    said = refused.value.response
    assert said["Error"]["Message"] == "Policy input list item 1 has invalid content"
    assert said["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert said["ResponseMetadata"]["RetryAttempts"] == 0


def test_the_aws_cli(site):
    done = site.aws(
        "iam", "simulate-custom-policy",
        "--policy-input-list", allow(GET, "*"),
        "--action-names", GET, PUT,
        "--context-entries",
        "ContextKeyName=aws:SourceIp,ContextKeyValues=192.0.2.1,ContextKeyType=ip",
    )  # fmt: skip
    assert done.code == 0, done.errors
    assert decisions([done.json]) == [(GET, "allowed"), (PUT, "implicitDeny")]
    refused = site.aws(
        "iam", "simulate-principal-policy",
        "--policy-source-arn", f"arn:aws:iam::{ACCOUNT}:root", "--action-names", GET,
    )  # fmt: skip
    sentence = f"Invalid ARN provided in the request: arn:aws:iam::{ACCOUNT}:root"
    assert refused.errors == refusal("InvalidInput", "SimulatePrincipalPolicy", sentence)
    keys = site.aws(
        "iam", "get-context-keys-for-custom-policy",
        "--policy-input-list", json.dumps([allow(GET, "arn:aws:s3:::${aws:username}")]),
    )  # fmt: skip
    assert keys.json["ContextKeyNames"] == ["aws:username"]
