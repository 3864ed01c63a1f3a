"""The values of a YAML file with their places, and what plain words mean in YAML 1.1.

Nodes are immutable and shared: an alias is the same node again. ``size`` counts a node with all
that is in it, aliases counted each time, so a file that expands without end is seen at once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from valetkey.diagnostics import Span

Plain = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Scalar:
    """A word or a text; ``value`` is what GitLab's YAML reader makes of it."""

    span: Span
    text: str
    value: Plain
    size: int = field(default=1, repr=False, compare=False)
    height: int = field(default=1, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    span: Span
    items: tuple["Node", ...]
    size: int = field(init=False, repr=False, compare=False)
    height: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", 1 + sum(item.size for item in self.items))
        object.__setattr__(self, "height", 1 + max((i.height for i in self.items), default=0))


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a map and its value."""

    key: Scalar
    value: "Node"

    @property
    def name(self) -> str:
        """Return the key as GitLab names it."""
        return self.key.text


@dataclass(frozen=True, slots=True)
class Mapping:
    """A map; its keys are unique texts."""

    span: Span
    entries: tuple[Entry, ...]
    size: int = field(init=False, repr=False, compare=False)
    height: int = field(init=False, repr=False, compare=False)
    _index: dict[str, Entry] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        values = [entry.value for entry in self.entries]
        object.__setattr__(self, "size", 1 + sum(1 + value.size for value in values))
        object.__setattr__(self, "height", 1 + max((v.height for v in values), default=0))
        object.__setattr__(self, "_index", {entry.name: entry for entry in self.entries})

    def entry(self, name: str) -> Entry | None:
        """Return a key with its value."""
        return self._index.get(name)

    def get(self, name: str) -> "Node | None":
        """Return the value of a key."""
        found = self._index.get(name)
        return None if found is None else found.value

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def without(self, *names: str) -> "Mapping":
        """Return the map less some keys."""
        return Mapping(self.span, tuple(e for e in self.entries if e.name not in names))


@dataclass(frozen=True, slots=True)
class Reference:
    """GitLab's ``!reference [job, keyword]``, not yet looked up."""

    span: Span
    path: tuple[str, ...]
    size: int = field(default=1, repr=False, compare=False)
    height: int = field(default=1, repr=False, compare=False)


Node = Scalar | Sequence | Mapping | Reference


def merged(below: Mapping, above: Mapping) -> Mapping:
    """Merge maps as ``extends`` and ``include`` do: maps key by key, anything else replaced."""
    values = {entry.name: entry for entry in below}
    for entry in above:
        under = values.get(entry.name)
        if under and isinstance(under.value, Mapping) and isinstance(entry.value, Mapping):
            values[entry.name] = Entry(entry.key, merged(under.value, entry.value))
        else:
            values[entry.name] = entry
    return Mapping(above.span, tuple(values.values()))


_NULL = re.compile(r"~|null|Null|NULL|")
_TRUE = re.compile(r"(?i:yes|true|on)")
_FALSE = re.compile(r"(?i:no|false|off)")
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9_,]*)")
_OCTAL = re.compile(r"([-+]?)0o?([0-7_,]+)")
_HEX = re.compile(r"([-+]?)0x([0-9a-fA-F_,]+)")
_BINARY = re.compile(r"([-+]?)0b([01_,]+)")
_SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9]){1,2}")
_FLOAT = re.compile(
    r"[-+]?(?:[0-9][0-9_,]*)?\.[0-9]*(?:[eE][-+][0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+"
)
_LONGEST_NUMBER = (
    64  # as long as any number means; conversion of longer ones costs more than linear
)


def plain_value(text: str) -> Plain:
    """Return what an unquoted word means in YAML 1.1, the version that GitLab reads.

    ``yes`` and ``on`` are true, ``010`` is 8, ``1.10`` is 1.1 and ``22:30`` is 1350.
    """
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text):
        return True
    if _FALSE.fullmatch(text):
        return False
    if len(text) > _LONGEST_NUMBER or not (text[0].isdigit() or text[0] in "+-."):
        return text
    return _number(text)


def _number(text: str) -> Plain:
    if _DECIMAL.fullmatch(text):
        return int(_bare(text))
    for pattern, base in ((_HEX, 16), (_BINARY, 2), (_OCTAL, 8)):
        match = pattern.fullmatch(text)
        if match and (digits := _bare(match[2])):
            return int(match[1] + digits, base)
    if _SEXAGESIMAL.fullmatch(text):
        total = 0
        for part in _bare(text).lstrip("+-").split(":"):
            total = total * 60 + int(part)
        return -total if text.startswith("-") else total
    if _FLOAT.fullmatch(text) and any(char.isdigit() for char in text):
        return float(_bare(text))
    return text


def _bare(digits: str) -> str:
    return digits.replace("_", "").replace(",", "")


def as_text(value: Plain) -> str:
    """Return how GitLab writes a value that is not a text where it needs one."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return _float_text(value)
        case _:
            return str(value)


def _float_text(value: float) -> str:
    # Ruby writes an exponent from 1e16 up, as Python does, but always with a fraction: 1.0e+20
    text = repr(value)
    mantissa, sign, exponent = text.partition("e")
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}{sign}{exponent}" if sign else text
