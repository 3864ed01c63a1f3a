"""The key that is decided about is, byte for byte, the key that goes on."""

from urllib.parse import quote_from_bytes, unquote_to_bytes

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from valetkey.errors import AwsError
from valetkey.gateway.model import Head
from valetkey.gateway.s3 import (
    S3Error,
    Surroundings,
    questions,
    understand,
    upstream_headers,
    upstream_target,
)
from valetkey.gateway.s3.keys import check_key, check_prefix, decoded, encoded, spellings

AROUND = Surroundings(now=0.0)
ARN = "arn:aws:s3:::lab-bucket/"
# Pieces of which keys are made that were trouble somewhere.
PIECES = st.sampled_from(
    [
        *("/", "//", ".", "..", "%", "%2F", "+", " ", "?", "#", "&", "=", "\\", ":", "@", "a", "-"),
        *("\r", "\n", "\t", "\x7f", "*", "${", "}"),
        # Letters that normalisation would change, and some that are not of one code unit.
        *("é", "e\u0301", "Ω", "\u2126", "\ufeff", "\U0001f511"),
    ]
)
KEYS = st.one_of(st.text(min_size=1, max_size=60), st.lists(PIECES, min_size=1).map("".join))


def spelled(key: str, how: int) -> bytes:
    """One of the ways in which a client may write a key: sparing, usual, all escaped."""
    raw = key.encode("utf-8", "surrogatepass")
    if how == 2:
        return "".join(f"%{byte:02x}" for byte in raw).encode()
    return quote_from_bytes(raw, safe="/~!$&'()*+,;=:@" if how == 1 else "/").encode()


def understood(key: str, how: int, style: str) -> tuple[bytes, list[str]] | None:
    """What goes on and what is asked; None where the key is refused."""
    path, host = (b"/" + spelled(key, how), "lab-bucket.localhost")
    if style == "path":
        path, host = b"/lab-bucket" + path, "localhost"
    head = Head("GET", path, b"", ((b"host", host.encode()),))
    try:
        request = understand(head)
    except AwsError:
        return None
    target, _ = upstream_target(request)
    asked = [question.resource for question in questions(request, head, around=AROUND)]
    return target, asked


@given(KEYS, st.integers(0, 2), st.sampled_from(["path", "host"]))
@example("a//b", 2, "path")
@example("/a", 1, "host")
@example("a%2Fb", 0, "path")
@example("+", 1, "path")
def test_what_is_asked_about_is_what_goes_on(key: str, how: int, style: str) -> None:
    found = understood(key, how, style)
    if found is None:
        with pytest.raises(S3Error):
            check_key(key)
        return
    target, asked = found
    forwarded = unquote_to_bytes(target.removeprefix(b"/lab-bucket/"))

    assert forwarded == key.encode()
    assert asked[0] == ARN + key
    assert asked == [ARN + spelling for spelling in spellings(key)]


@given(KEYS)
def test_however_it_is_spelled_it_goes_on_in_one_spelling(key: str) -> None:
    targets = {
        found[0] if found else None
        for how in range(3)
        for style in ("path", "host")
        for found in [understood(key, how, style)]
    }

    assert len(targets) == 1


@given(st.binary(max_size=40))
def test_any_path_is_a_key_or_refused(raw: bytes) -> None:
    head = Head("GET", b"/lab-bucket/" + raw, b"", ())
    try:
        request = understand(head)
    except AwsError:
        return
    target, _ = upstream_target(request)

    assert understand(Head("GET", target, b"", ())) == request
    if raw:
        assert unquote_to_bytes(target) == b"/lab-bucket/" + unquote_to_bytes(raw)


@given(KEYS, st.text("aZ09._~=+:-", min_size=1).filter(lambda version: version.strip(".")))
def test_the_source_of_a_copy_goes_on_as_it_is_asked_about(key: str, version: str) -> None:
    written = spelled(f"source-bucket/{key}", 2).replace(b"%2f", b"/", 1)
    header = written + b"?versionId=" + spelled(version, 2)
    head = Head("PUT", b"/lab-bucket/a", b"", ((b"x-amz-copy-source", header),))
    try:
        request = understand(head)
    except AwsError:
        return
    source = request.copy_source
    assert source is not None
    sent = dict(upstream_headers(head, request))[b"x-amz-copy-source"]
    raw_path, _, raw_version = sent.partition(b"?versionId=")

    assert unquote_to_bytes(raw_path) == f"source-bucket/{key}".encode()
    assert unquote_to_bytes(raw_version) == version.encode()
    assert (
        questions(request, head, around=AROUND)[0].resource == f"arn:aws:s3:::source-bucket/{key}"
    )


@given(st.dictionaries(st.sampled_from(["prefix", "delimiter", "marker"]), KEYS))
def test_a_query_goes_on_as_it_was_meant(values: dict[str, str]) -> None:
    query = b"&".join(name.encode() + b"=" + spelled(value, 2) for name, value in values.items())
    head = Head("GET", b"/lab-bucket", query, ())
    try:
        request = understand(head)
    except AwsError:
        return
    _, raw = upstream_target(request)

    assert dict(understand(Head("GET", b"/lab-bucket", raw, ())).query) == values


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        ("a", ("a",)),
        ("a/", ("a/",)),
        ("a//b", ("a//b", "a/b")),
        ("a///b/", ("a///b/", "a/b/")),
        ("/a", ("/a", "a")),
        ("//a//", ("//a//", "a/")),
        ("a\\b", ("a\\b", "a/b")),
        ("a\\/b", ("a\\/b", "a//b", "a/b")),
        ("/a\\b", ("/a\\b", "a\\b", "/a/b", "a/b")),
    ],
)
def test_a_store_that_folds_slashes_is_asked_for_too(key: str, wanted: tuple[str, ...]) -> None:
    assert spellings(key) == wanted


@pytest.mark.parametrize(
    "key", ["", "/", "//", ".", "..", "a/..", "./a", "a\0b", "\ud800", "a\\..\\b", "\\"]
)
def test_keys_that_mean_something_else_elsewhere(key: str) -> None:
    with pytest.raises(S3Error) as refused:
        check_key(key)

    assert refused.value.code == "InvalidURI"


@pytest.mark.parametrize("key", ["...", "a..b", ".a", "a./b", "a/...", " ", "a/b..", "%2e%2e"])
def test_keys_that_are_no_more_than_odd(key: str) -> None:
    assert check_key(key) == key


def test_a_key_is_as_long_as_its_bytes() -> None:
    assert check_key("ü" * 512)
    with pytest.raises(S3Error) as refused:
        check_key("ü" * 512 + "x")
    assert refused.value.details == (("Size", "1025"), ("MaxSizeAllowed", "1024"))


@pytest.mark.parametrize("prefix", ["..", ".", "a/..", "a/.", "...", ""])
def test_a_prefix_may_end_within_a_segment(prefix: str) -> None:
    assert check_prefix(prefix) == prefix


@given(st.text())
def test_encoding_is_undone_by_decoding(text: str) -> None:
    try:
        raw = encoded(text)
    except UnicodeEncodeError:
        assert any("\ud800" <= letter <= "\udfff" for letter in text)
        return
    if "\0" not in text:
        assert decoded(raw) == text
