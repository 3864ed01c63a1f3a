"""What the tests of real clients share: the names of what is set up, and small helpers."""

from pathlib import Path
from typing import Any

import boto3

from support.processes import ACCOUNT, Ended, document

REGION = "us-east-1"
DEPLOY, BY_REF, READER = "kiln-deploy", "kiln-by-ref", "kiln-reader"
SECRET, FOREIGN_SECRET = "kiln/database", "wick/database"

FAILED = 255
"""How version 1 of the aws CLI ends on an error of the service."""


def refusal(code: str, operation: str, message: str) -> str:
    """Return what the aws CLI prints for an error."""
    return f"\nAn error occurred ({code}) when calling the {operation} operation: {message}\n"


def assert_refused(done: Ended, code: str, operation: str, message: str) -> None:
    assert (done.code, done.output) == (FAILED, "")
    assert done.errors == refusal(code, operation, message)


def role_arn(role: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{role}"


def secret_arn(name: str) -> str:
    return f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-??????"


def allow(action: Any, resource: Any) -> str:
    return document({"Effect": "Allow", "Action": action, "Resource": resource})


def session_of(granted: dict[str, Any]) -> boto3.Session:
    """Return a session of boto3 with the ``Credentials`` of an answer of STS."""
    return boto3.Session(
        aws_access_key_id=granted["AccessKeyId"],
        aws_secret_access_key=granted["SecretAccessKey"],
        aws_session_token=granted["SessionToken"],
        region_name=REGION,
    )


def variables_of(granted: dict[str, Any]) -> dict[str, str]:
    """Return them as the environment of a program."""
    return {
        "AWS_ACCESS_KEY_ID": granted["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": granted["SecretAccessKey"],
        "AWS_SESSION_TOKEN": granted["SessionToken"],
    }


def counted(client: Any) -> list[str]:
    """Return a list that grows by every HTTP request that a client sends."""
    sent: list[str] = []
    client.meta.events.register("before-send", lambda request, **_: sent.append(request.url))
    return sent


def write_config(path: Path, **profiles: dict[str, str]) -> str:
    """Write a configuration file of the aws CLI, and return its path."""
    lines = []
    for name, values in profiles.items():
        lines.append("[default]" if name == "default" else f"[profile {name}]")
        lines += [f"{key} = {value}" for key, value in values.items()]
    path.write_text("\n".join(lines) + "\n")
    return str(path)
