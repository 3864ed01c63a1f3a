"""Before a store that overlooks parts of requests: a clear answer, never a wrong success.

``rclone serve s3`` writes tags, ACLs and retentions over the object that they are for, answers a
question about them with the object, and makes conditional writes without their condition.
"""

import io
from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from clients.gateway.form_posts import post_form
from clients.gateway.trees import MIB, noise
from support.gateway_running import ALL, add_upstream
from support.rclone_store import rclone_store

OWN = "degraded-basic"
CORS = {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}
LOCKED = {"Mode": "COMPLIANCE", "RetainUntilDate": "2099-01-01"}
TAGS = {"TagSet": [{"Key": "a", "Value": "b"}]}
ENCRYPTED = {"ServerSideEncryption": "AES256"}
STALE = '"00000000000000000000000000000000"'


@pytest.fixture(scope="module")
def folder(gateway, tmp_path_factory):
    """Return the folder that the store serves; it is an upstream of plain objects."""
    home = tmp_path_factory.mktemp("degraded")
    with rclone_store(home) as endpoint:
        words = ("--bucket", "degraded-*", "--features", "basic", "--trailers")
        add_upstream(gateway.site, "degraded", endpoint, *words)
        gateway.client(ALL).create_bucket(Bucket=OWN)
        yield home / "served"
        removed = gateway.site.valetkey("upstream", "remove", "degraded", "--force")
        assert removed.code == 0, removed.errors


@pytest.fixture
def client(gateway, folder):
    return gateway.client(ALL, retries={"total_max_attempts": 1}, signature_version="s3v4")


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("put_object", {"Body": b"new", "IfNoneMatch": "*"}),
    ("put_object", {"Body": b"new", "IfMatch": STALE}),
    ("put_object", {"Body": b"new", **ENCRYPTED}),
    ("put_object", {"Body": b"new", "SSECustomerAlgorithm": "AES256", "SSECustomerKey": "0" * 32}),
    ("put_object", {"Body": b"new", "Tagging": "a=b"}),
    ("put_object", {"Body": b"new", "ACL": "public-read"}),
    ("put_object", {"Body": b"new", "StorageClass": "GLACIER"}),
    (
        "put_object",
        {
            "Body": b"new",
            "ObjectLockMode": "COMPLIANCE",
            "ObjectLockRetainUntilDate": "2099-01-01",
        },
    ),
    ("delete_object", {"IfMatch": STALE}),
    ("delete_object", {"VersionId": "1"}),
    ("get_object", {"VersionId": "1"}),
    ("get_object", {"PartNumber": 2}),
    ("get_object", {"ResponseContentType": "text/html"}),
    ("copy_object", {"CopySource": f"{OWN}/kept", "CopySourceIfMatch": STALE}),
    ("copy_object", {"CopySource": f"{OWN}/kept", "TaggingDirective": "REPLACE"}),
    ("create_multipart_upload", ENCRYPTED),
    (
        "upload_part_copy",
        {"CopySource": f"{OWN}/kept", "UploadId": "1", "PartNumber": 1},
    ),
    ("put_object_tagging", {"Tagging": TAGS}),
    ("get_object_tagging", {}),
    ("delete_object_tagging", {}),
    ("put_object_acl", {"ACL": "private"}),
    ("get_object_acl", {}),
    ("put_object_retention", {"Retention": LOCKED}),
    ("get_object_retention", {}),
    ("put_object_legal_hold", {"LegalHold": {"Status": "ON"}}),
    ("get_object_attributes", {"ObjectAttributes": ["ETag"]}),
    ("restore_object", {"RestoreRequest": {"Days": 1}}),
]
OF_BUCKETS: list[tuple[str, dict[str, Any]]] = [
    ("get_bucket_acl", {}),
    ("get_bucket_cors", {}),
    ("put_bucket_cors", {"CORSConfiguration": CORS}),
    ("get_bucket_encryption", {}),
    ("get_bucket_lifecycle_configuration", {}),
    ("get_bucket_tagging", {}),
    ("get_bucket_versioning", {}),
    ("put_bucket_versioning", {"VersioningConfiguration": {"Status": "Enabled"}}),
    ("list_object_versions", {}),
]


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        *((name, {"Key": "kept", **more}) for name, more in REFUSED),
        *OF_BUCKETS,
    ],
    ids=lambda value: value if isinstance(value, str) else ",".join(value),
)
def test_what_the_store_would_overlook_is_refused(client, folder, operation, parameters):
    (folder / OWN / "kept").write_bytes(b"as it was")
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)(Bucket=OWN, **parameters)
    error = refused.value.response
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert error["Error"]["Code"] == "NotImplemented"
    assert (folder / OWN / "kept").read_bytes() == b"as it was"


