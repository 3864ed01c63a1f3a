"""boto3 with every setting for checksums and payloads, against what the store then holds."""

import io
import itertools
import urllib.error
import urllib.request
from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from clients.gateway.form_posts import post_form
from clients.gateway.trees import MIB, NAMES, noise
from support.clients_table import covers
from support.gateway_running import ALL, BUCKET, HOME, PREFIX

MINE = f"{HOME}boto3/"
ALGORITHMS = ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256")


def key_of(request: pytest.FixtureRequest) -> str:
    return f"{MINE}{request.node.name}"


def held(gateway: Any, key: str) -> bytes:
    """Return what the store itself holds under a key."""
    body: bytes = gateway.direct().get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return body


class OneWay(io.RawIOBase):
    """A body that can be read once, and whose length nobody knows: a pipe."""

    def __init__(self, body: bytes) -> None:
        self._left = io.BytesIO(body)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._left.readinto(buffer)


@pytest.mark.parametrize("payload_signed", [None, True, False])
@pytest.mark.parametrize("when", ["when_supported", "when_required"])
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@covers("boto3", "put_object", "get_object", "upload_part: every checksum and payload setting")
def test_every_way_to_send_a_body(gateway, request, tls, when, payload_signed):
    """Long and short: verified before anything is sent on, and while it streams."""
    through = gateway.over_tls() if tls else gateway
    style: dict[str, Any] = {"addressing_style": "path"}
    if payload_signed is not None:
        style["payload_signing_enabled"] = payload_signed
    client = through.client(
        PREFIX, s3=style, request_checksum_calculation=when, response_checksum_validation=when
    )
    for size, more in itertools.product(
        (0, 1000, 300_000), ({}, *({"ChecksumAlgorithm": name} for name in ALGORITHMS))
    ):
        body = noise(size)
        client.put_object(Bucket=BUCKET, Key=key_of(request), Body=body, **more)
        assert held(gateway, key_of(request)) == body
        got = client.get_object(Bucket=BUCKET, Key=key_of(request), ChecksumMode="ENABLED")
        assert got["Body"].read() == body
        if more:
            assert got[f"Checksum{more['ChecksumAlgorithm']}"]


@pytest.mark.parametrize("algorithm", [*ALGORITHMS, None])
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@covers("boto3", "upload_fileobj in parts with checksums", "download_fileobj")
def test_an_upload_in_parts(gateway, request, tls, algorithm):
    through = gateway.over_tls() if tls else gateway
    client = through.client(PREFIX)
    body = noise(11 * MIB)
    more = {} if algorithm is None else {"ChecksumAlgorithm": algorithm}
    parts = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)
    key = key_of(request)
    client.upload_fileobj(io.BytesIO(body), BUCKET, key, ExtraArgs=more, Config=parts)
    assert held(gateway, key) == body
    got = io.BytesIO()
    client.download_fileobj(BUCKET, key, got, Config=parts)
    assert got.getvalue() == body


@covers("boto3", "upload_fileobj from a pipe")
def test_a_body_that_can_be_read_once(gateway, request):
    client = gateway.over_tls().client(PREFIX)
    body = noise(6 * MIB)
    key = key_of(request)
    client.upload_fileobj(OneWay(body), BUCKET, key)
    assert held(gateway, key) == body
    single = TransferConfig(multipart_threshold=8 * MIB, use_threads=False)
    client.upload_fileobj(OneWay(body[:1000]), BUCKET, key, Config=single)
    assert held(gateway, key) == body[:1000]


@covers("boto3", "a wrong checksum")
def test_a_checksum_that_is_wrong(gateway, request):
    client = gateway.client(PREFIX)
    for size in (1000, 300_000):
        with pytest.raises(ClientError) as refused:
            client.put_object(
                Bucket=BUCKET, Key=key_of(request), Body=noise(size), ChecksumCRC32="AAAAAA=="
            )
        assert refused.value.response["Error"]["Code"] == "BadDigest"
        with pytest.raises(ClientError) as absent:
            gateway.direct().head_object(Bucket=BUCKET, Key=key_of(request))
        assert absent.value.response["Error"]["Code"] == "404"


@pytest.mark.parametrize(
    "name",
    [
        *NAMES,
        "a//b",
        "/lead",
        "tail/",
        "%2F%41",
        "a?b#c",
        "tab\there",
        "/".join(["x" * 200] * 4),
        "a;b,c",
    ],
)
@covers("boto3", "keys with odd characters")
def test_odd_keys_are_the_same_at_both_ends(gateway, name):
    client, straight = gateway.client(PREFIX), gateway.direct()
    key = f"{MINE}odd/{name}"
    # The store keeps a key that ends with a slash as a folder, which has no bytes.
    body = b"" if name.endswith("/") else name.encode()
    client.put_object(Bucket=BUCKET, Key=key, Body=body)
    assert client.get_object(Bucket=BUCKET, Key=key)["Body"].read() == body
    asked = {"Bucket": BUCKET, "Prefix": f"{MINE}odd/"}
    through = [each["Key"] for each in client.list_objects_v2(**asked)["Contents"]]
    assert through == [each["Key"] for each in straight.list_objects_v2(**asked)["Contents"]]
    client.delete_object(Bucket=BUCKET, Key=key)


