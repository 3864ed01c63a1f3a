"""Whatever comes in, what comes out is an answer of S3: no traceback, no grant by chance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valetkey.errors import AwsError
from valetkey.gateway.model import Head
from valetkey.gateway.s3 import (
    MAX_DOCUMENT_BYTES,
    OPERATIONS,
    S3Error,
    SignatureFacts,
    Surroundings,
    check_bucket_policy,
    encode_error,
    merge_delete_result,
    preflight,
    questions,
    questions_if_tagged,
    read_buckets,
    read_copy_source,
    read_cors,
    read_delete,
    understand,
    upstream_headers,
    upstream_target,
)
from valetkey.gateway.s3.xml import UnreadableXml, read_xml

AROUND = Surroundings(now=0.0, signature=SignatureFacts(auth_type="REST-HEADER"))
METHODS = st.sampled_from(["GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "PATCH", ""])
WORDS = sorted(
    {name for row in OPERATIONS.values() for name in (*row.required, *row.parameters)}
    | {"X-Amz-Signature", "x-id", "x-amz-acl", "append", "list-type=2", "select-type=2"}
)
PIECES = st.sampled_from(WORDS).map(str.encode) | st.binary(max_size=6)
QUERIES = st.lists(PIECES, max_size=4).map(b"&".join) | st.binary(max_size=40)
PATHS = st.lists(
    st.sampled_from([b"/", b"lab-bucket", b"a", b"..", b"%2e", b"%", b"%00"])
    | st.binary(max_size=4)
).map(b"".join)
NAMES = sorted({name for row in OPERATIONS.values() for name in row.headers} | {"host", "if-match"})
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(NAMES).map(str.encode) | st.binary(max_size=12),
        st.binary(max_size=20) | st.sampled_from([b"lab-bucket/a", b"true", b"a=b"]),
    ),
    max_size=4,
).map(tuple)
BODIES = st.binary(max_size=60) | st.sampled_from(
    [b"", b"<Tagging/>", b"<Delete><Object><Key>a</Key></Object></Delete>", b"<Retention/>"]
)


@given(METHODS, st.just(b"/lab-bucket/") | PATHS, QUERIES, HEADERS, BODIES)
def test_a_request_is_understood_or_refused(
    method: str, path: bytes, query: bytes, headers: tuple[tuple[bytes, bytes], ...], body: bytes
) -> None:
    head = Head(method, path, query, headers)
    try:
        request = understand(head)
        if request.operation.name == "PostObject":
            return
        found = questions(request, head, body, around=AROUND)
        questions_if_tagged(request, head, around=AROUND)
        sent = upstream_headers(head, request)
    except AwsError as error:
        answer = encode_error(error, resource="/", request_id="R", host_id="H")
        assert 400 <= answer.status < 502
        return
    # Only a preflight asks nothing.
    assert found or method == "OPTIONS"
    target, raw_query = upstream_target(request)
    assert target.isascii()
    assert raw_query.isascii()
    assert not any(b"\r" in value or b"\n" in value or b"\0" in value for _, value in sent)


@given(st.binary(max_size=200))
def test_documents_are_read_or_refused(body: bytes) -> None:
    readers = (
        read_delete,
        read_buckets,
        read_cors,
        lambda raw: merge_delete_result(raw, ()),
        lambda raw: check_bucket_policy(raw, bucket="lab-bucket"),
        lambda raw: preflight(Head("OPTIONS", b"/", b"", ((b"origin", raw),)), ()),
    )
    for reader in readers:
        with pytest.raises(S3Error):
            reader(body)


@given(st.text() | st.binary().map(lambda raw: raw.decode("utf-8", "surrogateescape")))
def test_a_copy_source_is_read_or_refused(value: str) -> None:
    try:
        source = read_copy_source(value)
    except S3Error:
        return
    assert read_copy_source(source.header().decode()) == source


@pytest.mark.parametrize(
    "body",
    [
        b"<a>" * 17 + b"</a>" * 17,
        b"<a>" + b"<b/>" * 50_000 + b"</a>",
        b"<a>" + b"x" * MAX_DOCUMENT_BYTES,
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
    ],
)
def test_documents_have_bounds(body: bytes) -> None:
    with pytest.raises(UnreadableXml):
        read_xml(body, "a", limit=MAX_DOCUMENT_BYTES)


def test_a_query_has_bounds() -> None:
    with pytest.raises(S3Error, match="Invalid Request"):
        understand(Head("GET", b"/lab-bucket", b"&".join(b"x-%d" % n for n in range(201)), ()))
