"""Which upstream a request goes to: by the bucket's name, or by service and account."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from valetkey.policy import Glob, glob
from valetkey.store.records import BucketRecord, UpstreamRecord
from valetkey.store.shelf import Name

S3 = "s3"


class BucketPlace(NamedTuple):
    """Where a bucket is, and whose. ``record`` is None for one that was made past valetkey."""

    name: str
    owner: str
    upstream: UpstreamRecord
    record: BucketRecord | None


class _Entry(NamedTuple):
    """An upstream in its turn; ``record`` is None for one that is kept and can't be read."""

    account: str
    record: UpstreamRecord | None
    buckets: tuple[Glob, ...]


class Upstreams:
    """One snapshot's upstreams and buckets, as requests look for them.

    Among several upstreams that fit, the first by account and name is meant. One that can't be
    read might have fitted: whatever would come after it is not found. Likewise nothing is known
    of where an unreadable bucket is, or whose: it is nowhere.
    """

    def __init__(
        self,
        upstreams: Iterable[UpstreamRecord],
        buckets: Mapping[str, BucketRecord],
        *,
        unreadable: Collection[Name] = (),
        unreadable_buckets: Collection[str] = (),
    ) -> None:
        self._by_name: dict[Name, UpstreamRecord | None] = dict.fromkeys(unreadable)
        self._by_name.update(((one.account, one.name), one) for one in upstreams)
        self._turns = tuple(_entry(name, self._by_name[name]) for name in sorted(self._by_name))
        self._buckets = buckets
        self._nowhere = frozenset(unreadable_buckets)

    def __iter__(self) -> Iterator[UpstreamRecord]:
        return (entry.record for entry in self._turns if entry.record is not None)

    def named(self, account: str, name: str) -> UpstreamRecord | None:
        """Return an account's upstream by name."""
        return self._by_name.get((account, name))

    def of_service(self, service: str, account: str) -> UpstreamRecord | None:
        """Return the upstream that an account reaches a service at: its own before others'."""
        own = (entry for entry in self._turns if entry.account == account)
        others = (entry for entry in self._turns if entry.account != account)
        for entry in (*own, *others):
            record = entry.record
            if record is None:
                return None
            if record.service == service and account in (record.account, *record.accounts):
                return record
        return None

    def knows(self, service: str) -> bool:
        """Tell whether there is any upstream for a service."""
        return any(one.service == service for one in self)

    def place(self, bucket: str) -> BucketPlace | None:
        """Return where a bucket is, or would be made; None where no upstream serves its name.

        A bucket whose upstream was taken away is nowhere: it is not looked for elsewhere.
        """
        record = self._buckets.get(bucket)
        if record is not None:
            upstream = self._holding(record)
            return None if upstream is None else BucketPlace(bucket, record.owner, upstream, record)
        for upstream in self.stores_for(bucket):
            return BucketPlace(bucket, upstream.account, upstream, None)
        return None

    def stores_for(self, bucket: str) -> Iterator[UpstreamRecord]:
        """Yield the upstreams where a bucket of that name may be made, the first one foremost.

        None for a name that somebody has already, though its upstream was taken away.
        """
        if bucket in self._nowhere or bucket in self._buckets:
            return
        for entry in self._turns:
            if entry.record is None:
                return
            if any(pattern.matches(bucket) for pattern in entry.buckets):
                yield entry.record

    def stores(self) -> tuple[UpstreamRecord, ...]:
        """Return the upstreams that hold buckets."""
        return tuple(one for one in self if one.service == S3)

    def buckets(self) -> Iterator[BucketRecord]:
        """Yield the buckets that have a record."""
        return iter(self._buckets.values())

    def lost(self) -> Iterator[BucketRecord]:
        """Yield the buckets whose upstream is not there."""
        return (record for record in self.buckets() if self._holding(record) is None)

    def _holding(self, record: BucketRecord) -> UpstreamRecord | None:
        upstream = self.named(record.upstream_account, record.upstream)
        return upstream if upstream is not None and upstream.service == S3 else None


def _entry(name: Name, record: UpstreamRecord | None) -> _Entry:
    is_store = record is not None and record.service == S3
    return _Entry(name[0], record, tuple(map(glob, record.buckets)) if record and is_store else ())
