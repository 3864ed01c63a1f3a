"""The files that lint looks at: found, read within bounds, written whole or not at all."""

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import click

from valetkey.diagnostics import Diagnostic, Severity, Source
from valetkey.lint.detect import is_ci_name, known_name

STDIN = "-"
MOST_BYTES = 1024 * 1024
MOST_FILES = 100_000
_MARKS = (b"Statement", b"aws_iam_policy_document")
"""What a text that holds a policy says."""
SKIPPED = frozenset(
    {
        ".git", ".hg", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".terraform",
        ".terragrunt-cache", ".tox", ".venv", "__pycache__", "node_modules", "venv",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """A file to look at, or standard input where ``path`` is None.

    ``named``: somebody named it; others were found below a folder. ``foreign``: it was found
    there by a link to elsewhere, so that it is not the folder's to change.
    """

    name: str
    path: Path | None
    named: bool
    foreign: bool = False


def targets(paths: tuple[str, ...], stdin_name: str | None) -> Iterator[Target | Diagnostic]:
    """Yield the files of the arguments, each once, and a finding for each unreadable folder.

    Raises ``click.UsageError``.
    """
    named = {os.path.realpath(given) for given in paths if given != STDIN}
    seen: set[str] = set()
    for given in paths:
        for target in _of(given, stdin_name):
            if isinstance(target, Diagnostic):
                yield target
                continue
            key = os.path.realpath(target.path) if target.path is not None else ""
            if key not in seen:
                seen.add(key)
                yield replace(target, named=True, foreign=False) if key in named else target


def _of(given: str, stdin_name: str | None) -> Iterator[Target | Diagnostic]:
    path = Path(given)
    if given == STDIN:
        yield Target(stdin_name or "<stdin>", None, named=True)
    elif path.is_dir():
        yield from _below(path)
    elif path.exists() or path.is_symlink():
        yield Target(os.path.normpath(given), path, named=True)
    else:
        raise click.UsageError(f"there is no file or folder `{given}`")


def _below(folder: Path) -> Iterator[Target | Diagnostic]:
    """Yield the files below a folder whose names are known; links to folders are not followed."""
    count = 0
    root = os.path.realpath(folder)
    errors: list[OSError] = []
    for here, folders, names in os.walk(folder, onerror=errors.append):
        yield from _unread_folders(errors)
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        for name in sorted(names):
            if not known_name(name):
                continue
            count += 1
            if count > MOST_FILES:
                raise click.UsageError(f"`{folder}` has more than {MOST_FILES} files to look at")
            path = Path(os.path.normpath(os.path.join(here, name)))  # noqa: PTH118 - Path keeps `a/../b`
            foreign = path.is_symlink() and not _is_below(os.path.realpath(path), root)
            yield Target(str(path), path, named=False, foreign=foreign)
    yield from _unread_folders(errors)


def _unread_folders(errors: list[OSError]) -> Iterator[Diagnostic]:
    for error in errors:
        reason = (error.strerror or "it can't be read").lower()
        message = f"folder `{error.filename}` can't be read: {reason}"
        yield _finding("lint-unreadable", message)
    errors.clear()


def _is_below(path: str, root: str) -> bool:
    """Tell whether a file is one that is looked at when a folder is."""
    inside = os.path.commonpath((path, root)) == root
    return inside and SKIPPED.isdisjoint(Path(os.path.relpath(path, root)).parts)


def read(target: Target) -> Source | Diagnostic | None:
    """Return a file's text, a finding where it has none, or None for what is passed over."""
    path = target.path
    if path is None:
        raise ValueError("standard input is read by its stream")
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return _unreadable(target, "is no regular file") if target.named else None
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or "can't be read").lower()
        return _unreadable(target, f"can't be read: {reason}")
    return text_of(target, data)


def text_of(target: Target, data: bytes) -> Source | Diagnostic | None:
    """Return the text of bytes; see :func:`read`."""
    told = target.named or is_ci_name(target.name) or any(mark in data for mark in _MARKS)
    if len(data) > MOST_BYTES:
        message = f"`{target.name}` has more than {MOST_BYTES} bytes"
        return _finding("lint-too-large", message) if told else None
    try:
        return Source(target.name, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        message = f"`{target.name}` is not UTF-8 text: byte {error.start} does not fit"
        return _finding("lint-not-text", message) if told else None


def write(path: Path, text: str) -> None:
    """Write a file's text: the old one or the new one is there at any time.

    Its mode stays, and its owner where that may be said.
    """
    target = Path(os.path.realpath(path))
    before = target.stat()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            with suppress(PermissionError):
                os.fchown(file.fileno(), before.st_uid, before.st_gid)
            os.fchmod(file.fileno(), stat.S_IMODE(before.st_mode))
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _unreadable(target: Target, what: str) -> Diagnostic:
    return _finding("lint-unreadable", f"`{target.name}` {what}")


def _finding(code: str, message: str) -> Diagnostic:
    return Diagnostic(code, message, Severity.ERROR)
