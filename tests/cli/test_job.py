"""``valetkey job``: a job as GitLab Runner would run it, and nothing of its caller's in it."""

import base64
import json
import os
import signal
import time

import pytest

from cli.running import ROLE_ARN, assert_in_words
from support.processes import PROJECT, environment, start
from support.vectors import PROJECT as CHECKOUT

CI_FILE = """
stages: [test]
variables: {GREETING: hello}

greet:
  script: ['echo "$GREETING $NAME on $CI_COMMIT_REF_NAME, tag <$CI_COMMIT_TAG>"']
fail:
  script: [echo before, exit 7, echo after]
allowed:
  allow_failure: true
  script: [exit 7]
variables:
  script: [env]
token:
  id_tokens:
    ID_TOKEN: {aud: "https://valetkey.example"}
  script:
    - echo "the token is $ID_TOKEN"
    - echo "its signature is ${ID_TOKEN##*.}"
    - printf '%s' "$ID_TOKEN" > token.out
exchange:
  id_tokens:
    ID_TOKEN: {aud: "https://valetkey.example"}
  script:
    - printf '%s' "$ID_TOKEN" > token.out
    - export AWS_WEB_IDENTITY_TOKEN_FILE=token.out AWS_ROLE_ARN="$ROLE_ARN"
    - aws sts get-caller-identity --query Arn --output text
profile:
  id_tokens:
    MY_OIDC_TOKEN: {aud: "https://valetkey.example"}
  variables: {AWS_PROFILE: oidc}
  script:
    - mkdir -p ~/.aws
    - echo "${MY_OIDC_TOKEN}" > ~/web_identity_token
    - printf '[profile oidc]\\nrole_arn=%s\\nweb_identity_token_file=%s\\n'
      "$ROLE_ARN" ~/web_identity_token > ~/.aws/config
    - aws sts get-caller-identity --query Arn --output text
sleep:
  script: [touch started, sleep 60]
"""


@pytest.fixture(autouse=True)
def _ci_file(home, tmp_path):
    (tmp_path / ".gitlab-ci.yml").write_text(CI_FILE.replace("\nvariables:\n", "\nprint env:\n"))


def test_without_a_name_the_jobs_are_listed(valetkey):
    done = valetkey("job")
    assert (done.code, done.errors) == (0, "")
    assert done.output.splitlines()[:3] == ["greet", "fail", "allowed"]


@pytest.mark.parametrize(("name", "code"), [("greet", 0), ("fail", 7), ("allowed", 0)])
def test_the_exit_code_is_the_jobs(valetkey, name, code):
    done = valetkey("job", name)
    assert done.code == code
    assert "after" not in done.output


def test_refs_tags_and_variables(valetkey):
    done = valetkey("job", "greet", "--var", "NAME=a=b c", "--ref", "feature/x")
    assert "hello a=b c on feature/x, tag <>" in done.output
    done = valetkey("job", "greet", "--var", "GREETING=bye", "--ref", "v1", "--ref-type", "tag")
    assert "bye  on v1, tag <v1>" in done.output


def test_a_name_that_no_job_has(valetkey):
    assert_in_words(valetkey("job", "gret"), 1, "there is no job `gret`", "did you mean `greet`?")
    assert_in_words(valetkey("job", "x"), 1, "jobs of this file: `greet`, `fail`")


def test_nothing_of_the_administrator_reaches_the_job(valetkey, tmp_path):
    """A job that got no credentials must fail, not go on with those of who started it."""
    aws = tmp_path / ".aws"
    aws.mkdir()
    (aws / "credentials").write_text("[default]\naws_access_key_id = AKIACANARYFILE\n")
    secret = "canary/of/the/administrator/0123456789ab"
    done = valetkey(
        "job",
        "print env",
        AWS_ACCESS_KEY_ID="AKIACANARY",
        AWS_SECRET_ACCESS_KEY=secret,
        AWS_SESSION_TOKEN="canary-session",
        AWS_PROFILE="canary-profile",
        AWS_SHARED_CREDENTIALS_FILE=str(aws / "credentials"),
        AWS_CONFIG_FILE=str(aws / "config"),
        AWS_ENDPOINT_URL="http://127.0.0.1:8080",
        AWS_ENDPOINT_URL_STS="http://127.0.0.1:8081",
        AWS_CA_BUNDLE="/ca.pem",
        GITHUB_TOKEN="canary-of-another-tool",
    )
    assert done.code == 0
    seen = dict(line.split("=", 1) for line in done.output.splitlines() if "=" in line)
    assert "canary" not in done.all.lower()
    assert seen["AWS_ENDPOINT_URL"] == "http://127.0.0.1:8080"
    assert seen["AWS_ENDPOINT_URL_STS"] == "http://127.0.0.1:8081"
    assert seen["AWS_CA_BUNDLE"] == "/ca.pem"
    assert seen["AWS_DEFAULT_REGION"] == "us-east-1"
    assert seen["HOME"] != str(tmp_path)
    assert not any(name.startswith("VALETKEY_") for name in seen)


