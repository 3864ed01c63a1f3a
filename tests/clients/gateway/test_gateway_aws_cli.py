"""``aws s3`` and ``aws s3api`` of a job that may use its project's prefix and nothing else."""

import urllib.error
import urllib.request

import pytest

from clients.gateway.trees import MIB, hashes, noise, stored, stored_digest, tree, write
from clients.talking import FAILED, refusal, write_config
from support.clients_table import covers
from support.gateway_running import ALL, BUCKET, HOME, PREFIX

MINE = f"{HOME}aws/"
HERE = f"s3://{BUCKET}/{MINE}"


@pytest.fixture
def aws(gateway, tmp_path):
    """Run the aws CLI in a folder of the test's, as the job unless another role is given."""
    # Without it, `presign` of this version signs the way of before 2014.
    config = write_config(tmp_path / "config", default={"s3": "\n  signature_version = s3v4"})

    def run(*words, role=PREFIX, ok=True, via=gateway):
        done = via.run(["aws", *words], role, cwd=tmp_path, AWS_CONFIG_FILE=config)
        assert not ok or done.code == 0, done.all
        return done

    return run


@covers("aws", "s3 cp", "s3 ls", "s3 mv", "s3 rm --recursive")
def test_files_come_and_go(aws, gateway, tmp_path):
    sent = write(tmp_path / "a b+c.txt", 3000)
    aws("s3", "cp", "a b+c.txt", f"{HERE}files/")
    assert stored(gateway.direct(), BUCKET, f"{MINE}files/") == {"a b+c.txt": sent}
    assert aws("s3", "ls", f"{HERE}files/").output.split(maxsplit=2)[2] == "3000 a b+c.txt\n"
    aws("s3", "mv", f"{HERE}files/a b+c.txt", f"{HERE}files/moved")
    aws("s3", "cp", f"{HERE}files/moved", "back")
    assert hashes(tmp_path)["back"] == sent
    aws("s3", "rm", "--recursive", f"{HERE}files/")
    assert stored(gateway.direct(), BUCKET, f"{MINE}files/") == {}


@covers("aws", "s3 sync")
def test_sync_both_ways(aws, gateway, tmp_path):
    sent = tree(tmp_path / "sent")
    aws("s3", "sync", "sent", f"{HERE}sync")
    assert stored(gateway.direct(), BUCKET, f"{MINE}sync/") == sent
    aws("s3", "sync", f"{HERE}sync", "back")
    assert hashes(tmp_path / "back") == sent
    (tmp_path / "sent" / "plain").unlink()
    done = aws("s3", "sync", "--delete", "sent", f"{HERE}sync")
    assert done.output.strip() == f"delete: {HERE}sync/plain"


@covers("aws", "s3 cp of 200 MiB in parts")
def test_two_hundred_mebibytes_up_and_down(aws, gateway, tmp_path):
    piece = noise(20 * MIB)
    with (tmp_path / "big").open("wb") as file:
        for number in range(10):
            file.write(piece[: -1 - number])
            file.write(bytes(1 + number))
    sent = hashes(tmp_path)["big"]
    aws("s3", "cp", "--no-progress", "big", f"{HERE}big")
    (tmp_path / "big").unlink()
    assert stored_digest(gateway.direct(), BUCKET, f"{MINE}big") == sent
    assert gateway.direct().head_object(Bucket=BUCKET, Key=f"{MINE}big")["ETag"].endswith('-25"')
    aws("s3", "cp", "--no-progress", f"{HERE}big", "back")
    assert hashes(tmp_path)["back"] == sent
    gateway.direct().delete_object(Bucket=BUCKET, Key=f"{MINE}big")


@covers("aws", "s3 presign")
def test_a_presigned_link_is_good_for_its_object_only(aws, gateway):
    body = noise(5000)
    gateway.direct().put_object(Bucket=BUCKET, Key=f"{MINE}shown", Body=body)
    gateway.direct().put_object(Bucket=BUCKET, Key=f"{MINE}hidden", Body=body)
    link = aws("s3", "presign", f"{HERE}shown", "--expires-in", "600").output.strip()
    with urllib.request.urlopen(link) as answer:
        assert answer.read() == body
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(link.replace("/shown?", "/hidden?"))
    with refused.value as answer:
        assert (answer.status, b"SignatureDoesNotMatch" in answer.read()) == (403, True)


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
@covers("aws", "s3 cp --checksum-algorithm")
def test_every_checksum(aws, gateway, tmp_path, algorithm):
    """Over TLS, where the checksum follows the body and is verified here."""
    sent = write(tmp_path / algorithm, 100_000)
    key = f"{MINE}checksum-{algorithm}"
    words = ("--checksum-algorithm", algorithm)
    aws("s3", "cp", algorithm, f"s3://{BUCKET}/{key}", *words, via=gateway.over_tls())
    assert stored_digest(gateway.direct(), BUCKET, key) == sent
    asked = {"Bucket": BUCKET, "Key": key, "ChecksumMode": "ENABLED"}
    straight, through = (
        client.head_object(**asked)[f"Checksum{algorithm}"]
        for client in (gateway.direct(), gateway.client(PREFIX))
    )
    assert straight == through


