"""YAML as a tree: CloudFormation and SAM templates, and other files with policies in them.

ruamel.yaml's parser gives events with their places; the tree is built here within bounds, so
that tags such as ``!Sub`` are kept and nothing is constructed.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from valetkey.diagnostics import Diagnostic, Label, Source
from valetkey.lint.embedded.find import Shared
from valetkey.lint.embedded.intrinsics import resolved, substituted, templated
from valetkey.lint.embedded.tree import (
    MAX_DEPTH,
    MAX_NODES,
    Known,
    List,
    Literal,
    Map,
    Member,
    Node,
    Opaque,
    Text,
    Unreadable,
)

_PLAIN_TAGS: Final = frozenset({"!", "tag:yaml.org,2002:str"})
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})


def read_yaml(source: Source) -> tuple[Node, Shared]:
    """Read all documents of a YAML text as a list, and what aliases repeat.

    Raises :class:`Unreadable`.
    """
    builder = _Builder(source)
    root = List(0, len(source.text), tuple(builder.documents()))
    return root, _apart(builder.shared)


def yaml_scalars(source: Source) -> tuple[tuple[int, int, str], ...]:
    """Return the places of the scalars that a text has up to its first fault, and their marks.

    A mark is a quote, ``|`` or ``>``; a plain word has none.
    """
    found = []
    with suppress(Unreadable):
        for event in _events(source):
            if isinstance(event, ScalarEvent):
                place = (event.start_mark.index, event.end_mark.index)
                found.append((*place, str(event.style or "")))
    return tuple(found)


def _apart(places: Iterable[tuple[int, int]]) -> Shared:
    """Return stretches without those that lie in another one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if not found or end > found[-1][1]:
            found.append((start, end))
    return tuple(found)


@dataclass(slots=True)
class _Open:
    start: int
    event: MappingStartEvent | SequenceStartEvent
    items: list[Node] = field(default_factory=list)


class _Builder:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._open: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._count = 0
        self.shared: set[tuple[int, int]] = set()

    def documents(self) -> Iterator[Node]:
        for event in _events(self._source):
            node = self._completed(event)
            if node is None:
                continue
            self._count += 1
            if self._count > MAX_NODES:
                raise _flaw(self._source, "the file has too many values", node.start)
            if self._open:
                self._open[-1].items.append(node)
            else:
                self._anchors.clear()
                yield node

    def _completed(self, event: Event) -> Node | None:
        match event:
            case ScalarEvent():
                return self._named(event.anchor, self._scalar(event))
            case SequenceStartEvent() | MappingStartEvent():
                if len(self._open) >= MAX_DEPTH:
                    start = event.start_mark.index
                    raise _flaw(self._source, "values are nested too deep", start)
                self._open.append(_Open(event.start_mark.index, event))
            case SequenceEndEvent() | MappingEndEvent():
                opened = self._open.pop()
                node = self._closed(opened, self._trimmed(opened.start, event.end_mark.index))
                return self._named(opened.event.anchor, node)
            case AliasEvent():
                start, end = event.start_mark.index, event.end_mark.index
                missing = Opaque(start, end, self._source.text[start:end])
                node = self._anchors.get(str(event.anchor), missing)
                self.shared.add((node.start, node.end))
                return node
        return None

    def _named(self, anchor: str | None, node: Node) -> Node:
        if anchor is not None:
            self._anchors[anchor] = node
        return node

    def _scalar(self, event: ScalarEvent) -> Node:
        start = event.start_mark.index
        end = self._trimmed(start, event.end_mark.index)
        tag = _tag(event)
        text = self._text(event, start, end)
        if tag == "!Sub":
            return substituted(text)
        if tag is not None and tag not in _PLAIN_TAGS:
            return Opaque(start, end, self._source.text[start:end])
        if tag is None and event.implicit[0] and event.value in _NULLS:
            return Literal(start, end, "null")
        return templated(text)

    def _text(self, event: ScalarEvent, start: int, end: int) -> Text:
        """Return a scalar; where it is written without escapes, exactly at its characters."""
        value = event.value
        quote = event.style if event.style in {'"', "'"} else ""
        begin = end - len(quote) - len(value)
        written = self._source.text[max(begin, start) : end - len(quote)]
        if event.style in {None, "", '"', "'"} and begin >= start and written == value:
            piece = Known(value, begin, end - len(quote), exact=True)
            return Text(begin - len(quote), end, (piece,))
        return Text(start, end, (Known(value, start, end, exact=False),))

    def _closed(self, opened: _Open, end: int) -> Node:
        tag = _tag(opened.event)
        if isinstance(opened.event, SequenceStartEvent):
            sequence = List(opened.start, end, tuple(opened.items))
            return sequence if tag is None else _applied(tag, sequence)
        members: list[Member] = []
        more: Opaque | None = None
        for key, value in zip(opened.items[::2], opened.items[1::2], strict=True):
            if isinstance(key, Text) and key.plain != "<<":
                members.append(Member(key, value))
            else:
                more = Opaque(key.start, key.end, self._source.text[key.start : key.end])
        found = resolved(Map(opened.start, end, tuple(members), more))
        return found if tag is None else Opaque(opened.start, end, tag)

    def _trimmed(self, start: int, end: int) -> int:
        """Return the end without the blank lines that a block's end mark takes in."""
        while end > start and self._source.text[end - 1].isspace():
            end -= 1
        return end


def _applied(tag: str, sequence: List) -> Node:
    return substituted(sequence) if tag == "!Sub" else Opaque(sequence.start, sequence.end, tag)


def _tag(event: ScalarEvent | SequenceStartEvent | MappingStartEvent) -> str | None:
    return None if event.tag is None else str(event.tag)


def _events(source: Source) -> Iterator[Event]:
    try:
        yield from YAML(typ="safe", pure=True).parse(source.text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "it can't be read"
        at = mark.index if mark is not None else 0
        raise _flaw(source, f"invalid YAML: {' '.join(problem.split())}", at) from None
    except YAMLError as error:
        at = getattr(error, "position", 0)
        problem = getattr(error, "reason", "it can't be read")
        raise _flaw(source, f"invalid YAML: {problem}", at) from None
    except (AssertionError, ValueError):
        # the library's answer to some `%YAML` directives
        raise _flaw(source, "invalid YAML: unusable directive", 0) from None


def _flaw(source: Source, message: str, at: int) -> Unreadable:
    start = min(at, len(source.text))
    span = source.span(start, min(start + 1, len(source.text)))
    return Unreadable(Diagnostic("lint-yaml", message, labels=(Label(span),)))
