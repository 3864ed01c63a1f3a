"""The sessions opened last."""

import hashlib
from collections import OrderedDict

from valetkey.credentials.keyring import KeyRing
from valetkey.credentials.session import Session, check_fresh
from valetkey.credentials.token import check_access_key, open_session


class SessionCache:
    """Opened sessions, bounded in number, found by their token's SHA-256.

    Expiry and access key are checked at each use, and a change of the ring empties the cache:
    a key that is retired must not live on here.
    """

    def __init__(self, capacity: int = 4096) -> None:
        if capacity < 1:
            raise ValueError("capacity must be at least 1")
        self._capacity = capacity
        self._ring: KeyRing | None = None
        self._sessions: OrderedDict[bytes, Session] = OrderedDict()

    def __len__(self) -> int:
        return len(self._sessions)

    def open(
        self, token: str, ring: KeyRing, *, now: float, access_key_id: str | None = None
    ) -> Session:
        """Return the session in a token, if it is good at ``now``.

        Raises :class:`~valetkey.credentials.token.InvalidSessionToken` and
        :class:`~valetkey.credentials.session.ExpiredSession`.
        """
        if ring is not self._ring:
            self._sessions.clear()
            self._ring = ring
        name = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        session = self._sessions.get(name)
        if session is None:
            session = open_session(token, ring)
        check_access_key(session, access_key_id)
        check_fresh(session, now)
        self._sessions[name] = session
        self._sessions.move_to_end(name)
        if len(self._sessions) > self._capacity:
            self._sessions.popitem(last=False)
        return session
