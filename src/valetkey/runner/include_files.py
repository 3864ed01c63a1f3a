"""Project files on disk, for ``include:local`` and ``rules:exists``."""

import os
from pathlib import Path

from valetkey.diagnostics import Source
from valetkey.gitlabci import FileExists, Includes, glob_matches

_LARGEST = 1024 * 1024
_MOST_FILES = 50_000


def local_includes(root: Path) -> Includes:
    """Return what gives the files below a project's root to the CI file that includes them."""
    root = root.resolve()

    def find(path: str) -> Source | tuple[Source, ...] | None:
        if "*" in path:
            names = sorted(name for name in _names(root) if glob_matches(path, name))
            found = (_read(root, name) for name in names)
            return tuple(source for source in found if source is not None) or None
        return _read(root, path)

    return find


def file_exists(root: Path) -> FileExists:
    """Return what says whether a file below a project's root matches a glob."""
    root = root.resolve()
    names: list[str] = []

    def exists(glob: str) -> bool:
        if not names:
            names.extend(_names(root))
        return any(glob_matches(glob.removeprefix("/"), name) for name in names)

    return exists


def _names(root: Path) -> list[str]:
    names: list[str] = []
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if name != ".git")
        names.extend((Path(folder) / name).relative_to(root).as_posix() for name in files)
        if len(names) >= _MOST_FILES:
            break
    return names


def _read(root: Path, path: str) -> Source | None:
    """Return a file's text; None where it is not there, too large, or outside the root."""
    try:
        target = (root / path).resolve()
        if not target.is_relative_to(root) or target.stat().st_size > _LARGEST:
            return None
        return Source(path, target.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
