"""From TOML and environment to :class:`Settings`; every fault is found, with its place."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, Final, get_origin

import msgspec

from valetkey.diagnostics import Diagnostic, Label, Source, Span, did_you_mean
from valetkey.errors import ValetkeyError
from valetkey.settings.check import complaint, relations
from valetkey.settings.model import Settings
from valetkey.settings.positions import Entry, entries
from valetkey.settings.table import ENVIRONMENT_PREFIX, Setting, settings_table

_INTEGER: Final = re.compile(r"[+-]?[0-9]+", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?", re.ASCII)
_SYNTAX_PLACE: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_LONGEST_NUMBER: Final = 18


class MalformedSettings(ValetkeyError):
    """The settings can't be used: unknown names, wrong values, or no TOML at all."""

    code = "malformed-settings"


class _Value(msgspec.Struct, frozen=True):
    """A value as given, and the place to point at."""

    given: object
    span: Span


def load_settings(text: str | None, name: str, environ: Mapping[str, str]) -> Settings:
    """Return the settings of a TOML text (named ``name``), overridden by the environment.

    Raises :class:`MalformedSettings` with a finding for every fault.
    """
    faults: list[Diagnostic] = []
    values: dict[str, _Value] = {}
    if text is not None:
        values.update(_from_toml(Source(name, text), faults))
    values.update(_from_environment(environ, faults))
    read: dict[str, Any] = {}
    for setting in settings_table():
        if setting.name in values:
            read[setting.name] = _read(setting, values[setting.name], faults)
    if not faults:
        for names, message, advice in relations(read):
            labels = tuple(Label(values[n].span) for n in names if n in values)
            faults.append(Diagnostic("bad-setting", message, labels=labels, help=(advice,)))
    if faults:
        raise MalformedSettings(faults[0].message, diagnostics=faults)
    return Settings(**read)


def _from_toml(source: Source, faults: list[Diagnostic]) -> Iterator[tuple[str, _Value]]:
    try:
        document = tomllib.loads(source.text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        faults.append(_syntax_fault(source, str(error)))
        return
    known = [setting.name for setting in settings_table()]
    tables = {setting.name for setting in settings_table() if setting.is_table}
    found = list(entries(source))
    within = {entry.path[:length] for entry in found for length in range(1, len(entry.path))}
    for entry in found:
        name = entry.path[0]
        if name in tables and len(entry.path) > 1:
            rows = [row for row in found if row.path[0] == name and len(row.path) > 1]
            place = source.span(rows[0].key.start, rows[-1].value.end)
            yield name, _Value(document[name], place)
        elif name in known and len(entry.path) == 1:
            yield name, _Value(document[name], entry.value)
        elif entry.path not in within:  # what is wrong with a table is what stands in it
            faults.append(_unknown(entry, known))


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
) -> Iterator[tuple[str, _Value]]:
    table = {setting.variable: setting for setting in settings_table()}
    for variable, text in sorted(environ.items()):
        if variable in table:
            source = Source(f"environment variable {variable}", text)
            given = _from_text(table[variable], text)
            yield table[variable].name, _Value(given, source.span(0, len(text)))
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


def _from_text(setting: Setting, text: str) -> object:
    """Return what an environment variable's text stands for; the text itself where unclear."""
    if get_origin(setting.type) is tuple:
        return [item.strip() for item in text.split(",")] if text.strip() else []
    if setting.is_table:
        return _table_from_text(text)
    if setting.type is bool:
        return {"true": True, "false": False}.get(text, text)
    if len(text) <= _LONGEST_NUMBER:
        if setting.type is int and _INTEGER.fullmatch(text):
            return int(text)
        if setting.type is float and _NUMBER.fullmatch(text):
            return float(text)
    return text


def _table_from_text(text: str) -> object:
    try:
        return tomllib.loads(f"table = {text}")["table"]
    except (tomllib.TOMLDecodeError, RecursionError):
        return text


def _read(setting: Setting, value: _Value, faults: list[Diagnostic]) -> object:
    try:
        read: object = msgspec.convert(value.given, setting.annotated)
    except msgspec.ValidationError:
        faults.append(_wrong(setting, value, f"wants {setting.wants}", value.span.text))
        return None
    objection = complaint(setting.name, read)
    if objection:
        faults.append(_wrong(setting, value, *objection))
    return read


def _wrong(setting: Setting, value: _Value, objection: str, got: str) -> Diagnostic:
    advice = (
        (f"give `{setting.variable}` a value, or unset it",)
        if value.given == ""
        else (f"`{setting.name}`: {setting.purpose}",)
    )
    return Diagnostic(
        "bad-setting",
        f"setting `{setting.name}` {objection}, got `{got}`",
        labels=(Label(value.span),),
        help=advice,
    )
