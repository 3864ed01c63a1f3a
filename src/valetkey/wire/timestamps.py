"""Times on the wire: ISO 8601, RFC 822 dates and seconds since 1970."""

import math
import re
from datetime import datetime
from email.utils import formatdate, parsedate_to_datetime

from valetkey.clock import iso8601
from valetkey.wire.tables import TimestampFormat

_ISO8601 = re.compile(
    r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE
)
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,9})?", re.ASCII)
_RFC822 = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", re.ASCII)
_FOUR_DIGIT_YEARS = range(-30610224000, 253402300800)

MILLISECONDS = 3
"""The digits after the point that AWS's JSON services give."""


def read_timestamp(text: str) -> float:
    """Return seconds since 1970 from any of the three forms; raises :class:`ValueError`.

    ISO 8601 needs its zone: a local time means nothing between machines.
    """
    if _NUMBER.fullmatch(text):
        return float(text)
    if found := _ISO8601.fullmatch(text):
        day, time, fraction, zone = found.groups()
        moment = datetime.fromisoformat(f"{day}T{time}{zone.upper()}")
        return moment.timestamp() + float(fraction or 0)
    if _RFC822.fullmatch(text):
        return parsedate_to_datetime(text).timestamp()
    raise ValueError("no timestamp")


def write_timestamp(seconds: float, form: TimestampFormat) -> str:
    """Write a time as text; ISO 8601 in whole seconds, as STS and IAM do.

    Raises :class:`ValueError` for what is no time of the years 1000 to 9999.
    """
    if not math.isfinite(seconds) or (whole := math.floor(seconds)) not in _FOUR_DIGIT_YEARS:
        raise ValueError("no time")
    match form:
        case "iso8601":
            return iso8601(whole)
        case "rfc822":
            return formatdate(whole, usegmt=True)
        case "unixTimestamp":
            return str(number(seconds))


def number(seconds: float) -> int | float:
    """Return a time for JSON: milliseconds at most, and a whole number where it is one."""
    rounded = round(seconds, MILLISECONDS)
    return int(rounded) if rounded == int(rounded) else rounded
