"""A room imports only from floors below its own, lazily or not; every room is on the list."""

from pathlib import Path

import pytest

from support import floors

ROOT = floors.PROJECT / "src" / floors.PACKAGE
HOUSE = [["cli"], ["policy", "wire"], ["errors"], ["arn"]]


def test_the_house_stands():
    listed = floors.floors()
    print(f"\n{floors.plan(ROOT, listed)}")
    assert [str(one) for one in floors.violations(ROOT, listed)] == []


def test_no_room_is_listed_twice():
    rooms = [room for level in floors.floors() for room in level]
    assert len(rooms) == len(set(rooms))


def test_imports_are_found_at_all():
    """Otherwise the house would stand because nobody looked."""
    found = {(one.file.name, one.module) for one in floors.imports(ROOT)}
    assert ("errors.py", "valetkey.diagnostics.Diagnostic") in found


def build(tmp_path: Path, files: dict[str, str]) -> Path:
    root = tmp_path / "valetkey"
    for name, text in files.items():
        path = root / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


VIOLATIONS = {
    "upwards": ("policy/a", "from valetkey.cli import main", "cli"),
    "same floor": ("policy/a", "import valetkey.wire", "wire"),
    "same floor by name": ("policy/a", "from valetkey import wire", "wire"),
    "lazy": ("policy/a", "def f():\n    from valetkey.wire.shapes import x", "wire"),
    "type checking": (
        "policy/a",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from valetkey import wire",
        "wire",
    ),
    "relative": ("policy/a", "from ..wire import x", "wire"),
    "relative to the package": ("policy/a", "from .. import wire", "wire"),
    "relative from deeper": ("policy/deep/a", "from ...wire.shapes import x", "wire"),
    "by its name as a string": (
        "policy/a",
        "import importlib\nimportlib.import_module('valetkey.wire')",
        "wire",
    ),
    "by a relative string": (
        "policy/a",
        "from importlib import import_module\nimport_module('..wire', __package__)",
        "wire",
    ),
    "by the built-in": ("policy/a", "__import__('valetkey.wire')", "wire"),
    "from a module that is a room": ("arn", "from valetkey.errors import AwsError", "errors"),
    "of a room that is not listed": ("policy/a", "from valetkey.attic import x", "attic"),
    "of the whole package": ("policy/a", "import valetkey", "whole package"),
}


@pytest.mark.parametrize(("file", "text", "target"), VIOLATIONS.values(), ids=VIOLATIONS)
def test_a_violation_is_found(tmp_path, file, text, target):
    (found,) = floors.violations(build(tmp_path, {file: text}), HOUSE)
    assert target in found.why
    assert file.split("/")[0] in found.where


def test_a_room_off_the_list_is_found(tmp_path):
    (found,) = floors.violations(build(tmp_path, {"attic/a": "x = 1"}), HOUSE)
    assert str(found) == "valetkey/attic: room is not on the list of floors"


ALLOWED = {
    "downwards": ("policy/a", "from valetkey.errors import AwsError"),
    "two floors down": ("cli/a", "import valetkey.arn"),
    "own room": ("policy/a", "from valetkey.policy.parse import parse"),
    "own room, relative": ("policy/a", "from .parse import parse\nfrom . import parse"),
    "others' packages": ("policy/a", "import msgspec\nimport valetkeyring"),
    "the version": ("cli/a", "from valetkey import __version__"),
    "the entrance": ("__main__", "from valetkey.cli import main"),
}


@pytest.mark.parametrize(("file", "text"), ALLOWED.values(), ids=ALLOWED)
def test_what_is_allowed_is_not_found(tmp_path, file, text):
    assert floors.violations(build(tmp_path, {file: text}), HOUSE) == []


def test_the_plan_names_what_stands(tmp_path):
    root = build(tmp_path, {"policy/a": "", "arn": ""})
    assert floors.plan(root, HOUSE).splitlines() == [
        " 4  (not yet: cli)",
        " 3  policy  (not yet: wire)",
        " 2  (not yet: errors)",
        " 1  arn",
    ]