def test_tokens_are_masked_in_the_log(valetkey, tmp_path):
    done = valetkey("job", "token")
    assert done.code == 0
    assert "the token is [MASKED]" in done.output
    token = (tmp_path / "token.out").read_text()
    assert token.count(".") == 2
    assert token not in done.all


@pytest.mark.parametrize("name", ["exchange", "profile"])
def test_a_job_gets_credentials_in_the_ways_that_gitlab_documents(site, tmp_path, name):
    """By the variables of the SDKs, and by a profile whose token file ``echo`` has written."""
    words = ["job", name, "--project-path", PROJECT, "--var", f"ROLE_ARN={ROLE_ARN}"]
    env = site.admin_env()
    done = site.valetkey(*words, "--ref", "main", env=env, cwd=tmp_path)
    assert done.code == 0, done.all
    assert ":assumed-role/kiln/" in done.output
    refused = site.valetkey(*words, "--ref", "feature/x", env=env, cwd=tmp_path)
    assert refused.code == 255
    assert "Not authorized to perform sts:AssumeRoleWithWebIdentity" in refused.all
    assert "assumed-role" not in refused.all


def test_the_example_of_the_project_is_read(valetkey, tmp_path):
    """Its jobs are found."""
    example = CHECKOUT / "examples" / "gitlab"
    done = valetkey("job", "--file", str(example / ".gitlab-ci.yml"))
    assert done.output.splitlines() == [
        "assume role",
        "read secret",
        "store artifact",
        "stop instance",
        "assume role, in two steps",
    ]


def test_a_signal_ends_the_job_and_what_it_started(tmp_path):
    env = environment(tmp_path, VALETKEY_HOME=str(tmp_path / "home"))
    process = start(["valetkey", "job", "sleep"], env, tmp_path / "log", cwd=tmp_path)
    deadline = time.monotonic() + 30
    while not (tmp_path / "started").exists():
        assert process.poll() is None, (tmp_path / "log").read_text()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(20) == 128 + signal.SIGTERM
    assert "ERROR: Job failed: canceled" in (tmp_path / "log").read_text()


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        (("greet", "--var", "NAME"), 2, "write `NAME` as NAME=VALUE"),
        (("greet", "--var", "=x"), 2, "write `=x` as NAME=VALUE"),
        (("greet", "--file", "nowhere.yml"), 2, "'nowhere.yml' does not exist"),
        (("greet", "--file", "binary.yml"), 1, "is not UTF-8 text"),
        (("greet", "--file", "broken.yml"), 1, "broken.yml:2:1"),
        (("greet", "--ref-type", "mr"), 2, "'mr' is not one of 'branch', 'tag'"),
        (("token", "--issuer", "https://other.example"), 1, "error[issuer-state]"),
    ],
)
def test_what_is_refused(valetkey, tmp_path, words, code, part):
    (tmp_path / "binary.yml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "broken.yml").write_text("greet: [\n")
    assert_in_words(valetkey("job", *words), code, part)


def test_the_claims_are_the_facts_of_the_run(valetkey, tmp_path):
    words = ("--project-path", "a/b/c", "--project-id", "9", "--pipeline-source", "web")
    assert valetkey("job", "token", *words, "--ref", "r", "--protected").code == 0
    payload = (tmp_path / "token.out").read_text().split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    assert claims["sub"] == "project_path:a/b/c:ref_type:branch:ref:r"
    assert (claims["project_id"], claims["ref_protected"]) == ("9", "true")
    assert claims["pipeline_source"] == "web"
    assert claims["ci_config_ref_uri"].endswith("/a/b/c//.gitlab-ci.yml@refs/heads/r")
