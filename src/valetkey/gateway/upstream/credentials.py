"""Where the credentials for an upstream come from: sealed keys, or a role that is assumed.

Those of a role expire. They are fetched anew in the background once three quarters of their life
are over; until the new ones are there the old ones serve. At most one fetch is under way.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from valetkey.clock import Clock
from valetkey.errors import ValetkeyError
from valetkey.gateway.upstream import assume
from valetkey.gateway.upstream.errors import UpstreamUnavailable
from valetkey.gateway.upstream.signing import Credentials, signing_region
from valetkey.gateway.upstream.trust import system_and
from valetkey.outbound import GuardedClient, OutboundError
from valetkey.outbound.destination import parse_destination
from valetkey.store import UpstreamKeys, UpstreamRecord, UpstreamRole

OpenSecret = Callable[[UpstreamKeys], str]
"""Opens the sealed secret key of an upstream."""

_FRESH: Final = 0.75
_MARGIN: Final = 15.0
_PAUSE: Final = 10.0
_TOKEN_BYTES: Final = 64 * 1024


class Source(Protocol):
    """Gives credentials; None is a request that goes unsigned."""

    async def current(self) -> Credentials | None:
        """Return credentials that are good now. Raises :class:`UpstreamUnavailable`."""

    async def close(self) -> None:
        """Give up what is under way."""


def source_of(
    record: UpstreamRecord, client: GuardedClient, open_secret: OpenSecret, clock: Clock
) -> Source:
    """Return the source of a record's credentials."""
    keys = StaticKeys(record, open_secret)
    return keys if record.role is None else AssumedRole(record, record.role, keys, client, clock)


class StaticKeys:
    """Keys that stand in the record, opened when they are first wanted."""

    def __init__(self, record: UpstreamRecord, open_secret: OpenSecret) -> None:
        self._record = record
        self._open_secret = open_secret
        self._opened: Credentials | None = None

    async def current(self) -> Credentials | None:
        """Return the keys; None where the record has none."""
        keys = self._record.keys
        if self._opened is None and keys is not None:
            try:
                secret = self._open_secret(keys)
            except (ValetkeyError, ValueError) as error:
                raise UpstreamUnavailable(
                    f"the secret key of upstream `{self._record.name}` can't be opened",
                    help="the key ring does not hold the key that sealed it: add the upstream anew",
                ) from error
            self._opened = Credentials(keys.access_key_id, secret)
        return self._opened

    async def close(self) -> None:
        """Do nothing: nothing is under way."""


class AssumedRole:
    """A role's credentials, kept while they are good."""

    def __init__(
        self,
        record: UpstreamRecord,
        role: UpstreamRole,
        keys: StaticKeys,
        client: GuardedClient,
        clock: Clock,
    ) -> None:
        self._record = record
        self._role = role
        self._keys = keys
        self._client = client
        self._clock = clock
        self._have: Credentials | None = None
        self._stale_from = 0.0
        self._not_before = 0.0
        self._failure: UpstreamUnavailable | None = None
        self._fetching: asyncio.Task[Credentials] | None = None

    async def current(self) -> Credentials:
        """Return credentials that are good now. Raises :class:`UpstreamUnavailable`."""
        now, have = self._clock(), self._have
        if have is None or have.expires is None or now >= have.expires - _MARGIN:
            return await self._wait(now)
        if now >= self._stale_from and now >= self._not_before:
            self._begin()
        return have

    async def close(self) -> None:
        """Give up what is under way."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.gather(self._fetching, return_exceptions=True)

    async def _wait(self, now: float) -> Credentials:
        if self._failure is not None and now < self._not_before:
            # An STS that has just refused is not asked again for every request.
            raise UpstreamUnavailable(str(self._failure.reason), help=self._failure.help)
        # Shielded: whoever asked first may be gone before the others have their answer.
        return await asyncio.shield(self._begin())

    def _begin(self) -> asyncio.Task[Credentials]:
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.create_task(self._fetch())
            # A failure in the background is kept, and told to who asks next.
            self._fetching.add_done_callback(lambda task: task.cancelled() or task.exception())
        return self._fetching

    async def _fetch(self) -> Credentials:
        try:
            got = await self._ask()
            self._refuse_expired(got)
        except UpstreamUnavailable as failure:
            self._failure, self._not_before = failure, self._clock() + _PAUSE
            raise
        now = self._clock()
        self._have, self._failure = got, None
        self._not_before = now
        self._stale_from = now + _FRESH * ((got.expires or now) - now)
        return got

    def _refuse_expired(self, got: Credentials) -> None:
        if got.expires is None or got.expires <= self._clock() + _MARGIN:
            raise assume.refused(
                self._record.name,
                self._role,
                "answers with credentials that have expired: compare its clock with this machine's",
            )

    async def _ask(self) -> Credentials:
        role, name = self._role, self._record.name
        try:
            destination = parse_destination(role.sts_endpoint)
            body = assume.form(role, await self._token())
            answer = await self._client.request(
                "POST",
                role.sts_endpoint,
                headers=await self._headers(body),
                body=body,
                configured=True,
                trust=system_and(self._record.ca_pem) if destination.scheme == "https" else None,
            )
        except OutboundError as error:
            raise assume.refused(name, role, f"can't be asked: {error.message}") from None
        return assume.read_answer(name, role, answer.status, answer.body)

    async def _headers(self, body: bytes) -> dict[str, str]:
        if self._role.token_file is not None:
            name, value = assume.FORM
            return {name.decode(): value.decode()}
        keys = await self._keys.current()
        if keys is None:
            raise assume.refused(
                self._record.name, self._role, "can't be asked: there are no keys to sign with"
            )
        destination = parse_destination(self._role.sts_endpoint)
        region, now = signing_region(self._record), self._clock()
        return assume.signed_headers(destination, body, keys, region, now)

    async def _token(self) -> str | None:
        path = self._role.token_file
        if path is None:
            return None
        try:
            token = await asyncio.to_thread(_read, Path(path))
        except (OSError, ValueError):
            token = ""
        if not token:
            raise assume.refused(
                self._record.name,
                self._role,
                f"can't be asked: the token file `{path}` is not there, not readable or no token",
            )
        return token


def _read(path: Path) -> str:
    with path.open("rb") as file:
        read = file.read(_TOKEN_BYTES + 1)
    token = "" if len(read) > _TOKEN_BYTES else read.decode("ascii").strip()
    return token if token.isprintable() and " " not in token else ""
