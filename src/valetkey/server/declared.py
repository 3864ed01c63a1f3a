"""The upstreams of the settings file, kept as records before the first worker starts."""

import logging
import secrets
from collections.abc import Mapping
from pathlib import Path

from valetkey.clock import Clock
from valetkey.credentials import KeyRing, open_secret_key, seal_secret_key
from valetkey.gateway.configured import configured_upstreams, sync
from valetkey.settings import Settings, is_in_clear
from valetkey.store import Store, UpstreamKeys

logger = logging.getLogger("valetkey.server")


def keep_declared_upstreams(
    store: Store, ring: KeyRing, settings: Settings, clock: Clock, environ: Mapping[str, str]
) -> None:
    """Make the store's configured upstreams those of the settings; raises ValetkeyError.

    Nothing is written where they are so already.
    """
    accounts = [record.account for record in store.directory().accounts()]

    def seal(secret: str, access_key_id: str) -> bytes:
        return seal_secret_key(secret, access_key_id, ring, secrets.token_bytes)

    def open_secret(keys: UpstreamKeys) -> str:
        return open_secret_key(keys.sealed_secret, keys.access_key_id, ring)

    declared = configured_upstreams(
        settings,
        account=accounts[0] if len(accounts) == 1 else None,
        read_file=lambda path: Path(path).read_bytes(),
        environ=environ,
        seal=seal,
        now=clock(),
    )
    for record in declared:
        if is_in_clear(record.endpoint):
            logger.warning("upstream %s is reached without TLS at %s", record.name, record.endpoint)
    store.write(lambda tx: sync(tx, declared, open_secret))
