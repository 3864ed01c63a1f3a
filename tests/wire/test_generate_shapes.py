"""The typed shapes in `api` are what the generator writes."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import get_type_hints

import pytest

from support.vectors import PROJECT

TOOL = PROJECT / "tools" / "generate_shapes.py"


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


tool = load(TOOL)


@pytest.mark.parametrize(("service", "version"), list(tool.OFFERED))
def test_the_committed_files_are_up_to_date(service: str, version: str) -> None:
    committed = (tool.API / service / "shapes.py").read_text(encoding="utf-8")
    assert committed == tool.generate(service, version), "run tools/generate_shapes.py"


def test_hints_resolve_and_say_what_is_required() -> None:
    shapes = load(tool.API / "sts" / "shapes.py")
    request = shapes.AssumeRoleWithWebIdentityRequest
    assert request.__required_keys__ == {"RoleArn", "RoleSessionName", "WebIdentityToken"}
    assert get_type_hints(request)["DurationSeconds"] is int
    assert get_type_hints(shapes.Credentials)["Expiration"] is float
