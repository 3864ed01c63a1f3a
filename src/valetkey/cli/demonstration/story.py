"""The story: a grant, a secret, a secret that is not given, and a refusal with its reason."""

import hashlib
import itertools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from valetkey.cli.demonstration import plot
from valetkey.cli.demonstration.parts import Done, Parts, ready
from valetkey.cli.demonstration.stage import Stage

THERE_ALREADY = (
    "(BucketAlreadyOwnedByYou)",
    "(EntityAlreadyExists)",
    "(ResourceExistsException)",
)


@dataclass
class Story:
    """The parts, the stage, and what is known of the installation so far."""

    parts: Parts
    stage: Stage
    issuer_port: int
    server_port: int
    again: bool = False
    """Whether there was an earlier run in the same folder, so that things are there already."""
    admin: Mapping[str, str] = field(default_factory=dict)

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

    def job(self, name: str, ref: str, **variables: str) -> list[str]:
        """Return the command that runs a job of the CI file."""
        words = ["valetkey", "job", name, "--project-path", plot.PROJECT, "--ref", ref]
        pairs = {"ROLE_ARN": plot.ROLE_ARN, **variables}
        return [*words, *(word for k, v in pairs.items() for word in ("--var", f"{k}={v}"))]

    def run(self, words: Sequence[str], extra: Mapping[str, str] | None = None) -> Done:
        """Show a command, run it, and show what it printed."""
        self.stage.command(words)
        done = self.parts.run(words, extra)
        self.stage.output(done.all)
        return done


def tell(story: Story) -> None:
    """Tell of the grant and the refusal; a step that goes wrong does not stop the story."""
    _start(story)
    _register(story)
    _give_permission(story)
    _grant(story)
    _secrets(story)
    request_id = _refuse(story)
    _explain(story, request_id)


def _start(story: Story) -> None:
    stage, parts = story.stage, story.parts
    stage.title("An issuer and a server start on loopback")
    stage.say(
        "The issuer signs ID tokens as GitLab does, and serves its keys over TLS under a CA of its"
        " own. A server fetches nothing from private addresses unless the exact origin is allowed,"
        " so one line in its settings allows this one."
    )
    _initialise(story)
    settings = f'allowed_private_origins = ["{story.issuer}"]'
    (parts.folder / "home" / "valetkey.toml").write_text(f"{settings}\n")
    stage.output(f"home/valetkey.toml:  {settings}")
    _serve(story, "issuer", ["issuer", "serve", "--url", story.issuer], story.issuer_port)
    stage.check(f"the issuer {story.issuer} listens", passed=True)
    listen = f"127.0.0.1:{story.server_port}"
    _serve(story, "server", ["serve", "--listen", listen], story.server_port)
    stage.check(f"the server {story.endpoint} is ready", ready(story.server_port))


def _initialise(story: Story) -> None:
    words = ["valetkey", "init", "--account-id", plot.ACCOUNT]
    story.stage.command(words, instead='eval "$(valetkey init --account-id 001122334455)"')
    done = story.parts.run(words)
    exported = re.findall(r"^export (AWS_\w+KEY\w*)=(\S+)$", done.output, re.MULTILINE)
    story.admin = dict(exported)
    story.stage.check("there is an account with an administrator", done.code == 0, done.all)


def _serve(story: Story, name: str, words: Sequence[str], port: int) -> None:
    story.stage.command(["valetkey", *words, "&"], instead=f"valetkey {' '.join(words)} &")
    story.parts.start(name, ["valetkey", *words], port)


def as_admin(story: Story, words: Sequence[str], *, hide: str | None = None) -> Done:
    """Run a command of the aws CLI as the administrator; it must do, or have done, its work."""
    words = ["aws", *words]
    shown = None if hide is None else " ".join(words).replace(hide, "'…'")
    story.stage.command(words, instead=shown)
    done = story.parts.run(words, story.admin)
    there = story.again and any(code in done.errors for code in THERE_ALREADY)
    earlier = " (it is there from an earlier run)" if there else ""
    story.stage.check(f"{words[1]} {words[2]}{earlier}", done.code == 0 or there, done.all)
    return done


