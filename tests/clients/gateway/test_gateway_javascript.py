"""The AWS SDK for JavaScript, which fetches its credentials itself from a job's ID token."""

import fcntl
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from clients.gateway.trees import stored_digest
from support.clients_table import NPM, covers
from support.gateway_running import BUCKET, HOME, PREFIX
from support.processes import ACCOUNT

MINE = f"{HOME}javascript/"
FORMS = ("form", "parts", "presigned", "put", "required", "stream")
CHECKSUMS = ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256")


def installed() -> Path:
    """Install what the lock names, unless it is there; one process at a time."""
    assert shutil.which("npm"), "no `npm` here: install Node.js 20 or later"
    stamp = NPM / "node_modules" / ".lock-installed"
    wanted = (NPM / "package-lock.json").read_text()
    with (NPM / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            words = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(words, cwd=NPM, capture_output=True, check=False)
            assert done.returncode == 0, done.stderr.decode()
            stamp.write_text(wanted)
    return NPM


@pytest.fixture(scope="module")
def results(gateway, tmp_path_factory):
    """Run all steps, and return what each of them says."""
    token = tmp_path_factory.mktemp("javascript") / "token"
    token.write_text(gateway.site.token())
    env = gateway.site.env(
        AWS_ROLE_ARN=f"arn:aws:iam::{ACCOUNT}:role/{PREFIX}",
        AWS_WEB_IDENTITY_TOKEN_FILE=str(token),
        AWS_ROLE_SESSION_NAME="job-1",
        BUCKET=BUCKET,
        KEYS=MINE,
    )
    done = subprocess.run(
        ["node", "steps.mjs"],
        cwd=installed(), env=env, capture_output=True, timeout=90, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    said = (json.loads(line) for line in done.stdout.splitlines())
    return {each["step"]: each["result"] for each in said}


@covers("javascript", "PutObject and GetObject with every checksum, and from a stream", "Upload")
def test_bodies_arrive_as_they_were_sent(results, gateway):
    def held(name):
        return stored_digest(gateway.direct(), BUCKET, f"{MINE}{name}")

    for step, name in (
        ("put_and_get", "put"),
        ("put_as_required", "required"),
        ("put_a_stream", "stream"),
        ("upload_in_parts", "parts"),
    ):
        assert results[step] == held(name)
    assert results["put_each_checksum"] == {name: held(name) for name in CHECKSUMS}
    assert results["put_and_get"] == results["put_a_stream"] == results["put_as_required"]


@covers("javascript", "AbortMultipartUpload")
def test_an_upload_is_aborted(results):
    assert results["abort_an_upload"] == "NoSuchUpload"


@covers("javascript", "getSignedUrl", "createPresignedPost")
def test_what_is_signed_beforehand(results):
    assert results["presigned_links"] == [400, 200, "by a link", 403]
    assert results["presigned_form"] == [204, 400, "by a form"]


@covers("javascript", "paginateListObjectsV2", "CopyObject", "DeleteObjects")
def test_lists_copies_and_deletions(results):
    assert results["list_page_by_page"] == sorted([*FORMS, *CHECKSUMS])
    deleted, errors = results["copy_and_delete"]
    assert deleted == [f"{MINE}copied é+%"]
    assert errors == [["elsewhere/x", "AccessDenied"]]


@covers("javascript", "conditions and ranges")
def test_conditions(results):
    assert results["conditions"] == ["PreconditionFailed", 304, "bytes 0-9/300000"]


@covers("javascript", "refused another prefix")
def test_another_prefix_is_refused(results):
    assert results["another_prefix"] == ["AccessDenied", "AccessDenied"]
