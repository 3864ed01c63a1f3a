"""The story: a grant, a secret, a secret that is not given, and a refusal with its reason."""

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from valetkey.cli.demonstration.parts import (
    Done,
    Parts,
    aws_program,
    free_port,
    ready,
    valetkey_program,
)
from valetkey.cli.demonstration.stage import Stage

ACCOUNT = "001122334455"
AUDIENCE = "https://valetkey.example"
PROJECT = "acme/payments"
ROLE = "payments-deploy"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"
SECRET, OTHER_SECRET = "payments/database", "payroll/database"
SECRET_VALUE = "correct horse battery staple"  # noqa: S105 - the demonstration's own
REFUSAL = (
    "An error occurred (AccessDenied) when calling the AssumeRoleWithWebIdentity operation:"
    " Not authorized to perform sts:AssumeRoleWithWebIdentity"
)


@dataclass
class Story:
    """The parts, the stage, and what is known of the installation so far."""

    parts: Parts
    stage: Stage
    home: Path
    ci_file: Path
    issuer_port: int
    server_port: int

    @property
    def host(self) -> str:
        """Return the issuer as condition keys name it."""
        return f"localhost:{self.issuer_port}"

    @property
    def issuer(self) -> str:
        """Return the issuer's URL."""
        return f"https://{self.host}"

    @property
    def endpoint(self) -> str:
        """Return the server's URL."""
        return f"http://127.0.0.1:{self.server_port}"


def demonstrate(home: Path | None, *, keep: bool) -> int:
    """Tell the whole story; return 0 only if every step, refusals included, went as it should."""
    stage = Stage()
    folder = home or Path(tempfile.mkdtemp(prefix="valetkey-demo-"))
    parts = Parts(folder)
    folder.mkdir(parents=True, exist_ok=True)
    passed = False
    try:
        with _ci_file() as ci_file:
            story = Story(parts, stage, folder / "home", ci_file, free_port(), free_port())
            passed = _tell(story)
            if keep:
                _how_to_go_on(story)
                _wait(story)
    finally:
        parts.stop()
        if home is None and not keep:
            shutil.rmtree(folder, ignore_errors=True)
    return 0 if passed else 1


@contextmanager
def _ci_file() -> Iterator[Path]:
    """Give the example's path: of the checkout, or of the installed package."""
    checkout = Path(__file__).parents[4] / "examples" / "gitlab" / ".gitlab-ci.yml"
    if checkout.exists():
        yield checkout
        return
    with as_file(files("valetkey") / "examples" / "gitlab" / ".gitlab-ci.yml") as packaged:
        yield packaged


def _tell(story: Story) -> bool:
    _start(story)
    _administer(story)
    _grant(story)
    _secrets(story)
    request_id = _refuse(story)
    _explain(story, request_id)
    return story.stage.summary()


def _start(story: Story) -> None:
    stage, parts = story.stage, story.parts
    stage.title("An issuer and a server start on loopback")
    stage.say(
        "The issuer signs ID tokens as GitLab does, and serves its keys over TLS under a CA made"
        " on the spot. Fetching from loopback is refused unless the exact origin is allowed."
    )
    main = valetkey_program()
    settings = story.home / "valetkey.toml"
    parts.run([*main, "init", "--home", str(story.home), "--account-id", ACCOUNT], {})
    settings.write_text(f'allowed_private_origins = ["{story.issuer}"]\n')
    _start_part(story, "issuer", ["issuer", "serve", "--url", story.issuer], story.issuer_port)
    listen = f"127.0.0.1:{story.server_port}"
    _start_part(story, "server", ["serve", "--listen", listen], story.server_port)
    stage.check(f"issuer {story.issuer} listens", passed=True)
    stage.check(f"server {story.endpoint} is ready", ready(story.server_port))


def _start_part(story: Story, name: str, arguments: list[str], port: int) -> None:
    story.stage.command(["valetkey", *arguments, "--home", "HOME"])
    story.parts.start(name, [*valetkey_program(), *arguments, "--home", str(story.home)], port)


def _admin(story: Story) -> dict[str, str]:
    printed = story.parts.run([*valetkey_program(), "init", "--home", str(story.home)], {}).output
    pairs = re.findall(r"^export (AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY)=(\S+)$", printed, re.M)
    return {**dict(pairs), "AWS_ENDPOINT_URL": story.endpoint}


def _administer(story: Story) -> None:
    stage = story.stage
    stage.title("The stock aws CLI registers the issuer, makes a role and a secret")
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{story.host}"
    secret_arn = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:{SECRET}-??????"
    subject = f"project_path:{PROJECT}:ref_type:branch:ref:main"
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": provider},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringEquals": {f"{story.host}:sub": subject, f"{story.host}:aud": AUDIENCE}
                },
            }
        ],
    }
    permission = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "secretsmanager:GetSecretValue",
                "Resource": secret_arn,
            }
        ],
    }
    stage.say("The trust policy admits one branch of one project:")
    stage.output(json.dumps(trust, indent=2))
    steps = (
        ["iam", "create-open-id-connect-provider", "--url", story.issuer,
         # As JSON: version 1 of the aws CLI takes a bare URL for a file to fetch.
         "--client-id-list", json.dumps([AUDIENCE])],
        ["iam", "create-role", "--role-name", ROLE,
         "--assume-role-policy-document", json.dumps(trust, indent=2)],
        ["iam", "put-role-policy", "--role-name", ROLE, "--policy-name", "one-secret",
         "--policy-document", json.dumps(permission)],
        ["secretsmanager", "create-secret", "--name", SECRET, "--secret-string", SECRET_VALUE],
        ["secretsmanager", "create-secret", "--name", OTHER_SECRET, "--secret-string", "other"],
    )  # fmt: skip
    environment = _admin(story)
    for step in steps:
        shown = [_abridged(argument) for argument in step]
        stage.command(["aws", *shown])
        done = story.parts.run([aws_program(), *step], environment)
        stage.check(f"{step[0]} {step[1]}", done.code == 0, done.all)


