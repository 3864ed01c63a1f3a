"""A program that lives longer than its credentials: boto3 fetches new ones by itself."""

import datetime as dt
import re
import shlex

import boto3
import botocore.credentials
import botocore.exceptions
import pytest

from clients.talking import BY_REF, DEPLOY, REGION, role_arn, write_config
from support.processes import program

LIFE = 3600
"""How long the credentials last, in seconds, where nothing else is asked for."""


@pytest.fixture
def job(site, monkeypatch, tmp_path):
    """Be a job: two variables and a token file, nothing else."""
    path = tmp_path / "token"
    path.write_text(f"{site.token()}\n")
    monkeypatch.setenv("AWS_ROLE_ARN", role_arn(BY_REF))
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(path))
    return path


@pytest.fixture
def after(monkeypatch):
    """Have credentials looked at so many seconds from now, by the clock of botocore."""

    def looked_at(credentials, seconds):
        with monkeypatch.context() as patch:

            def clock():
                return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)

            patch.setattr(botocore.credentials, "_local_now", clock)
            patch.setattr(credentials, "_time_fetcher", clock)
            return credentials.get_frozen_credentials()

    return looked_at


def reads(client, name):
    """Return the value of a secret, or None where it is denied."""
    try:
        return client.get_secret_value(SecretId=name)["SecretString"]
    except botocore.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "AccessDeniedException":
            raise
        return None


def test_credentials_are_fetched_by_two_variables_and_kept(job, connect, after):
    session = boto3.Session(region_name=REGION)
    assert reads(connect("secretsmanager", session), "ref/main") == "value of ref/main"
    first = session.get_credentials().get_frozen_credentials()
    assert first.access_key.startswith("ASIA")
    assert after(session.get_credentials(), LIFE - 20 * 60) == first


def test_old_credentials_are_replaced_with_the_token_of_that_moment(job, site, connect, after):
    """The file is rotated meanwhile; what may be read follows the claims of the new token."""
    session = boto3.Session(region_name=REGION)
    secrets = connect("secretsmanager", session)
    credentials = session.get_credentials()
    first = credentials.get_frozen_credentials()
    job.write_text(site.token("--ref", "release"))
    assert (reads(secrets, "ref/main"), reads(secrets, "ref/release")) == (
        "value of ref/main",
        None,
    )

    second = after(credentials, LIFE - 60)
    assert second.access_key != first.access_key
    assert second.token != first.token
    assert (reads(secrets, "ref/main"), reads(secrets, "ref/release")) == (
        None,
        "value of ref/release",
    )


def test_a_refresh_that_is_refused_does_no_harm_before_it_must(job, connect, after):
    """A quarter of an hour before the end botocore tries; ten minutes before, it must."""
    session = boto3.Session(region_name=REGION)
    credentials = session.get_credentials()
    first = credentials.get_frozen_credentials()
    job.write_text("no token any more")
    assert after(credentials, LIFE - 14 * 60) == first
    assert reads(connect("secretsmanager", session), "ref/main") == "value of ref/main"
    with pytest.raises(botocore.exceptions.ClientError, match="InvalidIdentityToken"):
        after(credentials, LIFE - 60)


def test_a_refused_token_is_asked_for_once(job, site, monkeypatch):
    """AccessDenied is final; nobody must be made to wait for retries."""
    monkeypatch.setenv("AWS_ROLE_ARN", role_arn(DEPLOY))
    job.write_text(site.token("--ref", "feature/x"))
    before = refusals(site)
    with pytest.raises(botocore.exceptions.ClientError, match="Not authorized to perform"):
        boto3.Session(region_name=REGION).get_credentials().get_frozen_credentials()
    assert refusals(site) == before + 1


def refusals(site):
    log = site.log("server").read_text()
    return len(re.findall("AssumeRoleWithWebIdentity AccessDenied", log))


def test_a_credential_process_is_asked_and_asked_again(site, monkeypatch, tmp_path, connect, after):
    """O-27: the time is read as aware, whatever zone the machine is in."""
    token = tmp_path / "token"
    token.write_text(site.token())
    words = ["--role-arn", role_arn(BY_REF), "--web-identity-token-file", str(token)]
    process = shlex.join(program(["valetkey", "credentials", *words]))
    config = write_config(tmp_path / "config", default={"credential_process": process})
    monkeypatch.setenv("AWS_CONFIG_FILE", config)
    monkeypatch.setenv("TZ", "Asia/Kolkata")

    session = boto3.Session(region_name=REGION)
    credentials = session.get_credentials()
    first = credentials.get_frozen_credentials()
    left = credentials._expiry_time - dt.datetime.now(dt.UTC)
    assert dt.timedelta(minutes=59) < left <= dt.timedelta(hours=1)
    secrets = connect("secretsmanager", session)
    assert reads(secrets, "ref/main") == "value of ref/main"

    token.write_text(site.token("--ref", "release"))
    assert after(credentials, LIFE - 60).access_key != first.access_key
    assert reads(secrets, "ref/release") == "value of ref/release"
