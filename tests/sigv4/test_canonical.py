"""Paths, queries and headers in canonical form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigv4.building import request
from valetkey.sigv4 import MalformedSignature, SignatureRefused
from valetkey.sigv4.canonical import (
    canonical_headers,
    canonical_query,
    canonical_request,
    normalized_path,
    plain_path,
)


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        (b"", b"/"),
        (b"/", b"/"),
        (b"//", b"/"),
        (b"/a", b"/a"),
        (b"/a/", b"/a/"),
        (b"//a//b", b"/a/b"),
        (b"/./a", b"/a"),
        (b"/a/.", b"/a"),
        (b"/a/..", b"/"),
        (b"/a/../", b"/"),
        (b"/../a", b"/a"),
        (b"/a/b/../../c", b"/c"),
        (b"/a b", b"/a%20b"),
        (b"/a%20b", b"/a%2520b"),
        (b"/a%2Fb", b"/a%252Fb"),
        ("/ሴ".encode(), b"/%E1%88%B4"),
        (b"/-._~:@!$&'()*+,;=", b"/-._~%3A%40%21%24%26%27%28%29%2A%2B%2C%3B%3D"),
    ],
)
def test_normalized_path(raw: bytes, wanted: bytes) -> None:
    assert normalized_path(raw) == wanted


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        (b"", b"/"),
        (b"/", b"/"),
        (b"//a/./../b//", b"//a/./../b//"),
        (b"/a%20b", b"/a%20b"),
        (b"/a b", b"/a%20b"),
        (b"/a(b)", b"/a%28b%29"),
        (b"/a%28b%29", b"/a%28b%29"),
        (b"/a%2fb", b"/a%2Fb"),
        (b"/a%2Fb", b"/a%2Fb"),
        (b"/%41", b"/A"),
        (b"/a+b", b"/a%2Bb"),
        ("/ሴ".encode(), b"/%E1%88%B4"),
    ],
)
def test_plain_path(raw: bytes, wanted: bytes) -> None:
    assert plain_path(raw) == wanted


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        (b"", b""),
        (b"a", b"a="),
        (b"a=", b"a="),
        (b"a=b=c", b"a=b%3Dc"),
        (b"b&a", b"a=&b="),
        (b"select-type=2&select", b"select=&select-type=2"),
        (b"a=2&a=1&a=10", b"a=1&a=10&a=2"),
        (b"a-=1&a=2", b"a=2&a-=1"),
        (b"%61=1", b"a=1"),
        (b"a=%7e", b"a=~"),
        (b"a=%2f", b"a=%2F"),
        (b"a=b%20c", b"a=b%20c"),
        (b"a=b+c", b"a=b%2Bc"),
        (b"a=b%2Bc", b"a=b%2Bc"),
        (b"a=1&&b=2&", b"a=1&b=2"),
        (b"B=1&a=2", b"B=1&a=2"),
        (b"a=*'()", b"a=%2A%27%28%29"),
        ("ሴ=b".encode(), b"%E1%88%B4=b"),
        (b"a=%ff", b"a=%FF"),
    ],
)
def test_query(raw: bytes, wanted: bytes) -> None:
    assert canonical_query(raw) == wanted


@pytest.mark.parametrize("raw", [b"a=%", b"a=%4", b"a=%zz", b"%=1", b"a=%%41"])
def test_broken_escape(raw: bytes) -> None:
    with pytest.raises(MalformedSignature) as refused:
        canonical_query(raw)
    assert (refused.value.code, refused.value.status) == ("MalformedQueryString", 400)
    with pytest.raises(MalformedSignature) as refused:
        plain_path(b"/" + raw)
    assert refused.value.code == "InvalidURIPath"


def test_plus_is_taken_from_s3_alone() -> None:
    sent = request(query=b"a=b+c")
    arguments = {"signed_headers": ("host",), "payload": "x"}
    assert b"a=b%2Bc" in canonical_request(sent, normalize=False, **arguments)
    with pytest.raises(MalformedSignature) as refused:
        canonical_request(sent, normalize=True, **arguments)
    assert refused.value.code == "MalformedQueryString"


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (b"a", b"a"),
        (b"  a  ", b"a"),
        (b"two   gaps  here ", b"two gaps here"),
        (b'"a   b"', b'"a b"'),
        (b"a\t \tb", b"a b"),
        (b"", b""),
        (b" ", b""),
        (b"\xc3\xa4", b"\xc3\xa4"),
    ],
)
def test_header_value(value: bytes, wanted: bytes) -> None:
    assert canonical_headers(((b"x", value),), ("x",)) == b"x:" + wanted + b"\n"


def test_headers() -> None:
    headers = ((b"b", b"2"), (b"a", b" 1"), (b"b", b"3 "), (b"c", b"4"), (b"B", b"5"))
    assert canonical_headers(headers, ("a", "b")) == b"a:1\nb:2,3,5\n"
    with pytest.raises(SignatureRefused):
        canonical_headers(headers, ("a", "d"))


@given(st.lists(st.tuples(st.binary(max_size=6), st.binary(max_size=6)), max_size=5))
def test_query_is_stable(pairs: list[tuple[bytes, bytes]]) -> None:
    """What is canonical stays as it is, and its order does not depend on the order sent."""
    encoded = [
        b"".join(b"%%%02X" % byte for byte in name) + b"=" + b"".join(b"%%%02x" % b for b in value)
        for name, value in pairs
    ]
    canonical = canonical_query(b"&".join(encoded))
    assert canonical_query(canonical) == canonical
    assert canonical_query(b"&".join(reversed(encoded))) == canonical


@given(st.binary(max_size=30).map(lambda raw: b"/" + raw.replace(b"%", b"")))
def test_plain_path_is_stable(raw: bytes) -> None:
    assert plain_path(plain_path(raw)) == plain_path(raw)
    assert plain_path(raw).count(b"/") == raw.count(b"/")
