"""What a job hands on in files: artifacts, reports and caches."""

from collections.abc import Iterator
from typing import NamedTuple

from valetkey.gitlabci import Job, Node, Scalar, glob_matches
from valetkey.gitlabci import Mapping as Map
from valetkey.gitlabci import Sequence as List
from valetkey.lint.rules.ci._scripts import Shell
from valetkey.lint.rules.ci._values import Names
from valetkey.lint.shell import Word


class Handed(NamedTuple):
    """A file or glob that is handed on, and by which keyword."""

    glob: Scalar
    by: str


def handed_on(job: Job) -> Iterator[Handed]:
    """Yield what the job keeps beyond its end."""
    keywords = job.keywords
    if keywords is None:
        return
    artifacts = keywords.get("artifacts")
    if isinstance(artifacts, Map):
        yield from _texts(artifacts.get("paths"), "artifacts")
        reports = artifacts.get("reports")
        for entry in reports if isinstance(reports, Map) else ():
            yield from _texts(entry.value, f"artifacts:reports:{entry.name}")
    caches = keywords.get("cache")
    for cache in caches.items if isinstance(caches, List) else (caches,):
        if isinstance(cache, Map):
            yield from _texts(cache.get("paths"), "cache")


def _texts(node: Node | None, by: str) -> Iterator[Handed]:
    for item in node.items if isinstance(node, List) else (node,):
        if isinstance(item, Scalar) and isinstance(item.value, str):
            yield Handed(item, by)


def project_path(names: Names, word: Word) -> str | None:
    """Return the file that a word names as a path below the project, or None."""
    text = ""
    for piece in names.pieces(word):
        if piece.text is None and not (piece.name == "CI_PROJECT_DIR" and not text):
            return None
        text += "." if piece.text is None else piece.text
    parts = [part for part in text.split("/") if part not in {"", "."}]
    return None if text.startswith(("/", "~")) or ".." in parts or not parts else "/".join(parts)


def taking(handed: tuple[Handed, ...], path: str) -> Handed | None:
    """Return what hands a file on: its path, a glob of it, or a folder that it is in."""
    parts = path.split("/")
    folders = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
    for each in handed:
        glob = each.glob.text.removeprefix("./").rstrip("/")
        if glob in {".", "*", "**", "**/*"} or any(glob_matches(glob, one) for one in folders):
            return each
    return None


def changes_folder(shell: Shell) -> bool:
    """Return whether a script leaves the project's folder, so that paths mean something else."""
    return any(command.name in {"cd", "pushd"} for command in shell.script.commands)
