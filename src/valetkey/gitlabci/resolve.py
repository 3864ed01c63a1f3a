"""``!reference`` and ``extends``: what one part of a CI file takes from another.

In GitLab's order: references first, over the file as written, then ``extends``.
"""

from collections.abc import Iterator

from valetkey.gitlabci.compose import MAX_EXPANDED, TOO_BIG
from valetkey.gitlabci.errors import MalformedCiFile, malformed
from valetkey.gitlabci.keywords import nearest
from valetkey.gitlabci.nodes import (
    Entry,
    Mapping,
    Node,
    Reference,
    Scalar,
    Sequence,
    as_text,
    merged,
)

MAX_REFERENCES = 10
"""How deep references may lead to references."""
MAX_EXTENDS = 10
"""How many ancestors a job may have along one line of ``extends``."""
_MAX_HEIGHT = 100
_MAX_MERGED = 500_000


class References:
    """Looks up the ``!reference`` tags of one file."""

    def __init__(self, root: Mapping) -> None:
        self._root = root
        self._known: dict[tuple[str, ...], Node] = {}
        self._chain: list[tuple[str, ...]] = []

    def resolved(self) -> Mapping:
        """Return the file with what its references stand for.

        Raises :class:`MalformedCiFile` for a reference to nothing, in a circle or too deep.
        """
        return Mapping(self._root.span, tuple(self._entries(self._root)))

    def _entries(self, node: Mapping) -> Iterator[Entry]:
        for entry in node:
            yield Entry(entry.key, self._resolve(entry.value))

    def _resolve(self, node: Node) -> Node:
        result = node
        match node:
            case Reference():
                return self._follow(node)
            case Sequence():
                result = Sequence(node.span, tuple(self._resolve(item) for item in node.items))
            case Mapping():
                result = Mapping(node.span, tuple(self._entries(node)))
        if result.size > MAX_EXPANDED:
            raise malformed("ci-too-big", TOO_BIG, node.span)
        if result.height > _MAX_HEIGHT:
            raise malformed("ci-too-deep", "the parsed YAML is too deep", node.span)
        return result

    def _follow(self, reference: Reference) -> Node:
        path = reference.path
        if path in self._known:
            return self._known[path]
        if path in self._chain:
            raise _wrong(reference, "is part of a circular chain")
        if len(self._chain) >= MAX_REFERENCES:
            raise _wrong(reference, f"is nested more than {MAX_REFERENCES} levels deep")
        self._chain.append(path)
        self._known[path] = node = self._resolve(self._target(reference))
        self._chain.pop()
        return node

    def _target(self, reference: Reference) -> Node:
        node: Node | None = self._root
        names: frozenset[str] = frozenset()
        for name in reference.path:
            if isinstance(node, Mapping):
                names = frozenset(entry.name for entry in node)
                node = node.get(name)
            else:
                node = None
            if node is None:
                raise _wrong(reference, "could not be found", help=nearest(name, names))
        if node is None or (isinstance(node, Scalar) and node.value in (None, False)):
            raise _wrong(reference, "could not be found")
        return node


def _wrong(reference: Reference, what: str, *, help: str | None = None) -> MalformedCiFile:
    listed = ", ".join(f'"{name}"' for name in reference.path)
    return malformed("ci-reference", f"!reference [{listed}] {what}", reference.span, help=help)


class Extends:
    """Puts the bases of ``extends`` under the jobs that name them."""

    def __init__(self, root: Mapping) -> None:
        self._root = root
        self._done: dict[str, tuple[Mapping, int]] = {}
        self._path: list[str] = []
        self._size = 0

    def resolved(self, name: str) -> Mapping:
        """Return a job with what it extends, later bases over earlier ones, itself on top.

        Raises :class:`MalformedCiFile` for a base that is not there or is no map, for circles,
        and beyond :data:`MAX_EXTENDS` ancestors.
        """
        return self._extend(name)[0]

    def _extend(self, name: str) -> tuple[Mapping, int]:
        """Return the merged job and how many ancestors are above it."""
        if name in self._done:
            return self._done[name]
        job = self._root.get(name)
        if not isinstance(job, Mapping):
            raise TypeError(name)  # callers look first
        depth = 0
        below: Mapping | None = None
        self._path.append(name)
        for base in self._bases(name, job):
            over, ancestors = self._extend(base)
            depth = max(depth, ancestors + 1)
            below = over if below is None else merged(below, over)
        self._path.pop()
        own = job.without("extends")
        result = own if below is None else merged(below, own)
        self._size += result.size
        if self._size > _MAX_MERGED:
            raise malformed("ci-too-big", TOO_BIG, job.span)
        if depth > MAX_EXTENDS:
            raise self._wrong(job, f"{name}: nesting too deep in `extends`")
        self._done[name] = result, depth
        return result, depth

    def _bases(self, name: str, job: Mapping) -> Iterator[str]:
        extends = job.get("extends")
        if extends is None or (isinstance(extends, Scalar) and extends.value is None):
            return
        items = extends.items if isinstance(extends, Sequence) else (extends,)
        for item in items:
            if not isinstance(item, Scalar) or not isinstance(item.value, str):
                message = f"jobs:{name} extends should be an array of strings or a string"
                raise malformed("ci-extends", message, item.span)
            base = as_text(item.value)
            target = self._root.get(base)
            if target is None:
                names = frozenset(entry.name for entry in self._root)
                raise malformed(
                    "ci-extends",
                    f"{name}: unknown keys in `extends` ({base})",
                    item.span,
                    help=nearest(base, names),
                )
            if not isinstance(target, Mapping):
                message = f"{name}: invalid base hashes in `extends` ({base})"
                raise malformed("ci-extends", message, item.span)
            if base in self._path:
                raise self._wrong(job, f"{name}: circular dependency detected in `extends`")
            if len(self._path) > MAX_EXTENDS:
                raise self._wrong(job, f"{name}: nesting too deep in `extends`")
            yield base

    @staticmethod
    def _wrong(job: Mapping, message: str) -> MalformedCiFile:
        entry = job.entry("extends")
        return malformed("ci-extends", message, entry.value.span if entry else job.span)
