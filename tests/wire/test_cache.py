"""The file with the compiled tables, and botocore's models beneath it."""

import gzip
import hashlib
import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import regex

from valetkey.wire import ModelsUnavailable, load_services
from valetkey.wire import cache as cache_module
from valetkey.wire.botocore_data import botocore_folder, botocore_version, read_model
from valetkey.wire.cache import FILE, FORM, OFFERED
from valetkey.wire.compile import compile_service
from valetkey.wire.tables import Bundle


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that gets the name of every model that is read."""
    read: list[str] = []

    def reading(folder: Path, service: str, version: str) -> dict[str, Any]:
        read.append(service)
        return read_model(folder, service, version)

    monkeypatch.setattr(cache_module, "read_model", reading)
    return read


def test_the_models_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = counted(monkeypatch)
    folder = tmp_path / "new" / "cache"
    load_services(folder)
    assert read == ["sts", "iam", "secretsmanager"]
    assert [path.name for path in folder.iterdir()] == [FILE]
    load_services(folder)
    assert len(read) == 3


def test_without_a_folder_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    read = counted(monkeypatch)
    load_services(None)
    load_services(None)
    assert len(read) == 6


def test_what_is_kept_is_what_was_compiled(tmp_path: Path) -> None:
    load_services(tmp_path)
    content = (tmp_path / FILE).read_bytes()
    bundle = msgspec.msgpack.decode(content[32:], type=Bundle)
    folder = botocore_folder()
    assert bundle.services == tuple(
        compile_service(name, read_model(folder, name, version)) for name, version in OFFERED
    )
    assert bundle.botocore == botocore_version(folder)


def packed(bundle: Any) -> bytes:
    content = msgspec.msgpack.encode(bundle)
    return hashlib.sha256(content).digest() + content


def of_botocore(version: str, form: int) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        bundle = msgspec.msgpack.decode(content[32:], type=Bundle)
        return packed(Bundle(form, version, bundle.services))

    return change


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda content: b"", id="empty"),
        pytest.param(lambda content: content[:20], id="no digest"),
        pytest.param(lambda content: content[:-1], id="cut"),
        pytest.param(lambda content: content + b"x", id="longer"),
        pytest.param(lambda content: content.replace(b"AssumeRole", b"AssumeRule", 1), id="bytes"),
        pytest.param(lambda content: packed({"a": 1}), id="another type"),
        pytest.param(lambda content: packed([FORM, "x"]), id="another shape"),
        pytest.param(lambda content: packed(b"\xff"), id="no text"),
        pytest.param(of_botocore("0.0.1", FORM), id="another botocore"),
        pytest.param(of_botocore(botocore_version(botocore_folder()), FORM - 1), id="older form"),
    ],
)
def test_a_spoilt_file_is_built_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[bytes], bytes]
) -> None:
    load_services(tmp_path)
    path = tmp_path / FILE
    good = path.read_bytes()
    path.write_bytes(spoil(good))
    read = counted(monkeypatch)
    assert load_services(tmp_path)["sts"].operations["AssumeRole"].wrapper == "AssumeRoleResult"
    assert len(read) == 3
    assert path.read_bytes() == good


def test_a_folder_that_cannot_be_written_is_not_used(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    assert "iam" in load_services(file / "cache")
    blocked = tmp_path / "blocked"
    (blocked / FILE).mkdir(parents=True)
    assert "iam" in load_services(blocked)
    assert [path.name for path in blocked.iterdir()] == [FILE]


def test_botocore_is_never_imported() -> None:
    code = (
        "import sys; from valetkey.wire import load_services; load_services(None);"
        "sys.exit(any(name.split('.')[0] == 'botocore' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_absent_botocore(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelsUnavailable, match="not installed"):
        load_services(None)


def botocore_like(folder: Path, model: bytes, version: str = '__version__ = "9.9"\n') -> Path:
    (folder / "__init__.py").write_text(version)
    data = folder / "data" / "sts" / "2011-06-15"
    data.mkdir(parents=True)
    (data / "service-2.json.gz").write_bytes(model)
    return folder


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not gzip",
        gzip.compress(b"{", mtime=0)[:-9],
        gzip.compress(b"{", mtime=0),
        gzip.compress(b"\xff", mtime=0),
    ],
)
def test_models_that_cannot_be_read(tmp_path: Path, content: bytes) -> None:
    folder = botocore_like(tmp_path, content)
    with pytest.raises(ModelsUnavailable, match="can't be read"):
        read_model(folder, "sts", "2011-06-15")
    with pytest.raises(ModelsUnavailable, match="can't be read"):
        read_model(folder, "iam", "2010-05-08")


METADATA = {"apiVersion": "1", "protocol": "query"}


@pytest.mark.parametrize(
    "model",
    [
        {},
        {"metadata": {}},
        {"metadata": 1},
        {"metadata": METADATA, "operations": {}, "shapes": {"A": {"type": "list"}}},
    ],
)
def test_models_of_another_kind(model: dict[str, Any]) -> None:
    with pytest.raises(ModelsUnavailable, match="not as expected"):
        compile_service("sts", model)


def test_unpacked_models_and_versions(tmp_path: Path) -> None:
    folder = botocore_like(tmp_path, b"")
    packed_model = folder / "data/sts/2011-06-15/service-2.json.gz"
    packed_model.unlink()
    packed_model.with_suffix("").write_text(json.dumps({"a": 1}))
    assert read_model(folder, "sts", "2011-06-15") == {"a": 1}
    assert botocore_version(folder) == "9.9"
    (folder / "__init__.py").write_text("")
    with pytest.raises(ModelsUnavailable, match="states no version"):
        botocore_version(folder)


def test_no_pattern_needs_two_engines() -> None:
    for name, version in OFFERED:
        table = compile_service(name, read_model(botocore_folder(), name, version))
        for shape in table.shapes.values():
            if shape.pattern and r"\p{" in shape.pattern:
                assert not regex.search(r"\\[wdsbWDSB]", shape.pattern)
