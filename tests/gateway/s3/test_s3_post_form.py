"""A browser's form: read however its bytes are cut, and turned into the PutObject it stands for."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valetkey.errors import AwsError
from valetkey.gateway.model import Head
from valetkey.gateway.s3 import (
    PostFormReader,
    S3Error,
    Surroundings,
    form_boundary,
    post_answer,
    put_of_form,
    questions,
    understand,
    upstream_headers,
)

BOUNDARY = b"----form7"
FIELDS = [("key", "a/${filename}"), ("Policy", "e30="), ("empty", ""), ("note", "two\r\nlines -")]


def part(name: str, value: bytes, more: str = "") -> bytes:
    head = f'--{BOUNDARY.decode()}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + value + b"\r\n"


def form(
    fields: list[tuple[str, str]], file: bytes, filename: str = "f.txt", tail: bytes = b"--\r\n"
) -> bytes:
    before = b"".join(part(name, value.encode()) for name, value in fields)
    last = part("file", file, f'; filename="{filename}"\r\nContent-Type: text/plain')
    return before + last + b"--" + BOUNDARY + tail


def read(body: bytes, cuts: list[int]) -> tuple[PostFormReader, bytes]:
    reader = PostFormReader(BOUNDARY)
    places = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
    file = b"".join(reader.feed(body[start:end]) for start, end in pairwise(places))
    reader.end()
    return reader, file


# Bytes that look like the delimiter, or the beginning of it.
FILES = st.lists(
    st.sampled_from(
        [b"\r", b"\n", b"\r\n", b"--", b"-", b"\r\n--", b"\r\n----form", BOUNDARY, b"a"]
    )
    | st.binary(max_size=5)
).map(b"".join)


@given(
    FILES.filter(lambda file: b"\r\n--" + BOUNDARY not in b"\r\n" + file), st.lists(st.integers(0))
)
def test_a_form_is_read_however_it_is_cut(file: bytes, cuts: list[int]) -> None:
    reader, found = read(form(FIELDS, file), cuts)

    assert reader.fields == FIELDS
    assert reader.filename == "f.txt"
    assert reader.finished
    assert found == file


def test_a_form_is_read_byte_by_byte() -> None:
    body = form(FIELDS, b"some\r\n--bytes")
    reader, found = read(body, list(range(len(body))))

    assert (reader.fields, found) == (FIELDS, b"some\r\n--bytes")


def test_no_more_of_the_file_is_held_back_than_a_delimiter() -> None:
    reader = PostFormReader(BOUNDARY)
    head = form([], b"", tail=b"").partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    assert reader.feed(head) == b""
    assert reader.file_begun
    assert not reader.finished
    sent = b"x" * 100_000

    assert len(sent) - len(reader.feed(sent)) < len(BOUNDARY) + 4


@pytest.mark.parametrize(
    "tail", [b"--", b"--\r\n", b"--\r\nepilogue", b"\r\nContent-Disposition: x"]
)
def test_what_follows_the_file_is_not_read(tail: bytes) -> None:
    reader, found = read(form(FIELDS, b"f", tail=tail), [])

    assert (reader.finished, found) == (True, b"f")
    assert reader.feed(b"more") == b""


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "MalformedPOSTRequest"),
        (b"preamble\r\n" + form(FIELDS, b"f"), "MalformedPOSTRequest"),
        (b"\r\n" + form(FIELDS, b"f"), "MalformedPOSTRequest"),
        (form(FIELDS, b"f")[:-4], "MalformedPOSTRequest"),
        (form(FIELDS, b"f")[:-3], "MalformedPOSTRequest"),
        (form(FIELDS, b"f", tail=b"x\r\n"), "MalformedPOSTRequest"),
        (form(FIELDS, b"f").replace(b"7\r\n", b"7 \r\n", 1), "MalformedPOSTRequest"),
        (b"--" + BOUNDARY + b"--\r\n", "IncorrectNumberOfFilesInPostRequest"),
        (part("key", b"a") + b"--" + BOUNDARY + b"--", "IncorrectNumberOfFilesInPostRequest"),
        (part("key", b"a"), "MalformedPOSTRequest"),
        (part("key", b"\xff") + form([], b"f"), "MalformedPOSTRequest"),
        (form([("key", "x" * 20_480)], b"f"), "MaxPostPreDataLengthExceeded"),
        (form([(f"k{n}", "x" * 200) for n in range(120)], b"f"), "MaxPostPreDataLengthExceeded"),
        (form([(f"k{n}", "") for n in range(300)], b"f"), "MalformedPOSTRequest"),
        (b"--" + BOUNDARY + b"\r\nX: " + b"y" * 5000, "MalformedPOSTRequest"),
        (b"--" + BOUNDARY + b"\r\nX: " + b"y" * 5000 + b"\r\n\r\n", "MalformedPOSTRequest"),
        (b"--" + BOUNDARY + b"\r\n\r\nvalue\r\n", "MalformedPOSTRequest"),
        (part("", b"x"), "MalformedPOSTRequest"),
        (part('a"; name="b', b"x"), "MalformedPOSTRequest"),
        (part("a", b"x", "; name=b"), "MalformedPOSTRequest"),
        (part("a", b"x", "; x"), "MalformedPOSTRequest"),
        (part("a", b"x", '\r\nContent-Disposition: form-data; name="b"'), "MalformedPOSTRequest"),
        (part("a", b"x", "\r\nContent-Transfer-Encoding: base64"), "MalformedPOSTRequest"),
        (part("a", b"x", "\r\n folded"), "MalformedPOSTRequest"),
        (part("a", b"x").replace(b"form-data", b"attachment"), "MalformedPOSTRequest"),
        (form(FIELDS, b"f").replace(b"\r\n", b"\n"), "MalformedPOSTRequest"),
    ],
)
def test_a_form_that_is_none_is_refused(body: bytes, code: str) -> None:
    for cuts in ([], list(range(0, len(body), 7))):
        with pytest.raises(S3Error) as refused:
            read(body, cuts)
        assert refused.value.code == code


@given(st.binary(max_size=300), st.lists(st.integers(0)))
def test_junk_is_refused_and_no_more(junk: bytes, cuts: list[int]) -> None:
    for body in (junk, b"--" + BOUNDARY + junk, part("key", junk) + junk):
        try:
            read(body, cuts)
        except AwsError:
            continue


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/form-data; boundary=abc", b"abc"),
        ('Multipart/Form-Data;boundary="a b"', b"a b"),
        ("multipart/form-data; charset=utf-8; boundary=abc", b"abc"),
    ],
)
def test_the_boundary_is_declared(content_type: str, boundary: bytes) -> None:
    head = Head("POST", b"/lab-bucket", b"", ((b"content-type", content_type.encode()),))
    assert form_boundary(head) == boundary


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        'multipart/form-data; boundary="',
        "multipart/form-data; boundary=a; boundary=b",
        "multipart/form-data; boundary=" + "a" * 71,
        'multipart/form-data; boundary="a\\"b"',
        'multipart/form-data; boundary="a "',
        "multipart/mixed; boundary=a",
        "text/plain; boundary=a",
    ],
)
def test_a_boundary_that_is_none_is_refused(content_type: str) -> None:
    head = Head("POST", b"/lab-bucket", b"", ((b"content-type", content_type.encode()),))
    with pytest.raises(S3Error, match="not well-formed multipart"):
        form_boundary(head)


def test_a_form_stands_for_a_put() -> None:
    fields = [
        ("Content-Type", "text/html"),
        ("acl", "public-read"),
        (
            "tagging",
            "<Tagging><TagSet><Tag><Key>a b</Key><Value>c</Value></Tag></TagSet></Tagging>",
        ),
        ("x-amz-meta-colour", "blau"),
        ("X-Amz-Storage-Class", "STANDARD"),
        ("x-amz-signature", "0"),
        ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
        ("policy", "e30="),
        ("success_action_status", "201"),
        ("submit", "Upload"),
    ]
    head = put_of_form("lab-bucket", "dir/ü x.txt", fields)
    request = understand(head, domains=())
    asked = questions(request, head, around=Surroundings(now=0.0))

    assert (request.operation.name, request.bucket, request.key) == (
        "PutObject",
        "lab-bucket",
        "dir/ü x.txt",
    )
    assert [question.action for question in asked] == [
        "s3:PutObject",
        "s3:PutObjectAcl",
        "s3:PutObjectTagging",
    ]
    assert dict(upstream_headers(head, request)) == {
        b"content-type": b"text/html",
        b"x-amz-acl": b"public-read",
        b"x-amz-tagging": b"a%20b=c",
        b"x-amz-meta-colour": b"blau",
        b"x-amz-storage-class": b"STANDARD",
    }


@pytest.mark.parametrize(
    ("key", "fields"),
    [
        ("a/../b", []),
        ("", []),
        ("a", [("content-type", "a\r\nx-amz-acl: public-read")]),
        ("a", [("tagging", "<Tagging")]),
        ("a", [("tagging", "<!DOCTYPE x>\n<Tagging><TagSet/></Tagging>")]),
    ],
)
def test_a_form_that_stands_for_none_is_refused(key: str, fields: list[tuple[str, str]]) -> None:
    with pytest.raises(S3Error):
        put_of_form("lab-bucket", key, fields)


@given(
    st.text(max_size=30),
    st.lists(st.tuples(st.sampled_from(["acl", "tagging", "x-amz-meta-a", "Expires"]), st.text())),
)
def test_any_form_is_understood_or_refused(key: str, fields: list[tuple[str, str]]) -> None:
    try:
        request = understand(put_of_form("lab-bucket", key, fields), domains=())
    except AwsError:
        return
    assert request.key == key


def test_a_form_itself_is_not_decided_about() -> None:
    headers = ((b"content-type", b"multipart/form-data; boundary=a"),)
    head = Head("POST", b"/lab-bucket", b"", headers)

    with pytest.raises(ValueError, match="the PutObject that it stands for"):
        questions(understand(head), head, around=Surroundings(now=0.0))


def answered(*fields: tuple[str, str]) -> tuple[int, dict[bytes, bytes], bytes]:
    answer = post_answer(
        fields,
        bucket="lab-bucket",
        key="a b&c",
        etag='"e"',
        location="http://localhost/lab-bucket/a",
    )
    assert isinstance(answer.body, bytes)
    return answer.status, dict(answer.headers), answer.body


def test_an_upload_is_answered_as_the_form_asks() -> None:
    assert answered()[0] == 204
    assert answered(("success_action_status", "200"))[0] == 200
    assert answered(("success_action_status", "404"))[0] == 204
    status, headers, body = answered(("Success_Action_Status", "201"))
    assert status == 201
    assert headers[b"location"] == b"http://localhost/lab-bucket/a"
    assert body == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse>'
        b"<Location>http://localhost/lab-bucket/a</Location><Bucket>lab-bucket</Bucket>"
        b"<Key>a b&amp;c</Key><ETag>&quot;e&quot;</ETag></PostResponse>"
    )


@pytest.mark.parametrize(
    ("target", "location"),
    [
        (
            "https://app.test/done",
            b"https://app.test/done?bucket=lab-bucket&key=a%20b%26c&etag=%22e%22",
        ),
        (
            "http://app.test/?x=1#part",
            b"http://app.test/?x=1&bucket=lab-bucket&key=a%20b%26c&etag=%22e%22",
        ),
    ],
)
def test_an_upload_leads_on(target: str, location: bytes) -> None:
    status, headers, _ = answered(("success_action_redirect", target))

    assert (status, headers[b"location"]) == (303, location)


@pytest.mark.parametrize(
    "target", ["", "nowhere", "javascript:alert(1)", "data:text/html,x", "//app.test", "http://["]
)
def test_what_is_no_url_leads_nowhere(target: str) -> None:
    assert answered(("redirect", target))[0] == 204


@pytest.mark.parametrize("status", ["201", "204"])
def test_a_key_writes_no_header_of_its_own(status: str) -> None:
    fields = [("success_action_status", status)]
    answer = post_answer(
        fields, bucket="b", key="k", etag='"e"', location="/lab-bucket/ü\r\nset-cookie: a"
    )
    assert dict(answer.headers)[b"location"] == b"/lab-bucket/%C3%BC%0D%0Aset-cookie:%20a"


def test_a_redirect_writes_no_header_of_its_own() -> None:
    _, headers, _ = answered(("redirect", "http://a.test/\r\nx: y"))
    assert b"\r" not in headers[b"location"]
    assert b"\n" not in headers[b"location"]
