"""The gateway as its users have it: a `valetkey serve` process before a SeaweedFS of its own.

A folder's conftest takes the fixture ``gateway`` from here. There is one a test process, however
many folders take it: an issuer, a server, the store, the upstream added by ``valetkey upstream
add`` while the server runs, two roles that trust the issuer's jobs, and a bucket::

    gateway.endpoint          where clients talk to; path style
    gateway.site              the `Site` of support.processes: home, issuer, admin, token(), aws()
    gateway.store             the `Seaweed` of support.seaweed, with `client()` straight at it
    gateway.direct()          the same client: what the store holds, whatever valetkey says
    gateway.client(role)      a boto3 S3 client through the gateway, with credentials of a web
                              identity; more words are botocore's `Config`
    gateway.credentials(role) what AssumeRoleWithWebIdentity granted: AccessKeyId, SecretAccessKey,
                              SessionToken; asked for once a role
    gateway.env(role, **more) the environment of a program that talks as this role
    gateway.run(words, role)  runs such a program to its end; further words are its variables
    gateway.record(id)        what the decision log holds of a request
    gateway.over_tls()        the same home and store behind a second server, over TLS; it runs
                              as long as the first

``ALL`` may do everything in S3; ``PREFIX`` what a job needs, below its own project's prefix in
``BUCKET`` and nowhere else: keys that start with ``HOME`` (the claim `project_path` is in its
policy). Every test makes keys of its own names: folders of HOME, or of any other prefix with ALL.

A bucket with data takes seven of the store's hundred volumes: share BUCKET, and make another only
for what is a bucket's own. A test that kills a server or a store opens a gateway of its own with
``open_gateway(folder)``.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from support.processes import ACCOUNT, AUDIENCE, PROJECT, Ended, Site, document, open_site, run
from support.seaweed import ACCESS_KEY_ID, SECRET_KEY, Seaweed, seaweed
from valetkey.server import Home
from valetkey.store import DecisionLog, RequestRecord

__all__ = ["gateway"]

REGION = "us-east-1"
BUCKET = "kiln-artifacts"
HOME = f"{PROJECT}/"
ALL, PREFIX = "gateway-all", "gateway-prefix"
UPSTREAM = "store"
_PATIENCE = 20.0


@dataclass
class GatewayRunning:
    """A gateway before its store."""

    site: Site
    store: Seaweed
    granted: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)
    clients: list[Any] = field(default_factory=list, repr=False)
    straight: Any = field(default=None, repr=False)
    ending: ExitStack = field(default_factory=ExitStack, repr=False)
    secure: "GatewayRunning | None" = field(default=None, repr=False)

    @property
    def endpoint(self) -> str:
        return self.site.endpoint

    def direct(self, **settings: Any) -> Any:
        """Return a client straight at the store; the usual one is made once."""
        if settings:
            return self._kept(self.store.client(**settings))
        if self.straight is None:
            self.straight = self._kept(self.store.client())
        return self.straight

    def client(self, role: str = ALL, service: str = "s3", **settings: Any) -> Any:
        """Return a client through the gateway; ``settings`` are botocore's ``Config``."""
        granted = self.credentials(role)
        return self._made(
            service,
            aws_access_key_id=granted["AccessKeyId"],
            aws_secret_access_key=granted["SecretAccessKey"],
            aws_session_token=granted["SessionToken"],
            config=Config(**_CLIENT | settings),
        )

    def credentials(self, role: str = ALL) -> dict[str, Any]:
        """Return what a job of the project is granted for a role."""
        if role not in self.granted:
            answer = self._made(
                "sts", config=Config(signature_version=UNSIGNED)
            ).assume_role_with_web_identity(
                RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{role}",
                RoleSessionName="job-1",
                WebIdentityToken=self.site.token(),
            )
            self.granted[role] = answer["Credentials"]
        return self.granted[role]

    def env(self, role: str = ALL, **more: str) -> dict[str, str]:
        """Return the environment of a program with a role's credentials and our endpoint."""
        granted = self.credentials(role)
        return self.site.env(
            AWS_ACCESS_KEY_ID=granted["AccessKeyId"],
            AWS_SECRET_ACCESS_KEY=granted["SecretAccessKey"],
            AWS_SESSION_TOKEN=granted["SessionToken"],
            **({"AWS_CA_BUNDLE": self.site.ca} if self.site.tls else {}),
            **more,
        )

    def run(
        self, words: Sequence[str], role: str = ALL, *, cwd: Path | None = None, **more: str
    ) -> Ended:
        """Run a program as a role to its end; ``more`` are further variables."""
        return run(words, self.env(role, **more), cwd=cwd)

    def record(self, request_id: str) -> RequestRecord:
        """Return what is kept of a request; it may be a batch behind, so wait for it."""
        deadline = time.monotonic() + _PATIENCE
        with DecisionLog.open(Home(self.site.home).decision_log, create=False) as log:
            while (found := log.find(request_id)) is None:
                assert time.monotonic() < deadline, f"no record of {request_id}"
                time.sleep(0.02)
        return found

    def close(self) -> None:
        """Close the clients that were handed out, and end what was started besides."""
        for client in self.clients:
            client.close()
        self.ending.close()

    def add_role(self, name: str, *statements: Mapping[str, Any]) -> str:
        """Make a role that the project's jobs may assume, and return its name."""
        iam = self.iam()
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=self.site.trust())
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*statements))
        return name

    def iam(self) -> Any:
        """Return an IAM client of the administrator's."""
        admin = self.site.admin
        return self._made(
            "iam",
            aws_access_key_id=admin["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=admin["AWS_SECRET_ACCESS_KEY"],
        )

    def over_tls(self) -> "GatewayRunning":
        """Return the gateway as it is met over TLS, with the issuer's certificate for loopback."""
        if self.secure is None:
            issuer = self.site.home / "issuer"
            served = Site(
                self.site.folder,
                issuer_port=self.site.issuer_port,
                admin=self.site.admin,
                tls=True,
            )
            pair = ("--tls-cert", str(issuer / "tls.pem"), "--tls-key", str(issuer / "tls.key"))
            served.start_server(*pair)
            self.ending.callback(served.stop, "server")
            self.secure = GatewayRunning(
                served, self.store, self.granted, self.clients, self.straight
            )
        return self.secure

    def _made(self, service: str, **options: Any) -> Any:
        made = _session().client(
            service,
            endpoint_url=self.endpoint,
            verify=self.site.ca if self.site.tls else None,
            **options,
        )
        return self._kept(made)

    def _kept(self, client: Any) -> Any:
        self.clients.append(client)
        return client


@cache
def _session() -> boto3.Session:
    """Return the session that makes all clients, so that the models are read once."""
    return boto3.Session(region_name=REGION)


_CLIENT: dict[str, Any] = {"s3": {"addressing_style": "path"}, "retries": {"max_attempts": 1}}


def may_do_all() -> list[dict[str, Any]]:
    """Return the statements of ``ALL``."""
    return [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]


def may_use_prefix(bucket: str = BUCKET) -> list[dict[str, Any]]:
    """Return the statements of ``PREFIX``: what clients need to work below one prefix."""
    arn, own = f"arn:aws:s3:::{bucket}", "${valetkey:claim/project_path}"
    return [
        {
            "Effect": "Allow",
            "Action": [
                "s3:GetObject*",
                "s3:PutObject",
                "s3:PutObjectTagging",
                "s3:DeleteObject*",
                "s3:AbortMultipartUpload",
                "s3:ListMultipartUploadParts",
            ],
            "Resource": f"{arn}/{own}/*",
        },
        {
            "Effect": "Allow",
            "Action": ["s3:ListBucket", "s3:ListBucketVersions"],
            "Resource": arn,
            "Condition": {"StringLike": {"s3:prefix": [own, f"{own}/*"]}},
        },
        {"Effect": "Allow", "Action": "s3:GetBucketLocation", "Resource": arn},
    ]


@contextmanager
def open_gateway(folder: Path, settings: str = "", *serve: str) -> Iterator[GatewayRunning]:
    """Start an issuer, a server and a store on a folder, set them up, and end them all."""
    folder.mkdir(exist_ok=True)
    (folder / "store").mkdir()
    with seaweed(folder / "store") as store, open_site(folder, *serve, settings=settings) as site:
        opened = GatewayRunning(site, store)
        try:
            set_up(opened)
            yield opened
        finally:
            opened.close()


def set_up(opened: GatewayRunning) -> None:
    """Register the issuer and the upstream, and make the roles and the bucket."""
    site = opened.site
    opened.iam().create_open_id_connect_provider(Url=site.issuer, ClientIDList=[AUDIENCE])
    add_upstream(site, UPSTREAM, opened.store.endpoint, "--trailers")
    opened.add_role(ALL, *may_do_all())
    opened.add_role(PREFIX, *may_use_prefix())
    opened.store.make_bucket(BUCKET)


def add_upstream(
    site: Site,
    name: str,
    endpoint: str,
    *more: str,
    access_key_id: str = ACCESS_KEY_ID,
    secret_key: str = SECRET_KEY,
) -> None:
    """Add an upstream, by command, while the server runs; the key is that of every `Seaweed`."""
    words = ["--endpoint", endpoint, "--access-key-id", access_key_id, "--secret-key-file", "-"]
    done = site.valetkey("upstream", "add", name, *words, *more, stdin=secret_key)
    assert done.code == 0, done.errors


_OPENED = pytest.StashKey[GatewayRunning]()


@pytest.fixture(scope="session")
def gateway(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return the one gateway of this test process; it runs until the process ends."""
    stash = request.config.stash
    if _OPENED not in stash:
        ending = ExitStack()
        folder = tmp_path_factory.mktemp("gateway") / "site"
        stash[_OPENED] = ending.enter_context(open_gateway(folder))
        request.config.add_cleanup(ending.close)
    return stash[_OPENED]
