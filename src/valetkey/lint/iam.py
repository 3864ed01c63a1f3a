"""What AWS's services call their actions, resources and condition keys.

The names come from a data file that is made of AWS's Service Authorization Reference
(:func:`provenance`); each service in it is unpacked when somebody asks about it. They are as old
as the file, so a name that is not in it is no proof that AWS has none. Nothing here knows a
policy; the rules do.
"""

import bz2
import re
from bisect import bisect_left
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final, NamedTuple

import msgspec

from valetkey.lint.data.global_keys import ALWAYS_THERE, GLOBAL_KEYS
from valetkey.policy import glob

_WILDCARD: Final = re.compile(r"[*?]")


class Provenance(msgspec.Struct, frozen=True):
    """Where the names come from; ``retrieved`` is a date."""

    package: str
    version: str
    licence: str
    retrieved: str
    source: str


class ConditionKey(NamedTuple):
    """A condition key. ``kind`` is AWS's name of its type; the empty string where none is told.

    ``several`` tells that a request may have more than one value for it, which asks for
    ``ForAnyValue:`` or ``ForAllValues:``. A name that ends in ``/`` goes on with a tag's name.
    """

    name: str
    kind: str
    several: bool

    @property
    def always_there(self) -> bool:
        """Tell whether every request has it."""
        return self.name.lower() in ALWAYS_THERE


class ResourceType(NamedTuple):
    """A kind of resource: its ARN with ``${Placeholders}``, its condition keys in lower case."""

    name: str
    arn: str
    keys: frozenset[str]


class Action(NamedTuple):
    """An action; without ``resources`` it can be asked of ``*`` only.

    ``access`` is ``R`` read, ``L`` list, ``W`` write, ``T`` tagging or ``P`` permissions.
    """

    service: str
    name: str
    access: str
    resources: tuple[ResourceType, ...]
    keys: frozenset[str]

    @property
    def full_name(self) -> str:
        """Return the name as policies write it."""
        return f"{self.service}:{self.name}"

    def has_key(self, key: str) -> bool:
        """Tell whether a request for it may have a condition key of its service."""
        folded = key.lower()
        own = any(_is_key(folded, name) for name in self.keys)
        return own or any(_is_key(folded, name) for each in self.resources for name in each.keys)


class Service:
    """A service's names, with the actions sorted for look-up by prefix."""

    __slots__ = ("_sorted", "actions", "keys", "name", "prefix", "resources")

    def __init__(self, prefix: str, packed: "_Packed") -> None:
        named = [(_without_placeholder(key), kind) for key, kind in packed.keys]
        folded = [key.lower() for key, _ in named]
        self.prefix: Final = prefix
        self.name: Final = packed.name
        self.keys: Final = {key.lower(): _condition_key(key, kind) for key, kind in named}
        self.resources: Final = tuple(
            ResourceType(name, arn, frozenset(folded[at] for at in keys))
            for name, arn, keys in packed.resources
        )
        self.actions: Final = {
            name.lower(): Action(
                prefix,
                name,
                access,
                tuple(self.resources[at] for at in on),
                frozenset(folded[at] for at in keys),
            )
            for name, access, on, keys in packed.actions
        }
        self._sorted = sorted(self.actions)

    def matching(self, pattern: str) -> tuple[Action, ...]:
        """Return the actions that a pattern without service prefix stands for."""
        folded = pattern.lower()
        start = _WILDCARD.split(folded, 1)[0]
        if start == folded:
            found = self.actions.get(folded)
            return () if found is None else (found,)
        compiled = glob(folded)
        first = bisect_left(self._sorted, start)
        last = bisect_left(self._sorted, start + "\U0010ffff")
        return tuple(
            self.actions[name] for name in self._sorted[first:last] if compiled.matches(name)
        )


class _Packed(msgspec.Struct, frozen=True, array_like=True):
    """A service as the data file has it."""

    name: str
    keys: list[tuple[str, str]]
    resources: list[tuple[str, str, list[int]]]
    actions: list[tuple[str, str, list[int], list[int]]]


class _File(msgspec.Struct, frozen=True):
    provenance: Provenance
    arn_services: dict[str, list[str]]
    services: dict[str, bytes]


def provenance() -> Provenance:
    """Return where the names come from, and when."""
    return _file().provenance


def service_prefixes() -> frozenset[str]:
    """Return the prefixes of all services, in lower case."""
    return frozenset(_file().services)


@cache
def service(prefix: str) -> Service | None:
    """Return a service by its prefix in lower case; None for one that is not known."""
    packed = _file().services.get(prefix)
    if packed is None:
        return None
    content = msgspec.msgpack.decode(bz2.decompress(packed), type=_Packed)
    return Service(prefix, content)


@lru_cache(maxsize=8192)
def expand(pattern: str) -> tuple[Action, ...] | None:
    """Return the actions that a policy's action stands for.

    None where that can't be told: the service part is a wildcard or not a known prefix.
    """
    prefix, colon, name = pattern.partition(":")
    found = service(prefix.lower()) if colon else None
    return None if found is None else found.matching(name)


@cache
def resource_types(arn_service: str) -> tuple[ResourceType, ...]:
    """Return every type of resource whose ARN names a service in its third field."""
    owners = _file().arn_services.get(arn_service, [])
    found = [each for owner in owners if (known := service(owner)) for each in known.resources]
    return tuple(each for each in found if each.arn.split(":", 3)[2] == arn_service)


def arn_services() -> frozenset[str]:
    """Return what may stand in the third field of an ARN."""
    return frozenset(_file().arn_services)


@lru_cache(maxsize=4096)
def condition_key(name: str) -> ConditionKey | None:
    """Return a global key, or a key of the service that it begins with; None if not known."""
    folded = name.lower()
    for known, key in _global_keys().items():
        if _is_key(folded, known):
            return key
    owner = service(folded.partition(":")[0])
    for known, key in owner.keys.items() if owner else ():
        if _is_key(folded, known):
            return key
    return None


def global_keys() -> tuple[str, ...]:
    """Return the names of the keys that every service may have."""
    return tuple(GLOBAL_KEYS)


@cache
def _global_keys() -> dict[str, ConditionKey]:
    return {
        name.lower(): ConditionKey(name, kind, several)
        for name, (kind, several) in GLOBAL_KEYS.items()
    }


def _condition_key(name: str, kind: str) -> ConditionKey:
    several = kind.startswith("ArrayOf")
    return ConditionKey(name, kind.removeprefix("ArrayOf"), several)


def _without_placeholder(key: str) -> str:
    """Return a key with nothing in place of a tag's name, for which some lists write a word."""
    head, slash, tag = key.rpartition("/")
    return head + slash if tag == "tag-key" else key


def _is_key(folded: str, known: str) -> bool:
    """Tell whether a key is the known one, part of which may be a placeholder."""
    if folded == known:
        return True
    around = _around_placeholder(known)
    if around is None:
        return False
    start, end = around
    fits = folded.startswith(start) and folded.endswith(end)
    return fits and len(folded) > len(start) + len(end)


@lru_cache(maxsize=16384)
def _around_placeholder(known: str) -> tuple[str, str] | None:
    if known.endswith("/"):
        return known, ""
    for opening, closing in (("${", "}"), ("<", ">")):
        at, end = known.find(opening), known.rfind(closing)
        if 0 <= at < end:
            return known[:at], known[end + 1 :]
    return None


@cache
def _file() -> _File:
    content = files("valetkey.lint.data").joinpath("iam.msgpack").read_bytes()
    return msgspec.msgpack.decode(content, type=_File)
