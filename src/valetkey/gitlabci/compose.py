"""From the text of a YAML file to nodes, within bounds.

ruamel.yaml's parser gives events with their places; the tree is built here, without recursion,
so that depth, number and growth by aliases are bounded before they cost anything.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from valetkey.diagnostics import Label, Source, Span
from valetkey.gitlabci.errors import MalformedCiFile, malformed
from valetkey.gitlabci.nodes import Entry, Mapping, Node, Reference, Scalar, Sequence, plain_value

MAX_CHARACTERS = 1024 * 1024
MAX_DEPTH = 50
MAX_NODES = 50_000
MAX_EXPANDED = 100_000
"""How many values a file may have once its aliases are written out."""

_STR = "tag:yaml.org,2002:str"
_MERGE = "<<"
TOO_BIG = "the parsed YAML is too big"


@dataclass(slots=True)
class _Open:
    """A list or map whose end has not come yet."""

    start: int
    kind: type[Sequence | Mapping | Reference]
    anchor: str | None
    items: list[Node] = field(default_factory=list)
    """Of a map, its keys and values in turn."""
    aliased: set[int] = field(default_factory=set)


def compose(source: Source) -> tuple[Node, ...]:
    """Return the documents of a YAML file.

    Raises :class:`MalformedCiFile` for text that is no YAML, duplicate keys, unknown tags, and
    for files too large, too deep, or growing too large by their aliases.
    """
    if len(source.text) > MAX_CHARACTERS:
        raise malformed("ci-too-big", TOO_BIG, help=f"keep the file under {MAX_CHARACTERS} bytes")
    return tuple(_Composer(source).documents())


def _events(source: Source) -> Iterator[Event]:
    try:
        yield from YAML(typ="safe", pure=True).parse(source.text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = min(mark.index, len(source.text)) if mark is not None else 0
        problem = (error.problem or error.context or "invalid YAML").replace("\n", " ")
        raise malformed("ci-yaml", f"invalid YAML: {problem}", _point(source, at)) from None
    except YAMLError as error:
        at = getattr(error, "position", 0)
        problem = getattr(error, "reason", "unreadable")
        raise malformed("ci-yaml", f"invalid YAML: {problem}", _point(source, at)) from None
    except (AssertionError, ValueError):
        # the library's answer to some `%YAML` directives
        raise malformed("ci-yaml", "invalid YAML: unusable directive", _point(source, 0)) from None


def _point(source: Source, at: int) -> Span:
    return source.span(at, min(at + 1, len(source.text)))


class _Composer:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._anchors: dict[str, Node] = {}
        self._open: list[_Open] = []
        self._count = 0

    def documents(self) -> Iterator[Node]:
        for event in _events(self._source):
            if isinstance(event, DocumentStartEvent):
                self._anchors.clear()
            node = self._node(event)
            if node is None:
                continue
            if node.size > MAX_EXPANDED:
                raise malformed("ci-too-big", TOO_BIG, node.span)
            if self._open:
                self._open[-1].items.append(node)
            else:
                yield node

    def _node(self, event: Event) -> Node | None:
        """Return the node that an event completes."""
        match event:
            case ScalarEvent():
                return self._named(event.anchor, self._scalar(event))
            case SequenceStartEvent() | MappingStartEvent():
                self._start(event)
                return None
            case SequenceEndEvent() | MappingEndEvent():
                opened = self._open.pop()
                return self._named(opened.anchor, self._close(opened, event.end_mark.index))
            case AliasEvent():
                return self._alias(event)
        return None

    def _scalar(self, event: ScalarEvent) -> Scalar:
        span = self._span(event)
        tag = _tag(event)
        if tag not in (None, "!", _STR):
            raise malformed("ci-tag", f"unknown tag `{tag}`", self._first_word(event))
        plain = tag is None and event.implicit[0]
        return Scalar(span, event.value, plain_value(event.value) if plain else event.value)

    def _start(self, event: SequenceStartEvent | MappingStartEvent) -> None:
        tag = _tag(event)
        kind: type[Sequence | Mapping | Reference]
        if tag == "!reference" and isinstance(event, SequenceStartEvent):
            kind = Reference
        elif tag is not None:
            raise malformed(
                "ci-tag",
                f"unknown tag `{tag}`",
                self._first_word(event),
                help="`!reference [job, keyword]` is the one tag that a CI file may use",
            )
        else:
            kind = Sequence if isinstance(event, SequenceStartEvent) else Mapping
        if len(self._open) >= MAX_DEPTH:
            raise malformed("ci-too-deep", "the parsed YAML is too deep", self._span(event))
        self._open.append(_Open(event.start_mark.index, kind, event.anchor))

    def _close(self, opened: _Open, end: int) -> Node:
        span = self._source.span(opened.start, _trimmed(self._source.text, opened.start, end))
        if opened.kind is Sequence:
            return Sequence(span, tuple(opened.items))
        if opened.kind is Reference:
            return _reference(span, opened.items)
        return _mapping(span, opened.items)

    def _alias(self, event: AliasEvent) -> Node:
        name = str(event.anchor)
        if any(opened.anchor == name for opened in self._open):
            raise malformed("ci-alias", f"anchor `{name}` contains itself", self._span(event))
        node = self._anchors.get(name)
        if node is None:
            raise malformed("ci-alias", f"unknown alias `{name}`", self._span(event))
        return node

    def _named(self, anchor: str | None, node: Node) -> Node:
        self._count += 1
        if self._count > MAX_NODES:
            raise malformed("ci-too-big", TOO_BIG, node.span)
        if anchor is not None:
            self._anchors[anchor] = node
        return node

    def _span(self, event: Event) -> Span:
        start, end = event.start_mark.index, event.end_mark.index
        return self._source.span(start, _trimmed(self._source.text, start, end))

    def _first_word(self, event: Event) -> Span:
        start, end = event.start_mark.index, event.end_mark.index
        return self._source.span(start, start + len(self._source.text[start:end].split()[0]))


def _tag(event: ScalarEvent | SequenceStartEvent | MappingStartEvent) -> str | None:
    return None if event.tag is None else str(event.tag)


def _trimmed(text: str, start: int, end: int) -> int:
    """Return the end of a node without the blank lines that a block's end mark takes in."""
    while end > start and text[end - 1].isspace():
        end -= 1
    return end


