"""``aws secretsmanager``, by the administrator and by a job."""

import base64

import pytest

from clients.talking import DEPLOY, FOREIGN_SECRET, SECRET, assert_refused, variables_of
from support.processes import ACCOUNT


@pytest.fixture
def secrets(site):
    def aws(*words, env=None, ok=True):
        done = site.aws("secretsmanager", *words, env=env)
        assert not ok or done.code == 0, done.errors
        return done

    return aws


def test_a_secret_from_its_creation_to_its_end(secrets):
    of = ("--secret-id", "cli/secret")
    made = secrets("create-secret", "--name", "cli/secret", "--secret-string", "first").json
    assert made["ARN"].startswith(f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:cli/secret-")
    put = secrets("put-secret-value", *of, "--secret-string", "second").json
    assert put["VersionStages"] == ["AWSCURRENT"]
    assert secrets("get-secret-value", *of).json["SecretString"] == "second"
    previous = secrets("get-secret-value", *of, "--version-stage", "AWSPREVIOUS").json
    assert (previous["SecretString"], previous["VersionId"]) == ("first", made["VersionId"])

    secrets("tag-resource", *of, "--tags", "Key=team,Value=kiln", "Key=old,Value=1")
    secrets("untag-resource", *of, "--tag-keys", "old")
    secrets("update-secret", *of, "--description", "what jobs need")
    told = secrets("describe-secret", *of).json
    assert told["Tags"] == [{"Key": "team", "Value": "kiln"}]
    assert told["Description"] == "what jobs need"
    assert sorted(map(tuple, told["VersionIdsToStages"].values())) == [
        ("AWSCURRENT",),
        ("AWSPREVIOUS",),
    ]

    secrets("delete-secret", *of, "--recovery-window-in-days", "7")
    marked = secrets("get-secret-value", *of, ok=False)
    assert_refused(
        marked,
        "InvalidRequestException",
        "GetSecretValue",
        "You can't perform this operation on the secret because it was marked for deletion.",
    )
    secrets("restore-secret", *of)
    assert secrets("get-secret-value", *of).json["SecretString"] == "second"
    secrets("delete-secret", *of, "--force-delete-without-recovery")
    assert_refused(
        secrets("get-secret-value", *of, ok=False),
        "ResourceNotFoundException",
        "GetSecretValue",
        "Secrets Manager can't find the specified secret.",
    )


def test_binary_values_come_back_byte_for_byte(secrets, tmp_path):
    value = bytes(range(256))
    (tmp_path / "value").write_bytes(value)
    secrets("create-secret", "--name", "cli/binary", "--secret-binary", f"fileb://{tmp_path}/value")
    got = secrets("get-secret-value", "--secret-id", "cli/binary", "--query", "SecretBinary").json
    assert base64.b64decode(got) == value


def test_lists_and_filters(secrets):
    names = ("--query", "SecretList[].Name")
    assert secrets("list-secrets", "--filters", "Key=name,Values=ref/", *names).json == [
        "ref/main",
        "ref/release",
    ]
    paged = secrets("list-secrets", "--page-size", "1", *names).json
    assert {SECRET, FOREIGN_SECRET, "ref/main", "ref/release"} <= set(paged)
    assert len(paged) == len(set(paged))


def test_a_job_reads_its_secret_and_no_other(secrets, site, granted):
    env = site.env(**variables_of(granted()))
    value = secrets("get-secret-value", "--secret-id", SECRET, "--query", "SecretString", env=env)
    assert value.json == f"value of {SECRET}"
    denied = secrets("get-secret-value", "--secret-id", FOREIGN_SECRET, env=env, ok=False)
    assert_refused(
        denied,
        "AccessDeniedException",
        "GetSecretValue",
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/{DEPLOY}/job-1 is not authorized to perform:"
        f" secretsmanager:GetSecretValue on resource: {FOREIGN_SECRET} because no identity-based"
        " policy allows the secretsmanager:GetSecretValue action",
    )


def test_a_secret_belongs_to_its_region(secrets, site):
    env = site.admin_env(AWS_DEFAULT_REGION="eu-west-1", AWS_REGION="eu-west-1")
    made = secrets("create-secret", "--name", SECRET, "--secret-string", "irish", env=env).json
    assert made["ARN"].split(":")[3] == "eu-west-1"
    here = secrets("get-secret-value", "--secret-id", SECRET, "--query", "SecretString").json
    assert here == f"value of {SECRET}"
    secrets("delete-secret", "--secret-id", SECRET, "--force-delete-without-recovery", env=env)


def test_a_name_that_is_taken(secrets):
    done = secrets("create-secret", "--name", SECRET, "--secret-string", "x", ok=False)
    assert_refused(
        done,
        "ResourceExistsException",
        "CreateSecret",
        f"The operation failed because the secret {SECRET} already exists.",
    )
