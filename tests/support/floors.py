"""The floors of the house: read from ``pyproject.toml``, and held against every import.

Run as a script, it prints the floors with the rooms that exist.
"""

import ast
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parents[2]
PACKAGE = "valetkey"
ENTRANCES = frozenset({"__init__", "__main__"})
"""Modules of the package itself, which are no rooms: they may import from any floor."""

Floors = Sequence[Sequence[str]]


class Import(NamedTuple):
    """An import of one of our own modules, anywhere in a file."""

    file: Path
    line: int
    module: str


class Violation(NamedTuple):
    """An import that does not go to a lower floor, or a room that is not on the list."""

    where: str
    why: str

    def __str__(self) -> str:
        return f"{self.where}: {self.why}"


def floors(pyproject: Path = PROJECT / "pyproject.toml") -> Floors:
    """Return the rooms by floor, top floor first."""
    listed: Floors = tomllib.loads(pyproject.read_text())["tool"][PACKAGE]["floors"]
    return listed


def rooms_on_disk(root: Path) -> set[str]:
    """Return the names of packages and modules right under the package."""
    packages = {path.parent.name for path in root.glob("*/*.py")}
    modules = {path.stem for path in root.glob("*.py")}
    return (packages | modules) - ENTRANCES


def imports(root: Path) -> Iterator[Import]:
    """Yield every import of the package's own modules: lazy, conditional and by name too."""
    for file in sorted(root.rglob("*.py")):
        place = file.relative_to(root.parent).with_suffix("").parts
        package = place[:-1]
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"), str(file))):
            for module in _imported(node, package):
                if module == PACKAGE or module.startswith(f"{PACKAGE}."):
                    yield Import(file, getattr(node, "lineno", 0), module)


def _imported(node: ast.AST, package: tuple[str, ...]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = package[: len(package) - node.level + 1] if node.level else ()
        module = ".".join((*base, *filter(None, [node.module])))
        # `from valetkey import policy` names a room; `from valetkey.policy import x` does too.
        yield from (f"{module}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.Call) and _called(node) in {"import_module", "__import__"}:
        yield from _literal_import(node, package)


def _called(node: ast.Call) -> str | None:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else None


def _literal_import(node: ast.Call, package: tuple[str, ...]) -> Iterator[str]:
    if not node.args or not isinstance(node.args[0], ast.Constant):
        return
    name = str(node.args[0].value)
    level = len(name) - len(name.lstrip("."))
    base = package[: len(package) - level + 1] if level else ()
    yield ".".join((*base, name.lstrip(".")))


def violations(root: Path, listed: Floors) -> list[Violation]:
    """Return what breaks the rule: import from lower floors only, and every room is listed."""
    height = {room: -level for level, rooms in enumerate(listed) for room in rooms}
    found = [
        Violation(f"{PACKAGE}/{room}", "room is not on the list of floors")
        for room in sorted(rooms_on_disk(root) - height.keys())
    ]
    for one in imports(root):
        found += _judge(one, root, height)
    return found


def _judge(one: Import, root: Path, height: Mapping[str, int]) -> Iterator[Violation]:
    inside = one.file.relative_to(root)
    room = inside.parts[0].removesuffix(".py")
    named = one.module.split(".")
    target = named[1] if len(named) > 1 else ""
    if room in ENTRANCES or target == room:
        return
    where = f"{one.file.relative_to(root.parent)}:{one.line}"
    if target in height:
        if room in height and height[target] >= height[room]:
            yield Violation(where, f"`{room}` imports `{target}`, which is not on a lower floor")
    elif target not in {"", "__version__"}:
        yield Violation(where, f"`{room}` imports `{target}`, which is not on the list of floors")
    elif target == "":
        yield Violation(where, f"`{room}` imports the whole package: name the room")


def plan(root: Path, listed: Floors) -> str:
    """Return the floors as text, top floor first, with the rooms that exist."""
    there = rooms_on_disk(root)
    rows = []
    for level, rooms in enumerate(listed):
        standing = [room for room in rooms if room in there]
        missing = [room for room in rooms if room not in there]
        words = "  ".join(standing) + (f"  (not yet: {', '.join(missing)})" if missing else "")
        rows.append(f"{len(listed) - level:>2}  {words.strip()}")
    return "\n".join(rows)


if __name__ == "__main__":
    print(plan(PROJECT / "src" / PACKAGE, floors()))
