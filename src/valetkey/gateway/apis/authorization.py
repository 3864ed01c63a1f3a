"""What AWS's Service Authorization Reference says of an action: resources, ARNs, condition keys.

Read from a data file that is as old as its making (:func:`provenance`); each service in it is
unpacked when somebody asks about it. An action that is not in it may exist at AWS all the same.
"""

import bz2
import re
from collections.abc import Mapping
from functools import cache, cached_property
from importlib.resources import files
from typing import Final, NamedTuple

import msgspec

_PLACEHOLDER: Final = re.compile(r"\$\{([A-Za-z0-9]+)\}")
_STANDARD: Final = frozenset({"Partition", "Region", "Account"})
_NO_TYPE: Final = -1


class Provenance(msgspec.Struct, frozen=True):
    """Where the data comes from; ``retrieved`` is a date."""

    package: str
    version: str
    licence: str
    retrieved: str
    source: str


class ResourceType(msgspec.Struct, frozen=True, dict=True):
    """A kind of resource and its ARN with ``${Placeholders}``.

    ``tagged`` tells that conditions may look at the tags of such a resource.
    """

    name: str
    arn: str
    tagged: bool = False

    @cached_property
    def placeholders(self) -> tuple[str, ...]:
        """Return the placeholders beside partition, region and account, in order."""
        return tuple(one for one in _PLACEHOLDER.findall(self.arn) if one not in _STANDARD)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        pieces = _PLACEHOLDER.split(self.arn)
        last = len(pieces) - 2
        text = "".join(
            re.escape(piece) if at % 2 == 0 else self._part(piece, at, last)
            for at, piece in enumerate(pieces)
        )
        return re.compile(text, re.DOTALL)

    def _part(self, name: str, at: int, last: int) -> str:
        if name in _STANDARD:
            return "[^:]*"
        # The last part may go on with anything; one before it ends where the next begins.
        return "(.+)" if at == last else "([^/:]+)"

    def match(self, arn: str) -> tuple[str, ...] | None:
        """Return what an ARN has for the placeholders, or None where it is of another kind."""
        found = self._pattern.fullmatch(arn)
        return found.groups() if found else None

    def fill(self, values: Mapping[str, str], *, partition: str, region: str, account: str) -> str:
        """Return an ARN; a placeholder without a value becomes ``*``."""
        known = {"Partition": partition, "Region": region, "Account": account, **values}
        return _PLACEHOLDER.sub(lambda found: known.get(found[1], "*"), self.arn)


class Row(NamedTuple):
    """A resource type that an action may be asked about; without a type, its own keys."""

    kind: ResourceType | None
    required: bool
    keys: frozenset[str]


class Action(NamedTuple):
    """An action. ``passes_role`` tells that it needs ``iam:PassRole`` for a role it names."""

    name: str
    passes_role: bool
    rows: tuple[Row, ...]

    @property
    def typed(self) -> tuple[Row, ...]:
        """Return the rows that have a resource type."""
        return tuple(row for row in self.rows if row.kind is not None)

    @property
    def own_keys(self) -> frozenset[str]:
        """Return the keys that hold whatever the resource."""
        return frozenset(key for row in self.rows if row.kind is None for key in row.keys)


class Service(NamedTuple):
    """One prefix's resource types and actions."""

    kinds: Mapping[str, ResourceType]
    actions: Mapping[str, Action]


class _File(msgspec.Struct, frozen=True):
    provenance: Provenance
    services: dict[str, bytes]


class _Packed(msgspec.Struct, frozen=True, array_like=True):
    keys: tuple[str, ...]
    kinds: tuple[tuple[str, str, bool], ...]
    actions: tuple[tuple[str, bool, tuple[tuple[int, bool, tuple[int, ...]], ...]], ...]


@cache
def _file() -> _File:
    path = files("valetkey.gateway.data") / "authorization.msgpack"
    return msgspec.msgpack.decode(path.read_bytes(), type=_File)


def provenance() -> Provenance:
    """Return where the data comes from."""
    return _file().provenance


def prefixes() -> frozenset[str]:
    """Return the prefixes of all services that are known."""
    return frozenset(_file().services)


@cache
def service(prefix: str) -> Service | None:
    """Return a service by its prefix in IAM's actions; None where the data has none."""
    packed = _file().services.get(prefix)
    if packed is None:
        return None
    raw = msgspec.msgpack.decode(bz2.decompress(packed), type=_Packed)
    kinds = [ResourceType(*each) for each in raw.kinds]
    actions = {
        name: Action(
            name,
            passes_role,
            tuple(
                Row(
                    None if at == _NO_TYPE else kinds[at],
                    required,
                    frozenset(raw.keys[key] for key in keys),
                )
                for at, required, keys in rows
            ),
        )
        for name, passes_role, rows in raw.actions
    }
    return Service({kind.name: kind for kind in kinds}, actions)


def action_of(full_name: str) -> Action | None:
    """Return an action by its full name, ``ec2:RunInstances``."""
    prefix, _, name = full_name.partition(":")
    found = service(prefix)
    return found.actions.get(name) if found else None
