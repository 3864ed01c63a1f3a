"""Ids that name their account, as AWS's do, and secret keys.

After a prefix of four letters that says what the id is of, eight base32 letters and one bit of
the ninth hold the account: 1 bit that is always set, 40 bits of account number. The rest is
random. ``AKIARZPUZDIKGB2VALC4`` is a long-term key of account 123456789012.
"""

import base64
import re
from collections.abc import Callable

from valetkey.arn import ACCOUNT_ID
from valetkey.errors import AwsError

Random = Callable[[int], bytes]
"""A source of random bytes: ``random(n)`` returns n of them. Must be fit for keys."""

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_SHAPE = re.compile(r"[A-Z]{4}[A-Z2-7]{9,124}", re.ASCII)
_PREFIX = re.compile(r"[A-Z]{4}", re.ASCII)
_ACCOUNT_LETTERS = 9
_ACCOUNT_BITS = 41
_LAST_ACCOUNT = 999_999_999_999
_KEY_ID_LETTERS = 16
_UNIQUE_ID_LETTERS = 17


class MalformedId(AwsError):
    """No account can be read from an id."""

    def __init__(self, identifier: str) -> None:
        super().__init__(
            "ValidationError",
            "The specified access key id is not valid.",
            400,
            reason=f"`{identifier[:130]}` does not hold an account number",
        )


def new_access_key_id(account: str, *, random: Random, prefix: str = "AKIA") -> str:
    """Return a new access key id of 20 letters: ``AKIA…`` long-term, ``ASIA…`` of a session."""
    return _new_id(account, prefix, _KEY_ID_LETTERS, random)


def new_unique_id(prefix: str, account: str, *, random: Random) -> str:
    """Return a new id of 21 letters: ``AROA…`` role, ``AIDA…`` user, ``ANPA…`` policy and so on."""
    return _new_id(account, prefix, _UNIQUE_ID_LETTERS, random)


def account_of(identifier: str) -> str:
    """Return the account that an access key id or a unique id belongs to, in 12 digits.

    Raises :class:`MalformedId` (``ValidationError``) where the id holds none.
    """
    if not _SHAPE.fullmatch(identifier):
        raise MalformedId(identifier)
    number = 0
    for letter in identifier[4 : 4 + _ACCOUNT_LETTERS]:
        number = number << 5 | _ALPHABET.index(letter)
    number >>= 5 * _ACCOUNT_LETTERS - _ACCOUNT_BITS
    marker, account = divmod(number, 1 << (_ACCOUNT_BITS - 1))
    # NOTE: ids without the marker are AWS's of before 2019; they hold no account.
    if marker != 1 or account > _LAST_ACCOUNT:
        raise MalformedId(identifier)
    return f"{account:012}"


def new_secret_key(random: Random) -> str:
    """Return a new secret key: 40 letters of the base64 alphabet, 240 random bits."""
    return base64.b64encode(_drawn(random, 30)).decode("ascii")


def _new_id(account: str, prefix: str, letters: int, random: Random) -> str:
    if not ACCOUNT_ID.fullmatch(account):
        raise ValueError(f"account must be 12 digits, got {account!r}")
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(f"prefix must be four capital letters, got {prefix!r}")
    free = 5 * letters - _ACCOUNT_BITS
    number = 1 << (_ACCOUNT_BITS - 1) | int(account)
    drawn = int.from_bytes(_drawn(random, (free + 7) // 8), "big")
    number = number << free | drawn & ((1 << free) - 1)
    shifts = range(5 * (letters - 1), -1, -5)
    return prefix + "".join(_ALPHABET[number >> shift & 31] for shift in shifts)


def _drawn(random: Random, size: int) -> bytes:
    drawn = random(size)
    if len(drawn) != size:
        raise ValueError(f"random source returned {len(drawn)} bytes, not {size}")
    return drawn
