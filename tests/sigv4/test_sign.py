"""What we sign, we verify."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigv4.building import AMZ_DATE, KEY_ID, NOW, REGION, SECRET, request, verified
from valetkey.sigv4 import parse_signature, presign, sign

paths = st.text(st.characters(codec="utf-8", exclude_characters="?#%"), max_size=12).map(
    lambda text: b"/" + text.encode()
)
names = st.text("abcXYZ-.~ é&=", min_size=1, max_size=6)
queries = st.lists(st.tuples(names, names), max_size=4)
header_values = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)
metadata = st.lists(
    st.tuples(
        st.sampled_from([b"x-amz-meta-a", b"x-amz-meta-b", b"accept", b"user-agent"]),
        header_values.map(str.encode),
    ),
    max_size=4,
)
services = st.sampled_from(["sts", "iam", "secretsmanager", "s3"])


def encoded(pairs: list[tuple[str, str]]) -> bytes:
    def escaped(text: str) -> bytes:
        return b"".join(b"%%%02X" % byte for byte in text.encode())

    return b"&".join(escaped(name) + b"=" + escaped(value) for name, value in pairs)


requests = st.builds(
    lambda path, query, headers, body: request(
        "PUT", path, encoded(query), ((b"host", b"h.example"), *headers), body
    ),
    paths,
    queries,
    metadata,
    st.binary(max_size=20),
)


@given(requests, services, st.none() | st.just("t/+="))
def test_signed_in_header(unsigned, service, token) -> None:
    sent = sign(
        unsigned,
        access_key_id=KEY_ID,
        secret_key=SECRET,
        region=REGION,
        service=service,
        now=NOW,
        session_token=token,
    )
    proof = verified(sent, service=service, region=REGION)
    assert proof.payload_sha256 == unsigned.body_sha256
    assert proof.signature.session_token == token


@given(requests, services, st.none() | st.just("t/+="))
def test_signed_in_query(unsigned, service, token) -> None:
    sent = presign(
        unsigned,
        access_key_id=KEY_ID,
        secret_key=SECRET,
        region=REGION,
        service=service,
        now=NOW,
        expires=60,
        session_token=token,
    )
    proof = verified(sent, service=service, region=REGION, now=NOW + 60)
    assert proof.signature.presigned
    assert proof.signature.session_token == token


@pytest.mark.parametrize("name", [b"user-agent", b"connection", b"accept-encoding", b"expect"])
def test_headers_of_the_connection_are_not_signed(name: bytes) -> None:
    sent = sign(
        request(headers=((b"host", b"h.example"), (name, b"a"))),
        access_key_id=KEY_ID,
        secret_key=SECRET,
        region=REGION,
        service="sts",
        now=NOW,
    )
    found = parse_signature(sent)
    assert found is not None
    assert found.signed_headers == ("host", "x-amz-date")


def test_signing_again_replaces_the_first_signature() -> None:
    first = sign(
        request(),
        access_key_id="AKIAOTHER",
        secret_key="other",
        region="r",
        service="iam",
        now=NOW - 5000,
        session_token="first",
    )
    again = sign(
        first, access_key_id=KEY_ID, secret_key=SECRET, region=REGION, service="sts", now=NOW
    )
    proof = verified(again, service="sts", region=REGION)
    assert proof.signature.access_key_id == KEY_ID
    assert proof.signature.session_token is None
    assert proof.signature.amz_date == AMZ_DATE
