"""A further account in a home: commands make one only."""

import secrets
from typing import Any

from valetkey.credentials import new_access_key_id, new_secret_key, new_unique_id, seal_secret_key
from valetkey.server import Home
from valetkey.store import AccessKey, AccountRecord, Store, UserRecord


def add_account(home: Home, account: str) -> tuple[str, str]:
    """Make an account with an administrator; return the key of the latter."""
    random, ring = secrets.token_bytes, home.key_ring()
    key_id, secret = new_access_key_id(account, random=random), new_secret_key(random)
    sealed = seal_secret_key(secret, key_id, ring, random)
    user = UserRecord(
        account=account,
        name="admin",
        path="/",
        id=new_unique_id("AIDA", account, random=random),
        created=0.0,
        attached_policies=("arn:aws:iam::aws:policy/AdministratorAccess",),
        access_keys=(AccessKey(id=key_id, sealed_secret=sealed, active=True, created=0.0),),
    )

    def write(tx: Any) -> None:
        tx.put(AccountRecord(account=account, created=0.0))
        tx.put(user)

    with Store.open(home.database, create=False) as store:
        store.write(write)
    return key_id, secret
