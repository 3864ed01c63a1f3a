"""From method and path to a REST operation, by the templates of the model.

Labels are read from the path as it came, each decoded once. A path that would lead an upstream
which decodes before it looks to another operation is refused.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from valetkey.gateway.apis.errors import Misfit
from valetkey.wire.api_tables import ApiOperation, ApiTable

_LABEL = re.compile(r"\{([A-Za-z0-9_\-]+)(\+?)\}")
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_DOTS = frozenset({".", ".."})


class Template(NamedTuple):
    """A URI template. ``rank`` is the larger, the more of it is literal."""

    operation: ApiOperation
    segments: tuple[str, ...]
    query: tuple[tuple[str, str], ...]
    greedy: int
    """The place of a label that takes several segments; -1 where none does."""
    rank: tuple[tuple[int, ...], int]


class Route(NamedTuple):
    """An operation with the values of its labels."""

    operation: ApiOperation
    labels: Mapping[str, str]
    query: tuple[tuple[str, str], ...]


class Router:
    """The routes of one service."""

    def __init__(self, table: ApiTable) -> None:
        self._by_method: dict[str, list[Template]] = {}
        for operation in table.operations.values():
            self._by_method.setdefault(operation.method, []).append(_template(operation))
        for templates in self._by_method.values():
            templates.sort(key=lambda one: one.rank, reverse=True)

    def find(
        self, method: str, path: bytes, query: Mapping[str, tuple[str, ...]]
    ) -> tuple[Route, ...]:
        """Return the routes that fit best: none, one, or several that are equally good.

        Raises :class:`Misfit` for a path that may be read in two ways.
        """
        segments = split_path(path)
        found = self._best(method, segments, query)
        decoded = [part for segment in segments for part in segment.split("/")]
        if decoded != segments and found:
            other = {one.operation.name for one in self._best(method, decoded, query)}
            if other - {one.operation.name for one in found}:
                raise Misfit("the path leads to another operation where its escapes are undone")
        return found

    def _best(
        self, method: str, segments: list[str], query: Mapping[str, tuple[str, ...]]
    ) -> tuple[Route, ...]:
        best: list[Route] = []
        rank = None
        for template in self._by_method.get(method, ()):
            if best and template.rank != rank:
                break
            labels = _fit(template, segments)
            if labels is not None and _has(query, template.query):
                best.append(Route(template.operation, labels, template.query))
                rank = template.rank
        return tuple(best)


def split_path(path: bytes) -> list[str]:
    """Return a path's segments, each decoded; raises :class:`Misfit`."""
    if not path.startswith(b"/"):
        raise Misfit("the path does not begin with `/`")
    if _BROKEN_ESCAPE.search(path):
        raise Misfit("the path has a `%` without two hexadecimal digits")
    try:
        segments = [unquote_to_bytes(part).decode() for part in path[1:].split(b"/")]
    except UnicodeDecodeError as error:
        raise Misfit("the path is not UTF-8") from error
    if any(part in _DOTS or "\0" in part for one in segments for part in one.split("/")):
        raise Misfit("the path has a step that is `.` or `..`, or a NUL character")
    return segments


def _template(operation: ApiOperation) -> Template:
    path, _, query = operation.uri.partition("?")
    segments = tuple(path[1:].split("/"))
    pairs = tuple(
        (name, value) for name, _, value in (one.partition("=") for one in query.split("&") if one)
    )
    weights = tuple(_weight(segment) for segment in segments)
    greedy = next((at for at, one in enumerate(segments) if one.endswith("+}")), -1)
    return Template(operation, segments, pairs, greedy, (weights, len(pairs)))


def _weight(segment: str) -> int:
    if segment.endswith("+}"):
        return 0
    return 1 if "{" in segment else 2


def _has(query: Mapping[str, tuple[str, ...]], wanted: Iterable[tuple[str, str]]) -> bool:
    return all(query.get(name) == (value,) for name, value in wanted)


def _fit(template: Template, segments: list[str]) -> dict[str, str] | None:
    given = list(segments)
    wanted = template.segments
    if len(given) == len(wanted) + 1 and given[-1] == "" and wanted[-1] != "":
        given.pop()  # a slash at the end is tolerated
    if template.greedy >= 0:
        after = len(wanted) - template.greedy - 1
        if len(given) < len(wanted):
            return None
        taken = "/".join(given[template.greedy : len(given) - after])
        given[template.greedy : len(given) - after] = [taken]
    if len(given) != len(wanted):
        return None
    labels: dict[str, str] = {}
    for segment, value in zip(wanted, given, strict=True):
        if not _fit_segment(segment, value, labels):
            return None
    return labels


def _fit_segment(segment: str, value: str, labels: dict[str, str]) -> bool:
    if "{" not in segment:
        return segment == value
    whole = _LABEL.fullmatch(segment)
    if whole is None:
        return False  # a form of template that no model has had yet
    labels[whole[1]] = value
    return value != ""
