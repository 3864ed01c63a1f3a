"""Answers don't tell what is there: forged tokens get one, missing roles that of refusing ones.

Seen on a live store: a forged token got another answer when its `sub` was a trusted one, and
"role not found" differed from "denied".
"""

import json
import sys
from collections.abc import Awaitable
from typing import Any

import pytest

from api.making import allow, iam_arn, make_secret, make_user, policy
from api.making import make_role as make_aws_role
from support.edge import ACCOUNT, Answer, Edge
from support.federation import (
    NOT_AUTHORIZED,
    ROLE,
    exchange,
    federate,
    make_role,
    provider_arn,
    trust,
)
from support.refusals import check_refused
from support.tokens import NOW, claims, header, rsa_key, sign, token

MOMENT = int(NOW)
TRUSTED = {"StringEquals": {"issuer.example:sub": "subject-alpha"}}
CLAIMED: dict[str, dict[str, Any]] = {
    "the trusted subject": {},
    "another subject": {"sub": "subject-beta"},
    "an empty subject": {"sub": ""},
    "no subject": {"sub": ...},
    "another audience": {"aud": "client-9"},
    "no audience": {"aud": ...},
    "two audiences": {"aud": ["client-1", "client-2"]},
    "expired": {"exp": MOMENT - 5000},
    "no expiry": {"exp": ...},
    "from the future": {"iat": MOMENT + 5000},
    "a time that is none": {"iat": "yesterday"},
    "the role": {"https://aws.amazon.com/roles": [ROLE]},
    "another role": {"https://aws.amazon.com/roles": [ROLE + "-2"]},
    "no role": {"https://aws.amazon.com/roles": 1},
    "bad tags": {"https://aws.amazon.com/tags": 1},
    "a bad source identity": {"https://aws.amazon.com/source_identity": "*"},
    "two keys that are one": {"SUB": "subject-alpha"},
}


def bare(answer: Answer) -> tuple[int, bytes, dict[bytes, bytes]]:
    """Return all of an answer but its request id."""
    headers = {k: v for k, v in answer.headers.items() if k != b"x-amzn-requestid"}
    return answer.status, answer.body.replace(answer.request_id.encode(), b"ID"), headers


async def test_forged_tokens_get_one_answer_whatever_they_claim(edge: Edge):
    await federate(edge, TRUSTED)
    answers = []
    for forged in CLAIMED.values():
        text = sign(rsa_key("attacker"), header(), claims(**forged))
        for role in (ROLE, ROLE + "-not-there"):
            answer = await exchange(edge, text, RoleArn=role)
            assert check_refused(edge, answer, "InvalidIdentityToken").check == "signature"
            answers.append(bare(answer))
    assert answers.count(answers[0]) == len(answers) == 2 * len(CLAIMED)
    assert (await exchange(edge, token())).status == 200


async def test_forged_tokens_of_an_unknown_key_get_one_answer(edge: Edge):
    await federate(edge, TRUSTED)
    answers = []
    for forged in CLAIMED.values():
        text = sign(rsa_key("attacker"), header(kid="k-none"), claims(**forged))
        answer = await exchange(edge, text)
        assert check_refused(edge, answer, "InvalidIdentityToken").check == "key"
        answers.append(bare(answer))
    assert answers.count(answers[0]) == len(answers)


def refusing(principal: dict[str, str]) -> str:
    statement = {"Effect": "Deny", "Principal": principal, "Action": "sts:*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


REFUSING = {
    "condition": trust({"StringEquals": {"issuer.example:sub": "somebody-else"}}),
    "missing claim": trust({"StringEquals": {"issuer.example:project_id": "1"}}),
    "another issuer": trust(issuer="https://other.example"),
    "explicit deny": refusing({"Federated": provider_arn()}),
}


async def test_a_missing_role_answers_like_one_that_refuses(edge: Edge):
    await federate(edge)
    answers = {}
    for name, document in REFUSING.items():
        await make_role(edge, document)
        answers[name] = await exchange(edge, token())
    for name in ("nowhere", "path/example", "EXAMPLE", "Example", "example2"):
        answers[name] = await exchange(edge, token(), RoleArn=iam_arn(f"role/{name}"))
    for answer in answers.values():
        check_refused(edge, answer, "AccessDenied")
        assert answer.message == NOT_AUTHORIZED
    bodies = [bare(answer) for answer in answers.values()]
    assert bodies.count(bodies[0]) == len(bodies)


async def calls(asked: Awaitable[Answer]) -> int:
    """Return how many functions are called until an answer is there."""
    count = 0

    def counting(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(counting)
    try:
        await asked
    finally:
        sys.setprofile(None)
    return count


async def test_a_missing_role_takes_about_the_way_of_one_that_refuses(edge: Edge):
    await federate(edge, {"StringEquals": {"issuer.example:sub": "somebody-else"}})
    for _ in range(2):  # the first time things are compiled
        refuses = await calls(exchange(edge, token()))
        is_missing = await calls(exchange(edge, token(), RoleArn=ROLE + "-not-there"))
    assert 0.7 < is_missing / refuses < 1.4, (is_missing, refuses)


async def test_assume_role_says_the_same_of_a_missing_and_a_refusing_role(edge: Edge):
    key = await make_user(edge, "somebody", policy(allow("sts:AssumeRole")))
    await make_aws_role(edge, "closed", AssumeRolePolicyDocument=refusing({"AWS": "*"}))
    answers = {}
    for name in ("closed", "nowhere"):
        arn = iam_arn(f"role/{name}")
        answer = await edge.query("sts", "AssumeRole", key=key, RoleArn=arn, RoleSessionName="job")
        check_refused(edge, answer, "AccessDenied")
        who = f"arn:aws:iam::{ACCOUNT}:user/somebody"
        sentence = f"User: {who} is not authorized to perform: sts:AssumeRole on resource: {arn}"
        assert answer.message == sentence
        answers[name] = (answer.status, (answer.message or "").replace(name, "ROLE"))
    assert answers["closed"] == answers["nowhere"]


@pytest.mark.parametrize(
    ("service", "operation", "member", "there"),
    [
        ("iam", "GetRole", "RoleName", "example"),
        ("iam", "GetUser", "UserName", "admin"),
        ("secretsmanager", "GetSecretValue", "SecretId", "there"),
        ("secretsmanager", "DescribeSecret", "SecretId", "there"),
    ],
)
async def test_who_may_not_look_is_not_told_what_is_there(
    edge: Edge, service: str, operation: str, member: str, there: str
):
    await federate(edge)
    await make_secret(edge, "there")
    key = await make_user(edge, "nobody")
    answers = []
    for name in (there, "nowhere"):
        if service == "iam":
            answer = await edge.query(service, operation, key=key, **{member: name})
        else:
            answer = await edge.target(operation, key=key, **{member: name})
        check_refused(edge, answer)
        answers.append((answer.status, answer.code, (answer.message or "").replace(name, "NAME")))
    assert answers[0] == answers[1]
    assert (answers[0][1] or "").startswith("AccessDenied")
