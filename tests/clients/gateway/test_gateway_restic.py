"""restic: a job backs up below its own prefix, and restores it, byte for byte."""

import shutil

import pytest

from clients.gateway.trees import MIB, hashes, tree
from support.clients_table import covers
from support.gateway_running import ALL, BUCKET, HOME, PREFIX


@pytest.fixture
def restic(gateway, tmp_path):
    assert shutil.which("restic"), "no `restic` here: run `tools/debian-packages.sh`"

    def run(*words, role=PREFIX, ok=True, at=f"{HOME}restic"):
        done = gateway.run(
            ["restic", *words],
            role,
            cwd=tmp_path,
            RESTIC_REPOSITORY=f"s3:{gateway.endpoint}/{BUCKET}/{at}",
            RESTIC_PASSWORD="correct horse battery staple",
            RESTIC_CACHE_DIR=str(tmp_path / "cache"),
        )
        assert not ok or done.code == 0, done.all
        return done

    return run


@covers(
    "restic", "init (by who may list the bucket)", "backup", "snapshots", "check --read-data",
    "restore", "forget --prune", "refused another prefix",
)  # fmt: skip
def test_a_backup_is_restored(restic, tmp_path):
    sent = tree(tmp_path / "sent", big=11 * MIB)
    # It looks whether the bucket is there, which S3 has only for those who may list all of it.
    restic("init", role=ALL)
    restic("backup", "sent")
    (tmp_path / "sent" / "plain").write_bytes(b"changed")
    restic("backup", "sent")
    assert "2 snapshots" in restic("snapshots").output
    assert "no errors were found" in restic("check", "--read-data").output
    restic("restore", "latest", "--target", "back")
    assert hashes(tmp_path / "back" / "sent") == hashes(tmp_path / "sent")
    assert hashes(tmp_path / "sent") != sent
    restic("forget", "--prune", "--keep-last", "1")
    assert "1 snapshots" in restic("snapshots").output

    refused = restic("init", at="elsewhere/restic", ok=False)
    assert (refused.code, "Access Denied" in refused.errors) == (1, True)
