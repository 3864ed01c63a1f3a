"""Records with little to say, and processes of our own to torture a file with."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import valetkey
from valetkey.policy.decision import Decision, Reason
from valetkey.store import (
    AWS_ACCOUNT,
    AccessKey,
    AccountRecord,
    BucketRecord,
    Outcome,
    PolicyRecord,
    PolicyVersion,
    ProviderRecord,
    RequestRecord,
    RoleRecord,
    SecretRecord,
    SecretVersion,
    UpstreamRecord,
    UserRecord,
)

ACCOUNT = "123456789012"
OTHER = "210987654321"
PROGRAMS = Path(__file__).parent / "programs"

TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},'
    '"Action":"sts:AssumeRole"}]}'
)
ALLOW_S3 = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
)
ALLOW_ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
BROKEN = '{"Version":"2012-10-17","Statement":[{"Effect":"Maybe"'


def account(id: str = ACCOUNT) -> AccountRecord:
    return AccountRecord(account=id, created=1.0)


def provider(url: str = "https://gitlab.example", account: str = ACCOUNT) -> ProviderRecord:
    return ProviderRecord(
        account=account, url=url, client_ids=("valetkey",), thumbprints=(), created=1.0
    )


def role(name: str = "deploy", **fields: Any) -> RoleRecord:
    given = {
        "account": ACCOUNT,
        "path": "/",
        "id": f"AROA{name.upper()}",
        "trust_policy": TRUST,
        "created": 1.0,
    }
    return RoleRecord(name=name, **{**given, **fields})


def access_key(id: str, *, active: bool = True) -> AccessKey:
    return AccessKey(id=id, sealed_secret=b"\x00sealed\xff", active=active, created=1.0)


def user(name: str = "admin", **fields: Any) -> UserRecord:
    given = {"account": ACCOUNT, "path": "/", "id": f"AIDA{name.upper()}", "created": 1.0}
    return UserRecord(name=name, **{**given, **fields})


def policy(name: str = "s3", document: str = ALLOW_S3, **fields: Any) -> PolicyRecord:
    given = {
        "account": ACCOUNT,
        "path": "/",
        "id": f"ANPA{name.upper()}",
        "versions": (PolicyVersion(id="v1", document=document, created=1.0),),
        "default_version": "v1",
        "created": 1.0,
        "updated": 1.0,
    }
    return PolicyRecord(name=name, **{**given, **fields})


def secret(name: str = "db", region: str = "eu-central-1", **fields: Any) -> SecretRecord:
    given = {
        "account": ACCOUNT,
        "suffix": "AbCdEf",
        "versions": (
            SecretVersion(
                id="1", sealed_value=b"\xff\x00", binary=False, stages=("AWSCURRENT",), created=1.0
            ),
        ),
        "created": 1.0,
        "changed": 1.0,
    }
    return SecretRecord(name=name, region=region, **{**given, **fields})


def upstream(name: str = "store", account: str = ACCOUNT, **fields: Any) -> UpstreamRecord:
    given = {
        "service": "s3",
        "endpoint": "https://s3.example",
        "region": "eu-central-1",
        "created": 1.0,
    }
    return UpstreamRecord(name=name, account=account, **{**given, **fields})


def bucket(name: str = "photos", owner: str = ACCOUNT, **fields: Any) -> BucketRecord:
    given = {
        "account": AWS_ACCOUNT,
        "upstream_account": ACCOUNT,
        "upstream": "store",
        "created": 1.0,
        "region": "eu-central-1",
    }
    return BucketRecord(name=name, owner=owner, **{**given, **fields})


def request(request_id: str = "r1", **fields: Any) -> RequestRecord:
    given = {
        "time": 1_000.0,
        "service": "sts",
        "operation": "AssumeRoleWithWebIdentity",
        "outcome": Outcome.REFUSED,
        "status": 403,
        "decision": Decision(allowed=False, reason=Reason.NO_TRUST_ALLOW),
    }
    return RequestRecord(request_id=request_id, **{**given, **fields})


def start(program: str, *arguments: object) -> "subprocess.Popen[str]":
    """Start one of the programs beside the tests, with the valetkey that the tests run."""
    package = str(Path(valetkey.__file__).parents[1])
    path = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), package]))
    return subprocess.Popen(
        [sys.executable, str(PROGRAMS / program), *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
