"""What an operator sees of a canonical request."""

import pytest

from valetkey.sigv4.shown import shown

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl"


def canonical(query: str = "", headers: str = "host:a\n") -> bytes:
    return f"GET\n/\n{query}\n{headers}\nhost\ne3b0".encode()


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("X-Amz-Security-Token=canary", "host:a\n"),
        ("Action=AssumeRoleWithWebIdentity&WebIdentityToken=canary", "host:a\n"),
        ("SAMLAssertion=canary", "host:a\n"),
        ("NewPassword=canary&OldPassword=canary", "host:a\n"),
        ("TokenCode=canary", "host:a\n"),
        ("", "host:a\nx-amz-security-token:canary\n"),
        ("", "cookie:canary\nhost:a\n"),
        ("", "host:a\nx-amz-server-side-encryption-customer-key:canary\n"),
        ("", "host:a\nx-amz-s3session-token:canary\n"),
    ],
)
def test_secrets_are_hidden(query: str, headers: str) -> None:
    text = shown(canonical(query, headers))
    assert "canary" not in text
    assert "<sha256 " in text


def test_tokens_are_hidden_wherever_they_stand() -> None:
    text = shown(canonical(f"a={JWT}", f"host:a\nx-note:{JWT}\n"))
    assert JWT not in text
    assert text.count("<sha256 ") == 2


def test_all_else_is_shown() -> None:
    whole = canonical("a=1&b=", "host:a:8080\nx-amz-date:20250102T030405Z\n")
    assert shown(whole) == whole.decode()


def test_bounded() -> None:
    text = shown(canonical("a=" + "b" * 100_000))
    assert len(text) < 9000
    assert text.endswith("… (cut)")


def test_bytes_that_are_no_text() -> None:
    assert "\\xff" in shown(b"GET\n/\n\nhost:\xff\n\nhost\ne3b0")