def _reference(span: Span, items: list[Node]) -> Reference:
    names = [i.value for i in items if isinstance(i, Scalar) and isinstance(i.value, str)]
    if not names or len(names) != len(items):
        raise malformed(
            "ci-reference",
            "`!reference` should be a list of names",
            span,
            help="write `!reference [.setup, script]`",
        )
    return Reference(span, tuple(names))


def _mapping(span: Span, items: list[Node]) -> Mapping:
    """Build a map from keys and values in turn; refuse duplicates, follow ``<<``."""
    own: dict[str, Entry] = {}
    brought: dict[str, Entry] = {}
    for key, value in zip(items[::2], items[1::2], strict=True):
        if not isinstance(key, Scalar):
            raise malformed("ci-key", "a key should be a word", key.span)
        if key.text == _MERGE:
            for entry in _brought(key, value):
                brought.setdefault(entry.name, entry)
            continue
        if key.text in own:
            raise _duplicate(own[key.text].key, key)
        own[key.text] = Entry(key, value)
    return Mapping(span, tuple({**brought, **own}.values()))


def _brought(key: Scalar, value: Node) -> Iterator[Entry]:
    """Yield what ``<<`` brings in; of several maps the earlier one wins (YAML merge key)."""
    maps = value.items if isinstance(value, Sequence) else (value,)
    for each in maps:
        if not isinstance(each, Mapping):
            raise malformed("ci-merge", "`<<` should bring in a map or a list of maps", key.span)
        yield from each


def _duplicate(first: Scalar, second: Scalar) -> MalformedCiFile:
    return malformed(
        "ci-duplicate-key",
        f"duplicate key `{second.text}`",
        Label(second.span, "again here"),
        Label(first.span, "first here"),
        help="GitLab takes the last one without a word; keep one",
    )
