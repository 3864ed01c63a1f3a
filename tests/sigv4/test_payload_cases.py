"""Bodies that nobody signed, each with what S3 answers to it."""

from typing import Any

import pytest

from support.vectors import own
from valetkey.errors import AwsError
from valetkey.sigv4 import PayloadRefused, VerifiedBody, payload_reader

TABLE = own("sigv4/payloads.json")


def spelt_out(text: str | list[list[Any]]) -> bytes:
    """Return the bytes of a body; long ones are written as runs of a text and its number."""
    if isinstance(text, str):
        return text.encode("latin-1")
    return b"".join(part.encode("latin-1") * count for part, count in text)


def read(case: dict[str, Any], cut: int) -> tuple[bytes, VerifiedBody]:
    """Feed a case's body in pieces of so many bytes."""
    headers = [(name.encode(), value.encode()) for name, value in case["headers"]]
    body = spelt_out(case["body"])
    reader = payload_reader(None, headers)
    pieces: list[bytes] = []
    for start in range(0, len(body), cut):
        pieces += reader.feed(body[start : start + cut])
    verified = reader.finish()
    if reader.decoded_length is not None:
        assert reader.decoded_length == verified.decoded_length
    return b"".join(pieces), verified


@pytest.mark.parametrize("cut", [1, 7, 1 << 20])
@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["name"])
def test_case(case: dict[str, Any], cut: int) -> None:
    if "decoded" in case:
        decoded, verified = read(case, cut)
        assert decoded == spelt_out(case["decoded"])
        assert verified.decoded_length == len(decoded)
        assert verified.checksums == case["checksums"]
        return
    with pytest.raises(AwsError) as refused:
        read(case, cut)
    wanted = case["refused"]
    answer = refused.value
    assert (answer.code, answer.status, answer.message) == (
        wanted["code"],
        wanted["status"],
        wanted["message"],
    )
    assert answer.check == wanted.get("check")
    assert answer.refusal == ("check" in wanted) == isinstance(answer, PayloadRefused)
    assert answer.reason
