"""Policies, people and secrets for tests of the operations."""

import json
import sqlite3
import uuid
from pathlib import Path
from typing import Any

from support.edge import ACCOUNT, Answer, Edge, credentials_of

OTHER_ACCOUNT = "444455556666"
Key = dict[str, str]


def allow(*actions: str, on: Any = "*", **more: Any) -> dict[str, Any]:
    """Return a statement; ``more`` are further elements, such as Condition or Principal."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": on, **more}


def deny(*actions: str, on: Any = "*", **more: Any) -> dict[str, Any]:
    return {**allow(*actions, on=on, **more), "Effect": "Deny"}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


ALLOW_ALL = policy(allow("*"))


def trust(account: str = ACCOUNT) -> str:
    """Return a trust policy that leaves it to an account who may assume the role."""
    statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}
    return policy(statement)


TRUST = trust()


def tags(**pairs: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


def iam_arn(resource: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:{resource}"


async def iam(edge: Edge, action: str, **parameters: Any) -> Answer:
    """Ask IAM, and expect no refusal."""
    answer = await edge.query("iam", action, **parameters)
    assert answer.status == 200, answer.body
    return answer


async def make_role(edge: Edge, name: str = "deploy", **more: Any) -> str:
    """Make a role; return its ARN."""
    more = {"AssumeRolePolicyDocument": TRUST, **more}
    made = await iam(edge, "CreateRole", RoleName=name, **more)
    return made.text(".//Arn") or ""


async def make_policy(edge: Edge, name: str, document: str = ALLOW_ALL, **more: Any) -> str:
    """Make a managed policy; return its ARN."""
    made = await iam(edge, "CreatePolicy", PolicyName=name, PolicyDocument=document, **more)
    return made.text(".//Arn") or ""


async def make_user(edge: Edge, name: str, *documents: str, **more: Any) -> Key:
    """Make a user with inline policies; return an access key."""
    await iam(edge, "CreateUser", UserName=name, **more)
    for number, document in enumerate(documents):
        await iam(
            edge,
            "PutUserPolicy",
            UserName=name,
            PolicyName=f"policy-{number}",
            PolicyDocument=document,
        )
    return await make_key(edge, name)


async def make_key(edge: Edge, name: str) -> Key:
    made = await iam(edge, "CreateAccessKey", UserName=name)
    return {
        "id": made.text(".//AccessKeyId") or "",
        "secret": made.text(".//SecretAccessKey") or "",
    }


async def assume(edge: Edge, role: str, **more: Any) -> Key:
    """Return the credentials of a session of a role, made by the administrator."""
    arn = iam_arn(f"role/{role}")
    answer = await edge.query("sts", "AssumeRole", RoleArn=arn, RoleSessionName="job", **more)
    assert answer.status == 200, answer.body
    return credentials_of(answer)


async def make_session(edge: Edge, role: str, *documents: str, **more: Any) -> Key:
    """Make a role with inline policies; return the credentials of a session of it."""
    await make_role(edge, role)
    for number, document in enumerate(documents):
        await iam(
            edge,
            "PutRolePolicy",
            RoleName=role,
            PolicyName=f"policy-{number}",
            PolicyDocument=document,
        )
    return await assume(edge, role, **more)


async def ask(edge: Edge, operation: str, *, key: Any = ..., **parameters: Any) -> Answer:
    """Ask Secrets Manager as an SDK does, which makes a ClientRequestToken up."""
    if operation in ("CreateSecret", "PutSecretValue", "UpdateSecret"):
        parameters = {"ClientRequestToken": str(uuid.uuid4()), **parameters}
    return await edge.target(operation, key=key, **parameters)


async def secrets(edge: Edge, operation: str, **parameters: Any) -> dict[str, Any]:
    """Ask Secrets Manager, expect no refusal, and return what it says."""
    answer = await ask(edge, operation, **parameters)
    assert answer.status == 200, answer.body
    said: dict[str, Any] = answer.json
    return said


async def make_secret(edge: Edge, name: str = "db", value: str = "s3cr3t", **more: Any) -> str:
    """Make a secret; return its ARN."""
    made = await secrets(edge, "CreateSecret", Name=name, SecretString=value, **more)
    return str(made["ARN"])


def refusal(answer: Answer) -> tuple[int, str | None, str | None]:
    """Return what a refusal says: status, code and message."""
    return answer.status, answer.code, answer.message


def names(answer: Answer, element: str) -> list[str]:
    """Return the texts of all elements of a name in an answer."""
    return [found.text or "" for found in answer.xml.iter(element)]


def kept_bytes(edge: Edge) -> dict[Path, bytes]:
    """Return the bytes of every file of the home, the logs of databases written into them."""
    edge.wiring.log.flush()
    for path in edge.home.path.rglob("*.db"):
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA wal_checkpoint(FULL)")
        connection.close()
    return {path: path.read_bytes() for path in edge.home.path.rglob("*") if path.is_file()}
