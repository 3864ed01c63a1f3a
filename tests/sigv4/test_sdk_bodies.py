"""Bodies as boto3 puts them on the wire, in every mode and with every checksum that it knows."""

import io
import os
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError

from sigv4.building import KEY_ID, REGION, SECRET
from sigv4.streams import whole
from valetkey.sigv4 import (
    HttpRequest,
    PayloadRefused,
    SigningKeyCache,
    VerifiedBody,
    parse_signature,
    payload_reader,
    verify_signature,
)

BODY = os.urandom(3 << 20)
ALGORITHMS = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"]


class Nothing(io.BytesIO):
    """The body of an answer that has none."""

    def stream(self, *_: Any, **__: Any) -> list[bytes]:
        return []


class Wire:
    """Keeps what a client sends, and answers that it does not like it."""

    def __init__(self) -> None:
        self.request: Any = None

    def __call__(self, request: Any, **_: Any) -> AWSResponse:
        self.request = request
        return AWSResponse(request.url, 400, {}, Nothing())

    @property
    def body(self) -> bytes:
        body = self.request.body
        if body is None or isinstance(body, bytes):
            return body or b""
        body.seek(0)
        return b"".join(iter(lambda: body.read(100_000), b""))

    @property
    def sent(self) -> HttpRequest:
        parts = urlsplit(self.request.url)
        headers = {b"host": parts.netloc.encode()}
        for name, value in self.request.headers.items():
            text = value if isinstance(value, bytes) else str(value).encode()
            headers[name.lower().encode()] = text
        return HttpRequest(
            self.request.method,
            parts.path.encode(),
            parts.query.encode(),
            tuple(headers.items()),
            "0" * 64,
        )


def call(operation: str, *, tls: bool = True, config: dict[str, Any], **arguments: Any) -> Wire:
    client = boto3.client(
        "s3",
        region_name=REGION,
        aws_access_key_id=KEY_ID,
        aws_secret_access_key=SECRET,
        endpoint_url=f"{'https' if tls else 'http'}://s3.vk.example.test",
        config=Config(retries={"total_max_attempts": 1}, **config),
    )
    wire = Wire()
    client.meta.events.register("before-send.s3", wire)
    with pytest.raises(ClientError):
        getattr(client, operation)(Bucket="bucket", **arguments)
    client.close()
    return wire


def verified(wire: Wire, *, change: int | None = None, **more: Any) -> tuple[bytes, VerifiedBody]:
    sent = wire.sent
    signature = parse_signature(sent)
    assert signature is not None
    proof = verify_signature(
        sent,
        signature,
        secret_key=SECRET,
        now=signature.timestamp,
        keys=SigningKeyCache(),
        service="s3",
        body="stream",
    )
    body = bytearray(wire.body)
    if change is not None:
        body[change] ^= 1
    reader = payload_reader(proof, sent.headers, **more)
    return whole(reader, (bytes(body[at : at + 65536]) for at in range(0, len(body), 65536)))


@pytest.mark.parametrize("signed", [True, False, None])
@pytest.mark.parametrize("tls", [True, False])
@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("checksum", [*ALGORITHMS, None])
def test_put_object(checksum: str | None, stream: bool, tls: bool, signed: bool | None) -> None:
    more = {} if checksum is None else {"ChecksumAlgorithm": checksum}
    config = {} if signed is None else {"s3": {"payload_signing_enabled": signed}}
    body = io.BytesIO(BODY) if stream else BODY
    wire = call("put_object", tls=tls, config=config, Key="a b/ü", Body=body, **more)
    decoded, proof = verified(wire)
    assert decoded == BODY
    assert list(proof.checksums) == [checksum or "CRC32"]
    with pytest.raises(PayloadRefused):
        verified(wire, change=1 << 20)


@pytest.mark.parametrize("tls", [True, False])
@pytest.mark.parametrize("required", [True, False])
def test_upload_part(tls: bool, required: bool) -> None:
    config = {
        "request_checksum_calculation": "when_required" if required else "when_supported",
    }
    wire = call(
        "upload_part",
        tls=tls,
        config=config,
        Key="k",
        UploadId="u",
        PartNumber=1,
        Body=io.BytesIO(BODY),
    )
    decoded, proof = verified(wire)
    assert decoded == BODY
    assert list(proof.checksums) == ([] if required else ["CRC32"])


def test_empty_object() -> None:
    decoded, proof = verified(call("put_object", config={}, Key="k", Body=io.BytesIO(b"")))
    assert (decoded, proof.checksums) == (b"", {"CRC32": "AAAAAA=="})


def test_small_requests() -> None:
    wire = call("delete_objects", config={}, Delete={"Objects": [{"Key": "a"}]})
    assert list(verified(wire)[1].checksums) == ["CRC32"]
    tags = {"TagSet": [{"Key": "a", "Value": "b"}]}
    wire = call("put_object_tagging", config={}, Key="k", Tagging=tags, ContentMD5="7" * 22 + "==")
    with pytest.raises(Exception, match="Content-MD5"):
        verified(wire)


def test_complete_multipart_upload() -> None:
    """Its checksum is the object's; its own body has none."""
    wire = call(
        "complete_multipart_upload",
        config={},
        Key="k",
        UploadId="u",
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": "e"}]},
        ChecksumCRC32="AAAAAA==",
        ChecksumType="FULL_OBJECT",
    )
    with pytest.raises(PayloadRefused):
        verified(wire)
    assert verified(wire, checksums_of="object")[1].checksums == {}
