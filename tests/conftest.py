"""What every test shares: the list of third-party vectors that were absent."""

import pytest

from support import vectors


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which tests were not run for want of third-party vectors, by name and count."""
    if not vectors.not_run:
        return
    terminalreporter.section("third-party vectors not run")
    for name in sorted(set(vectors.not_run)):
        terminalreporter.line(f"{name}: {vectors.not_run.count(name)}")
