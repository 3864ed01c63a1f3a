"""Access keys, sealed session tokens and the key ring they are sealed under.

Owns the ids that AWS's clients read accounts from, the secret keys, the session as a value and
its sealed form, and the key ring: several keys, the first seals, all of them open, and each
purpose has a key of its own. Serves ``access``, ``api`` and ``store``. Knows nothing of files,
of the database or of who may have a session. Pure: the clock, randomness and the ring are
passed in; where the ring is kept is others' business.

::

    ValetkeyError
    ├── AwsError
    │   ├── MalformedId              400  no account can be read from an id
    │   ├── InvalidSessionToken 403  the token is not one of ours, or not for this key
    │   ├── ExpiredSession      403  it was, and its time is over
    │   └── SessionTooLarge     400  policies and tags do not fit in a token
    ├── MalformedKeyRing        the ring can't be read
    ├── KeyRingRefused          a change that would lock data away
    └── SealBroken              what was sealed can't be opened
"""

from valetkey.credentials.cache import SessionCache
from valetkey.credentials.identifiers import (
    MalformedId,
    Random,
    account_of,
    new_access_key_id,
    new_secret_key,
    new_unique_id,
)
from valetkey.credentials.keyring import (
    KeyRing,
    KeyRingRefused,
    MalformedKeyRing,
    SealBroken,
)
from valetkey.credentials.secrets import open_secret_key, seal_secret_key
from valetkey.credentials.session import ExpiredSession, Session, SessionKind, check_fresh
from valetkey.credentials.token import (
    MAX_TOKEN_SIZE,
    InvalidSessionToken,
    SessionTooLarge,
    open_session,
    seal_session,
)

__all__ = [
    "MAX_TOKEN_SIZE",
    "ExpiredSession",
    "InvalidSessionToken",
    "KeyRing",
    "KeyRingRefused",
    "MalformedId",
    "MalformedKeyRing",
    "Random",
    "SealBroken",
    "Session",
    "SessionCache",
    "SessionKind",
    "SessionTooLarge",
    "account_of",
    "check_fresh",
    "new_access_key_id",
    "new_secret_key",
    "new_unique_id",
    "open_secret_key",
    "open_session",
    "seal_secret_key",
    "seal_session",
]
