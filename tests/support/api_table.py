"""The table of services in docs/other-apis.md: which tests prove which operations of which.

A test says which service it calls, and by which operations, with :func:`covers`. Run as a
program with ``--write``, this writes the table anew; a test holds it to what the tests cover.
"""

import importlib
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import botocore.session

PROJECT = Path(__file__).resolve().parents[2]
TESTS = PROJECT / "tests" / "clients" / "apis"
DOCUMENT = PROJECT / "docs" / "other-apis.md"
HEAD = "| service | signs as | protocols | operations | clients |\n|---|---|---|---|---|\n"

Test = TypeVar("Test", bound=Callable[..., Any])
_COVERED = "covered_apis"


class Cover(NamedTuple):
    """What a test calls: a service by botocore's name, its operations, by a client."""

    service: str
    operations: tuple[str, ...]
    client: str
    protocol: str


def covers(
    service: str, *operations: str, client: str = "boto3", protocol: str = ""
) -> Callable[[Test], Test]:
    """Say that a test calls operations of a service; in its first protocol unless one is named."""
    metadata = _model(service)["metadata"]
    unknown = set(operations) - set(_model(service)["operations"])
    assert not unknown, unknown

    def marked(test: Test) -> Test:
        spoken = protocol or metadata["protocol"]
        cover = Cover(service, operations, client, spoken)
        setattr(test, _COVERED, (*getattr(test, _COVERED, ()), cover))
        return test

    return marked


def table() -> str:
    """Return the table: what all tests cover."""
    found: dict[str, list[Cover]] = defaultdict(list)
    for path in sorted(TESTS.glob("test_*.py")):
        module = importlib.import_module(f"clients.apis.{path.stem}")
        for test in vars(module).values():
            for cover in getattr(test, _COVERED, ()):
                found[cover.service].append(cover)
    return HEAD + "".join(_row(service, found[service]) for service in sorted(found))


def _row(service: str, covers: list[Cover]) -> str:
    metadata = _model(service)["metadata"]
    name = metadata.get("serviceAbbreviation") or metadata["serviceFullName"]
    cells = (
        name.removeprefix("Amazon ").removeprefix("AWS "),
        f"`{metadata.get('signingName', metadata['endpointPrefix'])}`",
        ", ".join(f"`{one}`" for one in _once(cover.protocol for cover in covers)),
        ", ".join(f"`{one}`" for one in sorted({o for c in covers for o in c.operations})),
        ", ".join(sorted({cover.client for cover in covers})),
    )
    return f"| {' | '.join(cells)} |\n"


def _once(values: Any) -> list[str]:
    return list(dict.fromkeys(values))


def _model(service: str) -> Any:
    loader = botocore.session.get_session().get_component("data_loader")
    return loader.load_service_model(service, "service-2")


def main() -> None:
    """Write the table into the document."""
    text = DOCUMENT.read_text()
    before, _, rest = text.partition(HEAD)
    after = rest.partition("\n\n")[2]
    DOCUMENT.write_text(f"{before}{table()}\n{after}")


if __name__ == "__main__":
    sys.path.insert(0, str(PROJECT / "tests"))
    main()
