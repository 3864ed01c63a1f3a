"""Reading the typed values of conditions: numbers, instants, booleans, addresses, octets.

Each reader returns None for a text that is no such value; it never guesses.
"""

import binascii
import ipaddress
import re
from base64 import b64decode
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,3})?")
_EPOCH = re.compile(r"[0-9]{1,19}")
_ISO = re.compile(
    r"(?P<year>-?[0-9]{1,9})(?:-(?P<month>[0-9]{1,2})(?:-(?P<day>[0-9]{1,2}))?)?"
    r"(?:[Tt](?:(?P<hour>[0-9]{1,2})(?::(?P<minute>[0-9]{1,2})"
    r"(?::(?P<second>[0-9]{1,2})(?:\.(?P<fraction>[0-9]{1,9}))?)?)?)?"
    r"(?P<zone>[Zz]|[+-][0-9]{2}(?::[0-9]{2})?)?)?"
)
_SECONDS = re.compile(r"-?[0-9]{1,19}")
_YEAR = re.compile(r"[0-9]{4}")
_W3C = re.compile(
    r"[0-9]{4}-[0-9]{2}(?:-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}"
    r"(?::[0-9]{2}(?:\.(?P<fraction>[0-9]{1,40}))?)?(?:Z|[+-][0-9]{2}:[0-9]{2}))?)?"
)
_LAST_EPOCH: Final = 9_223_372_036_854_775_807
_YEARS: Final = range(-292_275_054, 292_278_994)
_MONTH_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FEBRUARY: Final = 2
_NANOSECONDS: Final = 1_000_000_000


def number(text: str) -> Decimal | None:
    """Read a number exactly: ids are longer than a float is precise."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def boolean(text: str) -> bool | None:
    """Read ``true`` or ``false``, in any case."""
    return {"true": True, "false": False}.get(text.lower())


def octets(text: str) -> bytes | None:
    """Read strict base64."""
    try:
        return b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None


def moment(text: str) -> int | Fraction | None:
    """Read a date in one of the forms that AWS documents, to nanoseconds since 1970.

    That is W3C's profile of ISO 8601 (a time has minutes and a zone), or seconds since 1970. Four
    digits are both, a year and seconds; AWS does not say which, so they are none.
    """
    if _SECONDS.fullmatch(text):
        return None if _YEAR.fullmatch(text) else int(text) * _NANOSECONDS
    found = _W3C.fullmatch(text)
    if found is None or text.startswith("0000"):
        return None
    fraction = found["fraction"]
    if fraction is None:
        return instant(text)
    whole = instant(text.replace(f".{fraction}", ""))
    if whole is None:
        return None
    part = int(fraction) * Fraction(_NANOSECONDS, 10 ** len(fraction))
    return whole + (part.numerator if part.denominator == 1 else part)


def instant(text: str) -> int | None:
    """Read a date as IAM's validator was seen to, to nanoseconds since 1970.

    It takes more forms than AWS documents, with the limits of Java's calendar: years beyond four
    digits, up to nine digits of a second, zones of two digits, a stop after any of the fields.
    """
    if _EPOCH.fullmatch(text):
        seconds = int(text)
        return seconds * _NANOSECONDS if seconds <= _LAST_EPOCH else None
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    year, month, day = int(found["year"]), int(found["month"] or 1), int(found["day"] or 1)
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    zone = _zone(found["zone"])
    if year not in _YEARS or not _is_day(year, month, day) or zone is None:
        return None
    if hour > 23 or minute > 59 or second > 59:  # noqa: PLR2004 - the clock's own borders
        return None
    seconds = _days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - zone
    return seconds * _NANOSECONDS + int((found["fraction"] or "").ljust(9, "0"))


def _zone(text: str | None) -> int | None:
    """Return a zone's seconds east of UTC; without a zone the time is UTC."""
    if text is None or text in "Zz":
        return 0
    hours, _, minutes = text[1:].partition(":")
    if int(hours) > 23 or int(minutes or 0) > 59:  # noqa: PLR2004 - the clock's own borders
        return None
    seconds = int(hours) * 3600 + int(minutes or 0) * 60
    return -seconds if text[0] == "-" else seconds


def _is_day(year: int, month: int, day: int) -> bool:
    if not 1 <= month <= len(_MONTH_DAYS):
        return False
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 1 <= day <= _MONTH_DAYS[month - 1] + (leap and month == _FEBRUARY)


def _days(year: int, month: int, day: int) -> int:
    """Count the days since 1970-01-01 in the Gregorian calendar, for any year."""
    year -= month <= _FEBRUARY
    era, of_era = divmod(year, 400)
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


class Network(NamedTuple):
    """A range of addresses: IP version, first address, mask."""

    version: int
    first: int
    mask: int

    def holds(self, host: tuple[int, int]) -> bool:
        """Tell whether an address from :func:`address` is in the range."""
        return host[0] == self.version and host[1] & self.mask == self.first


def address(text: str) -> tuple[int, int] | None:
    """Read an IP address as (version, number); an IPv4 address in IPv6 form is IPv4."""
    try:
        host = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(host, ipaddress.IPv6Address):
        if host.scope_id is not None:
            return None
        if host.ipv4_mapped is not None:
            return 4, int(host.ipv4_mapped)
    return host.version, int(host)


def network(text: str) -> Network | None:
    """Read an address or a CIDR range; bits of the host part are cut off, as AWS does."""
    host_text, slash, length = text.partition("/")
    if slash and not re.fullmatch(r"[0-9]{1,3}", length):
        return None
    try:
        found = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    mapped = address(host_text)
    if mapped is None or mapped[0] != found.version:
        return None
    return Network(found.version, int(found.network_address), int(found.netmask))
