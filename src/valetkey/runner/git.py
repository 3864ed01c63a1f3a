"""The commit that is checked out, from git."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from valetkey.runner.pipeline import NO_SHA, Commit

_FORMAT = "%H%x00%P%x00%an <%ae>%x00%cI%x00%B"
_SECONDS = 10


def read_commit(directory: Path, environ: Mapping[str, str] | None = None) -> Commit | None:
    """Return the commit checked out in a folder, or None where there is none or no git."""
    shown = _git(directory, environ, "log", "-1", f"--format={_FORMAT}")
    if shown is None or shown.count("\0") < _FORMAT.count("%x00"):
        return None
    sha, parents, author, timestamp, message = shown.split("\0", 4)
    branch = _git(directory, environ, "symbolic-ref", "--quiet", "--short", "HEAD")
    return Commit(
        sha=sha,
        message=message.rstrip("\n"),
        author=author,
        timestamp=timestamp,
        before_sha=parents.split(" ")[0] or NO_SHA,
        branch=branch.strip() if branch else None,
    )


def _git(directory: Path, environ: Mapping[str, str] | None, *arguments: str) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603 - fixed words; git from the caller's own PATH
            ["git", "-C", os.fspath(directory), *arguments],  # noqa: S607 - as above
            env=None if environ is None else dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode(errors="replace") if done.returncode == 0 else None
