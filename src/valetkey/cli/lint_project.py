"""What belongs to the project of a file that lint looks at: its settings, and what it includes."""

import os
from functools import cache
from pathlib import Path

from valetkey.cli.lint_files import Target
from valetkey.cli.options import read_text
from valetkey.diagnostics import Source
from valetkey.gitlabci import Includes
from valetkey.lint.config import NAME, LintConfig, read_config
from valetkey.runner import local_includes


@cache
def config_file(folder: str) -> str:
    """Return the project's file for a folder: in it, or in one above within the repository."""
    here = Path(folder)
    for each in (here, *here.parents):
        if (each / NAME).is_file():
            return os.path.relpath(each / NAME)
        if (each / ".git").exists():
            break
    return ""


@cache
def config_of(place: str) -> LintConfig | None:
    """Return what a project's file says; None without one. Raises ``MalformedLintConfig``."""
    if not place:
        return None
    return read_config(Source(place, read_text(Path(place))))


def includes_of(target: Target) -> Includes | None:
    """Return what gives the project's files to a CI file; none to a text from elsewhere."""
    if target.path is None:
        return None
    here = target.path.absolute().parent
    root = next((each for each in (here, *here.parents) if (each / ".git").exists()), here)
    inner = local_includes(root)

    def find(path: str) -> Source | tuple[Source, ...] | None:
        found = inner(path)
        if found is None or isinstance(found, Source):
            return found and _renamed(found, root, target)
        return tuple(_renamed(each, root, target) for each in found)

    return find


def _renamed(source: Source, root: Path, target: Target) -> Source:
    """Return a file of the project under the name that it has from here."""
    path = root / source.name
    absolute = Path(target.name).is_absolute()
    return Source(str(path) if absolute else os.path.relpath(path), source.text)


def path_from(name: str, folder: Path) -> str:
    """Return the path of a file from the folder of the project's file."""
    return Path(os.path.relpath(name, folder)).as_posix()
