"""Opened sessions are kept, and no check is skipped for it."""

import pytest

from credentials.making import NOW, Counter, ring, session
from valetkey.credentials import ExpiredSession, InvalidSessionToken, SessionCache, seal_session

RING = ring()
TOKEN = seal_session(session(), RING, Counter())


def test_same_session() -> None:
    cache = SessionCache()
    first = cache.open(TOKEN, RING, now=NOW)
    assert first == session()
    assert cache.open(TOKEN, RING, now=NOW) is first


def test_expiry_is_checked_each_time() -> None:
    cache = SessionCache()
    cache.open(TOKEN, RING, now=NOW)
    with pytest.raises(ExpiredSession):
        cache.open(TOKEN, RING, now=NOW + 3600)
    assert cache.open(TOKEN, RING, now=NOW + 3599)


def test_access_key_is_checked_each_time() -> None:
    cache = SessionCache()
    cache.open(TOKEN, RING, now=NOW, access_key_id=session().access_key_id)
    with pytest.raises(InvalidSessionToken):
        cache.open(TOKEN, RING, now=NOW, access_key_id="ASIAOTHER")


def test_retired_key_does_not_live_on() -> None:
    cache = SessionCache()
    cache.open(TOKEN, RING, now=NOW)
    rotated = RING.rotate(Counter("second"), NOW)
    assert cache.open(TOKEN, rotated, now=NOW) == session()
    with pytest.raises(InvalidSessionToken):
        cache.open(TOKEN, rotated.retire(RING.keys[0].id), now=NOW)


def test_rubbish_takes_no_room() -> None:
    cache = SessionCache()
    for token in ("", "AAAA", "\ud800", TOKEN[:-4]):
        with pytest.raises(InvalidSessionToken):
            cache.open(token, RING, now=NOW)
    assert len(cache) == 0


def test_bounded_and_the_least_used_goes() -> None:
    cache = SessionCache(capacity=2)
    first, second, third = (seal_session(session(), RING, Counter(str(n))) for n in range(3))
    kept = cache.open(first, RING, now=NOW)
    gone = cache.open(second, RING, now=NOW)
    assert cache.open(first, RING, now=NOW) is kept
    cache.open(third, RING, now=NOW)
    assert len(cache) == 2
    assert cache.open(first, RING, now=NOW) is kept
    assert cache.open(second, RING, now=NOW) is not gone


def test_capacity() -> None:
    with pytest.raises(ValueError, match="capacity"):
        SessionCache(capacity=0)
