"""The gateway before moto's server: real clients of any AWS API, an upstream that is none of ours.

A folder's conftest takes the fixture ``apis`` from here. There is one a test process: an issuer,
a server, moto as a process, and an upstream for each of :data:`SERVICES`, all of them moto::

    apis.role(*statements)       makes a role that jobs of the project may assume; its name
    apis.client(service, role)   a boto3 client through the gateway with credentials of a web
                                 identity; ``region=`` and botocore's ``Config`` may follow
    apis.direct(service)         a client straight at moto: what there is, whatever valetkey says
    apis.aws(role, *words)       runs the aws CLI to its end
    apis.raw(…)                  sends a request that no client would, signed unless told not to
    apis.moto.untouched()        a block in which nothing may reach moto

moto takes any credentials. Those of the upstreams are :data:`KEY_ID`, so that its recording tells
who signed what it got.
"""

import json
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import boto3
import pytest
import urllib3
from botocore import UNSIGNED
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials

from support.accounts import add_account
from support.moto import Moto
from support.processes import ACCOUNT, AUDIENCE, Ended, Site, document, open_site, run
from valetkey.server import Home
from valetkey.store import DecisionLog, RequestRecord

__all__ = ["apis"]

REGION, OTHER_REGION = "us-east-1", "eu-west-1"
OTHER_ACCOUNT, STRANGE_ACCOUNT = "556677889900", "667788990011"
KEY_ID = "UPSTREAMKEYEXAMPLE01"
SERVICES = ("dynamodb", "ec2", "lambda", "monitoring", "route53", "sns", "sqs")
"""The services that moto stands for, by the names that requests are signed for."""

FIXED, FIXED_REGION = "kms", "eu-central-1"
"""And one more whose upstream has a region of its own."""

SHARED = "sqs"
"""The service whose upstream is open to :data:`OTHER_ACCOUNT`."""

_PATIENCE = 20.0


@dataclass(frozen=True)
class Said:
    """An answer, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class ApisRunning:
    """A gateway before moto."""

    site: Site
    moto: Moto
    granted: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict, repr=False)
    clients: dict[Any, Any] = field(default_factory=dict, repr=False)
    admins: dict[str, tuple[str, str]] = field(default_factory=dict, repr=False)
    numbers: Iterator[int] = field(default_factory=count, repr=False)

    def role(self, *statements: Mapping[str, Any], account: str = ACCOUNT) -> str:
        """Make a role that the project's jobs may assume."""
        iam, name = self.iam(account), f"job-{next(self.numbers)}"
        provider = f"arn:aws:iam::{account}:oidc-provider/{self.site.host}"
        trust = self.site.trust().replace(self.site.provider_arn, provider)
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        if statements:
            text = document(*statements)
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=text)
        return name

    def iam(self, account: str = ACCOUNT) -> Any:
        """Return an IAM client of an account's administrator."""
        key_id, secret = self.admins[account]
        given = {"aws_access_key_id": key_id, "aws_secret_access_key": secret}
        return self._client("iam", self.site.endpoint, REGION, **given)

    def client(
        self, service: str, role: str, *, region: str = REGION, account: str = ACCOUNT, **more: Any
    ) -> Any:
        """Return a client through the gateway; ``more`` are botocore's ``Config``."""
        granted = self.credentials(role, account)
        return self._client(
            service,
            self.site.endpoint,
            region,
            config=Config(retries={"total_max_attempts": 1}, **more),
            **{name.lower(): value for name, value in granted.items()},
        )

    def direct(self, service: str, region: str = REGION) -> Any:
        """Return a client straight at moto."""
        given = {"aws_access_key_id": "DIRECT", "aws_secret_access_key": "direct"}
        return self._client(service, self.moto.endpoint, region, **given)

    def credentials(self, role: str, account: str = ACCOUNT) -> dict[str, str]:
        """Return the variables with what AssumeRoleWithWebIdentity grants a job of the project."""
        if (account, role) not in self.granted:
            sts = self._client(
                "sts", self.site.endpoint, REGION, config=Config(signature_version=UNSIGNED)
            )
            answer = sts.assume_role_with_web_identity(
                RoleArn=f"arn:aws:iam::{account}:role/{role}",
                RoleSessionName="job-1",
                WebIdentityToken=self.site.token(),
            )["Credentials"]
            self.granted[account, role] = {
                "AWS_ACCESS_KEY_ID": answer["AccessKeyId"],
                "AWS_SECRET_ACCESS_KEY": answer["SecretAccessKey"],
                "AWS_SESSION_TOKEN": answer["SessionToken"],
            }
        return self.granted[account, role]

    def aws(self, role: str, *words: str, **more: str) -> Ended:
        """Run the aws CLI as a role; ``more`` are further variables."""
        return run(["aws", *words], self.site.env(**self.credentials(role), **more))

    def raw(
        self,
        role: str | None,
        service: str,
        body: bytes = b"",
        *,
        target: str = "/",
        method: str = "POST",
        region: str = REGION,
        account: str = ACCOUNT,
        presigned: bool = False,
        after: Mapping[str, str] | None = None,
        sent: bytes | None = None,
        also: str = "",
        **headers: str,
    ) -> Said:
        """Send a request as it is told, signed as a role unless that is None.

        ``headers`` have underscores for hyphens. What comes after the signature is not under it:
        the headers ``after``, the body that is ``sent`` in place of the signed one, and what the
        target says ``also``.
        """
        plain = {name.replace("_", "-"): value for name, value in headers.items()}
        request = AWSRequest(method, f"{self.site.endpoint}{target}", plain, body)
        if role is not None:
            credentials = ReadOnlyCredentials(*self.credentials(role, account).values())
            signer = SigV4QueryAuth if presigned else SigV4Auth
            signer(credentials, service, region).add_auth(request)
        made = {**dict(request.headers), **(after or {})}
        with urllib3.PoolManager() as pool:
            url, given = f"{request.url}{also}", body if sent is None else sent
            answer = pool.request(method, url, body=given, headers=made, retries=False)
            return Said(answer.status, answer.headers, answer.data)

    def record(self, request_id: str) -> RequestRecord:
        """Return what is kept of a request; the log may be a batch behind, so wait for it."""
        deadline = time.monotonic() + _PATIENCE
        with DecisionLog.open(Home(self.site.home).decision_log, create=False) as log:
            while (found := log.find(request_id)) is None:
                assert time.monotonic() < deadline, request_id
                time.sleep(0.02)
        return found

    def close(self) -> None:
        for client in self.clients.values():
            client.close()

    def _client(self, service: str, endpoint: str, region: str, **options: Any) -> Any:
        key = (service, endpoint, region, repr(options.get("config") and vars(options["config"])))
        key += (options.get("aws_access_key_id"),)
        if key not in self.clients:
            session = _session()
            made = session.client(service, endpoint_url=endpoint, region_name=region, **options)
            self.clients[key] = made
        return self.clients[key]


