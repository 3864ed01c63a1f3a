"""A request by the server's own way, without a socket: nothing is recorded, nothing is issued."""

import os
from collections.abc import Mapping
from dataclasses import replace

from valetkey.access import Event, RequestFacts
from valetkey.api import OPERATIONS, Call
from valetkey.errors import AwsError
from valetkey.oidc import KeySet, KeySource, ProviderKeys
from valetkey.server.home import Home
from valetkey.server.run import open_wiring


class GivenKeys:
    """Keys from a file, whoever's they are said to be."""

    def __init__(self, keys: KeySet) -> None:
        self._keys = keys

    def cached(self, provider: ProviderKeys, kid: str | None) -> KeySet:
        """Return the keys."""
        del provider, kid
        return self._keys

    async def fetch(self, provider: ProviderKeys, kid: str | None) -> KeySet:
        """Return the keys."""
        return self.cached(provider, kid)


async def rehearse(
    home: Home, parameters: Mapping[str, str], event: Event, *, jwks: bytes | None = None
) -> None:
    """Take an AssumeRoleWithWebIdentity request through the operation; ``event`` tells the rest.

    The issuer's keys are fetched as the server would, unless ``jwks`` gives them.
    """
    wiring = await open_wiring(home, home.settings(None, os.environ))
    try:
        source: KeySource = GivenKeys(KeySet.from_json(jwks)) if jwks else wiring.source
        facts = RequestFacts(event.time, None, secure=True, region=wiring.settings.region)
        services = replace(wiring.services, source=source)
        call = Call(wiring.store.directory(), facts, event, services, wiring.store.write)
        operation = OPERATIONS["sts", event.operation]
        try:
            await operation(call, parameters)
        except AwsError as error:
            event.failed(error)
    finally:
        await wiring.close()
