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


def _tell_matrix(terminalreporter: pytest.TerminalReporter) -> None:
    counts = [
        value
        for report in terminalreporter.stats.get("passed", ())
        for name, value in report.user_properties
        if name == "matrix"
    ]
    if counts:
        bad, right, reached = map(sum, zip(*counts, strict=True))
        terminalreporter.section("the gateway's matrix of bad requests")
        terminalreporter.line(
            f"{bad} bad requests, of which {reached} reached the upstream; {right} right twins, all"
            " of which did, or are wrong by themselves"
        )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how large the gateway's matrix was, and which tests were not run for want of vectors."""
    _tell_matrix(terminalreporter)
    reasons = (str(report.longrepr) for report in terminalreporter.stats.get("skipped", ()))
    absent = Counter(found[1] for reason in reasons if (found := _ABSENT.search(reason)))
    if not absent:
        return
    terminalreporter.section("third-party vectors not run")
    for name, count in sorted(absent.items()):
        terminalreporter.line(f"{name}: {count}")
