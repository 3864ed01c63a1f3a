"""Ids hold their account; secrets are plain enough for every shell and URL."""

import os
import re
import string
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from credentials.making import Counter
from support.vectors import own
from valetkey.credentials import (
    MalformedId,
    account_of,
    new_access_key_id,
    new_secret_key,
    new_unique_id,
)

TABLE = own("credentials/accounts.json")
ALPHABET = set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
accounts = st.integers(0, 999_999_999_999).map(lambda number: f"{number:012}")


@pytest.mark.parametrize("case", TABLE["accounts"], ids=lambda case: case["id"])
def test_account(case: dict[str, Any]) -> None:
    assert account_of(case["id"]) == case["account"]


@pytest.mark.parametrize("case", TABLE["malformed"], ids=lambda case: case["why"])
def test_malformed(case: dict[str, Any]) -> None:
    with pytest.raises(MalformedId) as refused:
        account_of(case["id"])
    assert (refused.value.code, refused.value.status) == ("ValidationError", 400)


@given(accounts, st.sampled_from(["AKIA", "ASIA"]), st.text(max_size=3))
@example("000000000000", "AKIA", "")
@example("999999999999", "AKIA", "")
@example("123456789012", "ASIA", "")
def test_access_key_id(account: str, prefix: str, seed: str) -> None:
    made = new_access_key_id(account, random=Counter(seed), prefix=prefix)
    assert len(made) == 20
    assert made.startswith(prefix)
    assert set(made) <= ALPHABET
    assert account_of(made) == account


@given(accounts, st.sampled_from(["AROA", "AIDA", "ANPA", "AGPA", "AIPA"]), st.text(max_size=3))
@example("000000000000", "AROA", "")
@example("999999999999", "AROA", "")
def test_unique_id(account: str, prefix: str, seed: str) -> None:
    made = new_unique_id(prefix, account, random=Counter(seed))
    assert len(made) == 21
    assert made.startswith(prefix)
    assert account_of(made) == account


def test_aws_example_is_made_from_its_random_bits() -> None:
    def random(size: int) -> bytes:
        assert size == 5
        number = 0
        for letter in "GB2VALC4":
            number = number << 5 | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".index(letter)
        return number.to_bytes(5, "big")

    assert new_access_key_id("123456789012", random=random) == "AKIARZPUZDIKGB2VALC4"


def test_all_that_is_random_is_used() -> None:
    ones = new_access_key_id("000000000000", random=lambda size: b"\xff" * size)
    assert ones == "AKIAQAAAAAAAP7777777"
    ones = new_unique_id("AROA", "000000000000", random=lambda size: b"\xff" * size)
    assert ones == "AROAQAAAAAAAP77777777"


@pytest.mark.parametrize(
    "account", ["", "1", "12345678901", "1234567890123", "12345678901a", "\u0661" * 12]
)
def test_account_that_is_none(account: str) -> None:
    with pytest.raises(ValueError, match="account"):
        new_access_key_id(account, random=Counter())


@pytest.mark.parametrize("prefix", ["", "AKI", "AKIAA", "akia", "AK1A"])
def test_prefix_that_is_none(prefix: str) -> None:
    with pytest.raises(ValueError, match="prefix"):
        new_unique_id(prefix, "123456789012", random=Counter())


def test_random_source_that_gives_too_little() -> None:
    with pytest.raises(ValueError, match="random"):
        new_secret_key(lambda size: b"")


@given(st.text(max_size=5))
def test_secret_key(seed: str) -> None:
    secret = new_secret_key(Counter(seed))
    assert re.fullmatch(r"[A-Za-z0-9+/]{40}", secret)


def test_real_randomness() -> None:
    made = {new_secret_key(os.urandom) for _ in range(200)}
    assert len(made) == 200
    assert set("".join(made)) == set(string.ascii_letters + string.digits + "+/")