def _abridged(argument: str) -> str:
    if argument == SECRET_VALUE:
        return "…"
    return "file://policy.json" if argument.startswith("{") else argument


def _job(story: Story, name: str, ref: str) -> Done:
    variables = {
        "ROLE_ARN": ROLE_ARN,
        "SECRET_ID": SECRET,
        "OTHER_SECRET_ID": OTHER_SECRET,
    }
    words = ["job", name, "--file", ".gitlab-ci.yml", "--project-path", PROJECT, "--ref", ref]
    story.stage.command(["valetkey", *words, "--var", f"ROLE_ARN={ROLE_ARN}"])
    given = [word for k, v in variables.items() for word in ("--var", f"{k}={v}")]
    words[words.index(".gitlab-ci.yml")] = str(story.ci_file)
    done = story.parts.run(
        [*valetkey_program(), *words, *given, "--home", str(story.home)],
        {"AWS_ENDPOINT_URL": story.endpoint},
    )
    story.stage.output(done.all)
    return done


def _grant(story: Story) -> None:
    stage = story.stage
    stage.title("A job on main exchanges its ID token for credentials")
    stage.say("The job of GitLab's documentation, in real bash; it holds no stored secret.")
    done = _job(story, "assume role", "main")
    expected = f"arn:aws:sts::{ACCOUNT}:assumed-role/{ROLE}/GitLabRunner-"
    stage.check("the job succeeds", done.code == 0)
    stage.check(f"it acts as {expected}…", expected in done.output)


def _secrets(story: Story) -> None:
    stage = story.stage
    stage.title("It reads its secret, and is refused another one")
    done = _job(story, "read secret", "main")
    stage.check("the job succeeds", done.code == 0)
    # The job prints the digest of what it read, as the aws CLI wrote it.
    digest = hashlib.sha256(f"{SECRET_VALUE}\n".encode()).hexdigest()
    stage.check("the secret is read: its digest is right", digest in done.output)
    denied = (
        f"is not authorized to perform: secretsmanager:GetSecretValue on resource: {OTHER_SECRET}"
        " because no identity-based policy allows the secretsmanager:GetSecretValue action"
    )
    stage.check("the other one is refused with AWS's sentence", denied in done.all)


def _refuse(story: Story) -> str:
    stage = story.stage
    stage.title("The same job on another branch is refused")
    done = _job(story, "assume role", "feature/checkout")
    stage.check("with exactly AWS's words", REFUSAL in done.all)
    stage.check("and the job gets no credentials", "assumed-role" not in done.output)
    log = (story.parts.folder / "server.log").read_text(errors="replace")
    found = re.findall(r"(\S+) sts:AssumeRoleWithWebIdentity AccessDenied", log)
    stage.check("the refusal has a request id in the server's log", bool(found))
    return found[-1] if found else ""


def _explain(story: Story, request_id: str) -> None:
    stage = story.stage
    stage.title("The operator asks why")
    stage.command(["valetkey", "explain", "--request", request_id])
    done = story.parts.run(
        [*valetkey_program(), "explain", "--request", request_id, "--home", str(story.home)], {}
    )
    stage.output(done.all)
    stage.check("explain names the claim", "ref:feature/checkout" in done.output)
    stage.check("and points at the first character that differs", _points(done.output))


def _points(output: str) -> bool:
    """Tell whether a caret stands under the ``m`` of ``ref:main``."""
    lines = output.splitlines()
    for line, below in zip(lines, lines[1:], strict=False):
        column = line.find("ref:main")
        if column >= 0 and below.find("^") == column + len("ref:"):
            return True
    return False


def _how_to_go_on(story: Story) -> None:
    stage = story.stage
    stage.title("Everything is left running")
    home, main = story.home, "valetkey"
    stage.output(
        f'eval "$({main} init --home {home})"\n'
        f"export AWS_ENDPOINT_URL={story.endpoint}\n"
        "aws iam list-roles\n"
        f"{main} job 'assume role' --home {home} --file {story.ci_file}"
        f" --project-path {PROJECT} --ref main --var ROLE_ARN={ROLE_ARN}\n"
        f"{main} issuer token --home {home} --aud {AUDIENCE} --project-path {PROJECT}"
    )
    stage.say("Ctrl-C ends it; the state stays in its folder.")


def _wait(story: Story) -> None:
    try:
        for process in story.parts.running:
            process.wait()
    except KeyboardInterrupt:
        story.stage.say("stopped")
