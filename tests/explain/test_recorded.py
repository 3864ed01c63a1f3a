"""Every request that a server recorded is explained as it was answered; what is suggested works."""

import itertools
import json

import pytest

from support.edge import ACCOUNT, credentials_of
from support.federation import (
    ROLE,
    exchange,
    federate,
    make_role,
    register,
    trust,
)
from support.tokens import claims as claims_of
from support.tokens import header, rsa_key, sign
from valetkey.explain import as_json, as_text, explain_record

ISSUER = "https://gitlab.forge.example"
HOST = ISSUER.removeprefix("https://")
SUB, REF, AUD = f"{HOST}:sub", f"{HOST}:ref", f"{HOST}:aud"
MAIN = "project_path:lanterns/kiln:ref_type:branch:ref:main"

CONDITIONS = {
    "exact": {"StringEquals": {SUB: MAIN, AUD: "client-1"}},
    "literal star": {"StringEquals": {SUB: "project_path:lanterns/kiln:*"}},
    "pattern": {"StringLike": {SUB: "project_path:lanterns/*"}},
    "merge requests": {"StringLike": {SUB: "project_path:lanterns/kiln:ref_type:mr:ref:*"}},
    "tags": {"StringLike": {SUB: "project_path:lanterns/kiln:ref_type:tag:ref:v*"}},
    "capitals": {"StringEquals": {SUB: MAIN.replace("lanterns", "Lanterns")}},
    "both": {"StringEquals": {SUB: MAIN}, "StringLike": {SUB: "project_path:lanterns/wick:*"}},
    "misspelt": {"StringEquals": {f"{HOST}:subject": MAIN}},
    "vacuous": {"ForAllValues:StringEquals": {f"{HOST}:subject": MAIN}},
    "another issuer": {"StringEquals": {"gitlab.com:sub": MAIN}},
    "negated": {"StringEquals": {SUB: MAIN}, "StringNotEquals": {REF: "main"}},
    "number": {"NumericLessThan": {f"{HOST}:project_id": "30"}, "StringEquals": {SUB: MAIN}},
}
TOKENS = {
    "main": {"sub": MAIN, "ref": "main", "ref_type": "branch", "project_id": 20},
    "branch": {"sub": MAIN[:-4] + "dev", "ref": "dev", "ref_type": "branch"},
    "tag": {"sub": MAIN.replace("branch", "tag")[:-4] + "v1", "ref": "v1", "ref_type": "tag"},
    "look-alike": {"sub": MAIN.replace("lanterns", "lanterns-evil"), "ref": "main"},
    "fork": {"sub": MAIN.replace("lanterns", "mallory"), "ref": "main"},
    "another audience": {"sub": MAIN, "aud": "client-2"},
    "no client id": {"sub": MAIN, "aud": "elsewhere"},
    "expired": {"sub": MAIN, "exp": 1_700_000_000, "iat": 1_699_999_000},
    "early": {"sub": MAIN, "iat": 1_900_000_000, "exp": 1_900_000_900},
    "no audience": {"sub": MAIN, "aud": ...},
    "tagged": {
        "sub": MAIN,
        "https://aws.amazon.com/tags": {"principal_tags": {"team": ["x"]}},
    },
}
STRANGERS = ("branch", "tag", "look-alike", "fork")


def token(name):
    return sign(rsa_key(), header(), claims_of(iss=ISSUER, **TOKENS[name]))


@pytest.fixture
async def server(shared_edge):
    await register(shared_edge, ISSUER)
    return shared_edge


def explanation_of(edge, answer):
    explanation = explain_record(edge.record(answer), edge.wiring.log.document)
    assert explanation.allowed is (answer.status == 200)
    assert explanation.request_id == answer.request_id
    assert explanation.title.startswith("allowed" if explanation.allowed else "refused")
    assert (explanation.decided_by is not None) or answer.status >= 500
    json.dumps(as_json(explanation, whole=True))
    as_text(explanation, whole=True)
    return explanation


@pytest.mark.parametrize("name", CONDITIONS)
async def test_the_verdict_is_the_servers(server, name):
    await make_role(server, trust(CONDITIONS[name], ISSUER))
    for one in TOKENS:
        explanation_of(server, await exchange(server, token(one)))


