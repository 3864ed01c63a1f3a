"""Real programs of the project, run in an environment that holds nothing of the caller's."""

import json
import os
import re
import shlex
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from support.ports import free_port
from valetkey.cli.issuer import token

PROGRAMS = Path(sys.executable).parent
START_SECONDS = 30
RUN_SECONDS = 240
STOP_SECONDS = 20
KEPT = ("LANG", "PATH", "PYTHONPATH", "TMPDIR")


@dataclass(frozen=True)
class Ended:
    """How a program ended, and what it printed."""

    code: int
    output: str
    errors: str

    @property
    def all(self) -> str:
        return self.output + self.errors

    @property
    def json(self) -> Any:
        return json.loads(self.output)


def environment(home: Path, **extra: str) -> dict[str, str]:
    """Return an environment with a home folder of the test's, and no setting for AWS but ours."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {
        **kept,
        "PATH": f"{PROGRAMS}:{kept.get('PATH', os.defpath)}",
        "HOME": str(home),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "AWS_PAGER": "",
        **extra,
    }


def program(words: Sequence[str]) -> list[str]:
    """Return what runs ``valetkey …`` as this interpreter has it, or a program beside it."""
    if words[0] == "valetkey":
        return [sys.executable, "-m", *words]
    beside = PROGRAMS / words[0]
    return [str(beside) if beside.exists() else words[0], *words[1:]]


def run(
    words: Sequence[str],
    env: Mapping[str, str],
    *,
    cwd: Path | None = None,
    stdin: str | None = None,
) -> Ended:
    """Run a program to its end."""
    done = subprocess.run(
        program(words),
        env=dict(env),
        cwd=cwd,
        input=(stdin or "").encode(),
        capture_output=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


def start(
    words: Sequence[str], env: Mapping[str, str], log: Path, *, cwd: Path | None = None
) -> subprocess.Popen[bytes]:
    """Start a program that writes to a log; whoever starts it ends it."""
    with log.open("ab") as stream:
        return subprocess.Popen(
            program(words),
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )


def stop(process: subprocess.Popen[bytes]) -> int:
    """End a program politely, and return its exit code."""
    process.terminate()
    try:
        return process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise


def wait_until_answers(url: str, process: subprocess.Popen[bytes], log: Path, ca: str = "") -> None:
    """Wait until a URL is answered with 200, as long as the process lives."""
    context = ssl.create_default_context(cafile=ca) if ca else None
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5, context=context):
                return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"no answer from {url}:\n{log.read_text()}") from None
            time.sleep(0.05)


ACCOUNT = "001122334455"
AUDIENCE = "https://valetkey.example"
PROJECT = "lanterns/kiln"
SUBJECT = f"project_path:{PROJECT}:ref_type:branch:ref:main"


@dataclass
class Site:
    """An issuer and a server of one home, as processes."""

    folder: Path
    issuer_port: int = field(default_factory=free_port)
    server_port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    admin: dict[str, str] = field(default_factory=dict)
    tls: bool = False

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def host(self) -> str:
        return f"localhost:{self.issuer_port}"

    @property
    def issuer(self) -> str:
        return f"https://{self.host}"

    @property
    def endpoint(self) -> str:
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.server_port}"

    @property
    def ca(self) -> str:
        return str(self.home / "issuer" / "ca.pem")

    @property
    def provider_arn(self) -> str:
        return f"arn:aws:iam::{ACCOUNT}:oidc-provider/{self.host}"

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def env(self, **extra: str) -> dict[str, str]:
        """Return the environment of a client without credentials."""
        given = {"VALETKEY_HOME": str(self.home), "AWS_ENDPOINT_URL": self.endpoint, **extra}
        return environment(self.folder, **given)

    def admin_env(self, **extra: str) -> dict[str, str]:
        """Return the environment of the administrator."""
        return self.env(**{**self.admin, **extra})

    def valetkey(self, *words: str, env: Mapping[str, str] | None = None, **options: Any) -> Ended:
        """Run a command of ours in this home."""
        return run(["valetkey", *words], env or self.env(), **options)

    def aws(self, *words: str, env: Mapping[str, str] | None = None) -> Ended:
        """Run the aws CLI, as the administrator unless an environment is given."""
        return run(["aws", *words], env or self.admin_env())

    def token(self, *words: str, aud: str = AUDIENCE, project: str = PROJECT) -> str:
        """Mint an ID token for a job of the project, on main unless ``words`` say otherwise.

        By ``valetkey issuer token``, in this process: it is asked for often.
        """
        given = ["--home", str(self.home), "--aud", aud, "--project-path", project, *words]
        minted = CliRunner().invoke(token, given)
        assert minted.exit_code == 0, minted.output
        return minted.stdout.strip()

    def trust(self, **condition: Any) -> str:
        """Return a trust policy for the issuer; without a condition it admits jobs on main."""
        wanted = {f"{self.host}:sub": SUBJECT, f"{self.host}:aud": AUDIENCE}
        return trust_policy(self.provider_arn, condition or {"StringEquals": wanted})

    def initialise(self, settings: str = "") -> None:
        done = self.valetkey("init", "--account-id", ACCOUNT)
        assert done.code == 0, done.errors
        self.admin = exports(done.output)
        del self.admin["AWS_ENDPOINT_URL"]
        allowed = f'allowed_private_origins = ["{self.issuer}"]\n'
        (self.home / "valetkey.toml").write_text(allowed + settings)

    def start_issuer(self) -> None:
        words = ["valetkey", "issuer", "serve", "--url", self.issuer]
        process = start(words, self.env(), self.log("issuer"))
        self.processes["issuer"] = process
        while not Path(self.ca).exists() and process.poll() is None:
            time.sleep(0.02)
        url = f"{self.issuer}/.well-known/openid-configuration"
        wait_until_answers(url, process, self.log("issuer"), self.ca)

    def start_server(self, *words: str) -> None:
        listen = f"127.0.0.1:{self.server_port}"
        process = start(
            ["valetkey", "serve", "--listen", listen, *words], self.env(), self.log("server")
        )
        self.processes["server"] = process
        url = f"{self.endpoint}/_valetkey/readyz"
        wait_until_answers(url, process, self.log("server"), self.ca if self.tls else "")

    def stop(self, name: str) -> int:
        return stop(self.processes.pop(name))


@contextmanager
def open_site(folder: Path, *serve: str, settings: str = "") -> Iterator[Site]:
    """Start an issuer and a server on a folder, and end both."""
    folder.mkdir(exist_ok=True)
    site = Site(folder)
    site.initialise(settings)
    try:
        site.start_issuer()
        site.start_server(*serve)
        yield site
    finally:
        for name in list(site.processes):
            site.stop(name)


def trust_policy(provider_arn: str, condition: Mapping[str, Any]) -> str:
    """Return a policy that lets web identities of a provider in under a condition."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": provider_arn},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
    }
    return document(statement)


def document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def exports(printed: str) -> dict[str, str]:
    """Return what ``valetkey init`` printed for ``eval``, read as a shell would."""
    found = re.findall(r"^export (\w+)=(.*)$", printed, re.MULTILINE)
    return {name: shlex.split(value)[0] for name, value in found}
