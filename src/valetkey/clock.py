"""The time, passed in so that every rule about it can be tested."""

import time
from collections.abc import Callable

Clock = Callable[[], float]
"""Seconds since 1970-01-01T00:00:00Z."""

system_clock: Clock = time.time


def iso8601(seconds: float) -> str:
    """Write a time as AWS does: UTC, whole seconds, ``2025-01-02T03:04:05Z``."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
