"""The rule of the way out: what may be dialled.

Globally routable addresses over https. Anything else only where the operator named the exact
origin, or allowed issuers on loopback. ``http`` never leaves the machine.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from valetkey.outbound.addresses import Address, not_routable
from valetkey.outbound.destination import Destination, parse_origin
from valetkey.outbound.errors import DestinationRefused


@dataclass(frozen=True, slots=True)
class Guard:
    """What the settings allow beyond the rule. ``of`` builds one from setting values."""

    allowed_private_origins: frozenset[str]
    allow_loopback: bool

    @classmethod
    def of(cls, allowed_private_origins: Collection[str], *, allow_loopback: bool) -> "Guard":
        """Return the guard for these settings. Raises as ``parse_origin`` for a bad origin."""
        return cls(frozenset(map(parse_origin, allowed_private_origins)), allow_loopback)

    def check_scheme(self, destination: Destination, named_by: Destination | None) -> None:
        """Refuse what needs no address to be refused: asked before the name is looked up.

        ``named_by`` is where the URL came from: a redirect, or a document that holds it.
        """
        if destination.scheme == "https":
            return
        if named_by is not None and named_by.scheme == "https":
            raise DestinationRefused(
                f"`{named_by.origin}` leads from https to `{destination.origin}`",
                url=destination.url,
                help="serve both over https; behind a proxy, pass on the Host and"
                " X-Forwarded-Proto headers",
            )
        if not destination.names_loopback:
            raise DestinationRefused(
                f"`{destination.origin}` is http, which is allowed on loopback only",
                url=destination.url,
                help="use https",
            )

    def check_addresses(
        self,
        destination: Destination,
        addresses: Sequence[Address],
        named_by: Destination | None,
    ) -> None:
        """Refuse a destination of which any address may not be dialled."""
        if destination.scheme == "http":
            self._refuse_beyond_loopback(destination, addresses)
        if destination.origin in self.allowed_private_origins:
            return
        if self._is_loopback(destination, addresses, named_by):
            return
        for address in addresses:
            what = not_routable(address)
            if what is not None:
                raise _refused(destination, address, what)

    def _is_loopback(
        self,
        destination: Destination,
        addresses: Sequence[Address],
        named_by: Destination | None,
    ) -> bool:
        # An issuer out there must not lead us to what listens on this machine: loopback is for
        # issuers that are registered as such, and for what they themselves name.
        return (
            self.allow_loopback
            and destination.names_loopback
            and all(address.is_loopback for address in addresses)
            and (named_by is None or named_by.names_loopback)
        )

    @staticmethod
    def _refuse_beyond_loopback(destination: Destination, addresses: Sequence[Address]) -> None:
        for address in addresses:
            if not address.is_loopback:
                raise DestinationRefused(
                    f"`{destination.origin}` is http and resolves to `{address}`, which is not"
                    " loopback",
                    url=destination.url,
                    help="use https",
                )


def _refused(destination: Destination, address: Address, what: str) -> DestinationRefused:
    where = f"`{destination.host}` resolves to `{address}`, which"
    if destination.literal is not None:
        where = f"address `{address}`"
    remedy = f'add `"{destination.origin}"` to the setting `allowed_private_origins`'
    if destination.names_loopback and address.is_loopback:
        remedy += ", or set `allow_loopback_issuers`"
    return DestinationRefused(f"{where} is {what}", url=destination.url, help=remedy)
