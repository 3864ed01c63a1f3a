"""One file with the compiled tables, so that botocore's models are read once a release."""

import contextlib
import hashlib
import os
from pathlib import Path

import msgspec

from valetkey.wire.botocore_data import botocore_folder, botocore_version, read_model
from valetkey.wire.compile import compile_service
from valetkey.wire.service import Service, Services
from valetkey.wire.tables import Bundle

FILE = "aws-models.msgpack"
FORM = 1
"""Goes up with every change of the tables' form: an older file is then built again."""

OFFERED = (("sts", "2011-06-15"), ("iam", "2010-05-08"), ("secretsmanager", "2017-10-17"))

_DIGEST = hashlib.sha256().digest_size


def load_services(cache_dir: Path | None) -> Services:
    """Return the offered services, compiled from botocore's models.

    With ``cache_dir`` the tables are kept there, under botocore's version. A file that is
    absent, corrupt or from elsewhere is built again; a folder that can't be written is not
    used. Raises :class:`~valetkey.wire.errors.ModelsUnavailable`.
    """
    folder = botocore_folder()
    version = botocore_version(folder)
    bundle = _read(cache_dir, version) if cache_dir else None
    if bundle is None:
        bundle = _compile(folder, version)
        if cache_dir:
            with contextlib.suppress(OSError):
                _write(cache_dir, bundle)
    return Services(Service(table) for table in bundle.services)


def _compile(folder: Path, version: str) -> Bundle:
    tables = (compile_service(name, read_model(folder, name, api)) for name, api in OFFERED)
    return Bundle(FORM, version, tuple(tables))


def _read(cache_dir: Path, version: str) -> Bundle | None:
    try:
        content = (cache_dir / FILE).read_bytes()
    except OSError:
        return None
    digest, packed = content[:_DIGEST], content[_DIGEST:]
    if hashlib.sha256(packed).digest() != digest:
        return None
    try:
        bundle = msgspec.msgpack.decode(packed, type=Bundle)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return bundle if (bundle.form, bundle.botocore) == (FORM, version) else None


def _write(cache_dir: Path, bundle: Bundle) -> None:
    cache_dir.mkdir(parents=True, exist_ok=True)
    packed = msgspec.msgpack.encode(bundle)
    # Written beside and renamed: a reader sees the old file or the new one, whole.
    beside = cache_dir / f"{FILE}.{os.getpid()}"
    try:
        beside.write_bytes(hashlib.sha256(packed).digest() + packed)
        beside.replace(cache_dir / FILE)
    finally:
        beside.unlink(missing_ok=True)
