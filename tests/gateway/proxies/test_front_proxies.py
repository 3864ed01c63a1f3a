"""Real clients through a real proxy, a real server and a real store: which way requests take."""

import base64
import hashlib
import http.client
import socket
import time

import pytest
from botocore.exceptions import ClientError

from gateway.proxies.fronts import DIRECT, HASHED, STREAM, Front, Heard, whole
from support.gateway_running import BUCKET, HOME, PREFIX, REGION
from valetkey.sigv4 import HttpRequest, Streaming
from valetkey.sigv4.writer import sign_streaming

MIB = 1024 * 1024
DATA = bytes(range(256)) * 4096


def named(front: Front, name: str) -> str:
    """Return a key that no other test has."""
    return f"proxies/{type(front.proxy).__name__}/{name}"


def test_an_object_goes_there_and_back_past_valetkey(front: Front):
    key, client = named(front, "a b/%2F+ü"), front.client()
    put = client.put_object(Bucket=BUCKET, Key=key, Body=DATA, Metadata={"x_y.z": "1"})
    got = client.get_object(Bucket=BUCKET, Key=key)
    assert whole(got) == DATA
    assert got["Metadata"] == {"x_y.z": "1"}
    part = client.get_object(Bucket=BUCKET, Key=key, Range="bytes=10-19")
    assert whole(part) == DATA[10:20]
    head = client.head_object(Bucket=BUCKET, Key=key)
    assert head["ContentLength"] == len(DATA)
    with pytest.raises(ClientError, match="304"):
        client.get_object(Bucket=BUCKET, Key=key, IfNoneMatch=got["ETag"])
    client.delete_object(Bucket=BUCKET, Key=key)
    answers = [one["ResponseMetadata"]["RequestId"] for one in (put, got, part, head)]
    records = front.records_of(key, 6)
    assert [one.request_id for one in records[:4]] == answers
    # Without TLS, boto3 signs the hash of what it puts.
    assert front.ways(key, 6) == [STREAM, *[DIRECT] * 5]


def test_presigned(front: Front):
    key, client = named(front, "presigned"), front.client(signature_version="s3v4")
    for method, operation in (("PUT", "put_object"), ("GET", "get_object")):
        url = client.generate_presigned_url(operation, {"Bucket": BUCKET, "Key": key})
        target = url.removeprefix(front.endpoint)
        body = DATA if method == "PUT" else b""
        headers = [("Host", front.host)]
        if body:
            headers.append(("Content-Length", str(len(body))))
        heard = front.raw(method, target, headers, body)
        assert heard.status == 200, heard
    assert heard.body == DATA
    # The proxy logs the target, so it is the client's at nginx, and the store's at Envoy.
    addresses = front.addresses(key, 2)
    assert addresses == [front.store.endpoint.removeprefix("http://")] * 2
    assert len(front.records_of(key, 2)) == 2


HASH = hashlib.sha256(DATA).hexdigest()


@pytest.mark.parametrize(
    ("bucket", "payload", "way"),
    [
        (BUCKET, "UNSIGNED-PAYLOAD", DIRECT),
        (BUCKET, HASH, STREAM),
        (HASHED, "UNSIGNED-PAYLOAD", DIRECT),
        (HASHED, HASH, DIRECT),
    ],
)
def test_put_by_payload_mode(hashed: Front, bucket: str, payload: str, way: str):
    key = named(hashed, f"mode-{bucket}-{payload[:4]}")
    target = f"/{bucket}/{key}"
    signed = hashed.signed("PUT", target, {"content-length": str(len(DATA))}, payload=payload)
    assert hashed.raw("PUT", target, signed, DATA).status == 200
    assert whole(hashed.direct().get_object(Bucket=bucket, Key=key)) == DATA
    assert hashed.ways(key, 1) == [way]


def test_a_body_is_held_to_its_hash(front: Front):
    """SeaweedFS itself would take it."""
    key = named(front, "mismatch")
    target = f"/{BUCKET}/{key}"
    wrong = hashlib.sha256(b"another").hexdigest()
    signed = front.signed("PUT", target, {"content-length": str(len(DATA))}, payload=wrong)
    heard = front.raw("PUT", target, signed, DATA)
    assert (heard.status, heard.code) == (400, "XAmzContentSHA256Mismatch")
    with pytest.raises(ClientError, match="404"):
        front.direct().head_object(Bucket=BUCKET, Key=key)


