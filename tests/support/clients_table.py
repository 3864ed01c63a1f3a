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
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pytest

PROJECT = Path(__file__).resolve().parents[2]
TESTS = PROJECT / "tests" / "clients" / "gateway"
DOCUMENT = PROJECT / "docs" / "clients.md"
LOCK = PROJECT / "requirements" / "dev.txt"
NPM_LOCK = PROJECT / "tests" / "clients" / "javascript" / "package-lock.json"
HEAD = "| client | version | commands | result |\n|---|---|---|---|\n"

Test = TypeVar("Test", bound=Callable[..., Any])
_COVERED = "covered_client"


class Row(NamedTuple):
    """A client, what its tests run, and the tests by name."""

    commands: tuple[str, ...]
    tests: tuple[str, ...]


def covers(client: str, *commands: str) -> Callable[[Test], Test]:
    """Say that a test drives a client by these commands."""

    def marked(test: Test) -> Test:
        setattr(test, _COVERED, (client, commands))
        return test

    return marked


def rows() -> dict[str, Row]:
    """Return what all tests cover, by client, in the order of :data:`VERSIONS`."""
    commands: dict[str, list[str]] = defaultdict(list)
    tests: dict[str, list[str]] = defaultdict(list)
    for path in sorted(TESTS.glob("test_*.py")):
        module = importlib.import_module(f"clients.gateway.{path.stem}")
        for name, test in vars(module).items():
            if (found := getattr(test, _COVERED, None)) is not None:
                client, words = found
                commands[client] += [word for word in words if word not in commands[client]]
                tests[client].append(name)
    assert set(commands) == set(VERSIONS)
    return {name: Row(tuple(commands[name]), tuple(tests[name])) for name in VERSIONS}


def written_rows() -> dict[str, list[str]]:
    """Return the cells of the table in the document, by client."""
    table = DOCUMENT.read_text().partition(HEAD)[2].partition("\n\n")[0]
    found = ([cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines())
    return {cells[0]: cells[1:] for cells in found}


def shown(client: str, version: str, row: Row, result: str) -> str:
    commands = ", ".join(f"`{command}`" for command in row.commands)
    return f"| {client} | {version} | {commands} | {result} |\n"


def locked(*packages: str) -> str:
    """Return the versions of packages in the lock of the tests' environment."""
    text = LOCK.read_text()
    found = (re.search(rf"^{package}==(\S+)", text, re.MULTILINE) for package in packages)
    return ", ".join(f"{package} {one[1]}" for package, one in zip(packages, found, strict=True) if one)
