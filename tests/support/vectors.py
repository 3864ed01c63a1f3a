"""Third-party vectors, read where they lie; their absence is said out loud."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("VALETKEY_VECTORS") or PROJECT.parent / "shared" / "vectors")
OWN = PROJECT / "tests" / "vectors"


def vectors(name: str) -> Path:
    """Return a third-party file or folder; without it the test is listed as not run."""
    path = FOLDER / name
    if path.exists():
        return path
    if os.environ.get("CI") == "true":
        pytest.fail(f"third-party vectors `{name}` are absent, and CI=true", pytrace=False)
    pytest.skip(f"third-party vectors `{name}` are absent")


def vector_files(pattern: str) -> Iterator[Any]:
    """Yield pytest parameters for the third-party files that match; one that reports absence."""
    found = sorted(FOLDER.glob(pattern))
    if not found:
        yield pytest.param(None, id=f"absent:{pattern}")
    for path in found:
        yield pytest.param(path, id=str(path.relative_to(FOLDER)))


def vector_json(name: str) -> Any:
    """Return a third-party JSON document for parametrisation, or None where it is absent."""
    path = FOLDER / name
    return json.loads(path.read_text()) if path.exists() else None


def own(name: str) -> Any:
    """Return one of the project's own tables."""
    return json.loads((OWN / name).read_text())
