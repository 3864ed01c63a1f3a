"""What every test shares: how properties are tried, and the list of absent third-party vectors."""

import os
import re
from collections import Counter

import pytest
from hypothesis import HealthCheck, settings

# Time is no property: a busy machine must not fail a law. In CI the same examples each time.
settings.register_profile(
    "valetkey",
    deadline=None,
    derandomize=os.environ.get("CI") == "true",
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("valetkey")

_ABSENT = re.compile(r"third-party vectors `([^`]+)` are absent")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which tests were not run for want of third-party vectors, by name and count."""
    reasons = (str(report.longrepr) for report in terminalreporter.stats.get("skipped", ()))
    absent = Counter(found[1] for reason in reasons if (found := _ABSENT.search(reason)))
    if not absent:
        return
    terminalreporter.section("third-party vectors not run")
    for name, count in sorted(absent.items()):
        terminalreporter.line(f"{name}: {count}")
