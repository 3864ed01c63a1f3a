"""Every AWS service that botocore has a model of, found by the name that signatures bear.

The list of services is made of the first bytes of each model; a model itself is read when a
request for its service comes, and kept compiled in ``cache_dir``.
"""

import contextlib
import gzip
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from valetkey.wire.api_compile import compile_api, compile_entry
from valetkey.wire.api_tables import ApiEntry, ApiTable
from valetkey.wire.botocore_data import botocore_folder, botocore_version, read_model
from valetkey.wire.errors import ModelsUnavailable

FORM = 1
"""Goes up with every change of the tables' form: older files are then built again."""

T = TypeVar("T", ApiTable, tuple[ApiEntry, ...])

_DIGEST = hashlib.sha256().digest_size
_HEAD_BYTES = 8192
_METADATA = '"metadata":'


class Catalogue:
    """All services; each is loaded at its first use.

    With ``cache_dir`` the compiled tables are kept there, one file a service, under botocore's
    version. A file that is absent, corrupt or from elsewhere is built again; a folder that can't
    be written is not used. Raises :class:`ModelsUnavailable`.
    """

    def __init__(self, cache_dir: Path | None = None) -> None:
        self._folder = botocore_folder()
        self._version = botocore_version(self._folder)
        self._cache_dir = cache_dir
        self._tables: dict[tuple[str, str], ApiTable] = {}
        self._by_scope: dict[str, tuple[ApiEntry, ...]] = {}
        for entry in self._index():
            at = entry.signing_name
            self._by_scope[at] = (*self._by_scope.get(at, ()), entry)

    def of_scope(self, signing_name: str) -> tuple[ApiEntry, ...]:
        """Return the services that a signature's scope may mean; the latest version first."""
        return self._by_scope.get(signing_name, ())

    def signing_names(self) -> frozenset[str]:
        """Return every name that a signature's scope may bear."""
        return frozenset(self._by_scope)

    def table(self, entry: ApiEntry) -> ApiTable:
        """Return a service's tables; the first call reads its model, which may take a second."""
        key = (entry.name, entry.version)
        if key not in self._tables:
            self._tables[key] = self._load(entry)
        return self._tables[key]

    def preload(self, signing_name: str) -> None:
        """Load all that a scope may mean, so that no request waits for it."""
        for entry in self.of_scope(signing_name):
            self.table(entry)

    def _index(self) -> tuple[ApiEntry, ...]:
        kept = self._read("index", tuple[ApiEntry, ...])
        if kept is None:
            kept = tuple(_entries(self._folder))
            self._write("index", kept)
        return kept

    def _load(self, entry: ApiEntry) -> ApiTable:
        label = f"{entry.name}-{entry.version}"
        kept = self._read(label, ApiTable)
        if kept is None or kept.entry != entry:
            model = read_model(self._folder, entry.name, entry.version)
            kept = compile_api(entry, model)
            self._write(label, kept)
        return kept

    def _path(self, label: str) -> Path | None:
        name = f"aws-api-{label}.msgpack"
        return None if self._cache_dir is None else self._cache_dir / name

    def _seal(self, packed: bytes) -> bytes:
        return hashlib.sha256(f"{FORM} {self._version}\n".encode() + packed).digest()

    def _read(self, label: str, kind: type[T]) -> T | None:
        path = self._path(label)
        if path is None:
            return None
        try:
            content = path.read_bytes()
        except OSError:
            return None
        if content[:_DIGEST] != self._seal(content[_DIGEST:]):
            return None
        try:
            return msgspec.msgpack.decode(content[_DIGEST:], type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None

    def _write(self, label: str, value: object) -> None:
        path = self._path(label)
        if path is None:
            return
        packed = msgspec.msgpack.encode(value)
        # Written beside and renamed: a reader sees the old file or the new one, whole.
        beside = path.with_name(f"{path.name}.{os.getpid()}")
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                beside.write_bytes(self._seal(packed) + packed)
                beside.replace(path)
            finally:
                beside.unlink(missing_ok=True)


def _entries(folder: Path) -> Iterator[ApiEntry]:
    """Yield every service at every version, the latest version of each first."""
    for service in sorted((folder / "data").iterdir()):
        if not service.is_dir():
            continue
        for version in sorted(service.iterdir(), reverse=True):
            head = _head(version)
            if head is not None:
                yield compile_entry(service.name, version.name, _metadata(head, version))


def _head(version: Path) -> str | None:
    packed = version / "service-2.json.gz"
    plain = version / "service-2.json"
    if packed.exists():
        with gzip.open(packed) as file:
            return file.read(_HEAD_BYTES).decode(errors="replace")
    if plain.exists():
        with plain.open("rb") as file:
            return file.read(_HEAD_BYTES).decode(errors="replace")
    return None


def _metadata(head: str, version: Path) -> dict[str, object]:
    try:
        at = head.index(_METADATA) + len(_METADATA)
        found: dict[str, object]
        found, _ = json.JSONDecoder().raw_decode(head[at:].lstrip())
    except ValueError:
        # The head is elsewhere in this model: it is read whole.
        found = read_model(version.parents[2], version.parent.name, version.name)["metadata"]
    if not isinstance(found, dict):
        raise ModelsUnavailable(f"botocore's model of `{version.parent.name}` is not as expected")
    return found
