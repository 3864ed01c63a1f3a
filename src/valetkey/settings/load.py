"""From TOML and environment to :class:`Settings`; every fault is found, with its place."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, Final, get_origin

from valetkey.diagnostics import Diagnostic, Label, Source, did_you_mean
from valetkey.errors import ValetkeyError
from valetkey.settings.check import complaint, relations
from valetkey.settings.document import Document, read_document, read_inline
from valetkey.settings.mask import without_secrets
from valetkey.settings.model import Settings
from valetkey.settings.positions import Entry, Places
from valetkey.settings.table import ENVIRONMENT_PREFIX, Setting, settings_table
from valetkey.settings.upstream_tables import read_upstreams
from valetkey.settings.value import Value, read_value

_INTEGER: Final = re.compile(r"[+-]?[0-9]+", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?", re.ASCII)
_SYNTAX_PLACE: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_LONGEST_NUMBER: Final = 18


class MalformedSettings(ValetkeyError):
    """The settings can't be used: unknown names, wrong values, or no TOML at all."""

    code = "malformed-settings"


def load_settings(text: str | None, name: str, environ: Mapping[str, str]) -> Settings:
    """Return the settings of a TOML text (named ``name``), overridden by the environment.

    Raises :class:`MalformedSettings` with a finding for every fault.
    """
    faults: list[Diagnostic] = []
    values: dict[str, Value] = {}
    if text is not None:
        values.update(_from_toml(name, text, faults))
    values.update(_from_environment(environ, faults))
    read: dict[str, Any] = {}
    for setting in settings_table():
        if setting.name in values:
            reader = _read_tables if setting.holds_tables else _read
            read[setting.name] = reader(setting, values[setting.name], faults)
    if not faults:
        for names, message, advice in relations(read):
            labels = tuple(Label(values[n].span) for n in names if n in values)
            faults.append(Diagnostic("bad-setting", message, labels=labels, help=(advice,)))
    if faults:
        raise MalformedSettings(faults[0].message, diagnostics=faults)
    return Settings(**read)


def _from_toml(name: str, text: str, faults: list[Diagnostic]) -> Iterator[tuple[str, Value]]:
    try:
        document = read_document(name, text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        faults.append(_syntax_fault(Source(name, without_secrets(text)), str(error)))
        return
    known = {setting.name: setting for setting in settings_table()}
    found = document.entries
    within = {entry.path[:length] for entry in found for length in range(1, len(entry.path))}
    for entry in found:
        setting = known.get(entry.path[0])
        if setting is not None and len(entry.path) == 1:
            yield setting.name, Value(document.values[setting.name], entry.value)
        elif (setting is None or not setting.is_table) and entry.path not in within:
            # What is wrong with a table is what stands in it.
            faults.append(_unknown(entry, list(known)))
    yield from _tables(document)


def _tables(document: Document) -> Iterator[tuple[str, Value]]:
    """Yield the settings that are tables and not empty, each with what stands in it."""
    for setting in settings_table():
        rows = [row for row in document.entries if row.path[0] == setting.name]
        inner = [row for row in rows if len(row.path) > 1]
        if setting.is_table and inner:
            place = document.source.span(inner[0].key.start, inner[-1].value.end)
            if rows[0].value.text.startswith("{") and len(rows[0].path) == 1:
                place = rows[0].value
            places = Places(document.source, rows) if setting.holds_tables else None
            yield setting.name, Value(document.values[setting.name], place, places)


def _syntax_fault(source: Source, message: str) -> Diagnostic:
    place = _SYNTAX_PLACE.search(message)
    words = _SYNTAX_PLACE.sub("", message)
    offset = len(source.text)
    if place and place[1]:
        lines = source.text.split("\n")[: int(place[1]) - 1]
        offset = min(offset, sum(len(line) + 1 for line in lines) + int(place[2]) - 1)
    label = Label(source.span(offset, min(offset + 1, len(source.text))))
    return Diagnostic("malformed-toml", words[:1].lower() + words[1:], labels=(label,))


def _unknown(entry: Entry, known: list[str]) -> Diagnostic:
    written = ".".join(entry.path)
    near = did_you_mean(entry.path[-1].replace("-", "_"), known)
    if near and len(entry.path) > 1:
        advice = f"settings stand at the top of the file, in no table: write `{near} = …` there"
    elif near:
        advice = f"did you mean `{near}`?"
    else:
        advice = f"the settings are {', '.join(f'`{name}`' for name in known)}"
    return Diagnostic(
        "unknown-setting",
        f"there is no setting `{written}`",
        labels=(Label(entry.key),),
        help=(advice,),
    )


def _from_environment(
    environ: Mapping[str, str], faults: list[Diagnostic]
) -> Iterator[tuple[str, Value]]:
    table = {setting.variable: setting for setting in settings_table()}
    for variable, text in sorted(environ.items()):
        if variable in table:
            yield table[variable].name, _of_variable(table[variable], text)
        elif variable.startswith(ENVIRONMENT_PREFIX):
            # NOTE: not every unknown name is refused: a service called `valetkey` makes
            # Kubernetes set VALETKEY_PORT and more. A slip of the pen is.
            near = did_you_mean(variable, table, cutoff=0.9)
            if near:
                faults.append(
                    Diagnostic(
                        "unknown-setting",
                        f"there is no setting for the environment variable `{variable}`",
                        help=(f"did you mean `{near}`?",),
                    )
                )


def _of_variable(setting: Setting, text: str) -> Value:
    name = f"environment variable {setting.variable}"
    if setting.is_table:
        try:
            document = read_inline(name, setting.name, text)
        except (tomllib.TOMLDecodeError, RecursionError):
            text = without_secrets(text)
        else:
            places = Places(document.source, document.entries) if setting.holds_tables else None
            whole = document.source.span(0, len(text))
            return Value(document.values[setting.name], whole, places)
    return Value(_from_text(setting, text), Source(name, text).span(0, len(text)))


def _from_text(setting: Setting, text: str) -> object:
    """Return what an environment variable's text stands for; the text itself where unclear."""
    if get_origin(setting.type) is tuple:
        return [item.strip() for item in text.split(",")] if text.strip() else []
    if setting.type is bool:
        return {"true": True, "false": False}.get(text, text)
    if len(text) <= _LONGEST_NUMBER:
        if setting.type is int and _INTEGER.fullmatch(text):
            return int(text)
        if setting.type is float and _NUMBER.fullmatch(text):
            return float(text)
    return text


def _read(setting: Setting, value: Value, faults: list[Diagnostic]) -> object:
    return read_value(setting, value, complaint, faults)


def _read_tables(setting: Setting, value: Value, faults: list[Diagnostic]) -> object:
    return read_upstreams(setting, value, faults)