@pytest.mark.parametrize(
    ("mode", "checksum", "way"),
    [
        (Streaming.HMAC, None, STREAM),
        (Streaming.HMAC_TRAILER, "CRC32", STREAM),
        (Streaming.UNSIGNED_TRAILER, "CRC32C", DIRECT),
    ],
)
def test_a_body_in_chunks(front: Front, mode: Streaming, checksum: str | None, way: str):
    key = named(front, mode.name)
    heard = put_in_chunks(front, BUCKET, key, mode, checksum)
    assert heard.status == 200, heard
    assert whole(front.direct().get_object(Bucket=BUCKET, Key=key)) == DATA
    assert front.ways(key, 1) == [way]


def test_the_store_holds_a_body_to_its_trailer(front: Front):
    key = named(front, "trailer-mismatch")
    heard = put_in_chunks(front, BUCKET, key, Streaming.UNSIGNED_TRAILER, "CRC32", spoilt=True)
    assert heard.status == 400, heard
    with pytest.raises(ClientError, match="404"):
        front.direct().head_object(Bucket=BUCKET, Key=key)


OF_ANOTHER = base64.b64encode(hashlib.md5(b"another", usedforsecurity=False).digest()).decode()


@pytest.mark.parametrize(
    ("name", "value"), [("content-md5", OF_ANOTHER), ("x-amz-checksum-crc32", "AAAAAA==")]
)
def test_the_store_holds_a_body_to_its_digests(front: Front, name: str, value: str):
    key = named(front, f"digest-{name}")
    target = f"/{BUCKET}/{key}"
    signed = front.signed("PUT", target, {"content-length": str(len(DATA)), name: value})
    heard = front.raw("PUT", target, signed, DATA)
    assert (heard.status, heard.code) == (400, "BadDigest")
    assert front.ways(key, 1) == [DIRECT]


