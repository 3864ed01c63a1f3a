"""A TOML text as read, and where its parts stand in what may be shown of it."""

import tomllib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from valetkey.diagnostics import Source
from valetkey.settings.mask import Stretch, without, without_secrets
from valetkey.settings.positions import Entry, entries, members
from valetkey.settings.table import settings_table, upstream_table

_DEPTH = 3  # the setting, the table's name, the setting in there


class Document(NamedTuple):
    """The values by name, and the statements in order; ``source`` holds no secret.

    Of a setting that holds tables, what stands in braces is among the statements too.
    """

    values: dict[str, Any]
    source: Source
    entries: tuple[Entry, ...]


def read_document(name: str, text: str) -> Document:
    """Read a TOML text. Raises ``TOMLDecodeError`` and ``RecursionError``."""
    values = tomllib.loads(text)
    return _document(values, name, text, entries(Source(name, text)))


def read_inline(name: str, setting: str, text: str) -> Document:
    """Read a table in braces, the value of one setting; raises as :func:`read_document`."""
    values = tomllib.loads(f"{setting} = {text}")
    if len(values) > 1:
        raise tomllib.TOMLDecodeError("more than a value")
    whole = Source(name, text)
    start = len(text) - len(text.lstrip())
    span = whole.span(start, start + len(text.strip()))
    return _document(values, name, text, [Entry((setting,), span, span)])


def _document(values: dict[str, Any], name: str, text: str, found: Iterable[Entry]) -> Document:
    holding = {setting.name for setting in settings_table() if setting.holds_tables}
    source = Source(name, text)
    every = [
        inner
        for entry in found
        for inner in (
            members(source, entry, depth=_DEPTH) if entry.path[0] in holding else (entry,)
        )
    ]
    shown = Source(name, without(without_secrets(text), _of_strangers(every)))
    return Document(values, shown, tuple(entry.of(shown) for entry in every))


def _of_strangers(found: Iterable[Entry]) -> Iterator[Stretch]:
    # Under a name that is not known, anything may stand: a secret too.
    known = {setting.name for setting in upstream_table()}
    for entry in found:
        if len(entry.path) >= _DEPTH and entry.path[_DEPTH - 1] not in known:
            yield entry.value.start, entry.value.end
