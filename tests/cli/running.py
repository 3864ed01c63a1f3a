"""What the tests of the commands share: how a server is asked, and how failures look."""

import urllib.error
import urllib.parse
import urllib.request
from typing import Any
from xml.etree import ElementTree as ET

import boto3

from support.processes import ACCOUNT, Ended, Site

ROLE, ROLE_ARN = "kiln", f"arn:aws:iam::{ACCOUNT}:role/kiln"


def client(site: Site, service: str, **granted: str) -> Any:
    """Return a client of boto3 for the administrator, or for credentials from STS."""
    return boto3.client(
        service,
        endpoint_url=site.endpoint,
        region_name="us-east-1",
        aws_access_key_id=granted.get("AccessKeyId", site.admin["AWS_ACCESS_KEY_ID"]),
        aws_secret_access_key=granted.get("SecretAccessKey", site.admin["AWS_SECRET_ACCESS_KEY"]),
        aws_session_token=granted.get("SessionToken"),
    )


def exchange(site: Site, token: str, arn: str = ROLE_ARN) -> tuple[int, str]:
    """Exchange a token over the wire; return the status and the request id."""
    form = {
        "Action": "AssumeRoleWithWebIdentity",
        "Version": "2011-06-15",
        "RoleArn": arn,
        "RoleSessionName": "job-1",
        "WebIdentityToken": token,
    }
    url, body = f"{site.endpoint}/", urllib.parse.urlencode(form).encode()
    try:
        with urllib.request.urlopen(url, data=body, timeout=30) as answer:
            return answer.status, request_id(answer.read())
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, request_id(refusal.read())


def request_id(body: bytes) -> str:
    found = next(e.text for e in ET.fromstring(body).iter() if e.tag.endswith("RequestId"))
    assert found is not None
    return found


def assert_in_words(done: Ended, code: int, *parts: str) -> None:
    """Assert that a command failed, said why on stderr and nothing else anywhere."""
    assert (done.code, done.output) == (code, ""), done
    assert "Traceback" not in done.errors
    assert "error[internal]" not in done.errors
    for part in parts:
        assert part in done.errors
