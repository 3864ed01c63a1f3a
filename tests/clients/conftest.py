"""A server and an issuer as processes, set up over the wire, for real clients to talk to."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from clients.talking import (
    BY_REF,
    DEPLOY,
    FOREIGN_SECRET,
    READER,
    REGION,
    SECRET,
    allow,
    role_arn,
    secret_arn,
    session_of,
)
from support.processes import AUDIENCE, PROJECT, Site, document, environment, open_site


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve an issuer and, with two workers, everything else."""
    with open_site(tmp_path_factory.mktemp("site"), "--workers", "2") as opened:
        with pytest.MonkeyPatch.context() as patch:
            isolate(patch, opened)
            set_up(opened)
        yield opened


def isolate(patch: pytest.MonkeyPatch, site: Site) -> None:
    """Take every setting for AWS out of this process, and put ours in."""
    for name in os.environ:
        if name.startswith("AWS_"):
            patch.delenv(name)
    for name, value in environment(site.folder).items():
        if name.startswith("AWS_") or name == "HOME":
            patch.setenv(name, value)
    patch.setenv("AWS_ENDPOINT_URL", site.endpoint)


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch, site: Site) -> None:
    isolate(monkeypatch, site)


def set_up(site: Site) -> None:
    """Register the issuer; make the roles and the secrets."""
    session = admin_session(site)
    iam, secrets = session.client("iam"), session.client("secretsmanager")
    iam.create_open_id_connect_provider(Url=site.issuer, ClientIDList=[AUDIENCE])
    any_ref = {
        "StringLike": {f"{site.host}:sub": f"project_path:{PROJECT}:*"},
        "StringEquals": {f"{site.host}:aud": AUDIENCE},
    }
    by_deploy = document(
        {"Effect": "Allow", "Principal": {"AWS": role_arn(DEPLOY)}, "Action": "sts:AssumeRole"}
    )
    get = "secretsmanager:GetSecretValue"
    # What a job of `kiln-by-ref` may read is named after a claim of its own token.
    by_claim = "ref/${valetkey:claim/ref}"
    for role, trust, permission in (
        (DEPLOY, site.trust(), allow(get, secret_arn(SECRET))),
        (BY_REF, site.trust(**any_ref), allow(get, secret_arn(by_claim))),
        (READER, by_deploy, allow("secretsmanager:DescribeSecret", secret_arn(SECRET))),
    ):
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust)
        iam.put_role_policy(RoleName=role, PolicyName="own", PolicyDocument=permission)
    for name in (SECRET, FOREIGN_SECRET, "ref/main", "ref/release"):
        secrets.create_secret(Name=name, SecretString=f"value of {name}")
    iam.close()
    secrets.close()


def admin_session(site: Site) -> boto3.Session:
    return boto3.Session(
        aws_access_key_id=site.admin["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=site.admin["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    )


Connect = Callable[..., Any]


@pytest.fixture
def connect(site: Site) -> Iterator[Connect]:
    """Make clients of boto3 that are closed after the test: the administrator's, or another's."""
    opened = []

    def client(service: str, session: boto3.Session | None = None, **options: Any) -> Any:
        made = (session or admin_session(site)).client(service, **options)
        opened.append(made)
        return made

    yield client
    for made in opened:
        made.close()


@pytest.fixture
def unsigned(connect: Connect) -> Any:
    """Return an STS client without credentials."""
    return connect("sts", boto3.Session(region_name=REGION))


@pytest.fixture
def granted(unsigned: Any, site: Site) -> Callable[..., dict[str, Any]]:
    """Assume a role by web identity, and return the credentials that were granted."""

    def credentials(role: str = DEPLOY, *words: str, **parameters: Any) -> dict[str, Any]:
        answer = unsigned.assume_role_with_web_identity(
            RoleArn=role_arn(role),
            RoleSessionName="job-1",
            WebIdentityToken=site.token(*words),
            **parameters,
        )
        found: dict[str, Any] = answer["Credentials"]
        return found

    return credentials


@pytest.fixture
def assume(granted: Callable[..., dict[str, Any]]) -> Callable[..., boto3.Session]:
    """Assume a role by web identity, and return a session of boto3 with what was granted."""
    return lambda *words, **parameters: session_of(granted(*words, **parameters))
