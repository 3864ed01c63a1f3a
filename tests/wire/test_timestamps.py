"""Times on the wire."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valetkey.wire.timestamps import number, read_timestamp, write_timestamp


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2025-01-02T03:04:05Z", 1735787045),
        ("2025-01-02t03:04:05z", 1735787045),
        ("2025-01-02T03:04:05.25Z", 1735787045.25),
        ("2025-01-02T08:34:05+05:30", 1735787045),
        ("2025-01-01T22:04:05-05:00", 1735787045),
        ("1735787045", 1735787045),
        ("1735787045.5", 1735787045.5),
        ("-1", -1),
        ("0", 0),
        ("Thu, 02 Jan 2025 03:04:05 GMT", 1735787045),
        ("2024-02-29T00:00:00Z", 1709164800),
        ("0001-01-01T00:00:00Z", -62135596800),
    ],
)
def test_reads(text: str, wanted: float) -> None:
    assert read_timestamp(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2025-01-02",
        "2025-01-02T03:04:05",
        "2025-01-02 03:04:05Z",
        "2025-01-02T03:04Z",
        "2025-13-02T03:04:05Z",
        "2025-02-29T03:04:05Z",
        "2025-01-02T25:04:05Z",
        "2025-01-02T03:04:60Z",
        "2025-01-02T03:04:05+99:00",
        "2025-01-02T03:04:05UTC",
        "2025-01-02T03:04:05Z\n",
        "\u0662025-01-02T03:04:05Z",
        "1e9",
        "1735787045.",
        "1" * 16,
        "Thu, 02 Jan 2025 03:04:05 +0000",
        "Thu, 32 Jan 2025 03:04:05 GMT",
        "Thu, 02 Foo 2025 03:04:05 GMT",
    ],
)
def test_refuses(text: str) -> None:
    with pytest.raises(ValueError):
        read_timestamp(text)


def test_writes() -> None:
    assert write_timestamp(1735787045.999, "iso8601") == "2025-01-02T03:04:05Z"
    assert write_timestamp(-0.5, "iso8601") == "1969-12-31T23:59:59Z"
    assert write_timestamp(1735787045.9, "rfc822") == "Thu, 02 Jan 2025 03:04:05 GMT"
    assert write_timestamp(1735787045.5, "unixTimestamp") == "1735787045.5"


@pytest.mark.parametrize("seconds", [math.nan, math.inf, -math.inf, 1e12, -31e9, 1e300])
def test_what_is_no_time(seconds: float) -> None:
    with pytest.raises(ValueError, match="no time"):
        write_timestamp(seconds, "iso8601")


@pytest.mark.parametrize(
    ("seconds", "wanted"),
    [(1735787045.0, 1735787045), (1735787045.12345, 1735787045.123), (1.9999, 2)],
)
def test_numbers(seconds: float, wanted: float) -> None:
    found = number(seconds)
    assert found == wanted
    assert type(found) is type(wanted)


@given(st.integers(-30610224000, 253402300799))
def test_what_is_written_is_read(seconds: int) -> None:
    for form in ("iso8601", "rfc822"):
        assert read_timestamp(write_timestamp(seconds, form)) == seconds  # type: ignore[arg-type]
