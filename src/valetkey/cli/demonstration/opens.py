"""What the credentials open: a store and an EC2-shaped API behind the gateway."""

import json
import re

from valetkey.cli.demonstration import plot
from valetkey.cli.demonstration.backends import Backend, start_compute, start_store
from valetkey.cli.demonstration.story import Story, as_admin

VARIABLE = "VALETKEY_UPSTREAM_SECRET_KEY"


def open_store(story: Story) -> None:
    """Put the gateway before a store, and let a job write and read under its project's prefix."""
    stage = story.stage
    stage.title("The credentials open a store: objects under the project's own prefix")
    stage.say(
        "SeaweedFS knows one key, and that is valetkey's. The role's policy names the project by"
        " the token's own claim, so one policy serves every project."
    )
    _add_upstream(story, "store", "s3", start_store(story.parts))
    _put_policy(story, "own-prefix", plot.store_policy())
    as_admin(story, ["s3", "mb", f"s3://{plot.BUCKET}"])
    done = story.run(story.job("store artifact", plot.BRANCH, BUCKET=plot.BUCKET))
    stage.check("the job succeeds", done.code == 0)
    stage.check("what it wrote is read back", plot.ARTIFACT in done.output)
    stage.check("another project's prefix is refused", plot.STORE_DENIED in done.words)
    _explain_store(story)


def _explain_store(story: Story) -> None:
    stage = story.stage
    log = story.parts.log("server").read_text(errors="replace")
    found = re.findall(r"(\S+) s3:PutObject AccessDenied", log)
    stage.check("the refusal is in the server's log", bool(found))
    done = story.run(["valetkey", "explain", "--request", found[-1] if found else "none"])
    stage.check("explain says no, as the gateway did", done.code == 1)
    stage.check("and names the object", f"{plot.BUCKET}/{plot.OTHER_PROJECT}/" in done.words)


def open_compute(story: Story) -> None:
    """Put the gateway before an EC2-shaped API, and let a job stop its project's instances only."""
    stage = story.stage
    stage.title("And an EC2-shaped API: instances with the project's tag")
    _add_upstream(story, "compute", "ec2", start_compute(story.parts))
    _put_policy(story, "own-instances", plot.compute_policy())
    own, other = (_run_instance(story, name) for name in (plot.PROJECT, plot.OTHER_PROJECT))
    instances = {"INSTANCE_ID": own, "OTHER_INSTANCE_ID": other}
    done = story.run(story.job("stop instance", plot.BRANCH, **instances))
    stage.check("the job succeeds", done.code == 0)
    stage.check("it stops its own instance", f"{own}\tstopping" in done.output)
    stage.check("another project's is refused", plot.COMPUTE_DENIED in done.words)


def _add_upstream(story: Story, name: str, service: str, backend: Backend) -> None:
    words = ["valetkey", "upstream", "add", name, "--service", service, "--replace"]
    words += ["--endpoint", backend.endpoint, "--access-key-id", backend.access_key_id]
    story.stage.command(words)
    # The command takes the secret from its environment, never from its words.
    done = story.parts.run(words, {VARIABLE: backend.secret_key})
    story.stage.check(f"upstream {name} is added, its secret sealed", done.code == 0, done.all)


def _put_policy(story: Story, name: str, policy: object) -> None:
    file = story.parts.folder / f"{name}.json"
    file.write_text(json.dumps(policy, indent=2) + "\n")
    story.stage.command(["cat", file.name])
    story.stage.output(file.read_text())
    inline = ["--policy-name", name, "--policy-document", f"file://{file.name}"]
    as_admin(story, ["iam", "put-role-policy", "--role-name", plot.ROLE, *inline])


def _run_instance(story: Story, project: str) -> str:
    tags = f"ResourceType=instance,Tags=[{{Key=project,Value={project}}}]"
    words = ["ec2", "run-instances", "--image-id", plot.IMAGE, "--tag-specifications", tags]
    done = as_admin(story, [*words, "--query", "Instances[0].InstanceId", "--output", "text"])
    return done.output.strip()