@cache
def _session() -> boto3.Session:
    """Return the session that makes all clients, so that the models are read once."""
    return boto3.Session(region_name=REGION)


def allow(action: Any, resource: Any = "*", **condition: Any) -> dict[str, Any]:
    """Return a statement; the operators of its conditions are words."""
    return {"Effect": "Allow", **_statement(action, resource, condition)}


def deny(action: Any, resource: Any = "*", **condition: Any) -> dict[str, Any]:
    return {"Effect": "Deny", **_statement(action, resource, condition)}


def _statement(action: Any, resource: Any, condition: Mapping[str, Any]) -> dict[str, Any]:
    found = {"Action": action, "Resource": resource}
    return {**found, "Condition": condition} if condition else found


def arn(service: str, resource: str, *, region: str = REGION, account: str = ACCOUNT) -> str:
    return f"arn:aws:{service}:{region}:{account}:{resource}"


@contextmanager
def open_apis(folder: Path) -> Iterator[ApisRunning]:
    """Start moto, an issuer and a server on a folder, set them up, and end them all."""
    folder.mkdir(exist_ok=True)
    (folder / "moto").mkdir()
    (folder / "secret").write_text(secrets.token_urlsafe(30))
    moto = Moto(folder / "moto")
    with ExitStack() as ending:
        moto.start()
        ending.callback(moto.stop)
        site = ending.enter_context(open_site(folder / "site", settings=_settings(folder, moto)))
        opened = ApisRunning(site, moto)
        ending.callback(opened.close)
        set_up(opened)
        moto.wait()
        yield opened


def set_up(opened: ApisRunning) -> None:
    """Make the other accounts, and register the issuer in each."""
    admin = opened.site.admin
    opened.admins[ACCOUNT] = (admin["AWS_ACCESS_KEY_ID"], admin["AWS_SECRET_ACCESS_KEY"])
    for account in (OTHER_ACCOUNT, STRANGE_ACCOUNT):
        opened.admins[account] = add_account(Home(opened.site.home), account)
    for account in opened.admins:
        opened.iam(account).create_open_id_connect_provider(
            Url=opened.site.issuer, ClientIDList=[AUDIENCE]
        )


def _settings(folder: Path, moto: Moto) -> str:
    tables = [_upstream(folder, moto, service, "*") for service in SERVICES]
    return "".join([*tables, _upstream(folder, moto, FIXED, FIXED_REGION)])


def _upstream(folder: Path, moto: Moto, service: str, region: str) -> str:
    given = {
        "service": service,
        "endpoint": moto.endpoint,
        "region": region,
        "access_key_id": KEY_ID,
        "secret_access_key_file": str(folder / "secret"),
        **({"accounts": [OTHER_ACCOUNT]} if service == SHARED else {}),
    }
    lines = (f"{name} = {json.dumps(value)}\n" for name, value in given.items())
    return f"[upstreams.{service}]\n{''.join(lines)}"


_OPENED = pytest.StashKey[ApisRunning]()


@pytest.fixture(scope="session")
def apis(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return the one gateway before moto of this test process; it runs until the process ends."""
    stash = request.config.stash
    if _OPENED not in stash:
        ending = ExitStack()
        stash[_OPENED] = ending.enter_context(open_apis(tmp_path_factory.mktemp("apis")))
        request.config.add_cleanup(ending.close)
    return stash[_OPENED]
