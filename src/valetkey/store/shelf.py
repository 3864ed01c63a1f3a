"""All records of one type, as one state of the store has them."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from operator import attrgetter
from typing import Generic, TypeVar

from valetkey.store.records import AccessKey, Record, UserRecord

R = TypeVar("R", bound=Record)

Name = tuple[str, str]
"""Account and key."""


class Shelf(Generic[R]):
    """Records by name, and in sorted lists; never changed, only replaced by a changed copy."""

    def __init__(
        self,
        record_type: type[R],
        records: Mapping[Name, R],
        group: Callable[[R], object] = attrgetter("account"),
    ) -> None:
        self._type = record_type
        self._records = records
        self._group = group

    def get(self, account: str, name: str) -> R | None:
        """Return the record of that name, if there is one."""
        return self._records.get((account, self._type.key_of(name)))

    def listed(self, group: object) -> tuple[R, ...]:
        """Return a group's records (an account's, unless the shelf groups otherwise) by key."""
        return self._lists.get(group, ())

    def changed(self, changes: Mapping[Name, R | None]) -> "Shelf[R]":
        """Return a copy with some records in another state; None takes one away."""
        records = {**self._records, **changes}
        kept = {name: record for name, record in records.items() if record is not None}
        return type(self)(self._type, kept, self._group)

    def __iter__(self) -> Iterator[R]:
        return iter(self._records.values())

    @cached_property
    def _lists(self) -> dict[object, tuple[R, ...]]:
        groups: dict[object, list[R]] = {}
        for record in sorted(self._records.values(), key=lambda record: record.key):
            groups.setdefault(self._group(record), []).append(record)
        return {group: tuple(records) for group, records in groups.items()}


class UserShelf(Shelf[UserRecord]):
    """Users, found by their access keys too."""

    def by_access_key(self, access_key_id: str) -> tuple[UserRecord, AccessKey] | None:
        """Return who has a long-term key, active or not."""
        return self._owners.get(access_key_id)

    @cached_property
    def shared_keys(self) -> Mapping[str, tuple[UserRecord, ...]]:
        """Return the key ids that stand more than once, with their users."""
        return {
            key_id: tuple(user for user, _ in owners)
            for key_id, owners in self._every_owner.items()
            if len(owners) > 1
        }

    @cached_property
    def _owners(self) -> dict[str, tuple[UserRecord, AccessKey]]:
        # A key id that stands twice names nobody: there is no telling whose request it would be.
        return {
            key_id: owners[0] for key_id, owners in self._every_owner.items() if len(owners) == 1
        }

    @cached_property
    def _every_owner(self) -> dict[str, list[tuple[UserRecord, AccessKey]]]:
        every: dict[str, list[tuple[UserRecord, AccessKey]]] = {}
        for user in self:
            for key in user.access_keys:
                every.setdefault(key.id, []).append((user, key))
        return every
