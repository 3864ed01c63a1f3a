"""What readers and writers of a service's shapes have in common: each compiled at first use."""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from valetkey.wire.tables import Member, ServiceTable

V = TypeVar("V", bound=Callable[..., object])
"""What a shape is compiled to: a function that reads or writes its values."""


class Compiling(Generic[V]):
    """The structures of one service, compiled; one kind of reader or writer a subclass."""

    def __init__(self, table: ServiceTable) -> None:
        self._shapes = table.shapes
        self._structures: dict[str, V] = {}

    def structure(self, name: str) -> V:
        """Return the reader or writer of a structure."""
        if name not in self._structures:
            members: dict[str, tuple[str, V]] = {}
            # Known before its members are compiled: shapes may hold themselves.
            self._structures[name] = self._structure(name, members)
            for member in self._shapes[name].members:
                key, other = self._names(member)
                members[key] = (other, self._value(member))
        return self._structures[name]

    def _structure(self, name: str, members: Mapping[str, tuple[str, V]]) -> V:
        """Compile a structure; ``members`` fills up later, by the name each is found by."""
        raise NotImplementedError

    def _names(self, member: Member) -> tuple[str, str]:
        """Return the name that a member is found by, and the one it is passed on under."""
        raise NotImplementedError

    def _value(self, member: Member) -> V:
        """Compile a member's value."""
        raise NotImplementedError
