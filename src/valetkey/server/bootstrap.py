"""The first state of a home: an account, its administrator, and the administrator's key."""

import secrets
from dataclasses import dataclass

from valetkey.clock import Clock
from valetkey.credentials import (
    KeyRing,
    new_access_key_id,
    new_secret_key,
    new_unique_id,
    open_secret_key,
    seal_secret_key,
)
from valetkey.errors import ValetkeyError
from valetkey.server.home import Home
from valetkey.store import (
    AWS_ACCOUNT,
    AccessKey,
    AccountRecord,
    PolicyRecord,
    PolicyVersion,
    Store,
    Transaction,
    UserRecord,
)

ADMINISTRATOR = "admin"
ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess"
_ADMINISTRATOR_DOCUMENT = """{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "*",
            "Resource": "*"
        }
    ]
}"""


class OtherAccount(ValetkeyError):
    """The home was initialised with another account than is asked for now."""

    code = "other-account"


class KeyRingLost(ValetkeyError):
    """The home has a database, and no longer the key ring that opens it."""

    code = "key-ring-lost"


@dataclass(frozen=True, slots=True)
class Admin:
    """The administrator's long-term credentials, and whether they were made just now."""

    account: str
    access_key_id: str
    secret_key: str
    created: bool


def random_account_id() -> str:
    """Return an account id that AWS would not have given: it starts with two zeros."""
    return f"00{secrets.randbelow(10**10):010d}"


def bootstrap(home: Home, account: str | None, clock: Clock) -> Admin:
    """Make the first state, or return what a first call made; a second one changes nothing.

    Raises :class:`OtherAccount` where ``account`` is not the home's, :class:`KeyRingLost` where
    what there is can't be opened. Of several first calls at once, one makes the state.
    """
    home.create()
    with home.alone():
        return _bootstrap(home, account, clock)


def _bootstrap(home: Home, account: str | None, clock: Clock) -> Admin:
    if home.database.exists() and not home.initialised:
        # A new ring would open nothing of it, and would stand where the old one is to come back.
        raise KeyRingLost(
            f"`{home.database}` is there, and `{home.key_ring_file}`, which opens it, is not",
            help="bring the key ring back from a backup, or use another --home",
        )
    ring = home.key_ring() if home.initialised else home.make_key_ring(clock)
    store = Store.open(home.database)
    try:
        existing = _existing_admin(store, ring)
        if existing is not None:
            if account not in (None, existing.account):
                raise OtherAccount(
                    f"`{home.path}` belongs to account `{existing.account}`, not `{account}`",
                    help="use another --home for another account",
                )
            return existing
        admin = _new_admin(account or random_account_id())
        store.write(lambda tx: _write_first_state(tx, admin, ring, clock()))
        return admin
    finally:
        store.close()


def _existing_admin(store: Store, ring: KeyRing) -> Admin | None:
    directory = store.directory()
    for account in directory.accounts():
        user = directory.user(account.account, ADMINISTRATOR)
        for key in user.access_keys if user else ():
            if key.active:
                secret = open_secret_key(key.sealed_secret, key.id, ring)
                return Admin(account.account, key.id, secret, created=False)
    return None


def _new_admin(account: str) -> Admin:
    random = secrets.token_bytes
    key_id = new_access_key_id(account, random=random)
    return Admin(account, key_id, new_secret_key(random), created=True)


def _write_first_state(tx: Transaction, admin: Admin, ring: KeyRing, now: float) -> None:
    random = secrets.token_bytes
    sealed = seal_secret_key(admin.secret_key, admin.access_key_id, ring, random)
    tx.put(AccountRecord(account=admin.account, created=now))
    tx.put(
        PolicyRecord(
            account=AWS_ACCOUNT,
            name="AdministratorAccess",
            path="/",
            id="ANPAIWMBCKSKIEE64ZLYK",
            versions=(PolicyVersion(id="v1", document=_ADMINISTRATOR_DOCUMENT, created=now),),
            default_version="v1",
            created=now,
            updated=now,
            description="Provides full access to AWS services and resources.",
        )
    )
    tx.put(
        UserRecord(
            account=admin.account,
            name=ADMINISTRATOR,
            path="/",
            id=new_unique_id("AIDA", admin.account, random=random),
            created=now,
            attached_policies=(ADMINISTRATOR_ACCESS,),
            access_keys=(
                AccessKey(id=admin.access_key_id, sealed_secret=sealed, active=True, created=now),
            ),
        )
    )
