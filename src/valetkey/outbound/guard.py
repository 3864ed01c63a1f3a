"""The rule of the way out: what may be dialled.

Globally routable addresses over https. Anything else only where the operator named the exact
origin, or allowed issuers on loopback. ``http`` never leaves the machine, but for an upstream: its
configuration names its origin, so it may be private, and then without TLS.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import Final

from valetkey.outbound.addresses import Address, not_routable
from valetkey.outbound.destination import Destination, parse_origin
from valetkey.outbound.errors import DestinationRefused

_LOCAL: Final = frozenset(("loopback", "private", "carrier-grade NAT"))
_METADATA: Final = frozenset(map(ip_address, ("fd00:ec2::254", "100.100.100.200")))
"""Where clouds hand out credentials at an address that is otherwise private."""


@dataclass(frozen=True, slots=True)
class Guard:
    """What the settings allow beyond the rule. ``of`` builds one from setting values.

    ``configured`` is the origin of the one upstream that this guard is for.
    """

    allowed_private_origins: frozenset[str]
    allow_loopback: bool
    configured: str | None = None

    @classmethod
    def of(cls, allowed_private_origins: Collection[str], *, allow_loopback: bool) -> "Guard":
        """Return the guard for these settings. Raises as ``parse_origin`` for a bad origin."""
        return cls(frozenset(map(parse_origin, allowed_private_origins)), allow_loopback)

    def for_upstream(self, destination: Destination) -> "Guard":
        """Return the guard for one configured upstream."""
        return replace(self, configured=destination.origin)

    def check_scheme(self, destination: Destination, named_by: Destination | None) -> None:
        """Refuse what needs no address to be refused: asked before the name is looked up.

        ``named_by`` is where the URL came from: a redirect, or a document that holds it.
        """
        if destination.scheme == "https" or destination.origin == self.configured:
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
        if destination.origin == self.configured:
            _check_configured(destination, addresses)
            return
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


def _check_configured(destination: Destination, addresses: Sequence[Address]) -> None:
    for address in addresses:
        if address == destination.literal:
            continue
        what = not_routable(address)
        if what is None and destination.scheme == "http":
            raise DestinationRefused(
                f"`{destination.origin}` is http and resolves to `{address}`, which is public",
                url=destination.url,
                help="use https",
            )
        if address in _METADATA:
            what = "where a cloud hands out credentials"
        elif what is None or what in _LOCAL:
            continue
        raise DestinationRefused(
            f"`{destination.host}` resolves to `{address}`, which is {what}",
            url=destination.url,
            help="give the upstream an endpoint with the address that is meant",
        )


def _refused(destination: Destination, address: Address, what: str) -> DestinationRefused:
    where = f"`{destination.host}` resolves to `{address}`, which"
    if destination.literal is not None:
        where = f"address `{address}`"
    remedy = f'add `"{destination.origin}"` to the setting `allowed_private_origins`'
    if destination.names_loopback and address.is_loopback:
        remedy += ", or set `allow_loopback_issuers`"
    return DestinationRefused(f"{where} is {what}", url=destination.url, help=remedy)
