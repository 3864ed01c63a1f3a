"""All of botocore's services: the list of them, their tables, and the files these are kept in."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.apis.clients import CATALOGUE
from valetkey.wire import ModelsUnavailable, catalogue
from valetkey.wire.api_compile import compile_api, compile_entry
from valetkey.wire.botocore_data import read_model
from valetkey.wire.catalogue import Catalogue

INDEX, SQS = "aws-api-index.msgpack", "aws-api-sqs-2012-11-05.msgpack"


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that gets the name of every model that is read whole."""
    read: list[str] = []

    def reading(folder: Path, service: str, version: str) -> dict[str, Any]:
        read.append(service)
        return read_model(folder, service, version)

    monkeypatch.setattr(catalogue, "read_model", reading)
    return read


def test_every_service_is_listed() -> None:
    names = CATALOGUE.signing_names()
    assert len(names) > 350
    assert {"ec2", "sqs", "dynamodb", "monitoring", "states", "execute-api"} <= names
    assert CATALOGUE.of_scope("nothing") == ()


def test_a_scope_may_mean_several_services() -> None:
    assert {one.name for one in CATALOGUE.of_scope("ses")} >= {"ses", "sesv2"}
    versions = [one.version for one in CATALOGUE.of_scope("ec2")]
    assert versions == sorted(versions, reverse=True)
    assert len(versions) > 1


def test_protocols() -> None:
    def offered(scope: str) -> set[str]:
        return {protocol for one in CATALOGUE.of_scope(scope) for protocol in one.protocols}

    assert offered("ec2") == {"ec2"}
    assert offered("sqs") == {"json", "query"}
    assert offered("monitoring") == {"smithy-rpc-v2-cbor", "json", "query"}
    assert offered("lambda") == {"rest-json"}
    assert offered("route53") == {"rest-xml"}


def test_every_model_compiles() -> None:
    operations = 0
    for scope in CATALOGUE.signing_names():
        # The latest version of each; older ones differ in what they lack.
        latest = {one.name: one for one in reversed(CATALOGUE.of_scope(scope))}
        for entry in latest.values():
            table = CATALOGUE.table(entry)
            operations += len(table.operations)
            for operation in table.operations.values():
                assert operation.input is None or operation.input in table.shapes
    assert operations > 15_000


def test_nothing_is_read_before_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = counted(monkeypatch)
    found = Catalogue(tmp_path)
    assert read == []
    assert [path.name for path in tmp_path.iterdir()] == [INDEX]
    found.preload("sqs")
    found.preload("sqs")
    assert read == ["sqs"]
    again = Catalogue(tmp_path)
    (entry,) = again.of_scope("sqs")
    assert again.table(entry) == found.table(entry)
    assert read == ["sqs"]


def test_without_a_folder_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    read = counted(monkeypatch)
    for _ in range(2):
        Catalogue().preload("sqs")
    assert read == ["sqs", "sqs"]


@pytest.mark.parametrize("name", [INDEX, SQS])
@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda content: b"", id="empty"),
        pytest.param(lambda content: content[:-1], id="cut"),
        pytest.param(lambda content: content + b"x", id="longer"),
        pytest.param(lambda content: content.replace(b"sqs", b"sqz"), id="changed"),
    ],
)
def test_a_spoilt_file_is_built_again(
    tmp_path: Path, name: str, spoil: Callable[[bytes], bytes]
) -> None:
    Catalogue(tmp_path).preload("sqs")
    path = tmp_path / name
    good = path.read_bytes()
    path.write_bytes(spoil(good))
    found = Catalogue(tmp_path)
    (entry,) = found.of_scope("sqs")
    assert "SendMessage" in found.table(entry).operations
    assert path.read_bytes() == good


def test_a_file_of_another_botocore_is_built_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Catalogue(tmp_path).preload("sqs")
    old = (tmp_path / SQS).read_bytes()
    monkeypatch.setattr(catalogue, "botocore_version", lambda folder: "0.0.1")
    read = counted(monkeypatch)
    Catalogue(tmp_path).preload("sqs")
    assert read == ["sqs"]
    assert (tmp_path / SQS).read_bytes() != old


def test_a_file_under_another_name_is_not_taken(tmp_path: Path) -> None:
    found = Catalogue(tmp_path)
    found.preload("sqs")
    (tmp_path / "aws-api-sns-2010-03-31.msgpack").write_bytes((tmp_path / SQS).read_bytes())
    (entry,) = found.of_scope("sns")
    assert "Publish" in found.table(entry).operations


def test_a_folder_that_cannot_be_written_is_not_used(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    found = Catalogue(file / "cache")
    found.preload("sqs")
    assert found.of_scope("sqs")


def test_botocore_is_never_imported() -> None:
    code = (
        "import sys; from valetkey.wire.catalogue import Catalogue; Catalogue().preload('sqs');"
        "sys.exit(any(name.split('.')[0] == 'botocore' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


METADATA = {"apiVersion": "1", "protocol": "query", "endpointPrefix": "x"}


@pytest.mark.parametrize(
    "model",
    [
        {},
        {"operations": {}},
        {"operations": {"A": {"name": "A", "input": {"shape": "B"}}}, "shapes": {}},
        {"operations": {"A": {"name": "A", "input": {"shape": "B"}}},
         "shapes": {"B": {"type": "list"}}},
    ],
)  # fmt: skip
def test_models_of_another_kind(model: dict[str, Any]) -> None:
    entry = compile_entry("x", "1", METADATA)
    with pytest.raises(ModelsUnavailable, match="not as expected"):
        compile_api(entry, model)


def test_a_model_whose_head_is_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "data" / "late" / "2020-01-01"
    folder.mkdir(parents=True)
    (tmp_path / "__init__.py").write_text('__version__ = "9.9"\n')
    filling = '{"operations": {}, "shapes": {"A": "' + "x" * 10_000 + '"}, '
    text = '"metadata": {"apiVersion": "1", "protocol": "json", "endpointPrefix": "late"}}'
    (folder / "service-2.json").write_text(filling + text)
    monkeypatch.setattr(catalogue, "botocore_folder", lambda: tmp_path)
    assert [one.name for one in Catalogue().of_scope("late")] == ["late"]
    (folder / "service-2.json").write_text("{")
    with pytest.raises(ModelsUnavailable):
        Catalogue()