async def test_what_is_suggested_works_on_the_server_and_lets_no_stranger_in(server):
    """Each suggestion is put into the role; then the same token is sent again."""
    made = 0
    for name, one in itertools.product(CONDITIONS, TOKENS):
        await make_role(server, trust(CONDITIONS[name], ISSUER))
        suggestion = explanation_of(server, await exchange(server, token(one))).suggestion
        if suggestion is None:
            continue
        made += 1
        before = {other: (await exchange(server, token(other))).status for other in STRANGERS}
        await make_role(server, suggestion.after)
        # A token with tags asks for two actions; the policy is asked for the second one then.
        again = await exchange(server, token(one))
        refused_for = server.record(again).action
        assert again.status == 200 or refused_for == "sts:TagSession", (name, one)
        for other in set(STRANGERS) - {one}:
            assert (await exchange(server, token(other))).status == before[other], (name, one)
    assert made >= 12


async def test_forged_tokens_and_unknown_issuers(server):
    forged = sign(rsa_key("other"), header(), claims_of(iss=ISSUER, sub=MAIN))
    said = explanation_of(server, await exchange(server, forged))
    assert said.decided_by.step == "signature"
    elsewhere = sign(rsa_key(), header(), claims_of(iss="https://elsewhere.example", sub=MAIN))
    said = explanation_of(server, await exchange(server, elsewhere))
    assert said.decided_by.step == "issuer registered"
    for bad, step in (("no token", "token read"), ("a.b.c", "token read")):
        assert explanation_of(server, await exchange(server, bad)).decided_by.step == step
    said = explanation_of(server, await exchange(server, token("main"), RoleArn=f"{ROLE}-not"))
    assert said.decided_by.step == "role there"
    said = explanation_of(
        server, await exchange(server, token("main"), RoleArn="arn:aws:iam:::role/example")
    )
    assert said.decided_by.step == "role ARN"


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


SECRETS = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:*"
POLICIES = {
    "everything": [allow("*")],
    "nothing of it": [allow("s3:*")],
    "one secret": [allow("secretsmanager:GetSecretValue", f"{SECRETS[:-1]}kiln/*")],
    "a Deny": [
        allow("*"),
        {"Effect": "Deny", "Action": "secretsmanager:*", "Resource": "*"},
    ],
    "all but": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}],
    "a condition": [allow("*", Condition={"StringEquals": {"aws:RequestedRegion": "eu-test-1"}})],
}
BOUNDARIES = (None, [allow("secretsmanager:*")])
SESSION_POLICIES = (None, [allow("iam:*")])


async def test_signed_requests_by_sessions_of_every_kind(server):
    await federate(server)
    await make_role(server, trust({"StringEquals": {SUB: MAIN}}, ISSUER))
    await server.target("CreateSecret", Name="kiln/database", SecretString="x")
    for number, (name, boundary) in enumerate(itertools.product(POLICIES, BOUNDARIES)):
        await put_policies(server, POLICIES[name], boundary, number)
        for session in SESSION_POLICIES:
            limits = {"Policy": policy(*session)} if session else {}
            answer = await exchange(server, token("main"), **limits)
            key = credentials_of(answer)
            await ask(server, key)


async def put_policies(edge, statements, boundary, number):
    role = {"RoleName": "example"}
    document = policy(*statements)
    await edge.query("iam", "PutRolePolicy", **role, PolicyName="p", PolicyDocument=document)
    await edge.query("iam", "DeleteRolePermissionsBoundary", **role)
    if boundary:
        arn = f"arn:aws:iam::{ACCOUNT}:policy/limit-{number}"
        made = policy(*boundary)
        await edge.query("iam", "CreatePolicy", PolicyName=f"limit-{number}", PolicyDocument=made)
        await edge.query("iam", "PutRolePermissionsBoundary", **role, PermissionsBoundary=arn)


async def ask(edge, key):
    answers = (
        await edge.target("GetSecretValue", key=key, SecretId="kiln/database"),
        await edge.query("iam", "GetRole", key=key, RoleName="example"),
        await edge.query("sts", "GetCallerIdentity", key=key),
        await edge.query("sts", "AssumeRole", key=key, RoleArn=ROLE, RoleSessionName="again"),
    )
    for answer in answers:
        explanation_of(edge, answer)


async def test_a_request_that_nobody_signed(server):
    explanation = explanation_of(server, await server.query("iam", "GetRole", key=None))
    assert explanation.decided_by.step == "request authenticated"
