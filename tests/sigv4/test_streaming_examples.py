"""AWS's worked examples of bodies in chunks, read and written."""

from typing import Any

import pytest
from msgspec.structs import replace

from sigv4.building import seconds
from sigv4.streams import fed, framed
from support.vectors import own
from valetkey.sigv4 import (
    HttpRequest,
    PayloadReader,
    PayloadRefused,
    SigningKeyCache,
    Streaming,
    parse_signature,
    payload_reader,
    sign_streaming,
    verify_signature,
)

TABLE = own("sigv4/streaming.json")
BODY = b"a" * 66560


def request_of(example: dict[str, Any]) -> HttpRequest:
    headers = tuple((name.encode(), value.encode()) for name, value in example["headers"])
    return HttpRequest("PUT", TABLE["path"].encode(), b"", headers, "0" * 64)


def reader_of(request: HttpRequest) -> PayloadReader:
    signature = parse_signature(request)
    assert signature is not None
    proof = verify_signature(
        request,
        signature,
        secret_key=TABLE["secret_key"],
        now=seconds(TABLE["now"]),
        keys=SigningKeyCache(),
        service="s3",
        body="stream",
    )
    return payload_reader(proof, request.headers)


def wire_of(example: dict[str, Any]) -> bytes:
    wire = b""
    for size, signature in example["chunks"]:
        wire += f"{size:x};chunk-signature={signature}\r\n".encode()
        wire += BODY[:size] + b"\r\n" if size else b""
    return wire + example["trailers"].encode() + b"\r\n"


@pytest.mark.parametrize("cut", [1000, 65536, 1 << 20])
@pytest.mark.parametrize("example", TABLE["examples"], ids=lambda example: example["name"])
def test_example_is_read(example: dict[str, Any], cut: int) -> None:
    wire = wire_of(example)
    reader = reader_of(request_of(example))
    assert reader.decoded_length == len(BODY)
    assert fed(reader, (wire[start : start + cut] for start in range(0, len(wire), cut))) == BODY
    verified = reader.finish()
    assert verified.decoded_length == len(BODY)
    assert verified.checksums == example["checksums"]
    assert all(name != "x-amz-trailer-signature" for name, _ in verified.trailers)


@pytest.mark.parametrize("example", TABLE["examples"], ids=lambda example: example["name"])
def test_another_body_is_refused(example: dict[str, Any]) -> None:
    wire = wire_of(example).replace(b"aaaaaa\r\n400", b"aaaaab\r\n400")
    with pytest.raises(PayloadRefused) as refused:
        fed(reader_of(request_of(example)), [wire])
    assert (refused.value.code, refused.value.status) == ("SignatureDoesNotMatch", 403)
    signature = example["chunks"][0][1]
    assert dict(refused.value.details)["SignatureProvided"] == signature
    assert dict(refused.value.details)["StringToSign"].startswith(
        "AWS4-HMAC-SHA256-PAYLOAD\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n"
    )


def test_first_example_is_written() -> None:
    example = TABLE["examples"][0]
    headers = tuple(
        header
        for header in request_of(example).headers
        if header[0] in (b"host", b"x-amz-storage-class")
    )
    made = sign_streaming(
        replace(request_of(example), headers=headers),
        mode=Streaming.HMAC,
        decoded_length=len(BODY),
        access_key_id=TABLE["access_key_id"],
        secret_key=TABLE["secret_key"],
        region=TABLE["region"],
        now=seconds(TABLE["now"]),
    )
    signed = dict(made.request.headers)
    wanted = dict(request_of(example).headers)
    assert signed[b"authorization"].replace(b", ", b",") == wanted[b"authorization"]
    assert {name: signed[name] for name in wanted if name != b"authorization"} == {
        name: value for name, value in wanted.items() if name != b"authorization"
    }
    assert framed(made, BODY) == wire_of(example)
