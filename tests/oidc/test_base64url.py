"""Base64url in one way only."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.tokens import b64u
from valetkey.oidc.base64url import decode_base64url

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@given(st.binary())
@settings(deadline=None)
def test_reads_what_is_written(data):
    assert decode_base64url(b64u(data).encode()) == data


@given(st.text(ALPHABET) | st.text())
@settings(deadline=None)
def test_no_two_texts_mean_the_same(text):
    try:
        data = decode_base64url(text.encode())
    except ValueError:
        return
    assert b64u(data) == text


@pytest.mark.parametrize(
    "text",
    ["A", "AAAAA", "AB", "QUJ", "QUI=", "QQ==", "=", "Q U I", "QUI\n", " QUI", "QU+I", "QU/I",
     "QU?I", "QUIé", "QUI\0"],
)  # fmt: skip
def test_refuses(text: str):
    with pytest.raises(ValueError, match=r"."):
        decode_base64url(text.encode())
