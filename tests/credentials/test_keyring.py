"""Seals: opened by the right key, for the right purpose and place, or not at all."""

import hashlib
import hmac
import json
import os

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from credentials.making import NOW, Counter, ring
from valetkey.credentials import KeyRing, KeyRingRefused, MalformedKeyRing, SealBroken
from valetkey.credentials.keyring import OVERHEAD, _derive

RING = ring()


@given(st.binary(max_size=200), st.binary(max_size=20), st.text(max_size=8))
def test_round_trip(plaintext: bytes, associated: bytes, purpose: str) -> None:
    sealed = RING.seal(purpose, plaintext, associated, os.urandom)
    assert len(sealed) == len(plaintext) + OVERHEAD
    assert RING.open(purpose, sealed, associated) == plaintext
    if len(plaintext) > 8:
        assert plaintext not in sealed


@given(index=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_changed(index: int, flip: int) -> None:
    sealed = bytearray(RING.seal("session", b"some plaintext", b"place", Counter()))
    sealed[index % len(sealed)] ^= flip
    with pytest.raises(SealBroken):
        RING.open("session", bytes(sealed), b"place")


def test_cut_or_longer() -> None:
    sealed = RING.seal("session", b"some plaintext", b"", Counter())
    for size in range(len(sealed)):
        with pytest.raises(SealBroken):
            RING.open("session", sealed[:size], b"")
    with pytest.raises(SealBroken):
        RING.open("session", sealed + b"\0", b"")


@given(st.binary(max_size=100))
def test_rubbish(rubbish: bytes) -> None:
    with pytest.raises(SealBroken):
        RING.open("session", rubbish, b"")


@pytest.mark.parametrize(
    ("purpose", "associated"),
    [
        ("secret", b"place"),
        ("session", b"other"),
        ("session", b""),
        ("sessionplace", b""),
        ("", b"place"),
    ],
)
def test_other_purpose_or_place(purpose: str, associated: bytes) -> None:
    sealed = RING.seal("session", b"some plaintext", b"place", Counter())
    with pytest.raises(SealBroken) as broken:
        RING.open(purpose, sealed, associated)
    assert "was changed, or was not sealed for" in broken.value.message


def test_each_purpose_has_its_own_key() -> None:
    """A seal for one purpose is not even under the same key as one for another."""
    key = RING.keys[0].key
    derived = {_derive(key, purpose) for purpose in ("session", "secret", "access-key", "")}
    assert len(derived) == 4
    assert key not in derived


def test_sealed_form() -> None:
    """The form is as documented, so that it can be opened without this code."""
    sealed = RING.seal("session", b"plain", b"place", Counter())
    key = RING.keys[0]
    assert sealed[:5] == b"\x01" + bytes.fromhex(key.id)
    info = b"valetkey seal 1 session"
    purpose_key = HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(key.key)
    message_key = hmac.new(purpose_key, sealed[5:21], hashlib.sha256).digest()
    bound = sealed[:5] + b"\0\0\0\x07session" + b"place"
    assert AESGCM(message_key).decrypt(sealed[21:33], sealed[33:], bound) == b"plain"


def test_two_seals_of_the_same_differ() -> None:
    random = Counter()
    first, second = (RING.seal("session", b"plain", b"", random) for _ in range(2))
    assert first[5:21] != second[5:21]
    assert first[33:] != second[33:]


def test_rotation() -> None:
    old = RING.seal("session", b"old", b"", Counter())
    rotated = RING.rotate(Counter("second"), NOW + 60)
    new = rotated.seal("session", b"new", b"", Counter())
    assert rotated.keys[1] == RING.keys[0]
    assert rotated.keys[0].created == NOW + 60
    assert rotated.open("session", old, b"") == b"old"
    assert rotated.open("session", new, b"") == b"new"
    with pytest.raises(SealBroken) as broken:
        RING.open("session", new, b"")
    assert rotated.keys[0].id in broken.value.message
    assert RING.keys[0].id in (broken.value.help or "")


def test_retirement() -> None:
    old = RING.seal("session", b"old", b"", Counter())
    rotated = RING.rotate(Counter("second"), NOW)
    retired = rotated.retire(RING.keys[0].id)
    assert [key.id for key in retired.keys] == [rotated.keys[0].id]
    with pytest.raises(SealBroken):
        retired.open("session", old, b"")


def test_retirement_refused() -> None:
    with pytest.raises(KeyRingRefused, match="seals and can't be retired"):
        RING.retire(RING.keys[0].id)
    with pytest.raises(KeyRingRefused, match="has no key `00000000`"):
        RING.retire("00000000")


def test_json_round_trip() -> None:
    rotated = RING.rotate(Counter("second"), NOW + 60)
    again = KeyRing.from_json(rotated.to_json())
    assert again.keys == rotated.keys
    assert again.open("a", rotated.seal("a", b"x", b"", Counter()), b"") == b"x"
    assert rotated.to_json().endswith(b"}\n")


def rewritten(**fields: object) -> bytes:
    document = json.loads(RING.to_json())
    document["keys"][0] |= fields
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"version":1}',
        b'{"version":1,"keys":[]}',
        b'{"version":2,"keys":[]}',
        b'{"version":"1","keys":[]}',
        b'{"version":1,"keys":[],"more":1}',
        b'{"version":1,"keys":[{}]}',
        b"[" * 100_000,
        b"\xff",
        RING.to_json()[:-5],
        rewritten(key="AAAA"),
        rewritten(key="not base64"),
        rewritten(key="A" * 43 + "="),
        rewritten(id="00000000"),
        rewritten(id="zz"),
        rewritten(created="today"),
        rewritten(created=None),
        json.dumps(
            {"version": 1, "keys": json.loads(RING.to_json())["keys"] * 2},
        ).encode(),
    ],
    ids=lambda text: text[:30],
)
def test_malformed_json(text: bytes) -> None:
    with pytest.raises(MalformedKeyRing) as refused:
        KeyRing.from_json(text)
    assert refused.value.__cause__ is None


def test_keys_are_not_shown() -> None:
    secret = json.loads(RING.to_json())["keys"][0]["key"]
    for told in (repr(RING), repr(RING.keys), str(RING)):
        assert secret not in told
        assert repr(RING.keys[0].key) not in told
    with pytest.raises(MalformedKeyRing) as refused:
        KeyRing.from_json(rewritten(key=secret[:-4] + "!!!="))
    assert secret[:10] not in f"{refused.value}{refused.value.help}"