def test_the_record_says_why(gateway, client, folder):
    with pytest.raises(ClientError) as refused:
        client.put_object(Bucket=OWN, Key="kept", Body=b"new", IfNoneMatch="*")
    error = refused.value.response
    assert error["Error"]["Message"] == (
        "A header you provided implies functionality that is not implemented."
    )
    assert error["Error"]["Header"] == "if-none-match"
    record = gateway.record(error["ResponseMetadata"]["RequestId"])
    assert record.reason == (
        "upstream `degraded` knows plain objects only, and would overlook `if-none-match`"
    )


@pytest.mark.parametrize("size", [0, 1000, 300_000])
@pytest.mark.parametrize("algorithm", [None, "CRC32", "CRC64NVME", "SHA256"])
def test_plain_objects_are_kept(gateway, folder, size, algorithm):
    """Over TLS, where checksums follow the body: they are verified before the store has them."""
    body = noise(size)
    client = gateway.over_tls().client(ALL)
    more = {} if algorithm is None else {"ChecksumAlgorithm": algorithm}
    client.put_object(Bucket=OWN, Key="a/b c+é", Body=body, Metadata={"team": "kiln"}, **more)
    assert (folder / OWN / "a" / "b c+é").read_bytes() == body
    got = client.get_object(Bucket=OWN, Key="a/b c+é")
    assert (got["Body"].read(), got["Metadata"]) == (body, {"team": "kiln"})


def test_an_upload_in_parts_comes_back_whole(client, folder):
    body = noise(11 * MIB)
    parts = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)
    client.upload_fileobj(io.BytesIO(body), OWN, "parts", Config=parts)
    assert (folder / OWN / "parts").read_bytes() == body
    got = io.BytesIO()
    client.download_fileobj(OWN, "parts", got, Config=parts)
    assert got.getvalue() == body


def test_a_wrong_checksum_never_reaches_the_store(client, folder):
    for size in (1000, 300_000):
        with pytest.raises(ClientError) as refused:
            client.put_object(Bucket=OWN, Key="wrong", Body=noise(size), ChecksumCRC32="AAAAAA==")
        assert refused.value.response["Error"]["Code"] == "BadDigest"
    assert not (folder / OWN / "wrong").exists()


def test_another_object_than_the_one_that_is_meant_is_not_handed_out(client, folder):
    """A download in parts asks for each with the first one's ETag."""
    (folder / OWN / "kept").write_bytes(b"0123456789")
    etag = client.head_object(Bucket=OWN, Key="kept")["ETag"]
    same = client.get_object(Bucket=OWN, Key="kept", IfMatch=etag, Range="bytes=2-4")
    assert (same["ResponseMetadata"]["HTTPStatusCode"], same["Body"].read()) == (206, b"234")
    with pytest.raises(ClientError) as refused:
        client.get_object(Bucket=OWN, Key="kept", IfMatch=STALE, Range="bytes=2-4")
    assert refused.value.response["Error"]["Code"] == "PreconditionFailed"


def test_lists_copies_forms_and_deletions(client, folder):
    for name in ("x/1", "x/2", "x/y/3"):
        client.put_object(Bucket=OWN, Key=name, Body=b"x")
    asked = {"Bucket": OWN, "Prefix": "x/"}
    pages = client.get_paginator("list_objects_v2").paginate(**asked, PaginationConfig=PAGES)
    assert [each["Key"] for page in pages for each in page["Contents"]] == ["x/1", "x/2", "x/y/3"]
    client.copy_object(Bucket=OWN, Key="copied", CopySource=f"{OWN}/x/1")
    assert (folder / OWN / "copied").read_bytes() == b"x"
    form = client.generate_presigned_post(OWN, "posted", ExpiresIn=60)
    assert post_form(form["url"], form["fields"], b"by a form") == (204, b"")
    assert (folder / OWN / "posted").read_bytes() == b"by a form"
    doomed = [{"Key": name} for name in ("x/1", "x/2", "x/y/3")]
    done = client.delete_objects(Bucket=OWN, Delete={"Objects": doomed})
    assert len(done["Deleted"]) == 3
    assert "Contents" not in client.list_objects_v2(**asked)


PAGES = {"PageSize": 2}


def test_the_probe_advises_it(gateway, folder):
    done = gateway.site.valetkey("upstream", "test", "degraded", "--json")
    assert (done.code, done.json["usable"]) == (0, True)
    assert done.json["advice"]["features"] == "basic"
