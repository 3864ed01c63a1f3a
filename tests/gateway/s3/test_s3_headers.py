"""Which headers go on to the upstream, and with what in them."""

import pytest

from valetkey.gateway.model import Head
from valetkey.gateway.s3 import S3Error, questions, understand, upstream_headers, upstream_target
from valetkey.gateway.s3.conditions import Surroundings


def going_on(
    *headers: tuple[bytes, bytes],
    method: str = "PUT",
    path: bytes = b"/lab-bucket/a",
    query: bytes = b"",
    body_replaced: bool = False,
) -> dict[bytes, bytes]:
    head = Head(method, path, query, headers)
    return dict(upstream_headers(head, understand(head), body_replaced=body_replaced))


def test_what_is_about_the_object_goes_on() -> None:
    headers = (
        (b"content-type", b"text/plain"),
        (b"cache-control", b"no-store"),
        (b"content-md5", b"bWQ1"),
        (b"if-none-match", b"*"),
        (b"x-amz-meta-colour", b"blau\xfc"),
        (b"x-amz-storage-class", b"STANDARD"),
        (b"x-amz-checksum-crc32", b"AAAAAA=="),
        (b"x-amz-sdk-checksum-algorithm", b"CRC32"),
    )

    assert going_on(*headers) == dict(headers)


@pytest.mark.parametrize(
    "name",
    [
        b"accept",
        b"accept-encoding",
        b"amz-sdk-invocation-id",
        b"authorization",
        b"connection",
        b"content-length",
        b"cookie",
        b"date",
        b"expect",
        b"forwarded",
        b"host",
        b"keep-alive",
        b"origin",
        b"proxy-authorization",
        b"referer",
        b"seaweed-x",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"user-agent",
        b"via",
        b"x-amz-content-sha256",
        b"x-amz-date",
        b"x-amz-decoded-content-length",
        b"x-amz-expected-bucket-owner",
        b"x-amz-request-payer",
        b"x-amz-security-token",
        b"x-amz-trailer",
        b"x-amz-user-agent",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-http-method-override",
        b"x-minio-extra",
        b"x-original-url",
        b"x-rgw-auth",
        b"x_amz_acl",
    ],
)
def test_what_is_about_the_way_ends_here(name: bytes) -> None:
    assert going_on((name, b"7")) == {}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b"aws-chunked", None),
        (b"AWS-Chunked", None),
        (b"aws-chunked,gzip", b"gzip"),
        (b"gzip, aws-chunked", b"gzip"),
        (b"gzip, br", b"gzip,br"),
        (b"", None),
    ],
)
def test_the_framing_is_no_encoding_of_the_object(sent: bytes, kept: bytes | None) -> None:
    assert going_on((b"content-encoding", sent)).get(b"content-encoding") == kept


def test_an_algorithm_without_its_value_ends_here() -> None:
    # The value was in a trailer, which is unframed.
    assert going_on((b"x-amz-sdk-checksum-algorithm", b"CRC32")) == {}


def test_a_body_of_ours_has_no_digest_of_theirs() -> None:
    headers = (
        (b"content-md5", b"bWQ1"),
        (b"content-type", b"application/xml"),
        (b"x-amz-checksum-crc32", b"AAAAAA=="),
        (b"x-amz-sdk-checksum-algorithm", b"CRC32"),
        (b"x-amz-bypass-governance-retention", b"true"),
    )
    kept = going_on(
        *headers, method="POST", path=b"/lab-bucket", query=b"delete", body_replaced=True
    )

    assert kept == {
        b"content-type": b"application/xml",
        b"x-amz-bypass-governance-retention": b"true",
    }


def test_a_document_is_no_form() -> None:
    form = (b"content-type", b"multipart/form-data; boundary=a")
    kept = going_on(form, method="POST", path=b"/lab-bucket", query=b"delete")

    assert kept == {b"content-type": b"application/xml"}
    assert going_on(form)[b"content-type"] == form[1]


def test_a_presigned_header_goes_on_as_a_header() -> None:
    head = Head(
        "PUT",
        b"/lab-bucket/a",
        b"X-Amz-Signature=0&X-Amz-Meta-Colour=b%20l&x-amz-checksum-crc32=AAAAAA%3D%3D&x-id=PutObject",
        (),
    )
    request = understand(head)

    assert dict(upstream_headers(head, request)) == {
        b"x-amz-meta-colour": b"b l",
        b"x-amz-checksum-crc32": b"AAAAAA==",
    }
    assert upstream_target(request) == (b"/lab-bucket/a", b"")


def test_tags_go_on_in_one_spelling() -> None:
    assert going_on((b"x-amz-tagging", b"a+b=c%20d&&e"))[b"x-amz-tagging"] == b"a%20b=c%20d&e="


@pytest.mark.parametrize(
    "tags",
    [
        b"a=1&a=2",
        b"a=1;b=2",
        b"a=%ff",
        b"=x",
        b"a=" + b"x" * 257,
        b"k" * 129,
        b"&".join(b"k%d=v" % number for number in range(11)),
    ],
)
def test_tags_that_can_be_read_in_two_ways_are_refused(tags: bytes) -> None:
    head = Head("PUT", b"/lab-bucket/a", b"", ((b"x-amz-tagging", tags),))

    with pytest.raises(S3Error):
        questions(understand(head), head, around=Surroundings(now=0.0))


def test_headers_of_other_operations_end_here() -> None:
    # S3 takes no notice of them either.
    assert going_on((b"x-amz-acl", b"public-read"), (b"x-amz-meta-a", b"b"), method="GET") == {}


def test_a_value_that_is_no_utf8_is_for_metadata_only() -> None:
    with pytest.raises(S3Error, match="UTF-8"):
        going_on((b"x-amz-website-redirect-location", b"/\xff"))


def test_host_style_has_the_bucket_in_the_name() -> None:
    head = Head("GET", b"/lab-bucket/a%20b", b"versionId=v%3A1&x-id=GetObject", ())
    request = understand(head)

    assert upstream_target(request, path_style=False) == (b"/a%20b", b"versionId=v%3A1")
    assert upstream_target(request) == (b"/lab-bucket/a%20b", b"versionId=v%3A1")


def test_a_sub_resource_goes_on_without_a_value() -> None:
    head = Head("GET", b"/lab-bucket/", b"id=a%3Ab&inventory=whatever", ())

    assert upstream_target(understand(head)) == (b"/lab-bucket", b"inventory&id=a%3Ab")
