"""Signing keys and their cache."""

import pytest

from valetkey.sigv4 import SigningKeyCache
from valetkey.sigv4.keys import signing_key
from valetkey.sigv4.verifying import HmacKey

KEY = HmacKey(b"key")


def test_derivation() -> None:
    # The example of AWS's documentation, "Deriving the signing key".
    key = signing_key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830", "us-east-1", "iam")
    assert key.hex() == "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"


def test_found_again_for_the_same_use_only() -> None:
    keys = SigningKeyCache()
    keys.keep("secret", "20250102", "r", "sts", key=KEY)
    assert keys.find("secret", "20250102", "r", "sts") is KEY
    for other in (
        ("secrets", "20250102", "r", "sts"),
        ("secret", "20250103", "r", "sts"),
        ("secret", "20250102", "q", "sts"),
        ("secret", "20250102", "r", "iam"),
        ("secret", "20250102", "r"),
    ):
        assert keys.find(*other) is None


def test_bounded_and_the_least_used_goes() -> None:
    keys = SigningKeyCache(capacity=2)
    keys.keep("a", "d", "r", "s", key=KEY)
    keys.keep("b", "d", "r", "s", key=HmacKey(b"b"))
    assert keys.find("a", "d", "r", "s") is KEY
    keys.keep("c", "d", "r", "s", key=HmacKey(b"c"))
    assert len(keys) == 2
    assert keys.find("b", "d", "r", "s") is None
    assert keys.find("a", "d", "r", "s") is KEY


def test_secrets_are_not_in_it() -> None:
    keys = SigningKeyCache()
    keys.keep("canary-secret", "d", "r", "s", key=KEY)
    assert "canary" not in repr(vars(keys)) + repr(keys)


def test_capacity() -> None:
    with pytest.raises(ValueError, match="capacity"):
        SigningKeyCache(capacity=0)
