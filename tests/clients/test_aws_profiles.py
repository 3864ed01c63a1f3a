"""Profiles of the aws CLI that get their credentials from valetkey by themselves."""

import shlex
import sys

import pytest

from clients.talking import DEPLOY, READER, role_arn, write_config
from support.processes import ACCOUNT, program


@pytest.fixture
def token_file(site, tmp_path):
    path = tmp_path / "token"
    path.write_text(f"{site.token()}\n")
    return path


def whoami(site, config, profile, **variables):
    env = site.env(AWS_CONFIG_FILE=config, **variables)
    return site.aws("--profile", profile, "sts", "get-caller-identity", env=env)


def test_a_web_identity_profile(site, tmp_path, token_file):
    config = write_config(
        tmp_path / "config",
        job={
            "role_arn": role_arn(DEPLOY),
            "web_identity_token_file": str(token_file),
            "role_session_name": "by-profile",
        },
        chained={"role_arn": role_arn(READER), "source_profile": "job"},
    )
    assert whoami(site, config, "job").json["Arn"] == session(DEPLOY, "by-profile")
    chained = whoami(site, config, "chained").json["Arn"]
    assert chained.startswith(session(READER, "botocore-session-"))


def session(role, name):
    return f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{name}"


def test_a_refused_web_identity_profile_says_so_and_uses_nothing_else(site, tmp_path):
    (tmp_path / "token").write_text(site.token("--ref", "feature/x"))
    config = write_config(
        tmp_path / "config",
        job={
            "role_arn": role_arn(DEPLOY),
            "web_identity_token_file": str(tmp_path / "token"),
        },
    )
    done = whoami(site, config, "job")
    assert (done.code, done.output) == (255, "")
    assert "(AccessDenied) when calling the AssumeRoleWithWebIdentity operation" in done.errors


def credential_process(token_file, *words):
    own = program(["valetkey", "credentials"])
    given = ["--role-arn", role_arn(DEPLOY), "--web-identity-token-file", str(token_file)]
    return shlex.join([*own, *given, "--role-session-name", "by-process", *words])


def test_a_credential_process_profile(site, tmp_path, token_file):
    process = credential_process(token_file)
    config = write_config(tmp_path / "config", job={"credential_process": process})
    done = whoami(site, config, "job", TZ="Asia/Kolkata")
    assert done.json["Arn"] == session(DEPLOY, "by-process"), done.errors


def test_a_credential_process_that_is_refused(site, tmp_path):
    (tmp_path / "token").write_text(site.token("--ref", "feature/x"))
    process = credential_process(tmp_path / "token")
    config = write_config(tmp_path / "config", job={"credential_process": process})
    done = whoami(site, config, "job")
    assert done.code != 0
    assert done.output == ""
    assert "Not authorized to perform sts:AssumeRoleWithWebIdentity" in done.errors
    assert "Traceback" not in done.errors


def test_the_interpreter_of_the_tests_is_what_the_profile_runs():
    assert credential_process("t").startswith(shlex.quote(sys.executable))