@covers(
    "aws",
    "s3api put-object --if-none-match",
    "s3api get-object --range",
    "s3api get-object --if-match",
)
def test_conditions_and_ranges(aws, tmp_path):
    write(tmp_path / "body", 2000)
    at = ("--bucket", BUCKET, "--key", f"{MINE}conditional")
    put = ("s3api", "put-object", *at, "--body", "body", "--if-none-match", "*")
    aws(*put)
    again = aws(*put, ok=False)
    assert (again.code, "(PreconditionFailed)" in again.errors) == (FAILED, True)
    part = aws("s3api", "get-object", *at, "--range", "bytes=10-19", "part").json
    assert (part["ContentLength"], part["ContentRange"]) == (10, "bytes 10-19/2000")
    assert (tmp_path / "part").read_bytes() == (tmp_path / "body").read_bytes()[10:20]
    other = aws("s3api", "get-object", *at, "--if-match", '"0"', "no", ok=False)
    assert (other.code, "(PreconditionFailed)" in other.errors) == (FAILED, True)


@covers(
    "aws",
    "s3api put-object-tagging",
    "s3api get-object-tagging",
    "s3api list-objects-v2 page by page",
    "s3api delete-objects",
)
def test_tags_lists_and_many_deletions(aws, gateway):
    for number in range(5):
        gateway.direct().put_object(Bucket=BUCKET, Key=f"{MINE}many/{number}", Body=b"x")
    at = ("--bucket", BUCKET, "--key", f"{MINE}many/0")
    aws("s3api", "put-object-tagging", *at, "--tagging", "TagSet=[{Key=team,Value=kiln}]")
    tags = aws("s3api", "get-object-tagging", *at).json["TagSet"]
    assert tags == [{"Key": "team", "Value": "kiln"}]

    words = ("--prefix", f"{MINE}many/", "--page-size", "2", "--query", "Contents[].Key")
    keys = aws("s3api", "list-objects-v2", "--bucket", BUCKET, *words).json
    assert keys == [f"{MINE}many/{number}" for number in range(5)]

    doomed = ",".join(f"{{Key={key}}}" for key in [*keys[:3], "elsewhere/x"])
    words = ("--bucket", BUCKET, "--delete", f"Objects=[{doomed}]")
    done = aws("s3api", "delete-objects", *words).json
    assert {entry["Key"] for entry in done["Deleted"]} == set(keys[:3])
    assert [(entry["Key"], entry["Code"]) for entry in done["Errors"]] == [
        ("elsewhere/x", "AccessDenied")
    ]


@covers(
    "aws",
    "s3 mb",
    "s3api put-bucket-versioning",
    "s3api list-object-versions",
    "s3api get-object --version-id",
    "s3 rb",
)
def test_versions_in_a_bucket_of_ones_own(aws, gateway, tmp_path):
    own = "kiln-aws-versions"
    aws("s3", "mb", f"s3://{own}", role=ALL)
    status = ("--versioning-configuration", "Status=Enabled")
    aws("s3api", "put-bucket-versioning", "--bucket", own, *status, role=ALL)
    for body in ("first", "second"):
        (tmp_path / body).write_text(body)
        aws("s3api", "put-object", "--bucket", own, "--key", "k", "--body", body, role=ALL)
    words = ("--bucket", own, "--query", "Versions[?!IsLatest].VersionId")
    (oldest,) = aws("s3api", "list-object-versions", *words, role=ALL).json
    at = ("--bucket", own, "--key", "k", "--version-id", oldest)
    aws("s3api", "get-object", *at, "back", role=ALL)
    assert (tmp_path / "back").read_text() == "first"
    listed = gateway.direct().list_object_versions(Bucket=own)["Versions"]
    for each in listed:
        gateway.direct().delete_object(Bucket=own, Key="k", VersionId=each["VersionId"])
    aws("s3", "rb", f"s3://{own}", role=ALL)
    assert own not in [each["Name"] for each in gateway.direct().list_buckets()["Buckets"]]


@covers("aws", "refused another prefix")
def test_another_prefix_is_refused_in_aws_words(aws, gateway, tmp_path):
    write(tmp_path / "body", 10)
    who = "arn:aws:sts::001122334455:assumed-role/gateway-prefix/job-1"
    key = "elsewhere/aws"
    gateway.direct().put_object(Bucket=BUCKET, Key=key, Body=b"theirs")
    words = ("s3api", "get-object", "--bucket", BUCKET, "--key", key, "got")
    done = aws(*words, ok=False)
    sentence = (
        f"User: {who} is not authorized to perform: s3:GetObject on resource:"
        f' "arn:aws:s3:::{BUCKET}/{key}" because no identity-based policy allows the'
        " s3:GetObject action"
    )
    assert (done.code, done.errors) == (FAILED, refusal("AccessDenied", "GetObject", sentence))
    assert not (tmp_path / "got").exists()
    done = aws("s3", "cp", "body", f"s3://{BUCKET}/{key}", ok=False)
    assert (done.code, "(AccessDenied)" in done.errors) == (1, True)
    assert stored_digest(gateway.direct(), BUCKET, key) != hashes(tmp_path)["body"]
    done = aws("s3", "ls", f"s3://{BUCKET}/elsewhere/", ok=False)
    assert (done.code, done.output) == (FAILED, "")
