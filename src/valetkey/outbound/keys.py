"""The keys of all issuers, kept: fetched rarely, shared, and outliving an issuer's bad hour."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from valetkey.clock import Clock
from valetkey.oidc import KeySet, KeysUnavailable, ProviderKeys, ThumbprintMismatch
from valetkey.outbound.discovery import Fetches, discover
from valetkey.outbound.freshness import fresh_seconds
from valetkey.outbound.steps import Listener

_MAX_ISSUERS = 4096


@dataclass(frozen=True, slots=True)
class KeyBounds:
    """How long keys are kept, in seconds; the names of the settings are in brackets.

    At most one fetch of an issuer begins in ``cooldown`` [``jwks_cooldown_seconds``]. Keys are
    fresh for what the issuer says, at most ``fresh`` [``jwks_fresh_seconds``] and at least
    ``cooldown``; for ``revalidate`` more they serve while they are fetched anew; for ``stale``
    [``jwks_stale_seconds``] in all while that fails. A failure without any keys is repeated for
    ``failure``. A fetch takes at most ``timeout`` [``fetch_timeout_seconds``].
    """

    cooldown: float = 10.0
    fresh: float = 3600.0
    revalidate: float = 300.0
    stale: float = 86_400.0
    failure: float = 5.0
    timeout: float = 5.0


@dataclass(slots=True)
class _Entry:
    """What is known of one issuer. Without keys all times are in the past."""

    keys: KeySet | None = None
    kids: frozenset[str | None] = frozenset()
    fresh_until: float = 0.0
    revalidate_until: float = 0.0
    stale_until: float = 0.0
    began: float = float("-inf")
    failed_until: float = float("-inf")
    failure: Callable[[], KeysUnavailable | ThumbprintMismatch] | None = None
    flight: asyncio.Task[None] | None = field(default=None, repr=False)


class DiscoveredKeys:
    """A :class:`valetkey.oidc.KeySource` that discovers keys and keeps them, one per process.

    Entries are per issuer *and* thumbprints: what one account pinned vouches for nobody else.
    """

    def __init__(
        self,
        client: Fetches,
        *,
        clock: Clock,
        bounds: KeyBounds | None = None,
        listener: Listener | None = None,
    ) -> None:
        self._client = client
        self._clock = clock
        self._bounds = bounds or KeyBounds()
        self._listener = listener
        self._entries: dict[ProviderKeys, _Entry] = {}

    def cached(self, provider: ProviderKeys, kid: str | None) -> KeySet | None:
        """Return keys that are good to use now, or None where a fetch is worth its wait.

        Keys may be returned that do not hold ``kid``: then a fetch would be too soon, and the
        token is to be refused by what is known.
        """
        entry = self._entries.get(provider)
        if entry is None or entry.keys is None:
            return None
        now = self._clock()
        known = not kid or kid in entry.kids
        if known and now < entry.fresh_until:
            return entry.keys
        return self._past_prime(provider, entry, known=known, now=now)

    async def fetch(self, provider: ProviderKeys, kid: str | None) -> KeySet:
        """Return the newest keys to be had, fetching them if that is due.

        All callers share one fetch. Raises :class:`KeysUnavailable` and
        :class:`ThumbprintMismatch`, at once where the last fetch failed a moment ago.
        """
        entry = self._entry(provider)
        keys = self.cached(provider, kid)
        if keys is not None:
            return keys
        now = self._clock()
        if entry.flight is None and entry.failure is not None and now < entry.failed_until:
            raise entry.failure()
        # Shielded: a caller who goes away must not take the others' fetch along.
        await asyncio.shield(self._take_off(provider, entry))
        if entry.keys is not None and self._clock() < entry.stale_until:
            return entry.keys
        raise entry.failure() if entry.failure is not None else KeysUnavailable("no keys")

    async def close(self) -> None:
        """End the fetches that are under way."""
        flights = [entry.flight for entry in self._entries.values() if entry.flight is not None]
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)

    def _past_prime(
        self, provider: ProviderKeys, entry: _Entry, *, known: bool, now: float
    ) -> KeySet | None:
        if now >= entry.stale_until:
            return None
        resting = 0 <= now - entry.began < self._bounds.cooldown
        if entry.flight is None and resting:
            return entry.keys
        if known and now < entry.revalidate_until:
            self._take_off(provider, entry)
            return entry.keys
        return None

    def _entry(self, provider: ProviderKeys) -> _Entry:
        entry = self._entries.get(provider)
        if entry is None:
            if len(self._entries) >= _MAX_ISSUERS:
                self._forget_one()
            entry = self._entries[provider] = _Entry()
        return entry

    def _forget_one(self) -> None:
        idle = (item for item in self._entries.items() if item[1].flight is None)
        oldest = min(idle, key=lambda item: item[1].began, default=None)
        if oldest is not None:
            del self._entries[oldest[0]]

    def _take_off(self, provider: ProviderKeys, entry: _Entry) -> asyncio.Task[None]:
        if entry.flight is None:
            entry.began = self._clock()
            entry.flight = asyncio.create_task(self._refresh(provider, entry))
        return entry.flight

    async def _refresh(self, provider: ProviderKeys, entry: _Entry) -> None:
        """Fetch once and note the outcome: a failure takes nothing away from what is there."""
        deadline = asyncio.get_running_loop().time() + self._bounds.timeout
        try:
            found = await discover(
                self._client, provider, deadline=deadline, listener=self._listener
            )
        except (KeysUnavailable, ThumbprintMismatch) as error:
            self._note_failure(entry, error)
        else:
            self._note_keys(entry, found.keys, fresh_seconds(found.jwks))
        finally:
            entry.flight = None

    def _note_failure(self, entry: _Entry, error: KeysUnavailable | ThumbprintMismatch) -> None:
        # A new error each time: one that is raised again grows a traceback a caller.
        entry.failure = partial(type(error), error.reason or "", help=error.help)
        entry.failed_until = self._clock() + min(self._bounds.failure, self._bounds.cooldown)

    def _note_keys(self, entry: _Entry, keys: KeySet, said: float | None) -> None:
        bounds, now = self._bounds, self._clock()
        fresh = max(bounds.cooldown, bounds.fresh if said is None else min(said, bounds.fresh))
        entry.keys = keys
        # Keys that are skipped count as known: fetching again would not make them usable.
        entry.kids = frozenset(key.kid for key in keys.keys) | {s.kid for s in keys.skipped}
        entry.fresh_until = now + fresh
        entry.revalidate_until = entry.fresh_until + bounds.revalidate
        entry.stale_until = max(entry.fresh_until, now + bounds.stale)
        entry.failure = None
