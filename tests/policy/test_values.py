"""Typed values of conditions."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valetkey.policy.values import address, boolean, instant, network, number, octets

SECOND = 1_000_000_000

INSTANTS = [
    ("0", 0),
    ("1767323045", 1767323045 * SECOND),
    ("2026-01-02T03:04:05Z", 1767323045 * SECOND),
    ("2026-01-02t03:04:05z", 1767323045 * SECOND),
    ("2026-01-02T03:04:05", 1767323045 * SECOND),
    ("2026-01-02T04:04:05+01:00", 1767323045 * SECOND),
    ("2026-01-01T20:34:05-06:30", 1767323045 * SECOND),
    ("2026-01-02T03:04:05.000000001Z", 1767323045 * SECOND + 1),
    ("1970-01", 0),
    ("1970-01-02", 86_400 * SECOND),
    ("1969-12-31T23:59:59Z", -SECOND),
    ("2000-02-29", 951_782_400 * SECOND),
    ("9223372036854775807", 9223372036854775807 * SECOND),
    ("2016-12-13t2:00:00.593194+23", (1481594400 - 23 * 3600) * SECOND + 593_194_000),
]
NO_INSTANTS = [
    "",
    "now",
    "-1",
    "1.5",
    "9223372036854775808",
    "2026-00-01",
    "2026-13-01",
    "2026-02-30",
    "1900-02-29",
    "2026-01-02T24:00:00Z",
    "2026-01-02T03:60:00Z",
    "2026-01-02T03:04:60Z",
    "2026-01-02T03:04:05+1",
    "2026-01-02T03:04:05+24:00",
    "2026-01-02T03:04:05.1234567890Z",
    "2026-01-02 03:04:05",
    "2026-01-02T03:04:05Z\n",
    "\u0662\u0660\u0662\u0666-01-02",
    "292278994-01-01",
]


@pytest.mark.parametrize(("text", "nanoseconds"), INSTANTS)
def test_instant(text: str, nanoseconds: int) -> None:
    assert instant(text) == nanoseconds


@pytest.mark.parametrize("text", [text for text in NO_INSTANTS if text != "-1"])
def test_no_instant(text: str) -> None:
    assert instant(text) is None


def test_a_minus_makes_a_year_and_a_bare_number_seconds() -> None:
    year, epoch = instant("-1"), instant("1")
    assert year is not None
    assert year < 0
    assert epoch == SECOND


@given(st.datetimes(timezones=st.just(UTC)))
def test_instant_agrees_with_the_calendar(moment: datetime) -> None:
    exact = moment.replace(microsecond=0)
    assert instant(exact.isoformat()) == round(exact.timestamp()) * SECOND


@given(st.integers(-292_275_054, 292_278_993), st.integers(1, 12), st.integers(1, 27))
def test_days_follow_each_other_in_any_year(year: int, month: int, day: int) -> None:
    today, tomorrow = (instant(f"{year:04}-{month}-{each}T") for each in (day, day + 1))
    assert today is not None
    assert tomorrow == today + 86_400 * SECOND


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", Decimal(1)), ("-2.50", Decimal("-2.5")), ("+1e3", Decimal(1000)), ("007", Decimal(7))],
)
def test_number(text: str, value: Decimal) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    "text",
    ["", "1.", ".5", "NaN", "inf", "0x1", "1_000", " 1", "1\n", "\u0661", "1e1000", "9" * 41],
)
def test_no_number(text: str) -> None:
    assert number(text) is None


def test_boolean() -> None:
    assert [boolean(text) for text in ("true", "FALSE", "1", "")] == [True, False, None, None]


def test_octets() -> None:
    assert octets("QQ==") == b"A"
    assert [octets(text) for text in ("Q", "Q Q=", "Qé==", "QQ==\n")] == [None] * 4


@pytest.mark.parametrize(
    ("range", "host", "holds"),
    [
        ("10.0.0.0/8", "10.255.255.255", True),
        ("10.0.0.0/8", "11.0.0.0", False),
        ("10.1.2.3/8", "10.0.0.1", True),
        ("10.0.0.1", "10.0.0.1", True),
        ("0.0.0.0/0", "255.255.255.255", True),
        ("0.0.0.0/0", "::", False),
        ("::/0", "10.0.0.1", False),
        ("::/0", "::ffff:10.0.0.1", False),
        ("10.0.0.0/8", "::ffff:10.0.0.1", True),
        ("2001:DB8::/32", "2001:db8:ffff::1", True),
    ],
)
def test_network(range: str, host: str, holds: bool) -> None:
    net, found = network(range), address(host)
    assert net is not None
    assert found is not None
    assert net.holds(found) is holds


@pytest.mark.parametrize(
    "text",
    ["", "10.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "10.0.0.0/0.0.0.255", "01.2.3.4"],
)
def test_no_network(text: str) -> None:
    assert network(text) is None