@covers("boto3", "get_object streamed and in ranges")
def test_a_stream_and_its_ranges(gateway, request):
    body = noise(3 * MIB)
    key = key_of(request)
    gateway.direct().put_object(Bucket=BUCKET, Key=key, Body=body)
    client = gateway.client(PREFIX)
    got = client.get_object(Bucket=BUCKET, Key=key)["Body"]
    assert b"".join(got.iter_chunks(100_000)) == body
    tail = client.get_object(Bucket=BUCKET, Key=key, Range="bytes=-1000")
    assert (tail["ContentLength"], tail["Body"].read()) == (1000, body[-1000:])
    with pytest.raises(ClientError) as refused:
        client.get_object(Bucket=BUCKET, Key=key, Range=f"bytes={3 * MIB}-")
    assert refused.value.response["Error"]["Code"] == "InvalidRange"


@covers("boto3", "presigned GET and PUT")
def test_presigned_links(gateway, request):
    client = gateway.client(PREFIX, signature_version="s3v4")
    at = {"Bucket": BUCKET, "Key": key_of(request)}
    body = noise(200_000)
    put = client.generate_presigned_url("put_object", {**at, "ContentType": "text/x"}, 600)
    sent = urllib.request.Request(put, body, {"Content-Type": "text/x"}, method="PUT")
    with urllib.request.urlopen(sent) as answer:
        assert answer.status == 200
    with urllib.request.urlopen(client.generate_presigned_url("get_object", at, 600)) as answer:
        assert (answer.headers["Content-Type"], answer.read()) == ("text/x", body)
    sent = urllib.request.Request(put, body, {"Content-Type": "text/html"}, method="PUT")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(sent)
    with refused.value as said:
        assert (said.status, b"<Code>SignatureDoesNotMatch<" in said.read()) == (403, True)


@covers("boto3", "presigned POST forms")
def test_a_form_within_its_policy_and_beyond(gateway, request):
    client = gateway.client(PREFIX, signature_version="s3v4")
    key = key_of(request)
    conditions = [["starts-with", "$Content-Type", "text/"], ["content-length-range", 1, 1000]]
    form = client.generate_presigned_post(BUCKET, key, None, conditions, 600)
    fields = {**form["fields"], "Content-Type": "text/plain"}
    status, said = post_form(form["url"], fields, b"from a browser")
    assert (status, said) == (204, b""), said
    assert held(gateway, key) == b"from a browser"
    for changed, body, code in (
        ({}, noise(1001), b"EntityTooLarge"),
        ({"Content-Type": "image/png"}, b"x", b"AccessDenied"),
        ({"key": f"{key}-other"}, b"x", b"AccessDenied"),
        ({"x-amz-signature": "0" * 64}, b"x", b"SignatureDoesNotMatch"),
    ):
        status, said = post_form(form["url"], fields | changed, body)
        assert (status in (400, 403), code in said) == (True, True), said
    assert held(gateway, key) == b"from a browser"


@covers("boto3", "head_object")
def test_an_absent_key_is_shown_to_who_may_list_it(gateway):
    """A list with the key as its prefix would say as much, so nothing is given away."""
    client = gateway.client(PREFIX)
    for key, code in ((f"{MINE}nothing", "404"), ("elsewhere/nothing", "403")):
        with pytest.raises(ClientError) as refused:
            client.head_object(Bucket=BUCKET, Key=key)
        assert refused.value.response["Error"]["Code"] == code


@covers("boto3", "copy_object", "refused another prefix")
def test_a_copy_needs_both_ends(gateway, request):
    client, straight = gateway.client(PREFIX), gateway.direct()
    body = noise(1000)
    straight.put_object(Bucket=BUCKET, Key=f"{MINE}copied", Body=body)
    straight.put_object(Bucket=BUCKET, Key="elsewhere/boto3", Body=body)
    key = key_of(request)
    client.copy_object(Bucket=BUCKET, Key=key, CopySource=f"{BUCKET}/{MINE}copied")
    assert held(gateway, key) == body
    for source, target in ((f"{MINE}copied", "elsewhere/new"), ("elsewhere/boto3", f"{key}2")):
        with pytest.raises(ClientError) as refused:
            client.copy_object(Bucket=BUCKET, Key=target, CopySource=f"{BUCKET}/{source}")
        assert refused.value.response["Error"]["Code"] == "AccessDenied"
    assert straight.list_objects_v2(Bucket=BUCKET, Prefix="elsewhere/new")["KeyCount"] == 0
    copies = straight.list_objects_v2(Bucket=BUCKET, Prefix=f"{key}2")
    assert copies["KeyCount"] == 0


@covers("boto3", "list_buckets")
def test_buckets_are_listed(gateway):
    assert BUCKET in [each["Name"] for each in gateway.client(ALL).list_buckets()["Buckets"]]
    with pytest.raises(ClientError) as refused:
        gateway.client(PREFIX).list_buckets()
    assert refused.value.response["Error"]["Code"] == "AccessDenied"
