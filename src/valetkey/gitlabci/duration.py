"""Durations as GitLab writes them: ``1h 30m``, ``90 minutes``, ``3600``, ``1:30:00``."""

import re

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MONTH = 30 * DAY
LONGEST_TIMEOUT = MONTH
"""The longest ``timeout`` that GitLab accepts, in seconds."""

_UNITS = {
    1: "s sec secs second seconds",
    MINUTE: "m min mins minute minutes",
    HOUR: "h hr hrs hour hours",
    DAY: "d day days",
    7 * DAY: "w wk wks week weeks",
    MONTH: "mo mos month months",
    31_557_600: "y yr yrs year years",
}
_SECONDS = {name: seconds for seconds, names in _UNITS.items() for name in names.split()}
_PART = re.compile(r"\s*(\d{1,12}(?:\.\d{1,6})?)\s*([a-z]*)(?:\s*,)?(?:\s+and\b)?")
_CLOCK = re.compile(r"(?:(\d{1,6}):)?(\d{1,6}):(\d{1,2})")
_LONGEST = 100


def parse_duration(text: str) -> float | None:
    """Return the seconds of a duration, or None where it is none.

    A bare number counts seconds. Nothing and zero are no durations.
    """
    text = text.strip().lower()
    if not text or len(text) > _LONGEST:
        return None
    if clock := _CLOCK.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return float(hours * HOUR + minutes * MINUTE + seconds) or None
    total = 0.0
    at = 0
    while at < len(text):
        part = _PART.match(text, at)
        seconds_each = _SECONDS.get(part[2] or "s") if part else None
        if part is None or seconds_each is None:
            return None
        total += float(part[1]) * seconds_each
        at = part.end()
    return total or None
