"""rclone, s5cmd and s3cmd: programs that carry folders, each with its own view of S3."""

import pytest

from clients.gateway.trees import MIB, hashes, stored, tree, write
from support.clients_table import covers
from support.gateway_running import ALL, BUCKET, HOME, PREFIX

DENIED = "is not authorized to perform: s3:PutObject on resource"


@pytest.fixture
def rclone(gateway, tmp_path):
    config = tmp_path / "rclone.conf"
    config.write_text(
        "[kiln]\n"
        "type = s3\n"
        "provider = Other\n"
        "env_auth = true\n"
        "region = us-east-1\n"
        "no_check_bucket = true\n"
        f"endpoint = {gateway.endpoint}\n"
        "chunk_size = 5Mi\n"
        "upload_cutoff = 6Mi\n"
    )

    def run(*words, ok=True, **more):
        words = ["rclone", "--retries", "1", "--config", str(config), *words]
        done = gateway.run(words, PREFIX, cwd=tmp_path, **more)
        assert not ok or done.code == 0, done.all
        return done

    return run


@covers(
    "rclone",
    "copy",
    "check --download",
    "lsf",
    "sync",
    "copyto",
    "delete",
    "parts of 5 MiB",
    "refused another prefix",
)
def test_rclone(gateway, rclone, tmp_path):
    sent = tree(tmp_path / "sent", big=12 * MIB)
    there = f"kiln:{BUCKET}/{HOME}rclone"
    straight = gateway.direct()
    rclone("copy", "sent", there)
    assert stored(straight, BUCKET, f"{HOME}rclone/") == sent
    assert "0 differences found" in rclone("check", "--download", "sent", there).errors
    assert set(rclone("lsf", "-R", "--files-only", there).output.splitlines()) == set(sent)
    (tmp_path / "sent" / "plain").unlink()
    rclone("sync", "sent", there)
    rclone("copyto", f"{there}/big", f"{there}/copied")
    rclone("copy", there, "back")
    assert hashes(tmp_path / "back") == {**hashes(tmp_path / "sent"), "copied": sent["big"]}
    rclone("delete", there)
    assert stored(straight, BUCKET, f"{HOME}rclone/") == {}
    refused = rclone("copyto", "sent/big", f"kiln:{BUCKET}/elsewhere/rclone", ok=False)
    # It looks for the object before it writes, and says no more than the status of that.
    assert (refused.code, "StatusCode: 403" in refused.errors) == (1, True), refused


@covers("rclone", "rcat from a pipe")
def test_rclone_writes_what_it_reads_from_a_pipe(gateway, rclone, tmp_path):
    """Nobody knows how long it will be, so it is sent in parts, or as one of a length at last."""
    sent = write(tmp_path / "big", 7 * MIB)
    script = 'rclone --config rclone.conf rcat "$0" < big'
    done = gateway.run(["sh", "-c", script, f"kiln:{BUCKET}/{HOME}piped"], PREFIX, cwd=tmp_path)
    assert done.code == 0, done.all
    assert stored(gateway.direct(), BUCKET, f"{HOME}piped") == {"": sent}


@covers(
    "s5cmd", "cp", "ls", "sync --delete", "mv", "cat", "rm", "parts of 5 MiB",
    "refused another prefix",
)  # fmt: skip
def test_s5cmd(gateway, tmp_path):
    def s5cmd(*words, ok=True):
        words = ["s5cmd", *words]
        done = gateway.run(words, PREFIX, cwd=tmp_path, S3_ENDPOINT_URL=gateway.endpoint)
        assert not ok or done.code == 0, done.all
        return done

    sent = tree(tmp_path / "sent", big=11 * MIB)
    there = f"s3://{BUCKET}/{HOME}s5cmd/"
    straight = gateway.direct()
    s5cmd("cp", "--part-size", "5", "sent/", there)
    assert stored(straight, BUCKET, f"{HOME}s5cmd/") == sent
    listed = s5cmd("ls", f"{there}*").output.splitlines()
    assert {line[20:].split(maxsplit=1)[1] for line in listed} == set(sent)
    s5cmd("cp", "--part-size", "5", f"{there}*", "back/")
    assert hashes(tmp_path / "back") == sent
    (tmp_path / "sent" / "plain").unlink()
    s5cmd("sync", "--delete", "sent/", there)
    assert stored(straight, BUCKET, f"{HOME}s5cmd/") == hashes(tmp_path / "sent")
    (tmp_path / "words").write_text("read aloud")
    s5cmd("cp", "words", there)
    s5cmd("mv", f"{there}words", f"{there}moved")
    assert s5cmd("cat", f"{there}moved").output == "read aloud"
    s5cmd("rm", f"{there}*")
    assert stored(straight, BUCKET, f"{HOME}s5cmd/") == {}
    refused = s5cmd("cp", "sent/big", f"s3://{BUCKET}/elsewhere/s5cmd", ok=False)
    assert (refused.code, DENIED in refused.errors) == (1, True)


@covers(
    "s3cmd", "put --recursive", "ls --recursive", "get", "sync", "cp (with `s3:PutObjectAcl`)",
    "del --recursive", "parts of 5 MiB", "refused another prefix",
)  # fmt: skip
def test_s3cmd(gateway, tmp_path):
    def s3cmd(*words, role=PREFIX, ok=True):
        granted = gateway.credentials(role)
        host = gateway.endpoint.removeprefix("http://")
        (tmp_path / "s3cmd.conf").write_text(
            "[default]\n"
            f"access_key = {granted['AccessKeyId']}\n"
            f"secret_key = {granted['SecretAccessKey']}\n"
            f"access_token = {granted['SessionToken']}\n"
            f"host_base = {host}\n"
            f"host_bucket = {host}\n"
            "bucket_location = us-east-1\n"
            "multipart_chunk_size_mb = 5\n"
            "use_https = False\n"
        )
        words = ["s3cmd", "--config", str(tmp_path / "s3cmd.conf"), "--no-progress", *words]
        done = gateway.run(words, role, cwd=tmp_path)
        assert not ok or done.code == 0, done.all
        return done

    sent = tree(tmp_path / "sent", big=11 * MIB)
    there = f"s3://{BUCKET}/{HOME}s3cmd/"
    straight = gateway.direct()
    s3cmd("put", "--recursive", "sent/", there)
    assert stored(straight, BUCKET, f"{HOME}s3cmd/") == sent
    listed = s3cmd("ls", "--recursive", there).output.splitlines()
    assert {line.partition(there)[2] for line in listed} == set(sent)
    s3cmd("get", f"{there}big", "got")
    assert hashes(tmp_path)["got"] == sent["big"]
    s3cmd("sync", there, "back/")
    assert hashes(tmp_path / "back") == sent
    s3cmd("cp", f"{there}big", f"{there}copied", role=ALL)
    assert stored(straight, BUCKET, f"{HOME}s3cmd/copied") == {"": sent["big"]}
    s3cmd("del", "--recursive", "--force", there)
    assert stored(straight, BUCKET, f"{HOME}s3cmd/") == {}
    refused = s3cmd("put", "sent/big", f"s3://{BUCKET}/elsewhere/s3cmd", ok=False)
    assert (refused.code, DENIED in refused.all.replace("\n", " ")) == (77, True)