def _register(story: Story) -> None:
    stage = story.stage
    stage.title("The stock aws CLI registers the issuer")
    stage.say(
        "No thumbprint is given, so the server connects to the issuer and takes the fingerprint of"
        " the last certificate that it sends, as AWS does."
    )
    # As JSON: version 1 of the aws CLI takes a bare URL for a file to fetch.
    clients = json.dumps([plot.AUDIENCE])
    create = ["iam", "create-open-id-connect-provider", "--url", story.issuer]
    as_admin(story, [*create, "--client-id-list", clients])
    provider = plot.trust_policy(story.host)["Statement"][0]["Principal"]["Federated"]
    get = ["aws", "iam", "get-open-id-connect-provider", "--open-id-connect-provider-arn", provider]
    done = story.run([*get, "--query", "ThumbprintList", "--output", "text"], story.admin)
    log = story.parts.log("issuer").read_text(errors="replace")
    told = re.findall(r"thumbprint ([0-9a-f]{40})", log)
    stage.check("the thumbprint is the one of the issuer's CA", done.output.split() == told)


def _give_permission(story: Story) -> None:
    stage, folder = story.stage, story.parts.folder
    stage.title("It makes a role that one branch of one project may assume, and two secrets")
    trust = json.dumps(plot.trust_policy(story.host), indent=2)
    (folder / "trust.json").write_text(f"{trust}\n")
    (folder / "permission.json").write_text(json.dumps(plot.permission_policy(), indent=2) + "\n")
    stage.command(["cat", "trust.json"])
    stage.output(trust)
    role = ["--role-name", plot.ROLE]
    as_admin(
        story,
        ["iam", "create-role", *role, "--assume-role-policy-document", "file://trust.json"],
    )
    inline = ["--policy-name", "one-secret", "--policy-document", "file://permission.json"]
    as_admin(story, ["iam", "put-role-policy", *role, *inline])
    for name, value in ((plot.SECRET, plot.SECRET_VALUE), (plot.OTHER_SECRET, plot.OTHER_VALUE)):
        create = ["secretsmanager", "create-secret", "--name", name, "--secret-string", value]
        as_admin(story, create, hide=value)


def _grant(story: Story) -> None:
    stage = story.stage
    stage.title("A job on main exchanges its ID token for credentials")
    stage.say("The job of GitLab's documentation, in a real shell; it holds no stored secret.")
    done = story.run(story.job("assume role", plot.BRANCH))
    stage.check("the job succeeds", done.code == 0)
    stage.check(f"it acts as {plot.SESSION}…", plot.SESSION in done.output)


def _secrets(story: Story) -> None:
    stage = story.stage
    stage.title("It reads its secret, and is refused another one")
    secrets = {"SECRET_ID": plot.SECRET, "OTHER_SECRET_ID": plot.OTHER_SECRET}
    done = story.run(story.job("read secret", plot.BRANCH, **secrets))
    stage.check("the job succeeds", done.code == 0)
    # The job prints the digest of what it read, as the aws CLI wrote it.
    digest = hashlib.sha256(f"{plot.SECRET_VALUE}\n".encode()).hexdigest()
    stage.check("the secret is read: its digest is right", digest in done.output)
    stage.check("the other one is refused with AWS's sentence", plot.DENIED in done.words)


def _refuse(story: Story) -> str:
    stage = story.stage
    stage.title("The same job on another branch is refused")
    done = story.run(story.job("assume role", plot.OTHER_BRANCH))
    stage.check("with exactly AWS's words", plot.REFUSAL in done.words)
    refused = done.code != 0 and "assumed-role" not in done.output
    stage.check("and the job gets no credentials, so it fails", refused)
    stage.say("AWS gives no reason. Here the refusal has left a record, by its request id:")
    log = story.parts.log("server").read_text(errors="replace")
    lines = [line for line in log.splitlines() if "AssumeRoleWithWebIdentity AccessDenied" in line]
    stage.output("\n".join(lines[-1:]))
    found = re.findall(r"(\S+) sts:AssumeRoleWithWebIdentity AccessDenied", log)
    stage.check("the request id is in the server's log", bool(found))
    return found[-1] if found else "none"


def _explain(story: Story, request_id: str) -> None:
    stage = story.stage
    stage.title("The operator asks why")
    done = story.run(["valetkey", "explain", "--request", request_id])
    stage.check("explain says no, as the server did", done.code == 1)
    stage.check("it names the claim", f"ref:{plot.OTHER_BRANCH}" in done.words)
    stage.check("and points at the first character that differs", _points(done.words))


def _points(words: str) -> bool:
    """Tell whether a caret stands under the ``m`` of ``ref:main``."""
    for line, below in itertools.pairwise(words.splitlines()):
        column = line.find("ref:main")
        if column >= 0 and below.find("^") == column + len("ref:"):
            return True
    return False