def test_a_body_that_breaks_off_leaves_nothing(front: Front):
    key = named(front, "cut")
    target = f"/{BUCKET}/{key}"
    signed = front.signed("PUT", target, {"content-length": str(len(DATA))})
    lines = "".join(f"{name}: {value}\r\n" for name, value in signed)
    host, _, port = front.host.partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as client:
        client.sendall(f"PUT {target} HTTP/1.1\r\n{lines}\r\n".encode() + DATA[: MIB // 2])
        front.records_of(key, 1)
    assert front.ways(key, 1) == [DIRECT]
    with pytest.raises(ClientError, match="404"):
        front.direct().head_object(Bucket=BUCKET, Key=key)


def put_in_chunks(
    front: Front,
    bucket: str,
    key: str,
    mode: Streaming,
    checksum: str | None,
    *,
    spoilt: bool = False,
) -> Heard:
    """Put DATA with a signature over its chunks, or a checksum behind them."""
    granted = front.credentials()
    path = f"/{bucket}/{key}"
    made = sign_streaming(
        HttpRequest("PUT", path.encode(), b"", ((b"host", front.host.encode()),), ""),
        mode=mode,
        decoded_length=len(DATA),
        access_key_id=granted["AccessKeyId"],
        secret_key=granted["SecretAccessKey"],
        session_token=granted["SessionToken"],
        region=REGION,
        now=time.time(),
        checksum=checksum,
    )
    body = b"".join([*made.writer.feed(DATA), *made.writer.finish()])
    if spoilt:
        body = body.replace(DATA[:256], bytes(256), 1)
    pairs = [(name.decode(), value.decode()) for name, value in made.request.headers]
    return front.raw("PUT", path, pairs, body)


def test_multipart_by_the_aws_cli(hashed: Front, tmp_path):
    front = hashed
    key, local = named(front, "multipart"), tmp_path / "data"
    data = DATA * 20
    local.write_bytes(data)
    done = front.run(["aws", "s3", "cp", "--only-show-errors", str(local), f"s3://{HASHED}/{key}"])
    assert done.code == 0, done.all
    back = tmp_path / "back"
    done = front.run(["aws", "s3", "cp", "--only-show-errors", f"s3://{HASHED}/{key}", str(back)])
    assert done.code == 0, done.all
    assert back.read_bytes() == data
    operations = [one.operation for one in front.records_of(key, 9)]
    assert operations.count("UploadPart") == 3
    by_way = {
        (one.operation, DIRECT if one.details.get("way") else STREAM)
        for one in front.records_of(key, 9)
    }
    assert by_way == {
        ("CreateMultipartUpload", DIRECT),
        ("UploadPart", DIRECT),
        ("CompleteMultipartUpload", STREAM),
        ("HeadObject", DIRECT),
        ("GetObject", DIRECT),
    }


def test_what_valetkey_answers_or_reads(front: Front):
    key, client = named(front, "listed"), front.client()
    client.put_object(Bucket=BUCKET, Key=key, Body=b"1")
    client.copy_object(Bucket=BUCKET, Key=f"{key}-2", CopySource={"Bucket": BUCKET, "Key": key})
    listed = client.list_objects_v2(Bucket=BUCKET, Prefix=key)
    assert [one["Key"] for one in listed["Contents"]] == [key, f"{key}-2"]
    assert BUCKET in [one["Name"] for one in client.list_buckets()["Buckets"]]
    gone = client.delete_objects(
        Bucket=BUCKET, Delete={"Objects": [{"Key": key}, {"Key": f"{key}-2"}]}
    )
    assert len(gone["Deleted"]) == 2
    for answer, way in ((listed, "front proxy"), (gone, None)):
        record = front.record(answer["ResponseMetadata"]["RequestId"])
        assert record.details.get("way") == way


def test_a_bucket_of_ones_own(front: Front):
    client, name = front.client(), f"own-{type(front.proxy).__name__.lower()}"
    client.create_bucket(Bucket=name)
    policy = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*",'
        f'"Action":"s3:PutObject","Resource":"arn:aws:s3:::{name}/no/*"}}]}}'
    )
    client.put_bucket_policy(Bucket=name, Policy=policy)
    assert client.get_bucket_policy(Bucket=name)["Policy"] == policy
    with pytest.raises(ClientError, match="explicit deny"):
        client.put_object(Bucket=name, Key="no/a", Body=DATA)
    client.delete_bucket(Bucket=name)


def test_a_refusal_is_awss_and_in_the_records_once(front: Front):
    key, client = named(front, "refused"), front.client(PREFIX)
    with pytest.raises(ClientError) as refused:
        client.put_object(Bucket=BUCKET, Key=key, Body=DATA)
    answer = refused.value.response
    assert answer["Error"]["Code"] == "AccessDenied"
    assert (
        f'is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::{BUCKET}/{key}"'
        in (answer["Error"]["Message"])
    )
    [record] = front.records_of(key, 1)
    assert record.request_id == answer["ResponseMetadata"]["RequestId"]
    assert record.status == 403
    own = f"{HOME}{key}"
    client.put_object(Bucket=BUCKET, Key=own, Body=b"1")
    assert whole(client.get_object(Bucket=BUCKET, Key=own)) == b"1"
    assert front.ways(own, 2) == [STREAM, DIRECT]


def test_who_may_not_list_learns_nothing_of_absent_keys(front: Front):
    key = named(front, "absent")
    with pytest.raises(ClientError, match="AccessDenied"):
        front.client(PREFIX).get_object(Bucket=BUCKET, Key=key)
    with pytest.raises(ClientError, match="NoSuchKey"):
        front.client().get_object(Bucket=BUCKET, Key=key)


def test_a_stranger(front: Front):
    target = f"/{BUCKET}/{named(front, 'stranger')}"
    heard = front.raw("GET", target, [("Host", front.host)])
    assert (heard.status, heard.code) == (403, "AccessDenied")
    assert front.record(heard.request_id).caller_arn is None
    bad = [
        (name, value.replace("Signature=", "Signature=0"))
        for name, value in front.signed("GET", target)
    ]
    heard = front.raw("GET", target, bad)
    assert heard.status in (400, 403)
    assert heard.code in ("SignatureDoesNotMatch", "AuthorizationHeaderMalformed")


def test_a_client_that_waits_for_100_is_told_to_go_on(front: Front):
    key = named(front, "waits")
    target = f"/{BUCKET}/{key}"
    signed = front.signed("PUT", target, {"content-length": str(MIB)})
    connection = http.client.HTTPConnection(front.host, timeout=60)
    connection.putrequest("PUT", target, skip_host=True, skip_accept_encoding=True)
    for name, value in [*signed, ("Expect", "100-continue")]:
        connection.putheader(name, value)
    connection.endheaders()
    assert connection.sock is not None
    assert connection.sock.recv(65536).startswith(b"HTTP/1.1 100 Continue")
    connection.send(DATA)
    assert connection.getresponse().status == 200
    connection.close()
    assert front.ways(key, 1) == [DIRECT]


def test_nobody_asks_by_way_of_the_proxy(front: Front):
    target = f"/{BUCKET}/{named(front, 'asked')}"
    named_by_client = [("X-Original-Method", "GET"), ("X-Original-URI", target)]
    for path in (
        "/_valetkey/authorize",
        f"/_valetkey/authorize{target}",
        "/%5Fvaletkey/authorize",
        "/_valetkey%2Fauthorize",
        "/x/../_valetkey/authorize",
        "//_valetkey/authorize",
        "/_valetkey/question",
    ):
        for mode in ("UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"):
            signed = front.signed("GET", target, payload=mode)
            heard = front.raw("GET", path, [*signed, *named_by_client])
            assert heard.status in (400, 403, 404), (path, heard)
            assert "authorization" not in heard.headers
            assert b"Signature=" not in heard.body
