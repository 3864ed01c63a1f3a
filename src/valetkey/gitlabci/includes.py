"""``include:local``: the other files that a CI file brings in."""

from collections.abc import Callable, Iterator, Sequence

from valetkey.diagnostics import Source, Span
from valetkey.errors import ValetkeyError
from valetkey.gitlabci.compose import compose
from valetkey.gitlabci.entries import is_absent, text_of
from valetkey.gitlabci.errors import malformed, unsupported
from valetkey.gitlabci.keywords import nearest
from valetkey.gitlabci.nodes import Mapping, Node, Scalar, merged
from valetkey.gitlabci.nodes import Sequence as List
from valetkey.gitlabci.resolve import References

Includes = Callable[[str], Source | Sequence[Source] | None]
"""Gives the file of a path below the project's root, or those of a path with wildcards."""

MAX_INCLUDES = 150
_KINDS = ("component", "file", "local", "project", "remote", "template")
_ELSEWHERE = "put the file into the project and include it with `local`"


class Loader:
    """Reads a CI file and all that it includes into one map."""

    def __init__(self, includes: Includes | None) -> None:
        self._includes = includes
        self._count = 0
        self._path: list[str] = []
        self.sources: list[Source] = []

    def load(self, source: Source) -> Mapping:
        """Return the map of a file over those of its includes, references not yet looked up.

        Raises :class:`MalformedCiFile` for files that are none, are missing, or include each
        other; :class:`UnsupportedCiFile` for includes from elsewhere.
        """
        self.sources.append(source)
        root = _root(source)
        include = root.get("include")
        if include is None or is_absent(include):
            return root.without("include")
        # references in `include` itself point into the same file
        include = References(root).resolved().get("include") or include
        below: Mapping | None = None
        for span, path in _paths(include):
            for found in self._find(span, path):
                loaded = self._nested(span, found)
                below = loaded if below is None else merged(below, loaded)
        own = root.without("include")
        return own if below is None else merged(below, own)

    def _nested(self, span: Span, source: Source) -> Mapping:
        self._count += 1
        if self._count > MAX_INCLUDES:
            raise malformed("ci-include", f"maximum of {MAX_INCLUDES} nested includes", span)
        if source.name in self._path:
            raise malformed("ci-include", f"`{source.name}` includes itself", span)
        self._path.append(source.name)
        loaded = self.load(source)
        self._path.pop()
        return loaded

    def _find(self, span: Span, path: str) -> Iterator[Source]:
        if self._includes is None:
            raise unsupported("`include` is not followed here", span, help="give the whole file")
        if not path.endswith((".yml", ".yaml")):
            message = f"included file `{path}` does not have YAML extension"
            raise malformed("ci-include", message, span)
        found = self._includes(path.removeprefix("/"))
        if found is None:
            raise malformed("ci-include", f"local file `{path}` does not exist", span)
        yield from (found,) if isinstance(found, Source) else found


def _root(source: Source) -> Mapping:
    documents = compose(source)
    if len(documents) > 1:
        raise _several(documents)
    if not documents or not isinstance(documents[0], Mapping):
        where = documents[0].span if documents else source.span(0, 0)
        raise malformed("ci-malformed", "root config should be a hash", where)
    root = documents[0]
    if (spec := root.entry("spec")) is not None:
        raise _inputs(spec.key.span)
    return root


def _several(documents: tuple[Node, ...]) -> ValetkeyError:
    first = documents[0]
    if isinstance(first, Mapping) and (spec := first.entry("spec")) is not None:
        return _inputs(spec.key.span)
    return malformed("ci-malformed", "a CI file holds one YAML document", documents[1].span)


def _inputs(span: Span) -> ValetkeyError:
    return unsupported("`spec:inputs` get their values from GitLab", span, help="use `variables`")


def _paths(include: Node) -> Iterator[tuple[Span, str]]:
    items = include.items if isinstance(include, List) else (include,)
    for item in items:
        if isinstance(item, List):
            yield from _paths(item)
        else:
            yield item.span, _path(item)


def _path(item: Node) -> str:
    if isinstance(item, Mapping):
        for entry in item:
            if entry.name in _KINDS and entry.name != "local":
                message = f"`include:{entry.name}` is not in this project"
                raise unsupported(message, entry.key.span, help=_ELSEWHERE)
            if entry.name != "local":
                message = f"`include:{entry.name}` is not evaluated here"
                advice = nearest(entry.name, _KINDS) or "include the file without conditions"
                raise unsupported(message, entry.key.span, help=advice)
    node = item.get("local") if isinstance(item, Mapping) else item
    path = text_of(node)
    if not path:
        raise malformed("ci-include", "include config should be a string or a hash", item.span)
    if "://" in path:
        where = node.span if isinstance(node, Scalar) else item.span
        raise unsupported("`include:remote` is not in this project", where, help=_ELSEWHERE)
    return path
