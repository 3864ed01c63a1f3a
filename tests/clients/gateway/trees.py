"""Folders of files for clients to carry, and whether they came through whole."""

import hashlib
import os
import random
from pathlib import Path

MIB = 1024 * 1024
_OLD = 1_700_000_000.0

NAMES = ("plain", "sub/two words", "sub/a+b=c&d", "sub/deep/é-ü-日本", "sub/100%", "~tilde'(x)!*")
"""Names with what clients and stores like to encode each in their own way."""


def tree(folder: Path, *, big: int = 0) -> dict[str, str]:
    """Write a file of each name, and one of ``big`` bytes; return their hashes by name."""
    for size, name in enumerate(NAMES):
        write(folder / name, size * 1000)
    if big:
        write(folder / "big", big)
    return hashes(folder)


def write(path: Path, size: int) -> str:
    """Write a file of this size, whose bytes are its name's own; return its hash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(noise(size, path.name))
    # Stores know whole seconds: what was written in the same one would look newer than its copy.
    os.utime(path, (_OLD, _OLD))
    return digest(path)


def noise(size: int, seed: str = "noise") -> bytes:
    """Return bytes that look like chance, and are the same every time."""
    return random.Random(seed).randbytes(size)


def hashes(folder: Path) -> dict[str, str]:
    """Return the hashes of all files below a folder, by name."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): digest(path) for path in files}


def digest(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def stored(client: object, bucket: str, prefix: str) -> dict[str, str]:
    """Return the hashes of what a store holds below a prefix, by what follows the prefix."""
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
    return {key.removeprefix(prefix): stored_digest(client, bucket, key) for key in keys}


def stored_digest(client: object, bucket: str, key: str) -> str:
    body = client.get_object(Bucket=bucket, Key=key)["Body"]
    found = hashlib.sha256()
    for piece in body.iter_chunks(MIB):
        found.update(piece)
    return found.hexdigest()
